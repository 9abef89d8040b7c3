"""A cell that is run again under the name of a study that exists: the state of that study, and what to do.

The cell starts nothing. It prints the ways on (`ways_on`); two of them are buttons of the study's dashboard
too: to replace the study, or to start another one beside it (`Instead`).
"""

from __future__ import annotations

import contextvars
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields

from jupyter_tune import journal
from jupyter_tune.client.handle import StudyHandle
from jupyter_tune.core.codes import has_other_code
from jupyter_tune.core.resuming import other_search
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.study import Study
from jupyter_tune.launch.option import MAGIC
from jupyter_tune.launch.options import read_options
from jupyter_tune.launch.plan import Plan
from jupyter_tune.launch.recipes import Recipe


@dataclass(frozen=True)
class Instead:
    """The study that the cell would start if there were none of its name.

    recipe: how it is started. begin: starts a plan, and binds the study in the notebook.
    """

    recipe: Recipe
    begin: Callable[[Plan], StudyHandle]
    # what a thread prints and displays goes to the cell
    _cell: contextvars.Context = field(default_factory=contextvars.copy_context)

    @property
    def free_name(self) -> str:
        """A name that no study has: toy-2 for a second one of toy."""
        plan = self.recipe.lean
        stem, number = re.fullmatch(r"(.+?)(?:-(\d+))?", plan.name, re.DOTALL).groups()  # type: ignore[union-attr]
        names = (f"{stem}-{count}" for count in itertools.count(max(2, int(number or 1) + 1)))
        return next(name for name in names if not journal.is_taken(plan.folder / f"{name}{journal.SUFFIX}"))

    def replace(self) -> StudyHandle:
        """The study in place of the earlier one, whose file is kept under a dated name. Raises TuneError."""
        return self._begin(overwrite=True)

    def under(self, name: str) -> StudyHandle:
        """The study under another name. Raises TuneError, also for a name that a study has."""
        return self._begin(name=read_options({"name": name}, MAGIC)["name"])

    def _begin(self, **changes: object) -> StudyHandle:
        return self._cell.copy().run(self.begin, self.recipe.plan(**changes))

    def is_edited(self, study: Study) -> bool:
        """Whether the cell has other code than `study`, and can go on with it."""
        plan = self.recipe.lean
        is_same_search = not other_search(study, plan.space.encoded, plan.settings)
        return is_same_search and has_other_code(study.origin, plan.origin)

    def display(self, show: Callable[[], object]) -> None:
        """Call `show`, whose output is the cell's."""
        self._cell.copy().run(show)


def is_in_the_way(plan: Plan) -> bool:
    """Whether `plan` is to begin a study where there is one of its name. Raises JournalError for a file that
    is no study."""
    if plan.resume or plan.overwrite:
        return False
    journal.require_a_file(plan.path)
    return journal.is_taken(plan.path)


def can_go_on_with(handle: StudyHandle, plan: Plan) -> bool:
    """Whether the study could go on with the cell of `plan`."""
    return not other_search(handle.snapshot(), plan.space.encoded, plan.settings)


def ways_on(handle: StudyHandle, plan: Plan, variable: str) -> list[str]:
    """The lines to print; `variable` is the one that the study is bound to."""
    study = handle.snapshot()
    reason = f" ({study.end_reason})" if study.end_reason else ""
    lines = [
        f"Study {handle.name!r} exists already and is {handle.state}{reason}: nothing was started. "
        f"It is shown here and bound to {variable!r}."
    ]
    other = other_search(study, plan.space.encoded, plan.settings)
    if other:
        lines.append(f"This cell is a different search: {'; '.join(other)}. It cannot resume that study.")
    else:
        changed = _changed_options(study, plan.settings)
        if has_other_code(study.origin, plan.origin):
            changed.append("its code has changed")
        if changed:
            lines.append(f"This cell differs from it: {'; '.join(changed)}.")
        if handle.is_over and has_other_code(study.origin, plan.origin):
            lines.append(
                "To have its trials guide the search for the edited code, and no longer count: run the cell "
                "with --resume --edited."
            )
        if handle.is_over:
            lines.append(
                f"To go on with it: {variable}.resume(), {variable}.resume(trials=20) for 20 more, or run "
                "the cell with --resume."
            )
        else:
            lines.append(f"It is still running; {variable}.stop() ends it.")
    lines.append(
        "To replace it: run the cell with --overwrite; its file is kept under a dated name. "
        "To keep both: give another --name."
    )
    return lines


def _changed_options(study: Study, settings: Settings) -> list[str]:
    return [
        f"{field.name} {getattr(settings, field.name)}, in the study {getattr(study.settings, field.name)}"
        for field in fields(Settings)
        if getattr(settings, field.name) != getattr(study.settings, field.name)
    ]
