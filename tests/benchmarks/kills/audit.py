"""What must hold of a study that was struck: its journal against the ledger of its trials.

lost            each acknowledged report is in the journal, and on the curve if its attempt is the last
twice           no report and no start is recorded twice; no attempt and no trial ends twice
could not go on the study is at its end; it has as many trials as it should; each is complete, or failed
                for want of further attempts
checkpoints     no attempt begins before the step that an earlier one had saved
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from jupyter_tune.core.events import Record, TrialEnded, TrialReported, TrialStarted
from jupyter_tune.core.retries import CRASH, further_attempts
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import COMPLETE, FAILED, LOST
from tests.benchmarks.kills.ledger import BEGAN, SAVED, Line, acknowledged

LOST_REPORT, TWICE, STUCK, CHECKPOINT, LEFT = (
    "acknowledged reports lost",
    "facts counted twice",
    "studies that could not go on",
    "checkpoints not gone on from",
    "processes left",
)
KINDS = (LOST_REPORT, LEFT, STUCK, TWICE, CHECKPOINT)


@dataclass(frozen=True)
class Violation:
    kind: str
    text: str


def audit(lines: Sequence[Line], records: Sequence[Record], trials: int) -> list[Violation]:
    """All that is wrong with a study that should have run `trials` trials to its end."""
    if not records:
        return [Violation(STUCK, "the study has no journal")]
    study = Study.fold(records)
    return [
        *(Violation(LOST_REPORT, text) for text in _lost(lines, records, study)),
        *(Violation(TWICE, text) for text in _twice(records)),
        *(Violation(STUCK, text) for text in _stuck(records, study, trials)),
        *(Violation(CHECKPOINT, text) for text in _not_gone_on_from(lines)),
    ]


def _lost(lines: Sequence[Line], records: Sequence[Record], study: Study) -> Iterator[str]:
    events = [record.event for record in records]
    attempts = {(e.number, e.pid): e.attempt for e in events if isinstance(e, TrialStarted)}
    reports = {(e.number, e.attempt, e.step): e.metrics for e in events if isinstance(e, TrialReported)}
    for line in acknowledged(lines):
        attempt = attempts.get((line.number, line.pid))
        what = f"trial {line.number}, attempt {attempt}, step {line.step}"
        found = reports.get((line.number, attempt or 0, line.step), {}).get("score")
        if found != line.score:
            yield f"{what}: {line.score} was acknowledged, the journal has {found}"
        trial = study.trials.get(line.number)
        if trial is None or (trial.attempt == attempt and trial.curve.get(line.step) != line.score):
            yield f"{what}: {line.score} was acknowledged, and is not on the trial's curve"


def _twice(records: Sequence[Record]) -> Iterator[str]:
    facts: Counter[tuple[str, ...]] = Counter()
    for record in records:
        match record.event:
            case TrialReported(number=number, attempt=attempt, step=step):
                facts["report of", f"trial {number}", f"attempt {attempt}", f"step {step}"] += 1
            case TrialStarted(number=number, attempt=attempt):
                facts["start of", f"trial {number}", f"attempt {attempt}"] += 1
            case TrialEnded(number=number, attempt=attempt, state=state):
                facts["end of", f"trial {number}", f"attempt {attempt}"] += 1
                if state == COMPLETE:
                    facts["outcome of", f"trial {number}"] += 1
    for fact, count in facts.items():
        if count > 1:
            yield f"{' '.join(fact)} is recorded {count} times"


def _stuck(records: Sequence[Record], study: Study, trials: int) -> Iterator[str]:
    if not study.is_ended:
        yield f"it did not end: {study.counts}"
    elif study.end_reason != "all trials done":
        yield f"it ended of {study.end_reason!r}"
    if len(study.trials) != trials:
        yield f"{len(study.trials)} trials, not {trials}"
    killed: Counter[int] = Counter()
    for record in records:
        event = record.event
        if isinstance(event, TrialEnded) and (event.state == LOST or event.cause == CRASH):
            killed[event.number] += 1
    allowed = further_attempts(study.settings, LOST)
    for trial in study.trials.values():
        if trial.state != COMPLETE and not (trial.state == FAILED and killed[trial.number] > allowed):
            yield f"trial {trial.number} is {trial.state} ({trial.reason or trial.error})"


def _not_gone_on_from(lines: Sequence[Line]) -> Iterator[str]:
    saved: dict[int, int] = defaultdict(int)
    for line in lines:
        if line.kind == SAVED:
            saved[line.number] = max(saved[line.number], line.step)
        elif line.kind == BEGAN and line.step < saved[line.number]:
            yield f"trial {line.number} began after step {line.step}; step {saved[line.number]} was saved"


def overlaps(lines: Sequence[Line]) -> int:
    """How many attempts still wrote when a later one of the same trial had begun."""
    latest: dict[int, int] = {}
    late: set[tuple[int, int]] = set()
    for line in lines:
        if line.kind == BEGAN:
            latest[line.number] = line.pid
        elif latest.get(line.number) != line.pid:
            late.add((line.number, line.pid))
    return len(late)
