"""A study on a cluster that keeps the files of its best trials: elsewhere too they are removed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from distributed import LocalCluster

from jupyter_tune.core.events import FilesRemoved, StudyOpened, TrialEnded, TrialStarted
from jupyter_tune.core.parameters import Float
from jupyter_tune.core.ports import Work
from jupyter_tune.core.settings import Settings
from jupyter_tune.core.space import Space
from jupyter_tune.core.study import Study
from jupyter_tune.driver.loop import StudyLoop
from jupyter_tune.driver.sampler_thread import SamplerThread
from jupyter_tune.journal import Journal
from jupyter_tune.payload.packing import pack
from jupyter_tune.trials.artifacts import artifacts_of
from jupyter_tune.trials.files import files_in, removable_places, removed_folder, size_of, trial_folder
from tests.dask_clusters import executor_on, local_cluster
from tests.driver.scripted import Listener
from tests.processes import wait_until
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook")

SIZE, KEEP, TRIALS, WORKERS = 300_000, 2, 10, 2
TRAIN = f"""
import os, pathlib, time
state = trial.checkpoint_dir / "state"
was = state.exists()
state.write_bytes(bytes({SIZE}))
weights = pathlib.Path("weights-%d" % trial.number)
weights.write_bytes(bytes([trial.number]) * {SIZE})
trial.save_artifact(weights, name="weights")
weights.unlink()
for step in range(1, 4):
    report(score=trial.params["x"], went_on=float(was), step=step)
    time.sleep(600 if trial.number == 3 and not was else 0.1)
"""


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[LocalCluster]:
    """Two workers whose own folders are in tmp_path / "workers"."""
    with local_cluster(WORKERS, local_directory=str(tmp_path / "workers")) as started:
        yield started


@pytest.mark.parametrize("shares_files", [True, False])
async def test_the_best_alone_keep_files_though_a_worker_dies(
    pair: LocalCluster, tmp_path: Path, shares_files: bool
) -> None:
    files = tmp_path / "s.tune.files"
    settings = Settings("score", trials=TRIALS, workers=WORKERS, sampler="random", pruner="none", keep=KEEP)
    opened = StudyOpened("s", Space(x=Float(0.0, 1.0)), settings)
    journal = Journal.create(tmp_path / "s.tune.db", opened, 0.0)
    packed = pack(cell(TRAIN), tmp_path / "payload")
    work = Work(str(packed.path), str(files), "score", {"cwd": str(tmp_path), "grace_s": 0.3})
    executor, listener = executor_on(pair, shares_files=shares_files), Listener()
    study = Study.fold(journal.records())
    loop = StudyLoop(journal, study, executor, work, SamplerThread(), listener)
    watch = asyncio.create_task(_largest(files, tmp_path / "workers"))

    await loop.begin([])
    await listener.until(lambda: bool(study.trials.get(3) and study.trials[3].curve))
    state = Path(trial_folder(str(files), 3)) / "checkpoints/state"
    await asyncio.to_thread(wait_until, lambda: state.exists() and size_of(state.parent) == SIZE, "its state")
    started = next(
        record.event
        for record in listener.records
        if isinstance(record.event, TrialStarted) and record.event.number == 3
    )
    assert started.pid is not None
    _worker_of(started.pid).kill()
    await listener.until(lambda: study.is_ended)
    watch.cancel()

    lost = [r.event for r in listener.records if isinstance(r.event, TrialEnded) and r.event.state == "lost"]
    assert (3, 1) in {(each.number, each.attempt) for each in lost}
    assert study.trials[3].metrics["went_on"] == 1, "the next attempt has the checkpoint of the lost one"
    assert [trial.state for trial in study.trials.values()] == ["complete"] * TRIALS

    best = {trial.number for trial in study.ranked[:KEEP]}
    kept = {int(each.name) for each in (files / "trials").iterdir() if removable_places(each)}
    assert kept == best
    for number in best:
        trial, folder = study.trials[number], trial_folder(str(files), number)
        found = artifacts_of(folder, range(trial.since, trial.attempt + 1))
        assert found["weights"].read_bytes() == bytes([number]) * SIZE
        assert size_of(folder / "checkpoints") == SIZE
    assert not removed_folder(str(files)).exists()
    assert not list(files.rglob(".arriving")), "what had arrived of the dead worker in part"
    gone = [r.event for r in listener.records if isinstance(r.event, FilesRemoved)]
    assert sorted(number for each in gone for number in each.trials) == sorted(set(study.trials) - best)
    here, there = _PEAK
    # the best, those that run, one that has just ended for each of these, and what is being removed
    assert here <= 2 * SIZE * (KEEP + 3 * WORKERS)
    assert there <= 2 * SIZE * 3, "nor does the disk of a worker hold the files of all its trials"
    if not shares_files:
        assert there > 0
    await loop.close()
    workers = tmp_path / "workers"
    await asyncio.to_thread(wait_until, lambda: not _on_workers(workers), "workers without files of trials")


_PEAK = [0, 0]


async def _largest(files: Path, workers: Path) -> None:
    """Keeps in _PEAK the most bytes that the trials have had in the study's folder, and on one worker."""
    _PEAK[:] = [0, 0]
    while True:
        _PEAK[:] = [max(_PEAK[0], size_of(files)), max([_PEAK[1], *_on_workers(workers).values()])]
        await asyncio.sleep(0.02)


def _on_workers(workers: Path) -> dict[str, int]:
    """The bytes of trials' files in the folder of each worker that has any."""
    sizes: dict[str, int] = {}
    for path, size in files_in(workers):
        host, *inside = path.relative_to(workers).parts[1:]
        if {"trials", "removed"} & {*inside}:
            sizes[host] = sizes.get(host, 0) + size
    return sizes


def _worker_of(trial: int) -> psutil.Process:
    """The worker's process above a trial: its supervisor's parent."""
    supervisor = psutil.Process(trial).parent()
    assert supervisor is not None
    worker = supervisor.parent()
    assert worker is not None
    return worker
