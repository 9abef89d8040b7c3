"""The versions of a study's code, and which of them its results are of.

    version 0           the code that the study began with
    a resume            with other code or data: the next version, or an earlier one that came back
    trials              each has the version that it ran last; trials of different versions are compared
    an edited version   the user has the study go on for new code: trials of earlier versions are no results
                        any more. They count against no budget and no rule, are compared with none and never
                        best; what was found is known to the sampler as a prior.

Live trials that have started are cancelled when the code was edited: nothing of one attempt mixes with that
of another code. Those that have not started run the new code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jupyter_tune.core.events import CodeChanged, StudyOpened, TrialEnded
from jupyter_tune.core.trial import CANCELLED

if TYPE_CHECKING:
    from jupyter_tune.core.study import Study

STATEMENTS = "statements"
"""What an origin calls the hash of what its cell or function executes."""

EDITED = "its code was edited"
"""Why a trial of earlier code ended."""


@dataclass(frozen=True, slots=True)
class Code:
    """A version of a study's code.

    `origin`: its text, versions of libraries, hashes; `changed`: what is another one than in the version
    before, a phrase for each; `edited`: earlier versions' trials are no results since.
    """

    version: int
    origin: Mapping[str, Any]
    changed: tuple[str, ...] = ()
    edited: bool = False

    def __repr__(self) -> str:
        what = f": {', '.join(self.changed)} changed" if self.changed else ""
        return f"<code version {self.version}{what}>\n{self.text}"

    @property
    def text(self) -> str:
        """The cell, the function's source, or the command."""
        return str(self.origin.get("source") or self.origin.get("text") or "")


class Codes:
    """The part of the fold that knows the versions.

    Attributes: `codes`: version -> code; `code`: the present version.
    """

    def __init__(self, opened: StudyOpened):
        # only ever replaced, so that snapshots share it
        self.codes: Mapping[int, Code] = {0: Code(0, opened.origin)}
        self.code = 0

    @property
    def origin(self) -> Mapping[str, Any]:
        """Where the present code comes from, see StudyOpened."""
        return self.codes[self.code].origin

    # the fold

    def _change_code(self, event: CodeChanged) -> None:
        code = Code(event.version, event.origin, tuple(event.changed), event.edited)
        self.codes = {**self.codes, event.version: code}
        self.code = event.version


def change_of_code(study: Study, origin: Mapping[str, Any], *, edited: bool) -> CodeChanged | None:
    """What is recorded when `study` goes on with the code of `origin`; None if it is the same as now.

    Args: edited: trials of earlier code are no results any more.
    """
    changed = changes(study.origin, origin)
    if not (changed or edited):
        return None
    known = None if edited else _version_of(study, origin)
    return CodeChanged(max(study.codes) + 1 if known is None else known, dict(origin), changed, edited)


def change_in_words(study: Study, change: CodeChanged) -> str:
    """What it means that `study` goes on so, for its user."""
    what = ", ".join(change.changed) or "nothing that is compared"
    if change.edited:
        kept = study.spent + study.added
        return (
            f"The study goes on for version {change.version} of its code (changed: {what}). Its {kept} "
            "earlier trials are no results any more: they guide the search, and the best of them runs first."
        )
    back = " again" if change.version in study.codes else ""
    return (
        f"The code has changed ({what}): further trials run version {change.version} of it{back}, and are "
        f"compared with those that ran version {study.code}; study.code_of(trial) shows which. To have the "
        "earlier trials guide the search and no longer count, resume with --edited (edited=True)."
    )


def _version_of(study: Study, origin: Mapping[str, Any]) -> int | None:
    """The version that this code had before, among those that count."""
    same = [
        version
        for version, code in study.codes.items()
        if version >= study.first_code and not changes(code.origin, origin)
    ]
    return max(same, default=None)


def ended_by(study: Study, change: CodeChanged) -> Iterator[TrialEnded]:
    """What ends the trials that have started, when another driver takes the study over with edited code."""
    if change.edited:
        for trial in study.live:
            if trial.attempt:
                yield TrialEnded(trial.number, trial.attempt + 1, CANCELLED, reason=EDITED)


def changes(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """What of a study's code and data is another one `now` than by its origin `then`, a phrase for each.

    Functions and data are compared where both origins have their hashes, made by the same Python.
    """
    changed: list[str] = []
    if _minor(then) == _minor(now):
        changed = _differing(then, now, "code")
    # a function is among them, unless it has no name of its own there
    if has_other_code(then, now) and (now.get("kind") == "cell" or not changed):
        changed.insert(0, f"the {now.get('kind', 'code')} itself")
    return changed + [f"the data {name}" for name in _differing(then, now, "data")]


def _differing(then: Mapping[str, Any], now: Mapping[str, Any], key: str) -> list[str]:
    before, after = then.get(key, {}), now.get(key, {})
    return [name for name in after if name in before and before[name] != after[name]]


def has_other_code(then: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether the code of a study differs between its origin `then` and `now`; False if either lacks it.

    By the hash of its statements where both have one, made by the same Python: then ranges and comments make
    no difference.
    """
    has_hashes = STATEMENTS in then and STATEMENTS in now and _minor(then) == _minor(now)
    keys = (STATEMENTS, "command") if has_hashes else ("text", "source", "command")
    return any(key in then and key in now and _code(then, key) != _code(now, key) for key in keys)


def _minor(origin: Mapping[str, Any]) -> str:
    return str(origin.get("python", "")).rpartition(".")[0]


def _code(origin: Mapping[str, Any], key: str) -> str:
    text = str(origin[key])
    # of a cell without the line of its options
    is_cell = key == "text" and origin.get("kind") == "cell"
    return text.partition("\n")[2].strip() if is_cell else text.strip()
