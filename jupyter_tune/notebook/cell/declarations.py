"""Finds the statements of a cell that declare a parameter.

    lr: Float(...) = 1e-2    lr: Annotated[float, Float(...)] = 1e-2    lr = Float(...)

A range anywhere else is an error, because it would have no effect.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jupyter_tune.core.parameters import Parameter, with_default
from jupyter_tune.errors import CellError, SpaceError
from jupyter_tune.notebook.cell.kinds import KINDS, Kinds, Range

TRIAL_NAMES = frozenset({"report", "trial"})
"""Names that the trial defines for its cell."""

_SIGNATURES = {
    "Float": "Float(low, high, log=, reverse_log=, step=, default=)",
    "Int": "Int(low, high, log=, step=, default=)",
    "Categorical": "Categorical([...], ordered=, default=)",
}


@dataclass(frozen=True)
class Declaration:
    """A declaration.

    target:   the name of the parameter, as an expression.
    declared: its range.
    kind:     Float, Int or Categorical.
    value:    the expression of its default, if given.
    """

    target: ast.expr
    declared: Range
    kind: str
    value: ast.expr | None

    def parameter(self, value_of: Callable[[ast.expr], Any], culprit: str) -> Parameter:
        """The declared parameter.

        Args:
            value_of: evaluates an expression.
            culprit:  the beginning of error messages.

        Raises: CellError, SpaceError.
        """
        parameter = (
            self._written(self.declared, value_of, culprit)
            if isinstance(self.declared, ast.Call)
            else self.declared
        )
        return parameter if self.value is None else with_default(parameter, value_of(self.value), culprit)

    def _written(self, call: ast.Call, value_of: Callable[[ast.expr], Any], culprit: str) -> Parameter:
        # one tuple and one dict, so that * and ** work as in the call
        keys = [None if keyword.arg is None else ast.Constant(keyword.arg) for keyword in call.keywords]
        arguments = value_of(ast.Tuple(call.args, ast.Load()))
        keywords = value_of(ast.Dict([*keys], [keyword.value for keyword in call.keywords]))
        try:
            return KINDS[self.kind](*arguments, **keywords)
        except SpaceError as error:
            raise SpaceError(f"{culprit}: {str(error).removeprefix(f'{self.kind}: ')}") from None
        except TypeError as error:
            complaint = str(error).replace(f"{self.kind}.__init__()", self.kind)
            raise CellError(f"{culprit}: {complaint}; write {_SIGNATURES[self.kind]}") from None


class Declarations:
    """Finds the declarations of a cell."""

    def __init__(self, kinds: Kinds):
        self._kinds = kinds

    def of(self, node: ast.stmt) -> Declaration | None:
        """The declaration that this statement is, if any. Raises CellError for a malformed one."""
        match node:
            case ast.AnnAssign():
                if (declared := self._annotated(node)) is not None:
                    return self._declaration(node.target, declared, node.value)
                bare = self._kinds.kind(node.annotation)
                if bare is not None:
                    raise CellError(
                        f"{ast.unparse(node.target)} (line {node.lineno}): {bare} has no range; "
                        f"write {_SIGNATURES[bare]}"
                    )
                for called in (node.annotation, node.value):
                    is_annotation = called is node.annotation
                    if called and (
                        self._kinds.makes(called) or (is_annotation and self._kinds.calls_notebook(called))
                    ):
                        raise _maker_error(called, ast.unparse(node.target))
                if (declared := self._kinds.range(node.value)) is not None:
                    self._refuse(node.annotation, node)
                    return self._declaration(node.target, declared, None)
            case ast.Assign():
                if (declared := self._kinds.range(node.value)) is not None:
                    if len(node.targets) > 1:
                        raise CellError(
                            f"{ast.unparse(node.targets[0])} (line {node.lineno}): a range belongs to one "
                            "name; give every parameter its own line"
                        )
                    return self._declaration(node.targets[0], declared, None)
                if self._kinds.makes(node.value):
                    raise _maker_error(node.value, ast.unparse(node.targets[0]))
        return None

    def are_inside(self, statement: ast.AST) -> bool:
        """Whether `statement` contains ranges, at any depth."""
        if next(self._kinds.stray(statement), None) is not None:
            return True
        return any(
            self.of(node) for node in ast.walk(statement) if isinstance(node, (ast.AnnAssign, ast.Assign))
        )

    def refuse_inside(self, statement: ast.AST) -> None:
        """Raises CellError if `statement`, which cannot declare anything, contains a range."""
        self._refuse(statement, statement)

    def _refuse(self, node: ast.AST, statement: ast.AST) -> None:
        for mention, place in self._kinds.stray(node):
            written = ast.unparse(mention)
            culprit = _target_of(mention, statement) or written
            if self._kinds.kind(mention) is not None:
                raise CellError(
                    f"{written} (line {mention.lineno}): has no meaning in a trial except to declare a "
                    f"range; write lr: {_SIGNATURES[self._kinds.kind(mention) or '']} on a line of its own"
                )
            if self._kinds.makes(mention) or self._kinds.calls_notebook(mention):
                raise _maker_error(mention, culprit)
            if self._kinds.range(mention) is None:
                raise CellError(
                    f"{written} (line {mention.lineno}): has ranges in it, for which a trial has no values; "
                    f"declare each on a line of its own, like lr: {written}[...], and use lr here"
                )
            raise CellError(
                f"{culprit} (line {mention.lineno}): a range cannot be declared inside {place}; declare it "
                f"on a line of its own, like lr: {written}, at the top level of the cell or under an if that "
                "compares a parameter, and use lr here"
            )

    def _declaration(self, target: ast.expr, declared: Range, value: ast.expr | None) -> Declaration:
        if value is not None and self._kinds.range(value) is not None:
            raise CellError(
                f"{ast.unparse(target)} (line {target.lineno}): its default is another range; keep one"
            )
        kind = self._kinds.kind(declared.func) if isinstance(declared, ast.Call) else None
        return Declaration(target, declared, kind or type(declared).__name__, value)

    def _annotated(self, node: ast.AnnAssign) -> Range | None:
        match node.annotation:
            case ast.Subscript(
                value=ast.Name(id="Annotated") | ast.Attribute(attr="Annotated"), slice=ast.Tuple(elts=parts)
            ):
                found = [declared for part in parts if (declared := self._kinds.range(part)) is not None]
                if len(found) > 1:
                    raise CellError(
                        f"{ast.unparse(node.target)} (line {node.lineno}): has {len(found)} ranges; keep one"
                    )
                return found[0] if found else None
        return self._kinds.range(node.annotation)


def _maker_error(call: ast.expr, target: str) -> CellError:
    """The error for a call of the notebook's function where it would have to create a range."""
    written = ast.unparse(call)
    name = "lr" if target == written else target
    return CellError(
        f"{target} (line {call.lineno}): {written} is not read as a range; "
        f"make it in a cell above, LR = {written}, and write {name}: LR"
    )


def _target_of(mention: ast.expr, statement: ast.AST) -> str | None:
    """The name that the statement binds to the range `mention`, if any."""
    for node in ast.walk(statement):
        match node:
            case ast.AnnAssign(target=target) if mention in (node.annotation, node.value):
                return ast.unparse(target)
            case ast.Assign(targets=[target]) | ast.NamedExpr(target=target) if mention is node.value:
                return ast.unparse(target)
    return None
