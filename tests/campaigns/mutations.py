"""What may be put wrong in a module: small faults in its syntax tree, one at a time, each with a name that lasts.

Left alone are annotations, texts for people (in gettext, in logs, in what is raised) and decorators that only save
work: nothing that a test could ask for depends on them.
"""

import ast
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType

OPPOSITES = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.FloorDiv: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip
# Calls that give back something of the kind they were given, so that leaving them out is a fault and not a crash.
METHODS = {"casefold", "distinct", "exclude", "filter", "lower", "order_by", "removeprefix", "removesuffix", "strip"}
FUNCTIONS = {"bool", "frozenset", "int", "list", "reversed", "set", "sorted", "str", "tuple"}
TEXTS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "npgettext", "pgettext"}
SAVING = {"cache", "lru_cache", "cached_property", "wraps", "override"}
BINDING = {"abstractmethod", "classmethod", "contextmanager", "dataclass", "property", "register", "staticmethod"}
CHECKS_OF_KIND = {"isinstance", "issubclass"}  # another order of their arguments, or of kinds, only crashes
LONGEST = 90  # characters of code in a mutant's name

Place = tuple[ast.AST, str, int | None]  # the parent, its field, and which one of a list


@dataclass(frozen=True)
class Mutant:
    """One fault: what stands where in a tree, and what is to stand there."""

    path: str
    scope: str
    number: int  # among those with the same words in the same scope
    before: str
    after: str
    lines: range
    in_function: bool
    tree: ast.Module
    place: Place
    fault: ast.AST | None  # None removes

    @property
    def name(self) -> str:
        """What the mutant is called: no line numbers, so that it keeps its name while the file grows around it."""
        again = f" #{self.number}" if self.number > 1 else ""
        return f"{self.path} {self.scope}: {self.before} -> {self.after}{again}"

    def compiled(self) -> CodeType:
        """Return the whole module with the fault in it; raise ``SyntaxError`` where Python takes no such thing."""
        with replaced(self.place, self.fault):
            return compile(self.tree, self.path, "exec", dont_inherit=True)


@contextmanager
def replaced(place: Place, fault: ast.AST | None) -> Iterator[None]:
    """Put ``fault`` in its place for the length of the block."""
    parent, field, index = place
    whole = getattr(parent, field)
    if index is None:
        changed = fault
    else:
        changed = [*whole[:index], *([] if fault is None else [fault]), *whole[index + 1 :]]
    setattr(parent, field, changed)
    try:
        yield
    finally:
        setattr(parent, field, whole)


def mutants_of(path: str, source: str) -> list[Mutant]:
    """Return every fault that may be put into a module."""
    tree = ast.parse(source)
    seen: Counter = Counter()
    found = []
    for place, node, fault, scope, in_function in walk(tree, "", in_function=False):
        scope, before, after = scope or "module", written(node), written(fault)
        if before == after:
            continue
        seen[scope, before, after] += 1
        lines = range(node.lineno, node.end_lineno + 1)
        if fault is not None:
            ast.fix_missing_locations(ast.copy_location(fault, node))
        number = seen[scope, before, after]
        found.append(Mutant(path, scope, number, before, after, lines, in_function, tree, place, fault))
    return found


def written(node: ast.AST | None) -> str:
    """Return the code of a node on one line, shortened."""
    if node is None:
        return "(nothing)"
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def walk(parent: ast.AST, scope: str, *, in_function: bool):
    """Yield the faults below a node, each with its place, scope, and whether it stands in a function's body."""
    for place, node in children(parent):
        for fault in faults(node, place):
            yield place, node, fault, scope, in_function
        inner, running = scope, in_function
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{scope}.{node.name}".lstrip(".")
        if isinstance(parent, ast.FunctionDef | ast.AsyncFunctionDef):
            running = running or place[1] == "body"
        yield from walk(node, inner, in_function=running)


def children(parent: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    """Yield what stands below a node, without what tests cannot ask for."""
    for field, value in ast.iter_fields(parent):
        if field in ("annotation", "returns") or (field == "body" and is_text_for_people(parent)):
            continue
        nodes = [(index, node) for index, node in enumerate(value)] if isinstance(value, list) else [(None, value)]
        for index, node in nodes:
            if isinstance(node, ast.AST) and not is_docstring(node) and not is_text_for_people(node):
                yield (parent, field, index), node


def is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def is_text_for_people(node: ast.AST) -> bool:
    """Say whether a node only makes a text: for readers, or for a log."""
    if not isinstance(node, ast.Call):
        return False
    name = called(node)
    return name in TEXTS or (isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) == "logger")


def called(node: ast.AST) -> str:
    """Return the last name of what is called, or of a decorator."""
    node = node.func if isinstance(node, ast.Call) else node
    return getattr(node, "attr", None) or getattr(node, "id", "")


def faults(node: ast.AST, place: Place) -> Iterator[ast.AST | None]:
    """Yield what may stand wrongly instead of a node."""
    parent, field, _ = place
    if field == "decorator_list" and called(node) not in SAVING | BINDING:
        yield None
    if field in ("test", "ifs") and not isinstance(node, ast.Compare):  # of if, while, a choice, a comprehension
        yield negated(node)
    if isinstance(node, ast.keyword) and isinstance(parent, ast.Call) and not is_text_for_people(node.value):
        yield None
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in OPPOSITES:
            yield ast.Compare(node.left, [OPPOSITES[type(operator)]()], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(OPPOSITES[type(node.op)](), node.values)
        case ast.UnaryOp(op=ast.Not()) if field not in ("test", "ifs"):
            yield node.operand
        case ast.BinOp() if type(node.op) in OPPOSITES and called(parent) not in CHECKS_OF_KIND:
            yield ast.BinOp(node.left, OPPOSITES[type(node.op)](), node.right)
        case ast.Constant():
            yield from wrong_constants(node, parent)
        case ast.Return(value=ast.expr()) if not is_none(node.value):
            yield ast.Return(ast.Constant(None))
        case ast.Call():
            yield from wrong_calls(node)
        case ast.Expr(value=ast.Call() | ast.Await()) | ast.Raise() | ast.AugAssign() | ast.Delete():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def negated(node: ast.AST) -> ast.AST:
    return (
        node.operand
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
        else ast.UnaryOp(ast.Not(), node)
    )


def is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def wrong_constants(node: ast.Constant, parent: ast.AST) -> Iterator[ast.Constant]:
    """Yield another truth, the next number, another name; not another text of an error."""
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str) and not isinstance(parent, ast.JoinedStr) and " " not in node.value:
        yield ast.Constant(f"{node.value}XX" if node.value else "XX")


def wrong_calls(node: ast.Call) -> Iterator[ast.AST]:
    """Yield a call with its first arguments swapped, and what is there without the call."""
    plain = [argument for argument in node.args if not isinstance(argument, ast.Starred)]
    if len(plain) >= 2 and plain[:2] == node.args[:2] and called(node) not in CHECKS_OF_KIND:
        yield ast.Call(node.func, [node.args[1], node.args[0], *node.args[2:]], node.keywords)
    if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
        yield node.func.value
    if isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS and len(node.args) == 1 and not node.keywords:
        yield node.args[0]
