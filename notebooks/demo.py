"""Runs quickstart.ipynb without a browser and prints the progress.

Writes `out/quickstart.ipynb` (executed), `out/quickstart.html` and the study's journal,
`out/studies/quickstart.tune.db`. The exit status is 0 only if every cell ran and the study ended
with all its trials, none of them failed.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter
from traitlets.config import Config

from jupyter_tune.core.events import Record
from jupyter_tune.core.study import Study
from jupyter_tune.core.trial import CANCELLED, COMPLETE, FAILED, PRUNED, RUNNING
from jupyter_tune.journal import SUFFIX, files_folder, holder, read_records

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
OUT = ROOT / "out"
JOURNAL = OUT / "studies" / f"quickstart{SUFFIX}"

LOOK_EVERY_S = 0.5
LINE_EVERY_S = 5.0
"""Seconds between lines if the output is not a terminal."""
CELL_LIMIT_S = 600


class Follower:
    """The study in a journal that another process writes; each look reads the new records."""

    def __init__(self, journal: Path):
        self._journal = journal
        self.study: Study | None = None

    def look(self) -> Study | None:
        """The study as recorded so far; None if there is none yet."""
        if not self._journal.exists():
            return None
        records: list[Record] = read_records(self._journal, self.study.seq if self.study else 0)
        if self.study is None:
            self.study = Study.fold(records) if records else None
        else:
            for record in records:
                self.study.apply(record)
        return self.study


def progress(study: Study | None, elapsed_s: float) -> str:
    """One line: time, bar, counts, best value, epochs."""
    clock = f"{int(elapsed_s) // 60}:{int(elapsed_s) % 60:02}"
    if study is None:
        return f"{clock}  starting"
    counts, settings = study.counts, study.settings
    asked = settings.trials or study.spent
    ended = counts[COMPLETE] + counts[PRUNED] + counts[FAILED] + counts[CANCELLED]
    filled = round(10 * ended / max(1, asked))
    parts = [f"{clock}  [{'#' * filled}{'.' * (10 - filled)}] {ended}/{asked} trials"]
    parts += [f"{counts[state]} {state}" for state in (RUNNING, PRUNED, FAILED) if counts[state]]
    if (best := study.best_trial) is not None:
        parts.append(f"best {settings.metric} {best.value:.4f}")
    return ", ".join([*parts, f"{study.steps_done} epochs"])


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


async def execute(notebook: nbformat.NotebookNode, follower: Follower) -> Exception | None:
    """Run every cell in a new kernel and show the study's progress. Returns the error of a cell, if any."""
    client = NotebookClient(
        notebook,
        timeout=CELL_LIMIT_S,
        kernel_name="python3",
        # "auto": kernels that can encrypt warn if they do not; others start without encryption
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    begun, ticker = time.monotonic(), Ticker()
    run = asyncio.ensure_future(client.async_execute())
    while not run.done():
        await asyncio.wait([run], timeout=LOOK_EVERY_S)
        elapsed_s = time.monotonic() - begun
        ticker.show(progress(follower.look(), elapsed_s), elapsed_s, last=run.done())
    error = run.exception()
    if error is not None and not isinstance(error, Exception):
        raise error
    return error


def summary(study: Study) -> list[str]:
    """The results of the study in a few lines."""
    counts, settings = study.counts, study.settings
    lines = []
    if (best := study.best_trial) is not None:
        lines.append(f"best {settings.metric}  {best.value:.4f} (trial {best.number})")
        first = study.trials.get(0)
        if first is not None and first is not best and first.source == "default" and first.value is not None:
            lines[-1] += f"; the defaults: {first.value:.4f}"
        wide = max(map(len, best.params))
        lines += [f"  {name:{wide}}  {_short(value)}" for name, value in best.params.items()]
    states = (COMPLETE, PRUNED, FAILED, CANCELLED)
    lines.append("trials         " + ", ".join(f"{counts[state]} {state}" for state in states))
    if settings.trials and settings.max_steps:
        full = settings.trials * settings.max_steps
        lines.append(
            f"epochs         {study.steps_done}, where {settings.trials} full trainings take {full}: "
            f"{study.steps_done / full:.0%}"
        )
    if study.ended_at is not None:
        lines.append(f"study          {study.ended_at - study.opened_at:.1f} s; ended: {study.end_reason}")
    return lines


def shortcoming(study: Study | None) -> str | None:
    """Why the study is not as the notebook expects it; None if it is."""
    if study is None:
        return f"no study was written to {JOURNAL}"
    if not study.is_ended:
        return "the study has not ended"
    if study.best_trial is None:
        return "no trial is complete"
    if study.counts[FAILED]:
        failed = study.in_state(FAILED)[0]
        return f"{study.counts[FAILED]} trials failed; trial {failed.number}: {failed.error or failed.reason}"
    done = study.counts[COMPLETE] + study.counts[PRUNED]
    if study.settings.trials is not None and done < study.settings.trials:
        return f"only {done} of {study.settings.trials} trials have a result: {study.end_reason}"
    return None


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _forget_earlier_run() -> None:
    if not JOURNAL.parent.exists():
        return
    if holder(JOURNAL) is not None:
        sys.exit(f"An earlier demo is still writing {JOURNAL}; wait for it or stop it, then try again.")
    for path in JOURNAL.parent.glob(f"{JOURNAL.name}*"):
        path.unlink()
    shutil.rmtree(files_folder(JOURNAL), ignore_errors=True)


def main() -> int:
    begun = time.monotonic()
    _forget_earlier_run()
    JOURNAL.parent.mkdir(parents=True, exist_ok=True)
    os.environ["JUPYTER_TUNE_DIR"] = str(JOURNAL.parent)
    # also figures as html with Plotly inside, for reading the page offline and without JupyterLab
    os.environ.setdefault("PLOTLY_RENDERER", "plotly_mimetype+notebook")

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    follower = Follower(JOURNAL)
    error = asyncio.run(execute(notebook, follower))

    executed, page = OUT / "quickstart.ipynb", OUT / "quickstart.html"
    nbformat.write(notebook, executed)
    html, _ = HTMLExporter().from_notebook_node(notebook)
    page.write_text(html, encoding="utf-8")

    study = follower.look()
    print()
    if study is not None:
        print("\n".join(summary(study)))
    print(f"whole run      {time.monotonic() - begun:.1f} s")
    print(f"notebook       {executed.relative_to(ROOT)}")
    print(f"page           {page.relative_to(ROOT)}")
    print(f"journal        {JOURNAL.relative_to(ROOT)}")

    if error is not None:
        what = "A cell raised" if isinstance(error, CellExecutionError) else type(error).__name__
        print(f"\n{what}:\n{error}", file=sys.stderr)
        return 1
    if (problem := shortcoming(study)) is not None:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
