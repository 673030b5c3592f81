"""course.yml as YAML: names as they are written, each once, and where each stands."""

from __future__ import annotations

import copy
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from fairgrade.errors import CourseError

#: The one in C takes a tenth of the time.
_SAFE = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SAFE):  # type: ignore[misc,valid-type]
    """YAML whose names are texts, as 0012 or no of a student's id, each there once.

    YAML itself reads these as 10 and False, and of one name twice lets the last win.
    """

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Any, Any]:
        first: dict[str, yaml.Node] = {}
        for name, _ in node.value:
            if not isinstance(name, yaml.ScalarNode):
                raise _refused("a name has to be one word", name)
            if name.tag == "tag:yaml.org,2002:merge":
                continue
            if name.value in first:
                line = first[name.value].start_mark.line + 1
                text = f"'{name.value}' is there twice, in line {line} too"
                raise _refused(text, name)
            first[name.value] = name
            name.tag = "tag:yaml.org,2002:str"
        made: dict[Any, Any] = super().construct_mapping(node, deep)
        return made


def _refused(problem: str, node: yaml.Node) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, node.start_mark)


def read_course_yaml(path: Path) -> tuple[dict[str, Any], yaml.Node]:
    """What course.yml says, and its tree, for `line_of`.

    Raises:
        CourseError: it cannot be read, is not in UTF-8, or no mapping of names that are
            there once.
    """
    text = _text(path)
    try:
        tree, raw = _read(text)
    except yaml.YAMLError as err:
        mark = getattr(err, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(err, "problem", None) or "this"
        if not isinstance(err, yaml.constructor.ConstructorError):
            problem = f"not YAML: {problem}"
        raise CourseError(
            f"{path}:{line}: {problem}. Mend that line.", file=path
        ) from err
    except (ValueError, RecursionError) as err:  # a 31st of June, or endless brackets
        raise CourseError(
            f"{path}: has a value that cannot be read: {err}. Mend it.", file=path
        ) from err
    if tree is None or not isinstance(raw, dict):
        raise CourseError(
            f"{path}:1: is empty. Start it with 'id:' and 'title:'.", file=path
        )
    return copy.deepcopy(raw), tree


@lru_cache(maxsize=8)  # each page of a class asks for the same course.yml
def _read(text: str) -> tuple[yaml.Node | None, Any]:
    loader = _Loader(text)
    try:
        tree = loader.get_single_node()
        return tree, None if tree is None else loader.construct_document(tree)
    finally:
        loader.dispose()


def line_of(node: yaml.Node | None, loc: tuple[Any, ...]) -> int:
    """The line in the YAML file nearest to pydantic's location."""
    line = node.start_mark.line if node else 0
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next((p for p in node.value if p[0].value == part), None)
            if pair is None:
                break
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line
    return line + 1


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as err:
        raise CourseError(f"{path} cannot be read: {err.strerror}.", file=path) from err
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data.count(b"\n", 0, err.start) + 1
        raise CourseError(
            f"{path}:{line}: is not in UTF-8. Save the file with that encoding.",
            file=path,
        ) from err
