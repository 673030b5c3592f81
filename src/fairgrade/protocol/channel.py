"""What a parent of runs and whoever started it say to each other, over sockets."""

from __future__ import annotations

#: The parent, once it can fork runs.
READY = b"ready"
#: A run, which tells its process id by it; and the answer, once its memory is bounded.
HELLO, GO = b"h", b"g"
