"""What a statement of a notebook binds, reads and changes, from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from fairgrade.plan.cells import parse_cell
from fairgrade.plan.magics import is_silent, under_magic, without_magics

#: What has names of its own, and runs when it is called.
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def python_of(source: str) -> str:
    """A cell as Python, what is timed as itself, others as calls of `get_ipython()`.

    Raises:
        SyntaxError: it is none, or longer than what is read as a program.
        ValueError, RecursionError, MemoryError: it is more than Python can read.
    """
    magic, rest = under_magic(source)
    if magic:
        return python_of(rest) + "\npass" * is_silent(magic)
    try:
        return parse_cell(source).code
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        code = TransformerManager().transform_cell(source)
        return parse_cell(without_magics(code)).code


def binders(statement: ast.stmt) -> list[tuple[str, str]]:
    """Each name that it binds where it stands, and how: def, class, import, ...

    The ways are "def", "class", "lambda", "import", "from", "del" and "value".
    """
    return list(_binders(statement))


def _binders(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield node.name, "def"
        yield from ((name, "value") for name in globals_of(node))
        return
    if isinstance(node, ast.ClassDef):
        yield node.name, "class"
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        how = "import" if isinstance(node, ast.Import) else "from"
        for alias in node.names:
            yield alias.asname or alias.name.split(".")[0], how
        return
    if isinstance(node, (ast.Lambda, *_COMPREHENSIONS)):
        for part in ast.walk(node):  # what := binds is bound outside
            if isinstance(part, ast.NamedExpr):
                yield part.target.id, "value"
        return
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        for target in node.targets:
            if isinstance(target, ast.Name):
                yield target.id, "lambda"
        return
    if isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name, "value"
    if isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name, "value"
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id, "del" if isinstance(node.ctx, ast.Del) else "value"
    for child in ast.iter_child_nodes(node):
        yield from _binders(child)


def imports(statement: ast.stmt) -> dict[str, tuple[str, str]]:
    """Each name that it imports where it stands -> the module, and the name in it."""
    found: dict[str, tuple[str, str]] = {}
    for node in _steps([statement]):
        for alias in getattr(node, "names", ()):
            if isinstance(node, ast.Import):
                top = alias.name.split(".")[0]
                found[alias.asname or top] = (alias.name if alias.asname else top, "")
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[alias.asname or alias.name] = node.module, alias.name
    return found


def immediate(statement: ast.AST) -> set[str]:
    """The global names that running it reads at once, without calling a function."""
    return set(_reads(statement, frozenset(), inside=False))


def deferred(node: ast.AST) -> set[str]:
    """The global names that the functions in it read when they are called."""
    if isinstance(node, SCOPES):
        return set(_reads(node, frozenset(), inside=True))
    return {name for child in ast.iter_child_nodes(node) for name in deferred(child)}


def unbound(statements: Iterable[ast.stmt]) -> set[str]:
    """The global names that are read at once and were not bound by then."""
    found, bound = set[str](), set[str]()
    for part in _steps(statements):
        found |= immediate(part) - bound - _named_first(part)
        bound |= {name for name, how in _binders(part) if how != "del"}
    return found


def _named_first(part: ast.AST) -> set[str]:
    """The names that := binds in a statement before it reads them."""
    first: dict[str, ast.Name] = {}
    nodes = (node for node in ast.walk(part) if isinstance(node, ast.Name))
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        first.setdefault(node.id, node)
    return {
        node.target.id
        for node in ast.walk(part)
        if isinstance(node, ast.NamedExpr) and first[node.target.id] is node.target
    }


def _steps(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """Statements in the order they run; of loops and blocks, what is in them."""
    for statement in statements:
        if isinstance(statement, (ast.For, ast.AsyncFor)):
            yield from (statement.iter, statement.target)
        elif isinstance(statement, (ast.With, ast.AsyncWith)):
            for item in statement.items:
                yield from filter(None, (item.context_expr, item.optional_vars))
        elif isinstance(statement, (ast.If, ast.While)):
            yield statement.test
        elif isinstance(statement, ast.Match):
            yield statement.subject
            for case in statement.cases:
                yield from filter(None, (case.pattern, case.guard))
                yield from _steps(case.body)
            continue
        elif not isinstance(statement, (ast.Try, ast.TryStar)):
            yield statement
            continue
        yield from _steps(statement.body)
        for handler in getattr(statement, "handlers", ()):
            if handler.type is not None:
                yield handler.type
            if handler.name:
                bound = ast.Name(handler.name, ast.Store())
                yield ast.copy_location(bound, handler)
            yield from _steps(handler.body)
        yield from _steps(getattr(statement, "orelse", ()))
        yield from _steps(getattr(statement, "finalbody", ()))


def reads(statement: ast.AST) -> set[str]:
    """The global names that it reads, at once or in functions when they are called."""
    return set(_reads(statement, frozenset(), inside=True))


def _reads(node: ast.AST, local: frozenset[str], *, inside: bool) -> Iterator[str]:
    """Global names read in `node`; of functions in it, only if `inside`."""
    if isinstance(node, ast.Name):
        if not isinstance(node.ctx, ast.Store) and node.id not in local:
            yield node.id
        return
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        if node.target.id not in local:
            yield node.target.id
        yield from _reads(node.value, local, inside=inside)
        return
    if isinstance(node, SCOPES):
        outer = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
        outer += getattr(node, "decorator_list", [])
        for part in outer:
            yield from _reads(part, local, inside=inside)
        if inside:
            body = node.body if isinstance(node.body, list) else [node.body]
            for statement in body:
                yield from _reads(statement, local | _locals(node), inside=True)
        return
    if isinstance(node, ast.ClassDef):
        own = {name for part in node.body for name, _ in _binders(part)}
        for above in (*node.decorator_list, *node.bases, *node.keywords):
            yield from _reads(above, local, inside=inside)
        for within in node.body:
            yield from _reads(within, local | own, inside=inside)
        return
    if isinstance(node, _COMPREHENSIONS):
        local = local | _targets(node)
    for child in ast.iter_child_nodes(node):
        yield from _reads(child, local, inside=inside)


def _targets(node: ast.AST) -> frozenset[str]:
    """The names that a comprehension's loops bind, which are its own."""
    assert isinstance(node, _COMPREHENSIONS)
    parts = [part for each in node.generators for part in ast.walk(each.target)]
    return frozenset(part.id for part in parts if isinstance(part, ast.Name))


