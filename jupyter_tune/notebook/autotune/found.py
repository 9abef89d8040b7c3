"""What the text of a cell has for a tuner: literals with a name, a metric, the steps of a training."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_tune.notebook.autotune.ranges import Value, words_of

_SMALL = re.compile("(\\w+_)?(loss|error|err|rmse|mse|mae|mape|nll|perplexity|ppl|latency|cost|wer|regret)")
_LARGE = re.compile(
    "(\\w+_)?(acc|accuracy|auc|roc_auc|f1|r2|score|precision|recall|map|iou|dice|bleu|reward|likelihood)"
)
_HELD_OUT = re.compile("(val|valid|validation|test|dev|eval|cv)_\\w+")


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal value with a name. `node`: the literal; `statement`: the statement of the cell that holds it;
    `is_assigned`: that statement assigns it to the name, and does nothing else."""

    name: str
    value: Value
    node: ast.expr
    statement: ast.stmt
    is_assigned: bool


@dataclass(frozen=True, slots=True)
class Training:
    """A loop over steps. `last`: the last step, None if the text does not tell; `step`: the step as an
    expression in its body."""

    loop: ast.For
    last: int | None
    step: str


@dataclass(frozen=True, slots=True)
class Metric:
    name: str
    direction: str


def literal(node: ast.expr | None) -> Value | None:
    """The number, text or truth value that the expression writes out; None for anything else."""
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as value)):
            return -value
    return None


def literals(tree: ast.Module) -> Iterator[Literal]:
    """The named literals: of assignments, of keywords in calls, and of dicts."""
    for statement in tree.body:
        match statement:
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=node)
                | ast.AnnAssign(
                    target=ast.Name(id=name),
                    annotation=ast.Name(id="float" | "int" | "str" | "bool"),
                    value=ast.expr() as node,
                )
            ) if (value := literal(node)) is not None:
                yield Literal(name, value, node, statement, True)
                continue
            case ast.AnnAssign():
                continue  # it may be declared already
        for part in ast.walk(statement):
            for name, held in _named(part):
                value = literal(held)
                if name.isidentifier() and value is not None:
                    yield Literal(name, value, held, statement, False)


def _named(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The expressions that a call or a dict gives a name."""
    match node:
        case ast.Call(keywords=keywords):
            yield from ((word.arg, word.value) for word in keywords if word.arg is not None)
        case ast.Dict(keys=keys, values=values):
            for key, held in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, held


def unpacked(tree: ast.Module) -> Iterator[str]:
    """The names that get literals together: `lr, width = 0.1, 64`."""
    for statement in tree.body:
        match statement:
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)) if len(
                names
            ) == len(values):
                for name, value in zip(names, values, strict=True):
                    if isinstance(name, ast.Name) and literal(value) is not None:
                        yield name.id


@dataclass(frozen=True, slots=True)
class Names:
    """The names in a cell: how often each is bound, anywhere; which are loaded."""

    bound: Counter[str]
    loaded: frozenset[str]


def names_in(tree: ast.Module) -> Names:
    bound: Counter[str] = Counter()
    loaded: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                loaded.add(name)
            case ast.Name(id=name) | ast.arg(arg=name):
                bound[name] += 1
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                bound[name] += 1
            case ast.alias(name=whole, asname=other):
                bound[other or whole.partition(".")[0]] += 1
    return Names(bound, frozenset(loaded))


def training(tree: ast.Module) -> Training | None:
    """The first loop of the cell over a range: its steps are those of a training."""
    numbers = {
        found.name: found.value
        for found in literals(tree)
        if found.is_assigned and isinstance(found.value, int) and not isinstance(found.value, bool)
    }

    def number(node: ast.expr) -> int | None:
        value = numbers.get(node.id) if isinstance(node, ast.Name) else literal(node)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    for loop in tree.body:
        if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
            continue
        over = loop.iter
        # a progress bar around it: tqdm(range(…)), trange(…)
        if isinstance(over, ast.Call) and _called(over) in ("tqdm", "track") and over.args:
            over = over.args[0]
        if not isinstance(over, ast.Call) or _called(over) not in ("range", "trange"):
            continue
        name = loop.target.id
        match over.args:
            case [end]:
                return Training(loop, number(end), f"{name} + 1")
            case [start, end] if (first := number(start)) is not None:
                last = number(end)
                if first >= 1:
                    return Training(loop, None if last is None else last - 1, name)
                return Training(loop, last, f"{name} + 1") if first == 0 else None
    return None


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def reported(tree: ast.Module) -> list[str]:
    """The metrics that the cell reports by keyword."""
    return [
        word.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _called(node) == "report"
        for word in node.keywords
        if word.arg not in (None, "step")
    ]


def metric(names: list[str]) -> Metric | None:
    """The one of `names` that tells best how good a model is: held-out data first, a score before a loss, the
    later of equals."""
    found: list[tuple[bool, bool, int, Metric]] = []
    for place, name in enumerate(names):
        words = words_of(name)
        is_large = _LARGE.fullmatch(words) is not None
        if is_large or _SMALL.fullmatch(words):
            direction = "maximize" if is_large else "minimize"
            found.append((_HELD_OUT.fullmatch(words) is not None, is_large, place, Metric(name, direction)))
    return max(found, key=lambda each: each[:3])[3] if found else None


def assigned_in(statements: list[ast.stmt]) -> list[str]:
    """The names that these statements assign, in their order; not those of functions and classes in them."""
    names: list[str] = []
    pending: list[ast.AST] = list(statements)
    while pending:
        node = pending.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.append(node.id)
        pending[:0] = ast.iter_child_nodes(node)
    return names
