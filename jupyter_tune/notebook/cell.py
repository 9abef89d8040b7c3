"""A cell's text as a search space and runnable code. Nothing here runs a line of it.

    lr: Float(1e-4, 1e-1, log=True) = 1e-2    ->    lr = trial.params["lr"]

A declaration is an annotation, `Annotated[...]`, or a value that calls Float, Int or
Categorical. It stands at the top level, or under an `if` on an earlier parameter:
then it exists only for the values for which the test holds.

Laws:
- Ranges and values are literals, arithmetic on them, and names bound to such; they are
  evaluated here, node by node. Everything else is refused, naming the line.
- The transformation is textual and keeps every line number, so tracebacks of trials
  point into the cell as it was written.
- Lines count from 1 in the text given; put a newline first if a magic stood there.
"""

from __future__ import annotations

import ast
import builtins
import difflib
import math
import numbers
import operator
import re
import symtable
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import CodeType, FunctionType, MappingProxyType, ModuleType
from typing import Any, TypeAlias

from jupyter_tune.core.space import (
    Categorical,
    Condition,
    Float,
    Int,
    Parameter,
    Scalar,
    Space,
    with_default,
)
from jupyter_tune.errors import CellError, OptionError, SpaceError

PACKAGE = "jupyter_tune"
KINDS: dict[str, Callable[..., Parameter]] = {"Float": Float, "Int": Int, "Categorical": Categorical}
GIVEN = frozenset({"report", "trial"})
"""Names that every trial finds in its cell."""

MAX_CONDITION_VALUES = 1000
"""A whole-number parameter with more values cannot be the subject of an `if` with declarations."""

# what must hold for a block to run: parent -> its values; or, in words, why that cannot be said
Where: TypeAlias = dict[str, tuple[Scalar, ...]] | str


@dataclass(frozen=True)
class Cell:
    """What a %%tune cell says.

    space:        its parameters, in order, with conditions and defaults.
    source, code: the text as written, and as a trial runs it; same line numbers.
    uses:         global names that it loads and that are neither built in nor its parameters:
                  those among them that the notebook has must travel.
    assigns:      global names it binds, parameters left out.
    declarations: (name, line) of every declaration, as written.
    reports:      metrics it reports by keyword; None if that cannot be known from the text.
    """

    space: Space
    source: str
    code: str
    uses: frozenset[str]
    assigns: frozenset[str]
    declarations: tuple[tuple[str, int], ...]
    reports: frozenset[str] | None

    def check_metric(self, metric: str) -> None:
        """Raises OptionError if no trial could give `metric`: neither reported nor assigned."""
        if self.reports is None or metric in self.reports or metric in self.assigns:
            return
        close = difflib.get_close_matches(metric, sorted(self.reports | self.assigns), n=1)
        there_are = f"it reports {', '.join(sorted(self.reports))}" if self.reports else "it reports nothing"
        way_out = f"did you mean {close[0]}?" if close else f"add report({metric}=...) to the cell"
        raise OptionError(f"metric {metric}: the cell neither reports nor assigns it; {there_are}; {way_out}")


def parse(source: str, namespace: Mapping[str, Any] = MappingProxyType({})) -> Cell:
    """The cell that `source` describes.

    Args:
        source:    the text below the %%tune line.
        namespace: the notebook's variables: constants in ranges are looked up there, and
                   functions that call report() are found there. Nothing in it is called.

    Raises:
        CellError:  syntax, a magic, no declaration, or one that stands where it cannot.
        SpaceError: a range or default that cannot be; name and line in front.
    """
    # Python's own reading of line ends
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = _tree(text)
    reader = _Reader(tree, namespace)
    reader.read(tree.body, {})
    if not reader.parameters:
        raise CellError(
            "no range is declared; write one on the line where a variable is born, "
            "like lr: Float(1e-4, 1e-1, log=True) = 1e-2"
        )
    code = _replaced(text, reader.spans)
    parameters = set(reader.parameters)
    loads, assigns = _names(code)
    loads |= assigns & _altered(tree)
    loads -= parameters | GIVEN | set(KINDS)
    uses = frozenset(name for name in loads if not _is_built_in(name, namespace))
    return Cell(
        space=reader.space(),
        source=source,
        code=code,
        uses=uses,
        assigns=frozenset(assigns - parameters),
        declarations=tuple((name, node.lineno) for node, name in reader.spans),
        reports=_reports(tree, uses, namespace),
    )