def _locals(node: ast.AST) -> frozenset[str]:
    """The names that are a function's own."""
    assert isinstance(node, SCOPES)
    spec = node.args
    names = {a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)}
    names |= {a.arg for a in (spec.vararg, spec.kwarg) if a is not None}
    if isinstance(node.body, list):
        for part in node.body:
            names |= {name for name, how in _binders(part)}
        names -= set(globals_of(node))
    return frozenset(names)


def globals_of(node: ast.AST) -> Iterator[str]:
    """What a function declares global."""
    for part in ast.walk(node):
        if isinstance(part, ast.Global):
            yield from part.names


def changed(statement: ast.AST) -> set[str]:
    """Global names whose values it may change in place, in functions when called.

    By items, attributes, and methods called.
    """
    return set(_changed(statement, frozenset()))


def _changed(node: ast.AST, local: frozenset[str]) -> Iterator[str]:
    if isinstance(node, SCOPES):
        local = local | _locals(node)
    elif isinstance(node, _COMPREHENSIONS):
        local = local | _targets(node)
    target: ast.AST | None = None
    if isinstance(node, (ast.Subscript, ast.Attribute)):
        if not isinstance(node.ctx, ast.Load):
            target = node
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        target = node.func
    elif isinstance(node, ast.AugAssign):
        target = node.target
    while isinstance(target, (ast.Subscript, ast.Attribute)):
        target = target.value
    if isinstance(target, ast.Name) and target.id not in local:
        yield target.id
    for child in ast.iter_child_nodes(node):
        yield from _changed(child, local)
