"""One fidelity: every trial runs to its end; what counts is the best loss after so many trials.

Two modes: `sequential`, where each trial is told before the next is asked (figures after 30 and after 100
trials are the same run's), and `pending4`, where four trials run at a time and which of them ends next is
drawn by (problem, seed), alike for all tuners.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context

from tests.benchmarks.search.environments import CannotInstall, python_of
from tests.benchmarks.search.fingerprint import of_suggestions
from tests.benchmarks.search.peer import Peer, PeerDied, Running, start
from tests.benchmarks.search.problems import Problem, named, problems
from tests.benchmarks.search.results import Evaluations, Run, Runs
from tests.benchmarks.search.spaces import check

SEEDS, TRIALS = 5, 100
PENDING = {"sequential": 1, "pending4": 4}
PENDING_TRIALS = 40
# one of each kind
QUICK_PROBLEMS, QUICK_TRIALS = ("sgd_cancer", "rastrigin_5", "training", "lcbench_3945"), 12


def roster() -> dict[str, Peer]:
    """All tuners of this half by name, cheap ones first."""
    peers = [
        Peer("jupyter_tune", "main", "ours.py", "gp", of_suggestions("gp")),
        Peer("random", "main", "ours.py", "random", of_suggestions("random")),
        Peer("optuna-tpe", "optuna", "optuna_study.py", "tpe", "optuna 5.0.0"),
        Peer("hyperopt", "hyperopt", "hyperopt_tpe.py", "", "hyperopt 0.3.0"),
        Peer("smac", "smac", "smac_facade.py", "", "smac 2.4.1"),
        Peer("optuna-gp", "optuna", "optuna_study.py", "gp", "optuna 5.0.0"),
        Peer("hebo", "hebo", "hebo_optimizer.py", "", "hebo 0.3.6"),
        Peer("ax", "ax", "ax_client.py", "", "ax 1.3.1"),
    ]
    return {peer.name: peer for peer in peers}


@dataclass(frozen=True)
class Job:
    """A run to make: the first `trials` trials of a peer on a problem from a seed."""

    peer: Peer
    problem: str
    seed: int
    mode: str
    trials: int


def run(job: Job) -> Run:
    """Raises: PeerDied; ValueError for params outside the space."""
    problem, evaluations = named(job.problem), Evaluations()
    losses: list[float | None] = []
    told: list[float | None] = []
    cpu_s: list[float] = []
    workers = PENDING[job.mode]
    order = random.Random(f"{job.problem} {job.seed}")
    pending: list[tuple[int, object]] = []
    with start(job.peer, problem.space, seed=job.seed, workers=workers) as tuner:
        while len(losses) < job.trials or pending:
            if len(losses) < job.trials and len(pending) < workers:
                id, loss, seen = _ask(tuner, problem, evaluations, job.seed, len(losses))
                pending.append((len(losses), id))
                losses.append(loss)
                told.append(seen)
                cpu_s.append(tuner.cpu_s)
            else:
                number, id = pending.pop(order.randrange(len(pending)))
                tuner.tell(id, told[number])
                cpu_s[number] += tuner.cpu_s
    version = problem.version
    return Run(job.peer.name, job.peer.version, job.problem, version, job.seed, job.mode, losses, told, cpu_s)


def _ask(
    tuner: Running, problem: Problem, evaluations: Evaluations, seed: int, number: int
) -> tuple[object, float | None, float | None]:
    """The next trial: its id, its loss, and the loss with that trial's noise."""
    suggestion = tuner.ask()
    loss = evaluations.loss(problem, check(problem.space, suggestion.params))
    return suggestion.id, loss, problem.observed(loss, seed, number)


def missing(jobs: Iterable[Job], runs: Runs) -> list[Job]:
    """The jobs that no run in the file has done already."""
    done = {run.key: len(run.losses) for run in runs}
    return [
        job
        for job in jobs
        if done.get(
            (job.peer.name, job.peer.version, job.problem, named(job.problem).version, job.seed, job.mode), 0
        )
        < job.trials
    ]


def jobs_for(
    peers: Sequence[Peer], seeds: int, trials: int, modes: Sequence[str], *, quick: bool = False
) -> list[Job]:
    """Peer by peer, then seed by seed: a harness that was stopped leaves whole seeds of all problems."""
    pending = QUICK_TRIALS if quick else PENDING_TRIALS
    return [
        Job(peer, problem, seed, mode, trials if mode == "sequential" else pending)
        for peer in peers
        for seed in range(seeds)
        for mode in modes
        for problem in (QUICK_PROBLEMS if quick else problems())
    ]


def work(jobs: Sequence[Job], runs: Runs, processes: int) -> dict[str, str]:
    """Does the jobs and keeps their runs. Gives what went wrong, by job; one failure stops only itself."""
    jobs, wrong = _that_can_run(jobs)
    began = time.monotonic()
    for at, (job, outcome) in enumerate(_outcomes(jobs, processes), 1):
        name = f"{job.peer.name} {job.problem} seed {job.seed} {job.mode} {job.trials}"
        if isinstance(outcome, Run):
            runs.add(outcome)
        else:
            wrong[name] = str(outcome)
        left = (time.monotonic() - began) / at * (len(jobs) - at)
        said = "" if isinstance(outcome, Run) else f"  FAILED: {outcome}"
        print(f"{at}/{len(jobs)} {name}, {left / 60:.0f} min left{said}", file=sys.stderr, flush=True)
    return wrong


def _that_can_run(jobs: Sequence[Job]) -> tuple[list[Job], dict[str, str]]:
    """The jobs whose peers have an environment, which is made now; and why the other peers have none."""
    wrong: dict[str, str] = {}
    for peer in dict.fromkeys(job.peer for job in jobs):
        try:
            python_of(peer.environment)
        except CannotInstall as error:
            wrong[peer.name] = str(error)
    return [job for job in jobs if job.peer.name not in wrong], wrong


def _outcomes(jobs: Sequence[Job], processes: int) -> Iterable[tuple[Job, Run | Exception]]:
    if processes == 1:
        yield from ((job, _attempt(job)) for job in jobs)
        return
    # spawned: the harness has threads and, once a model was trained, OpenMP's
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(_attempt, job): job for job in jobs}
        yield from ((futures[future], future.result()) for future in as_completed(futures))


def _attempt(job: Job) -> Run | Exception:
    try:
        return run(job)
    except (PeerDied, ValueError) as error:
        return error