# text


_MAGIC = re.compile(r"[%!?]|[\w\s.,*]+=\s*[%!]|.*\?\s*$")


def _tree(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            # IPython or the trial shows them once; here they would come twice
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
            # finds what ast.parse passes over: return outside a function, a stray nonlocal
            compile(text, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        number = error.lineno or 1
        line = [*text.split("\n"), ""][number - 1].strip()
        if _MAGIC.match(line):
            raise CellError(
                f"line {number}: {line} is for the notebook, not for trials; move it to a cell above"
            ) from None
        raise CellError(f"line {number}: {error.msg}: {line}") from None
    except ValueError as error:
        raise CellError(f"this text is not Python: {error}; remove the odd characters") from None
    return tree


def _replaced(text: str, spans: Sequence[tuple[ast.stmt, str]]) -> str:
    """`text` with every declaration turned into a look-up; no line moves."""
    # ast counts columns in UTF-8 bytes
    lines = [line.encode() for line in text.split("\n")]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    data = b"\n".join(lines)
    for node, name in sorted(spans, key=lambda span: (span[0].lineno, span[0].col_offset), reverse=True):
        end_line, end_col = node.end_lineno or node.lineno, node.end_col_offset or 0
        first = starts[node.lineno - 1] + node.col_offset
        last = starts[end_line - 1] + end_col
        # newlines go inside the brackets: something may follow on the declaration's last line
        padding = "\n" * (end_line - node.lineno)
        data = data[:first] + f'{name} = trial.params["{name}"{padding}]'.encode() + data[last:]
    return data.decode()


# declarations


class _NotLiteralError(Exception):
    """An expression that is not literal; the message says what is wrong, in words."""


@dataclass(frozen=True)
class _Declaration:
    target: ast.expr
    call: ast.Call
    value: ast.expr | None


_UNKNOWN = object()


class _Reader:
    """Walks the statements in order and gathers parameters, conditions and spans."""

    def __init__(self, tree: ast.Module, namespace: Mapping[str, Any]):
        self.parameters: dict[str, Parameter] = {}
        self.spans: list[tuple[ast.stmt, str]] = []
        self._where: dict[str, dict[str, tuple[Scalar, ...]]] = {}
        self._lines: dict[str, int] = {}
        self._namespace = namespace
        # constants of the cell so far; _UNKNOWN for names bound to anything else
        self._known: dict[str, object] = {}
        self._foreign = {name for name in KINDS if not _is_ours(namespace.get(name, Float))}
        self._packages = {"jt", PACKAGE} | {
            name
            for name, value in namespace.items()
            if isinstance(value, ModuleType) and value.__name__ == PACKAGE
        }
        for statement in tree.body:
            if isinstance(statement, ast.Import):
                self._packages |= {a.asname for a in statement.names if a.name == PACKAGE and a.asname}
            elif isinstance(statement, ast.ImportFrom):
                names = {a.asname or a.name for a in statement.names}
                ours = (statement.module or "").split(".")[0] == PACKAGE
                self._foreign = self._foreign - names if ours else self._foreign | (names & set(KINDS))

    def space(self) -> Space:
        when = {name: conditions for name in self.parameters if (conditions := self._conditions(name))}
        return Space(self.parameters, when=when)

    def _conditions(self, name: str) -> list[Condition]:
        return [
            Condition(parent, values)
            for parent, values in self._where[name].items()
            # a test that always holds is none, unless the parent itself may be missing
            if self._where[parent] or len(values) < (self.parameters[parent].cells or 0)
        ]

    def read(self, statements: Sequence[ast.stmt], where: Where) -> None:
        for statement in statements:
            if (declaration := self._declaration(statement)) is not None:
                self._declare(statement, declaration, where)
            elif isinstance(statement, ast.If) and self._first_inside(statement) is not None:
                self._refuse_inside(statement.test)
                holds, fails = self._split(statement.test, where)
                self.read(statement.body, holds)
                self.read(statement.orelse, fails)
                self._forget(statement)
            else:
                self._refuse_inside(statement)
                self._remember(statement)

    def _declaration(self, node: ast.AST) -> _Declaration | None:
        match node:
            case ast.AnnAssign():
                if (call := self._annotated(node.annotation)) is not None:
                    return _Declaration(node.target, call, node.value)
                if (call := self._call(node.value)) is not None:
                    return _Declaration(node.target, call, None)
                bare = node.annotation
                if isinstance(bare, ast.Name) and bare.id in KINDS and bare.id not in self._foreign:
                    raise CellError(
                        f"{ast.unparse(node.target)} (line {node.lineno}): {bare.id} has no range; "
                        f"write {_SIGNATURES[bare.id]}"
                    )
            case ast.Assign():
                if (call := self._call(node.value)) is not None:
                    if len(node.targets) > 1:
                        raise CellError(
                            f"{ast.unparse(node.targets[0])} (line {node.lineno}): a range belongs to one "
                            "name; give every parameter its own line"
                        )
                    return _Declaration(node.targets[0], call, None)
            case ast.NamedExpr():
                if (call := self._call(node.value)) is not None:
                    return _Declaration(node.target, call, None)
        return None

    def _annotated(self, node: ast.expr) -> ast.Call | None:
        match node:
            case ast.Subscript(
                value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"), slice=ast.Tuple(elts=parts)
            ):
                return next((call for part in parts if (call := self._call(part)) is not None), None)
        return self._call(node)

    def _call(self, node: ast.expr | None) -> ast.Call | None:
        match node:
            case ast.Call(func=ast.Name(id=kind)) if kind in KINDS and kind not in self._foreign:
                return node
            case ast.Call(func=ast.Attribute(value=ast.Name(id=package), attr=kind)) if (
                package in self._packages and kind in KINDS
            ):
                return node
        return None

    def _first_inside(self, statement: ast.AST) -> _Declaration | None:
        found = (self._declaration(node) for node in ast.walk(statement))
        return next((declaration for declaration in found if declaration is not None), None)

    def _refuse_inside(self, statement: ast.AST) -> None:
        declaration = self._first_inside(statement)
        if declaration is not None:
            place = _PLACES.get(type(statement), "an expression")
            raise CellError(
                f"{ast.unparse(declaration.target)} (line {declaration.target.lineno}): a range cannot be "
                f"declared inside {place}; declare it at the top level of the cell, or under an if "
                "that compares a parameter"
            )

    def _declare(self, statement: ast.stmt, declaration: _Declaration, where: Where) -> None:
        line = statement.lineno
        if not isinstance(declaration.target, ast.Name):
            raise CellError(
                f"{ast.unparse(declaration.target)} (line {line}): only a plain name can be a parameter; "
                "declare lr: Float(...), then assign it"
            )
        name = declaration.target.id
        culprit = f"{name} (line {line})"
        if name in GIVEN:
            raise CellError(f"{culprit}: this name is what every trial is given; use another")
        if isinstance(where, str):
            raise CellError(f"{culprit}: {where}")
        parameter = self._parameter(declaration, culprit)
        if name in self.parameters:
            where = self._merged(name, parameter, where, culprit)
        self.parameters[name] = parameter
        self._where[name] = where
        self._lines[name] = line
        self.spans.append((statement, name))

    def _parameter(self, declaration: _Declaration, culprit: str) -> Parameter:
        call = declaration.call
        kind = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        names = [keyword.arg for keyword in call.keywords]
        if None in names or any(isinstance(argument, ast.Starred) for argument in call.args):
            raise CellError(f"{culprit}: * and ** cannot be read here; write {_SIGNATURES[kind]}")
        arguments = [self._value(argument, culprit) for argument in call.args]
        keywords = {str(k.arg): self._value(k.value, culprit) for k in call.keywords}
        try:
            parameter = KINDS[kind](*arguments, **keywords)
        except SpaceError as error:
            raise SpaceError(f"{culprit}: {str(error).removeprefix(f'{kind}: ')}") from None
        except TypeError as error:
            complaint = str(error).replace(f"{kind}.__init__()", kind)
            raise CellError(f"{culprit}: {complaint}; write {_SIGNATURES[kind]}") from None
        if declaration.value is None:
            return parameter
        default: Any = self._value(declaration.value, culprit)
        return with_default(parameter, default, culprit)

    def _merged(
        self, name: str, parameter: Parameter, where: dict[str, tuple[Scalar, ...]], culprit: str
    ) -> dict[str, tuple[Scalar, ...]]:
        """One set of conditions for a name declared in two branches that exclude each other."""
        before, first = self._where[name], self._lines[name]
        differing = [parent for parent in before if before[parent] != where.get(parent)]
        if before.keys() != where.keys() or len(differing) != 1:
            raise CellError(f"{culprit}: already declared on line {first}; rename one")
        parent = differing[0]
        if set(before[parent]) & set(where[parent]):
            raise CellError(f"{culprit}: already declared on line {first}; rename one")
        if parameter != self.parameters[name]:
            raise CellError(
                f"{culprit}: line {first} declares it with another range or default; "
                "use the same in both branches, or two names"
            )
        both = (*before[parent], *where[parent])
        return {**where, parent: tuple(v for v in _values(self.parameters[parent]) if v in both)}

    # conditions

    def _split(self, test: ast.expr, where: Where) -> tuple[Where, Where]:
        """What holds in the body and in the else of `if test`, inside a block where `where` holds."""
        if isinstance(where, str):
            return where, where
        parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
        if len(self._subjects(test)) == 1:
            parts = [test]
        holds: Where = where
        fails: Where = where
        for part in parts:
            parent, values, others = self._cases(part)
            if not parent:
                return values, values
            holds = _both(holds, parent, values, f"{ast.unparse(part)} never holds here")
            fails = _both(where, parent, others, f"{ast.unparse(part)} always holds here")
        if len(parts) > 1:
            fails = f"the else of `{ast.unparse(test)}` compares two parameters; nest two ifs instead"
        return holds, fails

    def _subjects(self, test: ast.expr) -> list[str]:
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        return sorted(names & set(self.parameters))

    def _cases(self, test: ast.expr) -> tuple[str, Any, tuple[Scalar, ...]]:
        """(parent, values with which `test` holds, values with which it fails), or ("", why not, ())."""
        subjects = self._subjects(test)
        if len(subjects) != 1:
            return "", f"`if {ast.unparse(test)}` must compare one parameter declared above it", ()
        parent = subjects[0]
        parameter = self.parameters[parent]
        if parameter.cells is None or parameter.cells > MAX_CONDITION_VALUES or isinstance(parameter, Float):
            return (
                "",
                f"`if {ast.unparse(test)}`: {parent} has too many values for a condition; "
                f"use a Categorical, or an Int of at most {MAX_CONDITION_VALUES} values",
                (),
            )
        values = _values(parameter)
        try:
            outcomes = [bool(_evaluate(test, self._look_up, {parent: value})) for value in values]
        except _NotLiteralError as error:
            return "", f"`if {ast.unparse(test)}`: {error}", ()
        return (
            parent,
            tuple(value for value, outcome in zip(values, outcomes, strict=True) if outcome),
            tuple(value for value, outcome in zip(values, outcomes, strict=True) if not outcome),
        )

    # constants

    def _value(self, node: ast.expr, culprit: str) -> object:
        try:
            return _evaluate(node, self._look_up, {})
        except _NotLiteralError as error:
            raise CellError(f"{culprit}: {error}") from None

    def _look_up(self, name: str) -> object:
        if name in self._known:
            value = self._known[name]
        elif name in self.parameters:
            raise _NotLiteralError(f"{name} is a parameter; a range or default cannot depend on one")
        elif name in self._namespace:
            value = self._namespace[name]
        else:
            raise _NotLiteralError(
                f"{name} is not known here; assign it in a cell above and run that one first"
            )
        if value is _UNKNOWN or not _is_plain(value):
            shown = "computed in this cell" if value is _UNKNOWN else f"of type {type(value).__name__}"
            raise _NotLiteralError(f"{name} is {shown}; ranges take numbers, strings and lists of them")
        return value

    def _remember(self, statement: ast.stmt) -> None:
        """Keep NAME = literal for later ranges; whatever else is bound becomes unknown."""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                self._forget(statement)
                if name not in self.parameters:
                    try:
                        self._known[name] = _evaluate(value, self._look_up, {})
                    except _NotLiteralError:
                        self._known[name] = _UNKNOWN
            case _:
                self._forget(statement)

    def _forget(self, statement: ast.stmt) -> None:
        for name in _bound(statement):
            if name not in self.parameters:
                self._known[name] = _UNKNOWN


_PLACES: dict[type[ast.AST], str] = {
    ast.For: "a for loop",
    ast.AsyncFor: "a for loop",
    ast.While: "a while loop",
    ast.FunctionDef: "a function",
    ast.AsyncFunctionDef: "a function",
    ast.ClassDef: "a class",
    ast.Try: "a try",
    ast.TryStar: "a try",
    ast.With: "a with block",
    ast.AsyncWith: "a with block",
    ast.Match: "a match",
}


_SIGNATURES = {
    "Float": "Float(low, high, log=, reverse_log=, step=, default=)",
    "Int": "Int(low, high, log=, step=, default=)",
    "Categorical": "Categorical([...], ordered=, default=)",
}


def _bound(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.split(".")[0]


def _both(
    where: Where, parent: str, values: tuple[Scalar, ...], otherwise: str
) -> dict[str, tuple[Scalar, ...]] | str:
    """`where` and `parent` in `values`; `otherwise` if nothing is left."""
    if isinstance(where, str):
        return where
    left = tuple(v for v in where.get(parent, values) if v in values)
    return {**where, parent: left} if left else f"{otherwise}: no trial would have it; check the values"


def _values(parameter: Parameter) -> Sequence[Scalar]:
    """Every value of a countable parameter, in order."""
    if isinstance(parameter, Categorical):
        return parameter.choices
    if isinstance(parameter, Int):
        return range(parameter.low, parameter.high + 1, parameter.step)
    raise TypeError(f"{parameter!r} has no list of values")


# literals

_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda item, among: item in among,
    ast.NotIn: lambda item, among: item not in among,
    ast.Is: lambda left, right: left is right,
    ast.IsNot: lambda left, right: left is not right,
}
_MAX_BITS = 4096


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real)


def _is_plain(value: object) -> bool:
    if isinstance(value, (list, tuple, range)):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, str) or _is_number(value)


