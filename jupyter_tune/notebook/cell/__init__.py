"""Reads the text of a cell: its search space, and its code as a trial runs it.

    lr: Float(1e-4, 1e-1, log=True) = 1e-2    ->    lr = trial.params["lr"]

A declaration is an annotation, `Annotated[...]`, or a value that calls Float, Int or Categorical, at the top
level of the cell. Under an `if` on an earlier parameter it declares a conditional parameter.

    reader.py          walks the statements and collects the parameters
    declarations.py    finds the statements that declare a parameter
    conditions.py      turns an `if` into conditions of the parameters under it
    kinds.py           finds the expressions that are ranges
    makers.py          finds the functions of the notebook that create ranges
    evaluator.py       evaluates ranges, defaults and conditions
    names.py           finds the names that the cell uses, binds and reports
    text.py            checks the syntax, and rewrites the text for trials

Laws:
- Ranges, defaults and conditions are evaluated here, with the notebook's variables; nothing else of the cell
  runs. Those that depend on other statements of the cell are an error with the line number.
- Every range in a cell declares a parameter or is an error; none is ignored.
- The text is rewritten without moving lines, so tracebacks of trials point into the cell as written.
- Lines count from 1 in the given text; the caller puts a newline first for the line of a magic.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.errors import CellError, OptionError
from jupyter_tune.notebook.cell.declarations import TRIAL_NAMES
from jupyter_tune.notebook.cell.names import altered, imported, is_built_in, names_of, reported_metrics
from jupyter_tune.notebook.cell.reader import Reader
from jupyter_tune.notebook.cell.text import syntax_tree, with_lookups


@dataclass(frozen=True)
class Cell:
    """A parsed %%tune cell.

    space:        its parameters in order, with conditions and defaults.
    source, code: the text as written, and as a trial runs it; same line numbers.
    uses:         global names that it loads, without built-ins and parameters; those that the notebook
                  defines are sent to the trials.
    assigns:      global names that it binds, without parameters and imports.
    imports:      names that its imports bind; "*" for `from … import *`.
    declarations: (name, line) of every declaration.
    others:       (first line of the text, line number) of every statement that is no declaration.
    reports:      metrics that it reports by keyword; None if the text does not tell.
    unsure:       notices about calls that may create a range but have no readable source.
    """

    space: Space
    source: str
    code: str
    uses: frozenset[str]
    assigns: frozenset[str]
    imports: frozenset[str]
    declarations: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, int], ...]
    reports: frozenset[str] | None
    unsure: tuple[str, ...] = ()

    def missing(self, namespace: Mapping[str, Any]) -> list[str]:
        """Names that it uses and that neither `namespace` nor the cell defines, as far as the text tells."""
        if "*" in self.imports:
            return []
        return sorted(self.uses - self.assigns - self.imports - namespace.keys())

    def check_declarations_only(self) -> None:
        """Raises CellError naming a statement that is no declaration."""
        for text, line in self.others:
            raise CellError(
                f"line {line}: {text}: a cell with --command has only declarations, and the command does the "
                "rest; move it to a cell above, or leave --command out"
            )

    def check_metric(self, metric: str) -> None:
        """Raises OptionError if the cell neither reports nor assigns `metric`."""
        if self.reports is None or metric in self.reports or metric in self.assigns:
            return
        # a constraint names parameters too
        names = self.reports | self.assigns | ({*self.space} - {metric})
        close = difflib.get_close_matches(metric, sorted(names), n=1)
        there_are = f"it reports {', '.join(sorted(self.reports))}" if self.reports else "it reports nothing"
        written = f"{metric}=..." if metric.isidentifier() else f"**{{{metric!r}: ...}}"
        way_out = f"did you mean {close[0]}?" if close else f"add report({written}) to the cell"
        raise OptionError(f"metric {metric}: the cell neither reports nor assigns it; {there_are}; {way_out}")


def parse(source: str, namespace: Mapping[str, Any] = MappingProxyType({})) -> Cell:
    """Parse the text of a cell.

    Args:
        source:    the text below the %%tune line.
        namespace: the notebook's variables, used to evaluate ranges and to find functions that call
                   report().

    Raises:
        CellError:  a syntax error, a magic, no declaration, or one in the wrong place.
        SpaceError: an invalid range or default; the message begins with name and line.
    """
    # as Python reads line ends
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = syntax_tree(text)
    reader = Reader(tree, namespace)
    reader.read(tree.body, {})
    if not reader.parameters:
        raise CellError(
            "no range is declared; write one on the line where a variable is born, "
            "like lr: Float(1e-4, 1e-1, log=True) = 1e-2"
        )
    code = with_lookups(text, reader.spans)
    parameters = set(reader.parameters)
    loads, assigns = names_of(code)
    loads |= assigns & altered(tree)
    loads -= parameters | TRIAL_NAMES | reader.kinds.names
    uses = frozenset(name for name in loads if not is_built_in(name, namespace))
    return Cell(
        space=reader.space(),
        source=source,
        code=code,
        uses=uses,
        assigns=frozenset(assigns - parameters),
        imports=frozenset(imported(tree)),
        declarations=tuple((name, node.lineno) for node, name in reader.spans),
        others=tuple((ast.unparse(node).partition("\n")[0], node.lineno) for node in reader.others),
        reports=reported_metrics(tree, uses, namespace),
        unsure=tuple(
            f"{call} ({line}): uses ranges, and its source cannot be read; if it creates a range, it has no "
            f"effect here: create it in a cell above, LR = {call}, and write lr: LR"
            for call, line in reader.kinds.unsure.items()
        ),
    )
