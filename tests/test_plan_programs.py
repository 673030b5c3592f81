"""Programs share a key as Python reads them, whatever they look like."""

from __future__ import annotations

import ast
import io
import tokenize
from types import CodeType

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from planning import keys, program

# Programs: a few statements, as students write them.
names = st.sampled_from(["model", "epochs", "x", "train_images", "ändern"])
numbers = st.one_of(
    st.integers(0, 300), st.sampled_from([0.5, 1.0, 1e-3]), st.booleans()
)
texts = st.sampled_from(
    ["relu", "softmax", "# no comment", "a\nb", "it's", 'a "b"', ""]
)
values = st.one_of(numbers, texts).map(repr)
expressions = st.recursive(
    st.one_of(names, values),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        ),
        st.tuples(inner, inner).map(lambda t: f"Dense({t[0]}, activation={t[1]})"),
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
    ),
    max_leaves=5,
)
simple = st.one_of(
    st.tuples(names, expressions).map(lambda t: f"{t[0]} = {t[1]}"),
    st.tuples(names, expressions).map(lambda t: f"{t[0]}.add({t[1]})"),
    expressions.map(lambda e: f"print({e})"),
    names,
)
blocks = st.tuples(st.sampled_from(["if x:", "for x in model:", "def f(x):"]), simple)
statements = st.one_of(simple, blocks.map(lambda t: f"{t[0]}\n    {t[1]}"))
programs = st.lists(statements, min_size=1, max_size=4).map("\n".join)


@st.composite
def respelled(draw: st.DrawFn, source: str) -> str:
    """The same program with other comments, blank lines, brackets and quotes."""
    if draw(st.booleans()):
        source = ast.unparse(ast.parse(source))
    inside = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.STRING
        for line in range(token.start[0], token.end[0])
    }
    lines = []
    for number, line in enumerate(source.splitlines(), start=1):
        if number not in inside and number - 1 not in inside:
            lines += draw(st.sampled_from([[], [""], ["# a thought"], ["", "  # two"]]))
        ending = draw(st.sampled_from(["", "  ", "  # why", "#tight"]))
        lines.append(line if number in inside else line + ending)
    return "\n".join(lines) + draw(st.sampled_from(["", "\n", "\n\n# the end"]))


@settings(max_examples=60, deadline=None)
@given(st.data(), programs)
def test_comments_blank_lines_and_layout_do_not_count(
    data: st.DataObject, source: str
) -> None:
    other = data.draw(respelled(source))
    assert ast.dump(ast.parse(other)) == ast.dump(ast.parse(source))
    assert program(other) == program(source)
    assert (keys(other).text == keys(source).text) == (other == source)


def bytecode(source: str) -> object:
    """What Python runs, less line numbers: made without the code under test."""

    def plain(code: CodeType) -> tuple[object, ...]:
        constants = [
            plain(c) if isinstance(c, CodeType) else (type(c), repr(c))
            for c in code.co_consts
        ]
        names = (code.co_names, code.co_varnames, code.co_freevars)
        return (code.co_code, constants, *names, code.co_flags)

    return plain(compile(source, "cell", "exec"))


@st.composite
def almost(draw: st.DrawFn, source: str) -> str:
    """A program that may differ in one token, or in the order of its statements."""
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    kinds = {tokenize.NAME: names, tokenize.NUMBER: values, tokenize.STRING: values}
    places = [t for t in tokens if t.type in kinds or t.string in "+-*/" and t.string]
    if not places or draw(st.booleans()):
        return "\n".join(draw(st.permutations(source.split("\n"))))
    token = draw(st.sampled_from(places))
    fresh = draw(kinds.get(token.type, st.sampled_from("+-*/")))
    lines = source.splitlines(keepends=True)
    first, last = token.start[0] - 1, token.end[0] - 1
    before, after = lines[first][: token.start[1]], lines[last][token.end[1] :]
    lines[first : last + 1] = [before + fresh + after]
    return "".join(lines)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.filter_too_much]
)
@given(st.data(), programs)
def test_programs_with_one_key_run_as_the_same_bytecode(
    data: st.DataObject, source: str
) -> None:
    other = data.draw(st.one_of(almost(source), programs))
    try:
        different = bytecode(other) != bytecode(source)
    except SyntaxError:
        assume(False)
    if different:
        assert program(other) != program(source)
