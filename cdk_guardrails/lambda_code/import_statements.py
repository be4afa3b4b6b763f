"""What the imports of one module say, which of them must work, and what it does to the search path.

Two readers: `statements_of` walks the tree of a module that the author wrote; `quick_imports` looks at the first column
of a library's text, where the imports stand that run whenever the module does, a hundred times as fast.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

from cdk_guardrails.lambda_code import search_path
from cdk_guardrails.lambda_code.search_path import last_name

_CATCHING: Final = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
_LEAVING: Final = frozenset({"exit", "quit", "_exit", "abort"})
_CALLED: Final = frozenset({"import_module", "__import__"})

_GUARD: Final = re.compile(
    r"TYPE_CHECKING|version_info|platform|implementation|environ|getenv|find_spec|modules|__debug__|__package__"
    r"|(?i:^_?(has|have|with|use|is|in|no)_|available|installed|enabled|support|local|debug|test|\bdev|mock|\bpy[23])"
)
"""A condition with such a name in it asks whether the module can be had here, or whether this is Lambda at all."""

_TRIES: Final = re.compile(r"_?(test|debug|mock|(run_)?local)(_|$)")
"""Functions that are not for Lambda, by their names."""

_QUICK: Final = (  # compiled when it is needed, which is for libraries only
    r"(?m)^(?:from[ \t]+[.\w]+[ \t]+import\b|import\b)"
    r"(?:[^\n#('\"\\]|\((?:[^)#]|\#[^\n]*)*\)|\\\r?\n)*(?=[#\n]|\Z)"
)


class Wanted(NamedTuple):
    """An import: where it stands, the module as written (``yaml``, ``.db``), what is taken from it.

    One that is not ``is_needed`` may fail. It must not when one of ``unless`` does, whose place it takes.
    """

    line: int
    module: str
    names: tuple[str, ...] = ()
    is_needed: bool = True
    unless: tuple[Wanted, ...] = ()


@dataclass(frozen=True)
class Statements:
    """What a module imports; folders (at runtime) that it puts on the search path; modules that it makes up itself.

    ``is_unclear``: it does to the search path what cannot be followed.
    """

    wanted: tuple[Wanted, ...] = ()
    folders: tuple[str, ...] = ()
    made: frozenset[str] = frozenset()
    is_unclear: bool = False


class _Context(NamedTuple):
    is_needed: bool = True
    unless: tuple[Wanted, ...] = ()


def statements_of(tree: ast.Module, file: str) -> Statements:
    """Everything, functions included: an import in one fails when it is called. ``file``: the path at runtime."""
    wanted: list[Wanted] = []
    changes: list[str | None] = []
    made: set[str] = set()
    place = search_path.Place(file, tree)
    for node, context in _walk(tree):
        wanted += [
            item._replace(is_needed=item.is_needed and context.is_needed, unless=context.unless)
            for item in _imports(node)
        ]
        changes += search_path.added(node, place)
        made.update(search_path.made(node))
    known = [folder for folder in changes if folder is not None]
    wanted.sort(key=lambda item: item.line)
    return Statements(tuple(wanted), tuple(known), frozenset(made), len(known) < len(changes))


def quick_imports(text: str) -> Iterator[Wanted]:
    """The imports in the first column. A text that only looks like one, in a docstring, may be among them."""
    for match in re.finditer(_QUICK, text):
        try:
            tree = ast.parse(match[0].strip())
        except (SyntaxError, ValueError):  # prose: "from the beginning ..."
            continue
        line = text.count("\n", 0, match.start()) + 1
        for node in tree.body:
            yield from (item._replace(line=line) for item in _imports(node))


def may_define(tree: ast.Module, name: str) -> bool:
    """Whether a module has, or could have, ``name``: defined, assigned, imported, or made in ways that are not read."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            if node.name in (name, "__getattr__") or _has_global(node, name):
                return True
            continue
        if _binds(node, name):
            return True
        pending.extend(ast.iter_child_nodes(node))
    return False


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id in ("globals", "vars", "exec", "locals", "setattr") or (
            node.id == name and not isinstance(node.ctx, ast.Load)
        )
    if isinstance(node, ast.alias):
        return node.name == "*" or (node.asname or node.name.partition(".")[0]) == name
    if isinstance(node, ast.MatchAs | ast.MatchStar | ast.ExceptHandler):
        return node.name == name
    return False


def _has_global(function: ast.AST, name: str) -> bool:
    return any(
        (isinstance(node, ast.Global) and name in node.names) or (isinstance(node, ast.Name) and node.id == "globals")
        for node in ast.walk(function)
    )


