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
import difflib
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, TypeAlias

from jupyter_tune.core.parameters import Categorical, Float, Int, Parameter, Scalar, with_default
from jupyter_tune.core.space import Condition, Space
from jupyter_tune.errors import CellError, OptionError, SpaceError
from jupyter_tune.notebook.literals import NotLiteralError, evaluate, is_plain
from jupyter_tune.notebook.names import PACKAGE, altered, is_built_in, is_ours, names_of, reported_metrics

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
    loads, assigns = names_of(code)
    loads |= assigns & altered(tree)
    loads -= parameters | GIVEN | set(KINDS)
    uses = frozenset(name for name in loads if not is_built_in(name, namespace))
    return Cell(
        space=reader.space(),
        source=source,
        code=code,
        uses=uses,
        assigns=frozenset(assigns - parameters),
        declarations=tuple((name, node.lineno) for node, name in reader.spans),
        reports=reported_metrics(tree, uses, namespace),
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
        self._foreign = {name for name in KINDS if not is_ours(namespace.get(name, Float))}
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
            outcomes = [bool(evaluate(test, self._look_up, {parent: value})) for value in values]
        except NotLiteralError as error:
            return "", f"`if {ast.unparse(test)}`: {error}", ()
        return (
            parent,
            tuple(value for value, outcome in zip(values, outcomes, strict=True) if outcome),
            tuple(value for value, outcome in zip(values, outcomes, strict=True) if not outcome),
        )

    # constants

    def _value(self, node: ast.expr, culprit: str) -> object:
        try:
            return evaluate(node, self._look_up, {})
        except NotLiteralError as error:
            raise CellError(f"{culprit}: {error}") from None

    def _look_up(self, name: str) -> object:
        if name in self._known:
            value = self._known[name]
        elif name in self.parameters:
            raise NotLiteralError(f"{name} is a parameter; a range or default cannot depend on one")
        elif name in self._namespace:
            value = self._namespace[name]
        else:
            raise NotLiteralError(
                f"{name} is not known here; assign it in a cell above and run that one first"
            )
        if value is _UNKNOWN or not is_plain(value):
            shown = "computed in this cell" if value is _UNKNOWN else f"of type {type(value).__name__}"
            raise NotLiteralError(f"{name} is {shown}; ranges take numbers, strings and lists of them")
        return value

    def _remember(self, statement: ast.stmt) -> None:
        """Keep NAME = literal for later ranges; whatever else is bound becomes unknown."""
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.expr() as value):
                self._forget(statement)
                if name not in self.parameters:
                    try:
                        self._known[name] = evaluate(value, self._look_up, {})
                    except NotLiteralError:
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
