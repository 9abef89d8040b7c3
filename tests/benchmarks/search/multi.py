"""Several fidelities: tuners on learning curves, with workers in virtual time.

    python -m tests.benchmarks.search.multi [--peers NAME ...] [--tasks NAME ...] [--seeds N]
        [--workers N ...] [--jobs N] [--quick]

Every tuner × task × seed × number of workers is one run (see workers.py), paired with the same run of
every other tuner. Each is one line of out/bench-search/multi.jsonl; what is there is not run again, unless
the tuner's version differs (ours: a fingerprint of what it decides) or `EDITION` does. Seeds come outside
tasks and tuners, so that a run cut short has compared all tuners on all tasks by fewer seeds.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.markdown import table
from tests.benchmarks.search import curves
from tests.benchmarks.search.environments import CannotInstall
from tests.benchmarks.search.fingerprint import of_searches
from tests.benchmarks.search.lines import append, lines_of
from tests.benchmarks.search.peer import Peer, PeerDied, Running, start
from tests.benchmarks.search.results import FOLDER
from tests.benchmarks.search.spaces import OutsideSpaceError
from tests.benchmarks.search.statistics import Estimate
from tests.benchmarks.search.workers import MOMENTS, Outcome, simulate

RESULTS = FOLDER / "multi.jsonl"
# of tasks and workers: another number makes every cached run anew
EDITION = 2
KEY = ("peer", "version", "task", "seed", "workers", "edition")
SEEDS = 6
WORKERS = (4, 1, 8)
QUICK_TASKS = ("lcbench_3945", "taskset_patch32_GRU64_avg_bs128", "digits_mlp")
OURS = "jupyter_tune"
PLAIN = ("lcbench", "taskset", "table")
KINDS = {
    "LCBench (fitted network)": ("lcbench",),
    "TaskSet (tables)": ("taskset",),
    "Our tables": ("table",),
    "Those three together": PLAIN,
    "Noisy": ("noisy",),
    "Slow starters": ("slow",),
}
ABOUT = (
    "Regret of the incumbent after 5, 10 and 25 full trainings of the pool: 0 is the best final loss "
    "known, 1 the median configuration's. Trials run on virtual workers; a tuner's own time is not charged. "
    "Differences and ratios are over the runs that both have made; the 95 % intervals come from resampling "
    f"tasks. {OURS} begins with the middle of the space, as it does where no defaults are declared."
)

# (task, seed) -> regrets at MOMENTS
Regrets: TypeAlias = Mapping[tuple[str, int], Sequence[float]]


def roster() -> dict[str, Peer]:
    """All tuners of this half by name, cheap ones first."""
    peers = [
        Peer(OURS, "main", "ours.py", "gp+asha", of_searches("gp")),
        Peer(f"{OURS}-random", "main", "ours.py", "random+asha", of_searches("random")),
        Peer("synetune-asha", "synetune", "synetune.py", "asha", "syne-tune 0.16.0"),
        Peer("dehb", "dehb", "dehb.py", "dehb", "dehb 0.1.2"),
        Peer("optuna-tpe-median", "optuna", "optuna_study.py", "tpe+median", "optuna 5.0.0"),
        Peer("optuna-tpe-hyperband", "optuna", "optuna_study.py", "tpe+hyperband", "optuna 5.0.0"),
        Peer("synetune-bohb", "synetune", "synetune.py", "bohb", "syne-tune 0.16.0"),
    ]
    return {peer.name: peer for peer in peers}


@dataclass(frozen=True)
class Job:
    """One run to make."""

    peer: Peer
    task: str
    seed: int
    workers: int

    @property
    def key(self) -> dict[str, Any]:
        values = (self.peer.name, self.peer.version, self.task, self.seed, self.workers, EDITION)
        return dict(zip(KEY, values, strict=True))


class Counted:
    """A running peer, and the CPU seconds that all its answers took."""

    def __init__(self, peer: Running):
        self._peer = peer
        self.cpu_s = 0.0

    def ask(self) -> Any:
        answer = self._peer.ask()
        self.cpu_s += self._peer.cpu_s
        return answer

    def report(self, id: Any, step: int, loss: float) -> bool:
        goes_on = self._peer.report(id, step, loss)
        self.cpu_s += self._peer.cpu_s
        return goes_on

    def tell(self, id: Any, loss: float | None, state: str) -> None:
        self._peer.tell(id, loss, state)
        self.cpu_s += self._peer.cpu_s


def perform(job: Job) -> dict[str, Any]:
    """Make one run; its line. If the peer dies, cannot be installed or leaves the space, "error" says why."""
    task = curves.task(job.task)
    try:
        with start(
            job.peer, task.space, seed=job.seed, max_steps=task.max_steps, workers=job.workers
        ) as running:
            tuner = Counted(running)
            outcome = simulate(tuner, task, job.workers, job.seed)
    except (CannotInstall, PeerDied, OutsideSpaceError) as error:
        return {**job.key, "error": str(error)}
    return {**job.key, **_result(outcome), "cpu_s": round(tuner.cpu_s, 2)}


def _result(outcome: Outcome) -> dict[str, Any]:
    return {
        "regret": [round(outcome.regret(moment), 5) for moment in MOMENTS],
        "last_regret": outcome.last_regret,
        "asked": outcome.asked,
        "reports": outcome.reports,
        "improvements": [[round(at, 3), round(regret, 5)] for at, regret in outcome.improvements],
    }


def run(
    peers: Sequence[str] | None = None,
    seeds: int = SEEDS,
    workers: Sequence[int] = WORKERS,
    jobs: int = 1,
    quick: bool = False,
    tasks: Sequence[str] | None = None,
) -> None:
    """Make the runs that are not cached yet; `jobs` at a time, each its peer's process and one of ours.

    Args: peers: names in `roster()`, None for all; quick: three tasks, two seeds, 4 workers.
    Raises: KeyError for an unknown peer or task.
    """
    if quick:
        seeds, workers, tasks = 2, (4,), tasks or QUICK_TASKS
    known_peers = roster()
    for name in peers or ():
        if name not in known_peers:
            raise KeyError(f"no peer {name!r} with curves; there are {', '.join(known_peers)}")
    known = {tuple(line[part] for part in KEY) for line in _lines()}
    wanted = [
        Job(known_peers[name], curves.checked(task), seed, count)
        for count in workers
        for seed in range(seeds)
        for task in tasks or curves.names()
        for name in peers or known_peers
    ]
    missing = [job for job in wanted if tuple(job.key.values()) not in known]
    _say(f"several fidelities: {len(missing)} of {len(wanted)} runs to make")
    # afresh, not forked: torch and onnxruntime do not outlive a fork
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        for number, done in enumerate(as_completed([pool.submit(perform, job) for job in missing]), 1):
            line = done.result()
            append(RESULTS, line)
            failed = f"  FAILED: {line['error']}" if "error" in line else ""
            _say(f"{number}/{len(missing)} {line['peer']} {line['task']} seed {line['seed']}{failed}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _lines() -> list[dict[str, Any]]:
    """All runs of this edition that came to an end."""
    return [line for line in lines_of(RESULTS) if line["edition"] == EDITION and "error" not in line]


def tables() -> list[str]:
    """In markdown: what is measured, then a section for each number of workers; nothing without runs."""
    lines = _lines()
    counts = sorted({line["workers"] for line in lines}, key=WORKERS.index)
    sections = [_section(count, [line for line in lines if line["workers"] == count]) for count in counts]
    return [f"{ABOUT}\n\n{_versions(lines)}", *sections] if sections else []


def _versions(lines: Iterable[dict[str, Any]]) -> str:
    ran = {(line["peer"], line["version"]): None for line in lines}
    told = []
    for peer in roster().values():
        versions = [version for name, version in ran if name == peer.name]
        if versions:
            stale = "" if peer.version in versions else ", older source than the present"
            told.append(f"{peer.name} ({_counting(peer, versions)}{stale})")
    return "Versions: " + ", ".join(told) + "."


def _counting(peer: Peer, versions: Sequence[str]) -> str:
    """The version whose runs count: the present one, or until it has run the last that has."""
    return peer.version if peer.version in versions else versions[-1]


def _section(workers: int, lines: Sequence[dict[str, Any]]) -> str:
    text = [f"### {workers} worker{'s' if workers > 1 else ''}"]
    for title, kinds in KINDS.items():
        by_peer = {peer.name: _regrets(peer, kinds, lines) for peer in roster().values()}
        rows = [_row(name, runs, by_peer[OURS]) for name, runs in by_peer.items() if runs]
        if rows:
            text += [f"{title}:", table(_HEAD, rows)]
    return "\n\n".join(text)


_COMPARED = (10.0, 25.0)
_HEAD = [
    "tuner",
    "runs",
    *(f"r{moment:g}" for moment in MOMENTS),
    *(f"ours - its r{moment:g}" for moment in _COMPARED),
    *(f"ours / its r{moment:g}" for moment in _COMPARED),
]


def _regrets(peer: Peer, kinds: Iterable[str], lines: Iterable[dict[str, Any]]) -> Regrets:
    """Of one tuner on some kinds of tasks."""
    mine = [line for line in lines if line["peer"] == peer.name and curves.kind(line["task"]) in kinds]
    if not mine:
        return {}
    version = _counting(peer, [line["version"] for line in mine])
    return {(line["task"], line["seed"]): line["regret"] for line in mine if line["version"] == version}


def _row(name: str, runs: Regrets, ours: Regrets) -> list[str]:
    cells = [name, str(len(runs)), *(f"{mean:.3f}" for mean in _means(runs, list(runs)))]
    both = [pair for pair in runs if pair in ours]
    if name == OURS or not both:
        return [*cells, *[""] * 2 * len(_COMPARED)]
    ours_mean, its_mean = _means(ours, both), _means(runs, both)
    at = [MOMENTS.index(moment) for moment in _COMPARED]
    differences = [Estimate.of(_by_task({pair: ours[pair][i] - runs[pair][i] for pair in both})) for i in at]
    cells += [f"{d.value:+.3f} [{d.low:+.3f}, {d.high:+.3f}]" for d in differences]
    # without regret there is nothing to be a share of
    return [*cells, *(f"{ours_mean[i] / its_mean[i]:.2f}" if its_mean[i] > 0 else "" for i in at)]


def _means(runs: Regrets, pairs: Sequence[tuple[str, int]]) -> NDArray[np.float64]:
    """Mean regrets at MOMENTS; every task weighs the same, however many seeds it has."""
    return np.array([np.mean(_by_task({p: runs[p][i] for p in pairs})) for i in range(len(MOMENTS))])


def _by_task(values: Mapping[tuple[str, int], float]) -> list[float]:
    """The mean of each task over its seeds."""
    tasks = sorted({task for task, _ in values})
    return [float(np.mean([value for (of, _), value in values.items() if of == task])) for task in tasks]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--peers", nargs="+", metavar="NAME", help=", ".join(roster()))
    parser.add_argument("--tasks", nargs="+", metavar="NAME", help=", ".join(curves.names()))
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--workers", type=int, nargs="+", choices=WORKERS, default=WORKERS)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="three tasks, two seeds, 4 workers")
    run(**vars(parser.parse_args(arguments)))
    print("\n\n".join(tables()))


if __name__ == "__main__":
    main(sys.argv[1:])