def _walk(tree: ast.Module) -> Iterator[tuple[ast.AST, _Context]]:
    """Every node with what stands around it. Not recursive, since code that programs write is nested deeply."""
    pending: list[tuple[ast.AST, _Context]] = [(node, _Context()) for node in reversed(tree.body)]
    while pending:
        node, context = pending.pop()
        yield node, context
        inside = _INSIDE.get(type(node), _children)
        pending.extend(inside(node, context))


_Inside: TypeAlias = Iterator[tuple[ast.AST, _Context]]


def _children(node: ast.AST, context: _Context) -> _Inside:
    return ((child, context) for child in ast.iter_child_nodes(node))


def _within(nodes: Iterable[ast.AST], context: _Context) -> _Inside:
    return ((node, context) for node in nodes)


def _of_try(node: ast.Try, context: _Context) -> _Inside:
    """Imports that may fail; those of a handler are needed where one of the former is not there."""
    statements = [part for child in node.body for part in (child, getattr(child, "value", child))]
    tried = tuple(item for part in dict.fromkeys(statements) for item in _imports(part))
    may_fail = any(_swallows(handler) for handler in node.handlers)
    yield from _within(node.body, context._replace(is_needed=False) if may_fail else context)
    instead = context._replace(is_needed=False, unless=tried if context.is_needed else ()) if tried else context
    for handler in node.handlers:
        yield from _within(handler.body, instead)
    yield from _within(node.orelse, context._replace(is_needed=False) if may_fail and tried else context)
    yield from _within(node.finalbody, context)


def _swallows(handler: ast.ExceptHandler) -> bool:
    """Whether the handler lets a failed import pass: it catches it, and does not end in raise or exit."""
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {last_name(item) if item else "ImportError" for item in caught}
    last = handler.body[-1]
    called = last.value.func if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call) else None
    leaves = isinstance(last, ast.Raise) or (called is not None and last_name(called) in _LEAVING)
    return bool(names & _CATCHING) and not leaves


def _of_if(node: ast.If | ast.IfExp, context: _Context) -> _Inside:
    names = {_name(part) for part in ast.walk(node.test)} - {""}
    body = node.body if isinstance(node.body, list) else [node.body]
    orelse = node.orelse if isinstance(node.orelse, list) else [node.orelse]
    yield node.test, context
    if "__name__" in names:  # a script's part, which Lambda never runs
        yield from _within(orelse, context)
        return
    is_guard = any(map(_GUARD.search, names)) or (isinstance(node.test, ast.Constant) and not node.test.value)
    inner = context._replace(is_needed=False) if is_guard else context
    yield from _within(body, inner)
    yield from _within(orelse, context if last_name(node.test) == "TYPE_CHECKING" else inner)


def _name(node: ast.AST) -> str:
    return last_name(node) if isinstance(node, ast.expr) else ""


def _of_function(node: ast.FunctionDef | ast.AsyncFunctionDef, context: _Context) -> _Inside:
    return _children(node, context._replace(is_needed=False) if _TRIES.match(node.name) else context)


def _of_with(node: ast.With | ast.AsyncWith, context: _Context) -> _Inside:
    suppressed = any(
        isinstance(item.context_expr, ast.Call)
        and last_name(item.context_expr.func) == "suppress"
        and {last_name(argument) for argument in item.context_expr.args} & _CATCHING
        for item in node.items
    )
    return _children(node, context._replace(is_needed=False) if suppressed else context)


_INSIDE: Final[dict[type, Callable[..., _Inside]]] = {
    ast.Try: _of_try,
    getattr(ast, "TryStar", ast.Try): _of_try,  # from Python 3.11 on
    ast.If: _of_if,
    ast.IfExp: _of_if,
    ast.FunctionDef: _of_function,
    ast.AsyncFunctionDef: _of_function,
    ast.With: _of_with,
    ast.AsyncWith: _of_with,
}


def _imports(node: ast.AST) -> list[Wanted]:
    """The imports that a node itself is: a statement, or a call of import_module with a literal."""
    if isinstance(node, ast.Import):
        return [Wanted(node.lineno, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = tuple(alias.name for alias in node.names)
        return [Wanted(node.lineno, "." * node.level + (node.module or ""), names)]
    if not isinstance(node, ast.Call) or last_name(node.func) not in _CALLED or not node.args:
        return []
    name = node.args[0]
    literal = name.value if isinstance(name, ast.Constant) and isinstance(name.value, str) else ""
    return [Wanted(node.lineno, literal)] if re.fullmatch(r"\.*\w+(\.\w+)*", literal) else []


def functions_in(tree: ast.Module) -> list[str]:
    """The names of the functions at a module's top."""
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
