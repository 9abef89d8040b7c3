"""How the study stands that a notebook runs at the moment, in one line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, PRUNED, RUNNING
from jupyter_tune.journal import SUFFIX, read_records

LINE_EVERY_S = 5.0
"""Seconds between lines if the output is not a terminal."""


class Follower:
    """The studies in a folder that another process writes; each look reads the new records of the latest."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._studies: dict[Path, Study] = {}

    def look(self) -> Study | None:
        """The latest study as recorded so far; None if there is none yet."""
        self.look_at_all()
        return next(reversed(self._studies.values()), None)

    def look_at_all(self) -> list[Study]:
        """All studies, in the order in which they were seen first."""
        for journal in sorted(self._folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_ctime):
            known = self._studies.get(journal)
            records: list[Record] = read_records(journal, known.seq if known else 0)
            if known is None:
                if records:
                    self._studies[journal] = Study.fold(records)
                continue
            for record in records:
                known.apply(record)
        return list(self._studies.values())


def progress(study: Study | None, elapsed_s: float) -> str:
    """One line: time, bar, counts, best value, steps."""
    clock = f"{int(elapsed_s) // 60}:{int(elapsed_s) % 60:02}"
    if study is None:
        return f"{clock}  starting"
    counts, settings = study.counts, study.settings
    asked = settings.trials or study.spent
    ended = counts[COMPLETE] + counts[PRUNED] + counts[FAILED] + counts[CANCELLED]
    filled = round(10 * ended / max(1, asked))
    parts = [f"{clock}  [{'#' * filled}{'.' * (10 - filled)}] {ended}/{asked} trials"]
    parts += [f"{counts[state]} {state}" for state in (RUNNING, PRUNED, FAILED) if counts[state]]
    if (best := best_in_words(study)) is not None:
        parts.append(best)
    return ", ".join([*parts, f"{study.steps_done} steps"])


def best_in_words(study: Study) -> str | None:
    """`best accuracy 0.9300`; None while there is none."""
    best = study.best_trial
    return None if best is None else f"best {study.settings.metric} {best.value:.4f}"


class Ticker:
    """Prints the progress: in place on a terminal, otherwise a line every few seconds."""

    def __init__(self) -> None:
        self._in_place = sys.stdout.isatty()
        self._printed_at = -LINE_EVERY_S

    def show(self, line: str, now_s: float, *, last: bool = False) -> None:
        if self._in_place:
            width = shutil.get_terminal_size().columns - 1
            print(f"\r\x1b[K{line[:width]}", end="\n" if last else "", flush=True)
        elif last or now_s - self._printed_at >= LINE_EVERY_S:
            print(line, flush=True)
            self._printed_at = now_s
