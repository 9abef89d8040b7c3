"""The price of a suggestion: CPU seconds of one ask and its tell, in all threads of the tuner's process.

Each tuner is given the same random results of a problem with seven mixed parameters, then they are asked in
turns, so that a busy moment of the machine hits all. Twice: held to one thread, and with each library's own
choice of threads. The first two asks at each size are not counted: what is loaded late is loaded then.
Ratios compare; times move with the machine, and where others work too, threads that wait for each other burn
CPU time in doing so.

    python -m tests.benchmarks.search.cpu          up to 300 results, as `make bench-search` does
    python -m tests.benchmarks.search.cpu many     up to 10,000, with one thread, without Ax; and ours with
                                                    learning curves, stopped by ASHA
"""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import jupyter_tune as jt
from jupyter_tune.core.trial import Trial
from tests.benchmarks.search.environments import CannotInstall
from tests.benchmarks.search.fingerprint import of_suggestions
from tests.benchmarks.search.peer import Peer, PeerDied, Running, start
from tests.benchmarks.search.peers.ours import space_of
from tests.benchmarks.search.results import FOLDER
from tests.benchmarks.search.spaces import check, draw
from tests.benchmarks.search.synthetic import TRAINING_SPACE, training

SIZES = (10, 50, 100, 300)
WARM, ROUNDS = 2, 5
THREADS: dict[str, int | None] = {"one thread": 1, "default threads": None}
PATH = FOLDER / "cpu.json"
MANY = (*SIZES, 1_000, 3_000, 10_000)
MANY_PATH = FOLDER / "cpu-many.json"
LARGEST = {"optuna-gp": 1_000, "botorch": 300, "ax": 300}
"""Results up to which a tuner is asked: beyond that one ask takes minutes."""
STEPS = 27

PEERS = (
    Peer("jupyter_tune", "main", "ours.py", "gp", of_suggestions("gp")),
    Peer("optuna-gp", "optuna", "optuna_study.py", "gp", "optuna 5.0.0"),
    Peer("botorch", "ax", "botorch_gp.py", "", "botorch 0.18.1"),
    Peer("ax", "ax", "ax_client.py", "", "ax 1.3.1"),
    Peer("optuna-tpe", "optuna", "optuna_study.py", "tpe", "optuna 5.0.0"),
)


def measure(
    peers: Sequence[Peer] = PEERS,
    sizes: Sequence[int] = SIZES,
    rounds: int = ROUNDS,
    path: Path = PATH,
    threads: Mapping[str, int | None] = THREADS,
) -> dict[str, Any]:
    """Milliseconds by threads, size and tuner; written to `path` with the circumstances.

    Gives {"at", "cores", "load", "versions", "missing": {tuner: why},
    "cpu_ms" and "wall_ms": {threads: {size: {tuner: ms}}}}.
    """
    missing: dict[str, str] = {}
    result: dict[str, Any] = {
        "at": f"{datetime.datetime.now():%Y-%m-%d %H:%M}",
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "versions": {peer.name: peer.version for peer in peers},
        "missing": missing,
        "cpu_ms": {},
        "wall_ms": {},
    }
    for label, count in threads.items():
        cpu, wall = _measure(peers, sizes, rounds, count, missing)
        result["cpu_ms"][label], result["wall_ms"][label] = cpu, wall
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(result, indent=1))
    return result


def _measure(
    peers: Sequence[Peer], sizes: Sequence[int], rounds: int, threads: int | None, missing: dict[str, str]
) -> tuple[dict[str, dict[str, float]], dict[str, dict[str, float]]]:
    rng = np.random.default_rng(0)
    cpu: dict[str, dict[str, float]] = {}
    wall: dict[str, dict[str, float]] = {}
    known = 0
    with contextlib.ExitStack() as stack:
        tuners: dict[str, Running] = {}
        for peer in peers:
            try:
                tuners[peer.name] = stack.enter_context(start(peer, TRAINING_SPACE, seed=0, threads=threads))
                tuners[peer.name].versions()
            except (CannotInstall, PeerDied) as error:
                missing[peer.name] = str(error)
                tuners.pop(peer.name, None)
        for size in sizes:
            tuners = {name: it for name, it in tuners.items() if size <= LARGEST.get(name, size)}
            results = [draw(TRAINING_SPACE, rng) for _ in range(size - known)]
            for tuner in tuners.values():
                for params in results:
                    tuner.add(params, training(params))
                for _ in range(WARM):
                    _round(tuner)
            times = [{name: _round(tuner) for name, tuner in tuners.items()} for _ in range(rounds)]
            # the rounds' own trials count towards the next size
            known = size + WARM + rounds
            for to, which in ((cpu, 0), (wall, 1)):
                to[str(size)] = {
                    name: 1000 * statistics.median(time[name][which] for time in times) for name in tuners
                }
            shown = ", ".join(f"{name} {ms:.0f}" for name, ms in cpu[str(size)].items())
            print(f"threads {threads}, {size} results: CPU ms {shown}", file=sys.stderr, flush=True)
    return cpu, wall


def many() -> dict[str, Any]:
    """As `measure`, of the tuners that are asked at thousands of results; "curves": ours, {size: ms}."""
    peers = [peer for peer in PEERS if peer.name != "ax"]
    result = measure(peers, MANY, path=MANY_PATH, threads={"one thread": 1})
    result["curves"] = with_curves(MANY)
    MANY_PATH.write_text(json.dumps(result, indent=1))
    return result


def with_curves(sizes: Sequence[int], rounds: int = ROUNDS) -> dict[str, float]:
    """CPU milliseconds of an ask of ours, by the trials before it, in a study of learning curves."""
    tuner = jt.Tuner(space_of(TRAINING_SPACE), minimize="loss", pruner="asha", max_steps=STEPS, seed=0)
    rng = np.random.default_rng(0)
    times: dict[str, float] = {}
    for size in sizes:
        while len(tuner.study.trials) < size:
            tuner.enqueue(draw(TRAINING_SPACE, rng))
            _train(tuner, tuner.ask(), rng)
        taken = []
        for _ in range(WARM + rounds):
            before = time.process_time()
            trial = tuner.ask()
            # a hedge takes no model
            if trial.source == "gp":
                taken.append(1000 * (time.process_time() - before))
            _train(tuner, trial, rng)
        times[str(size)] = statistics.median(taken)
        print(f"curves, {size} trials: CPU ms {times[str(size)]:.0f}", file=sys.stderr, flush=True)
    return times


def _train(tuner: jt.Tuner, trial: Trial, rng: np.random.Generator) -> None:
    loss = training(trial.params)
    for step in range(1, STEPS + 1):
        if not tuner.report(trial, loss=loss * (1 + 1 / step) + 0.001 * rng.normal()):
            return
    tuner.tell(trial)


def _round(tuner: Running) -> tuple[float, float]:
    """One ask and its tell: CPU and wall seconds."""
    suggestion = tuner.ask()
    cpu_s, wall_s = tuner.cpu_s, tuner.wall_s
    tuner.tell(suggestion.id, training(check(TRAINING_SPACE, suggestion.params)))
    return cpu_s + tuner.cpu_s, wall_s + tuner.wall_s


if __name__ == "__main__":
    print(json.dumps(many() if sys.argv[1:] == ["many"] else measure(), indent=1))
