"""What a kernel may ask of the judge in the middle of a question."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

from fairgrade.calls.specials import LENT
from fairgrade.calls.values import Uncarried, Value
from fairgrade.errors import CallFailed, NotMeasured
from fairgrade.judge.codec import JudgeCodec
from fairgrade.protocol.calls import ProtocolError


class Lending:
    """Answers for objects of the judge: an allow-list of what can be done with them.

    Attributes:
        stopped: what ended a test's own function, said after the question in whose
            middle it ran, whatever the student's code makes of it: a check that
            failed, or that could not be made.
        read: reads from what a test put into the place of `sys.stdin`.
    """

    def __init__(self, codec: JudgeCodec) -> None:
        self._codec = codec
        self.stopped: BaseException | None = None
        self.read: Callable[[str, int], str] = _no_input

    def answer(self, body: list[Any]) -> bytes:
        """The message with what came of a question on a lent object."""
        try:
            parts = [self._codec.decode_part(part) for part in body[1:]]
            value = _LENDING[body[0]](self, *parts)
            return self._codec.write("ok", Value(value))
        except (CallFailed, NotMeasured) as err:
            if isinstance(err, NotMeasured):
                self.stopped = self.stopped or err
            return self._codec.write("cannot", "the test stopped here")
        except AssertionError as err:  # its text may tell what was expected
            self.stopped = self.stopped or err
            return self._raised(AssertionError())
        except Uncarried as err:
            return self._codec.write("cannot", f"this holds {err}")
        except ProtocolError:
            raise
        except (KeyError, TypeError) as err:
            if type(body[0]) is not str or body[0] not in _LENDING:
                raise ProtocolError("a question that is none") from err
            return self._raised(err)
        except Exception as err:
            return self._raised(err)

    def _raised(self, err: Exception) -> bytes:
        names = [f"builtins:{kind.__name__}" for kind in type(err).__mro__]
        args = tuple(arg for arg in err.args if type(arg) in (str, int, float, bool))
        return self._codec.write("raise", ["*", *names], ["*", *map(Value, args)])

    def _call(self, number: int, args: list[Any], kwargs: list[Any]) -> Any:
        return self._codec.find_own(number)(*args, **{name: v for name, v in kwargs})

    def _special(self, number: int, name: str, args: list[Any]) -> Any:
        thing = self._codec.find_own(number)
        if name not in LENT:
            raise AttributeError(name)
        return getattr(type(thing), name)(thing, *args)

    def _get(self, number: int, name: str) -> Any:
        thing = self._codec.find_own(number)
        if callable(thing) and not _is_instance(thing) or name.startswith("_"):
            raise AttributeError(name)
        return getattr(thing, name)

    def _set(self, number: int, name: str, value: Any) -> None:
        thing = self._codec.find_own(number)
        if not _is_instance(thing) or name.startswith("_"):
            raise AttributeError(name)
        setattr(thing, name, value)

    def _stdin(self, how: str, size: int) -> Any:
        return self.read(how, size)

    def _input(self, prompt: str) -> Any:
        return builtins.input(prompt)


def _no_input(how: str, size: int) -> str:
    raise ProtocolError("a question for input that is not there")


def _is_instance(thing: Any) -> bool:
    """Whether it is an object of a class that a test defines, say a counter."""
    kind = type(thing)
    return bool(kind.__flags__ & (1 << 9)) and not isinstance(thing, type)


_LENDING: dict[str, Callable[..., Any]] = {
    "lent-call": Lending._call,
    "lent-special": Lending._special,
    "lent-get": Lending._get,
    "lent-set": Lending._set,
    "input": Lending._input,
    "stdin": Lending._stdin,
}
