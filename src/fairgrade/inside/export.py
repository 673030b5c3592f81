"""Write what an assignment asks for as plain data: runs in the student's own kernel.

Nothing here is trusted. The student's code can change or replace all of it, so whatever
it writes is read by `judge.handoff` as if the student had written it by hand. Its
task is to be fair to honest work: exact values, every name as it stands now, and a
reason in the student's words where something cannot be handed over.

Files, for a name `n`: `n.json` (its "kind" and the data) and `n.<i>.npy` for arrays,
counted from 0. While `n.json` is there, all of them belong together; what has not
changed since the export before is left as it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import sys
import warnings
from collections.abc import Callable
from typing import Any

from fairgrade.kinds.basic.describe import describe
from fairgrade.kinds.basic.describe_arrays import NotExportable
from fairgrade.protocol.exports import RECEIPT

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,59}")
#: As many arrays as the largest network that is read again can have.
_MAX_ARRAYS = 2400
#: Path -> digest and state of a file that is written, so that it is not written again.
_written: dict[str, tuple[bytes, tuple[int, ...]]] = {}


def export(namespace: dict[str, Any], declared: dict[str, str], folder: str) -> None:
    """Bring `folder` to what `namespace` holds of the declared names; never raise.

    A name that is missing has no `n.json` afterwards. One that cannot be handed over
    has the reason in it.

    Args:
        namespace: the notebook's global names.
        declared: name -> "model", "array", "value" or "history", as in course.yml.
        folder: an existing folder for the files.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras warns of what is refused here anyway
        for name, kind in declared.items():
            try:
                if not _NAME.fullmatch(name):
                    continue
                if name in namespace:
                    _export_one(name, kind, namespace[name], folder)
                else:
                    _remove(os.path.join(folder, f"{name}.json"))
            except BaseException:  # a student's object may also raise SystemExit
                continue


def hand_over(namespace: dict[str, Any], declared: dict[str, str], folder: str) -> None:
    """Export as `export` does, then leave a receipt: this call came to its end."""
    export(namespace, declared, folder)
    with contextlib.suppress(OSError):
        os.mkdir(os.path.join(folder, RECEIPT))  # also where the disk is full


def _export_one(name: str, kind: str, value: Any, folder: str) -> None:
    arrays: list[Any] = []

    def keep(array: Any) -> int:
        if len(arrays) >= _MAX_ARRAYS:
            raise NotExportable(f"has more than {_MAX_ARRAYS} arrays")
        arrays.append(array)
        return len(arrays) - 1

    try:
        text = json.dumps(_describe(value, kind, keep), allow_nan=False)
        _write(name, text, arrays, folder)
    except BaseException as err:  # also the interrupt at the end of its time
        _refuse(name, _reason(err), folder)


def _reason(err: BaseException) -> str:
    if isinstance(err, NotExportable):
        return str(err)
    if isinstance(err, KeyboardInterrupt):
        return "took too long to be handed over"
    if isinstance(err, OSError):
        return "is too large to be handed over"
    return f"cannot be handed over ({type(err).__name__})"


def _describe(value: Any, kind: str, keep: Callable[[Any], int]) -> dict[str, Any]:
    """The JSON document for a value, by what it is.

    `keep` takes an array to be written and returns the number that stands for it.

    A wrong kind of value is handed over as well where it can be: the checks then say
    what was found, and lose only what depends on it.
    """
    keras = sys.modules.get("keras")
    if keras is not None and isinstance(value, keras.Model):
        from fairgrade.kinds.keras.describe import describe_model

        return describe_model(keras, value, keep)
    return describe(value, kind, keep)


def _write(name: str, text: str, arrays: list[Any], folder: str) -> None:
    """Put one name's files in place, those that are not there yet.

    Raises:
        OSError: the disk is full; then what was there before is still there.
    """
    data = text.encode()
    document = os.path.join(folder, f"{name}.json")
    contents: dict[str, Any] = {document: data}
    digests = {document: hashlib.sha256(data).digest()}
    for index, array in enumerate(arrays):
        path = os.path.join(folder, f"{name}.{index}.npy")
        contents[path], digests[path] = array, _array_digest(array)
    changed = [path for path in contents if not _is_there(path, digests[path])]
    if not changed:
        return
    changed = [*(path for path in changed if path != document), document]
    try:
        for path in changed:
            _write_file(path + ".part", contents[path])
        _remove(document)
        for path in changed:  # the document last
            os.replace(path + ".part", path)
            _written[path] = digests[path], _state(path)
    finally:
        for path in changed:
            _remove(path + ".part")
    _remove_arrays(name, len(arrays), folder)


def _refuse(name: str, reason: str, folder: str) -> None:
    """Put a reason in the place of a value, also where the disk is full."""
    _remove(os.path.join(folder, f"{name}.json"))
    _remove_arrays(name, 0, folder)
    _write(name, json.dumps({"kind": "refused", "reason": reason}), [], folder)


def _remove_arrays(name: str, first: int, folder: str) -> None:
    while _remove(os.path.join(folder, f"{name}.{first}.npy")):
        first += 1


def _array_digest(array: Any) -> bytes:
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    digest.update(_bytes(array))
    return digest.digest()


def _bytes(array: Any) -> Any:
    """An array's memory as it is, without a copy."""
    return array.reshape(-1).view("u1").data


def _is_there(path: str, digest: bytes) -> bool:
    try:
        return _written.get(path) == (digest, _state(path))
    except OSError:
        return False


def _state(path: str) -> tuple[int, ...]:
    found = os.lstat(path)
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _write_file(path: str, content: Any) -> None:
    """Write bytes, or an array as version 1 of NumPy's own format."""
    with open(path, "wb") as file:
        if isinstance(content, bytes):
            file.write(content)
            return
        from numpy.lib import format as npy

        npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(content))
        file.write(_bytes(content))


def _remove(path: str) -> bool:
    """Remove a file; return whether it was there."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True