def _evaluate(node: ast.expr, look_up: Callable[[str], object], bound: Mapping[str, object]) -> Any:
    """The value of a literal expression. Raises _NotLiteralError; runs nothing of the user's."""

    def inner(part: ast.expr) -> Any:
        return _evaluate(part, look_up, bound)

    try:
        match node:
            case ast.Constant(value=value) if _is_plain(value):
                return value
            case ast.Name(id=name):
                return bound[name] if name in bound else look_up(name)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return [inner(part) for part in parts]
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _UNARY:
                return _UNARY[type(op)](inner(operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                return _arithmetic(op, inner(left), inner(right))
            case ast.BoolOp(op=op, values=parts):
                every = isinstance(op, ast.And)
                outcomes = map(inner, parts)
                return all(outcomes) if every else any(outcomes)
            case ast.Compare(left=left, ops=ops, comparators=comparators):
                sides = [inner(part) for part in (left, *comparators)]
                return all(_COMPARE[type(op)](a, b) for op, a, b in zip(ops, sides, sides[1:], strict=False))
    except (TypeError, ValueError, ArithmeticError) as error:
        raise _NotLiteralError(f"{ast.unparse(node)}: {error}") from None
    raise _NotLiteralError(
        f"{ast.unparse(node)} cannot be read before the trials run; use numbers, strings and lists of them, "
        "arithmetic, or a name assigned in a cell above"
    )


def _arithmetic(op: ast.operator, left: Any, right: Any) -> Any:
    lists = isinstance(left, (list, tuple)) and isinstance(right, (list, tuple))
    if lists and isinstance(op, ast.Add):
        return [*left, *right]
    if not _is_number(left) or not _is_number(right):
        raise TypeError("arithmetic here takes numbers only")
    base, exponent = abs(left), abs(right)
    # floats overflow by themselves; whole numbers would grow for hours
    if isinstance(op, ast.Pow) and base > 1 and math.log2(base) * exponent > _MAX_BITS:
        raise OverflowError("the result is too large")
    result = _BINARY[type(op)](left, right)
    if not _is_number(result):
        raise ArithmeticError("the result is not a real number")
    return result


# names


def _names(code: str) -> tuple[set[str], set[str]]:
    """Global names that `code` loads, and those that it binds by assignment or definition."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        top = symtable.symtable(code, "<cell>", "exec")
    loads: set[str] = set()
    assigns: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            reaches_out = table is top or symbol.is_global()
            # in a class body a name may be read from outside before it is bound inside
            if symbol.is_referenced() and (
                reaches_out or (table.get_type() == "class" and not symbol.is_free())
            ):
                loads.add(symbol.get_name())
            if symbol.is_assigned() and reaches_out:
                assigns.add(symbol.get_name())
    return loads, assigns


def _altered(tree: ast.Module) -> set[str]:
    """Names that `x += 1` or `del x` needs to be there, which a symbol table counts as bound only."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.AugAssign(target=ast.Name(id=name)) | ast.Name(id=name, ctx=ast.Del()):
                names.add(name)
    return names


def _is_built_in(name: str, namespace: Mapping[str, Any]) -> bool:
    if not hasattr(builtins, name):
        return False
    own = namespace.get(name, getattr(builtins, name))
    # IPython puts its own open() and exit() into every notebook; trials have Python's
    return own is getattr(builtins, name) or _module_of(own).split(".")[0] == "IPython"


def _module_of(value: object) -> str:
    """The name of the module that `value`, or else its type, comes from."""
    kind = type(value)
    # by type only: a lazy proxy may do anything when asked for an attribute
    home = value if issubclass(kind, (type, FunctionType)) else kind
    module = (
        vars(value).get("__name__") if issubclass(kind, ModuleType) else getattr(home, "__module__", None)
    )
    return module if isinstance(module, str) else ""


def _is_ours(value: object) -> bool:
    return _module_of(value).split(".")[0] == PACKAGE


def _reports(tree: ast.Module, uses: frozenset[str], namespace: Mapping[str, Any]) -> frozenset[str] | None:
    """Metrics that the cell's own report(...) calls name; None if others may come from elsewhere."""
    called: set[ast.expr] = set()
    metrics: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _is_report(node.func):
            called.add(node.func)
            for keyword in node.keywords:
                if keyword.arg is None:
                    return None
                metrics.add(keyword.arg)
    if any(_is_report(node) and node not in called for node in ast.walk(tree)):
        return None
    if _imports_the_unknown(tree) and not metrics:
        return None
    seen: set[int] = set()
    if any(_may_report(namespace[name], namespace, seen) for name in uses if name in namespace):
        return None
    return frozenset(metrics - {"step"})


def _is_report(node: ast.AST) -> bool:
    match node:
        case ast.Name(id="report", ctx=ast.Load()) | ast.Attribute(attr="report", value=ast.Name()):
            return True
    return False


def _imports_the_unknown(tree: ast.Module) -> bool:
    """Whether the cell imports a module of whose contents nothing is known here."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            root = name.split(".")[0]
            if root == PACKAGE or root in sys.stdlib_module_names:
                continue
            module = sys.modules.get(name)
            if module is None or _mentions_us(module):
                return True
    return False


def _mentions_us(module: ModuleType) -> bool:
    return any(_is_ours(value) for value in list(vars(module).values()))


def _may_report(value: object, namespace: Mapping[str, Any], seen: set[int]) -> bool:
    """Whether notebook code reached from `value`, or the module it lives in, could call report()."""
    if id(value) in seen:
        return False
    seen.add(id(value))
    if _is_ours(value):
        return False
    if isinstance(value, ModuleType):
        return _mentions_us(value)
    if isinstance(value, FunctionType):
        module = sys.modules.get(_module_of(value))
        if module is not None and module.__name__ != "__main__" and value.__globals__ is vars(module):
            return _mentions_us(module)
        names = _names_in(value.__code__)
        return "report" in names or any(
            _may_report(namespace[name], namespace, seen) for name in names if name in namespace
        )
    if isinstance(value, type):
        return any(
            _may_report(member, namespace, seen) for member in vars(value).values() if callable(member)
        )
    kind = type(value)
    return _module_of(kind) == "__main__" and _may_report(kind, namespace, seen)


def _names_in(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in(constant)
    return names
