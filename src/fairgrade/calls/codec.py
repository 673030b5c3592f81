"""Messages of one side of a conversation, written and read."""

from __future__ import annotations

from fairgrade.calls.decode import Reader
from fairgrade.calls.encode import Writer


class Codec(Writer, Reader):
    """Writes and reads the messages of one side; see `calls.values`."""
