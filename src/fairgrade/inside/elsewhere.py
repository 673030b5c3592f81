"""Lines that belong to where a notebook was written: runs in the student's own kernel.

Colab, Kaggle and other Jupyters have magics and modules that are not here, and packages
are not installed where notebooks are graded. Such a line is left out, with a word in
the cell's output, and the rest of its cell runs: it is no part of the answer.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from types import ModuleType
from typing import Any

# Now, before a notebook can lead imports astray.
import fairgrade.inside.export  # noqa: F401

#: `pip install`, `python -m pip ...`, `conda ...`, as a shell's command.
_INSTALLS = re.compile(
    r"^\s*(?:sudo\s+)?(?:\S*python[\d.]*\S*\s+-m\s+|\S*\}\s+-m\s+)?"
    r"(?:pip[\d.]*|conda|mamba|uv|apt|apt-get)\s"
)
_INSTALLERS = frozenset({"pip", "conda", "mamba", "micromamba", "uv"})
#: What matplotlib can draw on here; others need a page or a screen to live in.
_VIEWS = re.compile(r"\s*(?:(?:inline|agg|auto|--list|-l)\b.*)?$")
#: Those by name that need a page or a screen.
_SCREENS = re.compile(
    r"(?i)(?:tk|qt|qt4|qt5|gtk3|gtk4|wx|web|nb|mac)(?:agg|cairo)?|macosx|notebook|widget"
    r"|ipympl|module://ipympl\..*"
)
_MATPLOTLIB = ("matplotlib", "mpl", "matplotlib.pyplot", "plt", "pyplot")
_INLINE = "module://matplotlib_inline.backend_inline"
_COLAB = "google.colab"


def make_at_home() -> None:
    """Prepare the IPython shell of this process for such lines; does nothing twice."""
    from IPython import get_ipython

    shell = get_ipython()
    if shell is None or any(isinstance(t, _Colab) for t in shell.ast_transformers):
        return
    shell.ast_transformers += [_Colab(), _Screens()]
    line_magic, cell_magic = shell.run_line_magic, shell.run_cell_magic
    system = shell.system

    # IPython expands {name} by the variables of the frame that called it: ours have
    # names that no student has.
    def run_line_magic(_magic: str, _line: str, _stack_depth: int = 1) -> Any:
        if _magic in _INSTALLERS or not _has(shell, "line", _magic):
            return _left_out(f"%{_magic}")
        if _magic == "matplotlib" and not _VIEWS.match(_line):
            _left_out(f"%matplotlib {_line.strip()}")
            _line = "inline"
        if _magic == "load_ext" and not _is_extension(_line.strip()):
            return _left_out(f"%load_ext {_line.strip()}")
        return line_magic(_magic, _line, _stack_depth=_stack_depth + 1)

    def run_cell_magic(_magic: str, _line: str, _cell: str) -> Any:
        if _magic == "shell":  # Colab's name for it
            _magic = "bash"
        if not _has(shell, "cell", _magic):
            tree = _parsed(shell, _cell)
            if tree is not None:
                _left_out(f"%%{_magic}")
                exec(shell.compile(tree, f"<%%{_magic}>", "exec"), shell.user_ns)
                return None
        return cell_magic(_magic, _line, _cell)

    def run_system(command: str) -> Any:
        if _INSTALLS.match(command):
            return _left_out(f"!{' '.join(command.split()[:3])}")
        return system(command)

    # No hook of IPython's is asked when a magic is not there.
    shell.run_line_magic, shell.run_cell_magic = run_line_magic, run_cell_magic
    shell.system = run_system


def _left_out(what: str) -> None:
    print(f"[{what} is left out where notebooks are graded; the rest runs.]")


def _has(shell: Any, kind: str, name: str) -> bool:
    return shell._find_with_lazy_load(kind, name) is not None


def _is_extension(name: str) -> bool:
    """Whether there is a module that IPython would load under this name."""
    try:
        return any(
            importlib.util.find_spec(module) is not None
            for module in (f"IPython.extensions.{name}", name)
        )
    except (ImportError, ValueError):
        return False


def _parsed(shell: Any, cell: str) -> ast.Module | None:
    """A cell's program, as IPython would run it; None if it is no Python."""
    try:
        tree = ast.parse(shell.transform_cell(cell))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    changed: ast.Module = shell.transform_ast(tree)
    return changed


class _Colab(ast.NodeTransformer):
    """Give `import google.colab` a module, but only where nothing asks if it is there.

    Inside of `try` or `if` a notebook finds out where it runs, and it is not in Colab.
    """

    def visit_Module(self, node: ast.Module) -> ast.Module:
        for statement in node.body:
            if isinstance(statement, ast.Import):
                names = [alias.name for alias in statement.names]
            elif isinstance(statement, ast.ImportFrom) and not statement.level:
                names = [statement.module or ""]
                if names == ["google"]:
                    names = [f"google.{alias.name}" for alias in statement.names]
            else:
                continue
            for name in names:
                if name == _COLAB or name.startswith(f"{_COLAB}."):
                    _pretend(name)
        return node


class _Screens(ast.NodeTransformer):
    """Have `matplotlib.use("TkAgg")` and its like draw into the notebook."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        of_matplotlib = (
            isinstance(node.func, ast.Attribute)
            and node.func.attr in ("use", "switch_backend")
            and ast.unparse(node.func.value) in _MATPLOTLIB
        )
        given = [*node.args[:1], *(k.value for k in node.keywords)]
        for value in given if of_matplotlib else ():
            if not isinstance(value, ast.Constant) or type(value.value) is not str:
                continue
            if _SCREENS.fullmatch(value.value):
                _left_out(f"matplotlib's {value.value}")
                value.value = _INLINE
        return node


class _Absent(ModuleType):
    """A module of Colab's, whose functions do nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        whole = f"{self.__name__}.{name}"
        if self.__name__ == _COLAB:
            return _pretend(whole)

        def nothing(*_: Any, **__: Any) -> Any:
            _left_out(f"{whole}()")
            return {} if name == "upload" else None

        return nothing


def _import_google() -> None:
    """The real package, where there is one: other modules live in it."""
    try:
        importlib.import_module("google")
    except ImportError:
        sys.modules["google"] = ModuleType("google")
        sys.modules["google"].__path__ = []


def _pretend(name: str) -> ModuleType:
    parent, _, own = name.rpartition(".")
    if name not in sys.modules:
        module = sys.modules[name] = _Absent(name)
        module.__path__ = []
        if parent != "google":
            _pretend(parent)
        elif "google" not in sys.modules:
            _import_google()
        setattr(sys.modules[parent], own, module)
    return sys.modules[name]
