"""Runs notebooks without a browser, each from top to bottom in a kernel of its own.

    python -m notebooks.run quickstart          one notebook, with its progress and its results
    python -m notebooks.run                     all of docs/gallery.md, a line each
    python -m notebooks.run --pictures …        and draws the pictures of the gallery

What a notebook leaves is in `out/NAME/`: NAME.ipynb (executed), NAME.html, and its studies. The exit status
is 0 only if every cell ran and every study ended with all its trials, none of them failed.

A notebook of the gallery should take less than a minute on two idle cores, from the start of its kernel to
the end of its last cell. Where one takes longer its line says so. It does not fail: the machine may be busy.
"""

from __future__ import annotations

import argparse
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

from jupyter_tune.core.study import Study
from jupyter_tune.journal import SUFFIX, holder
from notebooks.pictures import picture
from notebooks.progress import Follower, Ticker, best_in_words, progress
from notebooks.results import shortcoming, summary

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "out"
PICTURES = ROOT / "docs" / "gallery"

GALLERY = (
    "sklearn_pipeline",
    "xgboost_cv",
    "lightning_mnist",
    "transformer_trainer",
    "regex_metrics",
    "three_optimizers",
    "checkpoints_and_resume",
    "compare_studies",
    "warm_start",
    "dask_cluster",
)
"""In the order of docs/gallery.md."""

LOOK_EVERY_S = 0.5
CELL_LIMIT_S = 600
WARN_AFTER_S = 60.0


class Run:
    """One run of a notebook, once `execute` was called.

    Args: source: its file; folder: for what it leaves, emptied first.
    """

    def __init__(self, source: Path, folder: Path):
        self.name = source.stem
        self.folder = folder
        self.notebook = nbformat.read(source, as_version=4)
        self.wall_s = 0.0
        self._follower = Follower(self.folder / "studies")

    @property
    def studies(self) -> list[Study]:
        return self._follower.look_at_all()

    def execute(self, ticker: Ticker | None = None) -> str | None:
        """What is wrong with the run; None if all is well."""
        self._forget_earlier_run()
        begun = time.monotonic()
        error = asyncio.run(self._execute(ticker, begun))
        self.wall_s = time.monotonic() - begun
        self._save()
        if error is not None:
            return f"a cell raised:\n{error}"
        if not self.studies:
            return f"no study was written to {self.folder / 'studies'}"
        problems = (f"{study.name}: {problem}" for study in self.studies if (problem := shortcoming(study)))
        return "; ".join(problems) or None

    async def _execute(self, ticker: Ticker | None, begun: float) -> CellExecutionError | None:
        """Run every cell in a new kernel and show the progress. Returns the error of a cell, if any.

        Raises: what else ends the run. It is no matter of this notebook: a kernel that died, or Ctrl-C, which
            nbclient turns into an error.
        """
        client = NotebookClient(
            self.notebook,
            timeout=CELL_LIMIT_S,
            kernel_name="python3",
            # "auto": kernels that can encrypt warn if they do not; others start without encryption
            config=Config({"KernelManager": {"transport_encryption": "auto"}}),
            resources={"metadata": {"path": str(self.folder)}},
        )
        env = {
            # also figures as html with Plotly inside, for reading the page offline and without JupyterLab
            "PLOTLY_RENDERER": "plotly_mimetype+notebook",
            **os.environ,
            "JUPYTER_TUNE_DIR": str(self.folder / "studies"),
        }
        run = asyncio.ensure_future(client.async_execute(env=env))
        while not run.done():
            await asyncio.wait([run], timeout=LOOK_EVERY_S)
            elapsed_s = time.monotonic() - begun
            if ticker is not None:
                ticker.show(progress(self._follower.look(), elapsed_s), elapsed_s, last=run.done())
        error = run.exception()
        if error is not None and not isinstance(error, CellExecutionError):
            raise error
        return error

    def _forget_earlier_run(self) -> None:
        for journal in self.folder.glob(f"studies/*{SUFFIX}"):
            if holder(journal) is not None:
                sys.exit(
                    f"An earlier run is still writing {journal}; wait for it or stop it, then try again."
                )
        shutil.rmtree(self.folder, ignore_errors=True)
        (self.folder / "studies").mkdir(parents=True)

    def _save(self) -> None:
        nbformat.write(self.notebook, self.folder / f"{self.name}.ipynb")
        html, _ = HTMLExporter().from_notebook_node(self.notebook)
        (self.folder / f"{self.name}.html").write_text(html, encoding="utf-8")

    def line(self) -> str:
        """Name, seconds, trials of all studies, and the best of the last one."""
        studies = self.studies
        trials = sum(len(study.trials) for study in studies)
        best = best_in_words(studies[-1]) if studies else None
        slow = "; more than a minute" if self.wall_s > WARN_AFTER_S else ""
        return f"{self.name:24}{self.wall_s:5.0f} s  {trials:3} trials  {best or 'no best trial'}{slow}"


def _run_of(name: str) -> Run:
    return Run(ROOT / "notebooks" / f"{name}.ipynb", OUT / name)


def run_one(name: str) -> bool:
    """Run it, with its progress and its results."""
    run = _run_of(name)
    problem = run.execute(Ticker())
    print()
    for study in run.studies:
        print("\n".join(summary(study)))
    print(f"whole run      {run.wall_s:.1f} s")
    print(f"written to     {run.folder.relative_to(ROOT)}")
    if problem is not None:
        print(f"\n{name} failed: {problem}", file=sys.stderr)
    return problem is None


def run_each(names: list[str], pictures: Path | None) -> bool:
    """Run them one after the other, a line each. Args: pictures: the folder to draw their pictures into."""
    failed = []
    for name in names:
        run = _run_of(name)
        problem = run.execute()
        print(run.line(), flush=True)
        if problem is not None:
            failed.append(name)
            print(f"{name} failed: {problem}", file=sys.stderr, flush=True)
        elif pictures is not None:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / f"{name}.png").write_bytes(picture(run.notebook))
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return not failed


def main() -> int:
    parser = argparse.ArgumentParser(description="Run notebooks without a browser.")
    known = ("quickstart", *GALLERY)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(known))
    parser.add_argument("--pictures", action="store_true", help="draw each into docs/gallery/NAME.png")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in known]:
        parser.error(f"{unknown[0]!r} is none of {', '.join(known)}")

    if len(asked.names) == 1 and not asked.pictures:
        return 0 if run_one(asked.names[0]) else 1
    return 0 if run_each(asked.names or list(GALLERY), PICTURES if asked.pictures else None) else 1


if __name__ == "__main__":
    sys.exit(main())
