"""A cell's text as a search space and runnable code.

    lr: Float(1e-4, 1e-1, log=True) = 1e-2    ->    lr = trial.params["lr"]

A declaration is an annotation, `Annotated[...]`, or a value that calls Float, Int or
Categorical. It stands at the top level, or under an `if` on an earlier parameter:
then it exists only for the values for which the test holds.

    reader.py          walks the statements and gathers parameters
    declarations.py    which statements declare one
    conditions.py      what an `if` says of the parameters declared under it
    kinds.py           which expressions are ranges, under whatever name
    makers.py          which functions of the notebook make ranges
    known.py           the values of ranges, defaults and conditions
    names.py           what the cell needs from the notebook, binds, and reports
    text.py            the text itself: is it Python, and how a trial runs it

Laws:
- Ranges, defaults and conditions are evaluated here, in the notebook's names; nothing else of the
  cell runs. What depends on the rest of the cell is refused, naming the line.
- A range is declared or refused: nowhere in the cell does one pass unnoticed.
- The transformation is textual and keeps every line number, so tracebacks of trials
  point into the cell as it was written.
- Lines count from 1 in the text given; put a newline first if a magic stood there.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from jupyter_tune.core.space import Space
from jupyter_tune.errors import CellError, OptionError
from jupyter_tune.notebook.cell.declarations import GIVEN
from jupyter_tune.notebook.cell.names import altered, imported, is_built_in, names_of, reported_metrics
from jupyter_tune.notebook.cell.reader import Reader
from jupyter_tune.notebook.cell.text import syntax_tree, with_look_ups


@dataclass(frozen=True)
class Cell:
    """What a %%tune cell says.

    space:        its parameters, in order, with conditions and defaults.
    source, code: the text as written, and as a trial runs it; same line numbers.
    uses:         global names that it loads and that are neither built in nor its parameters:
                  those among them that the notebook has must travel.
    assigns:      global names it binds, parameters and imports left out.
    imports:      names that its imports bind; "*" among them for `from … import *`.
    declarations: (name, line) of every declaration, as written.
    reports:      metrics it reports by keyword; None if that cannot be known from the text.
    unsure:       sentences about what may be a range and cannot be read.
    """

    space: Space
    source: str
    code: str
    uses: frozenset[str]
    assigns: frozenset[str]
    imports: frozenset[str]
    declarations: tuple[tuple[str, int], ...]
    reports: frozenset[str] | None
    unsure: tuple[str, ...] = ()

    def missing(self, namespace: Mapping[str, Any]) -> list[str]:
        """What it uses that neither `namespace` has nor the cell itself brings, as far as the text tells."""
        if "*" in self.imports:
            return []
        return sorted(self.uses - self.assigns - self.imports - namespace.keys())

    def check_metric(self, metric: str) -> None:
        """Raises OptionError if no trial could give `metric`: neither reported nor assigned."""
        if self.reports is None or metric in self.reports or metric in self.assigns:
            return
        close = difflib.get_close_matches(metric, sorted(self.reports | self.assigns), n=1)
        there_are = f"it reports {', '.join(sorted(self.reports))}" if self.reports else "it reports nothing"
        written = f"{metric}=..." if metric.isidentifier() else f"**{{{metric!r}: ...}}"
        way_out = f"did you mean {close[0]}?" if close else f"add report({written}) to the cell"
        raise OptionError(f"metric {metric}: the cell neither reports nor assigns it; {there_are}; {way_out}")


def parse(source: str, namespace: Mapping[str, Any] = MappingProxyType({})) -> Cell:
    """The cell that `source` describes.

    Args:
        source:    the text below the %%tune line.
        namespace: the notebook's variables: ranges are evaluated there, and functions that
                   call report() are found there.

    Raises:
        CellError:  syntax, a magic, no declaration, or one that stands where it cannot.
        SpaceError: a range or default that cannot be; name and line in front.
    """
    # Python's own reading of line ends
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    tree = syntax_tree(text)
    reader = Reader(tree, namespace)
    reader.read(tree.body, {})
    if not reader.parameters:
        raise CellError(
            "no range is declared; write one on the line where a variable is born, "
            "like lr: Float(1e-4, 1e-1, log=True) = 1e-2"
        )
    code = with_look_ups(text, reader.spans)
    parameters = set(reader.parameters)
    loads, assigns = names_of(code)
    loads |= assigns & altered(tree)
    loads -= parameters | GIVEN | reader.kinds.names
    uses = frozenset(name for name in loads if not is_built_in(name, namespace))
    return Cell(
        space=reader.space(),
        source=source,
        code=code,
        uses=uses,
        assigns=frozenset(assigns - parameters),
        imports=frozenset(imported(tree)),
        declarations=tuple((name, node.lineno) for node, name in reader.spans),
        reports=reported_metrics(tree, uses, namespace),
        unsure=tuple(
            f"{call} ({line}): uses ranges, and its text cannot be read; if it makes one, no trial gets a "
            f"value for it: make it in a cell above, LR = {call}, and write lr: LR"
            for call, line in reader.kinds.unsure.items()
        ),
    )
