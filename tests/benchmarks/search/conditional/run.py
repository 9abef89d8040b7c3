"""Compares the search of conditional spaces with its peers: `make bench-conditional`.

    python -m tests.benchmarks.search.conditional.run [--peers NAME ...] [--seeds N] [--trials N]
                                                      [--problems NAME ...] [--jobs N] [--report]

Runs are those of `single`: each trial is told before the next is asked, and figures after 20 and 40 trials
are the same run's. They are kept in out/bench-search/conditional.jsonl, so a run that was stopped goes on
where it was; the tables are printed at the end.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.benchmarks.search import single
from tests.benchmarks.search.conditional import report
from tests.benchmarks.search.conditional.problems import conditional
from tests.benchmarks.search.fingerprint import of_conditional
from tests.benchmarks.search.peer import Peer
from tests.benchmarks.search.results import FOLDER, Runs

SEEDS, TRIALS = 5, 40
# a suggestion of theirs takes a second
FEW_SEEDS = {"ax": 2}


def roster() -> dict[str, Peer]:
    """All tuners by name, cheap ones first; the others of `single` know no conditions."""
    peers = [
        Peer("jupyter_tune", "main", "ours.py", "gp", of_conditional("gp")),
        Peer("random", "main", "ours.py", "random", of_conditional("random")),
        Peer("optuna-tpe", "optuna", "optuna_study.py", "tpe-group", "optuna 5.0.0"),
        Peer("smac", "smac", "smac_facade.py", "", "smac 2.4.1"),
        Peer("ax", "ax", "ax_client.py", "", "ax 1.3.1"),
    ]
    return {peer.name: peer for peer in peers}


def jobs_for(peers: Sequence[Peer], names: Sequence[str], seeds: int | None, trials: int) -> list[single.Job]:
    """Peer by peer, then seed by seed. Without `seeds`, as many as each peer's price allows."""
    return [
        single.Job(peer, name, seed, "sequential", trials)
        for peer in peers
        for seed in range(seeds or FEW_SEEDS.get(peer.name, SEEDS))
        for name in names
    ]


def main(words: Sequence[str]) -> int:
    peers = roster()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers", nargs="+", metavar="NAME", default=list(peers), choices=list(peers))
    parser.add_argument("--problems", nargs="+", default=list(conditional()), choices=list(conditional()))
    parser.add_argument("--seeds", type=int, help=f"of each problem; {SEEDS}, of Ax {FEW_SEEDS['ax']}")
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--report", action="store_true", help="measure nothing")
    given = parser.parse_args(words)
    runs = Runs(FOLDER / "conditional.jsonl")
    wrong: dict[str, str] = {}
    if not given.report:
        jobs = jobs_for([peers[name] for name in given.peers], given.problems, given.seeds, given.trials)
        wrong = single.work(single.missing(jobs, runs), runs, given.jobs)
    print(report.tables(runs, {name: peer.version for name, peer in peers.items()}))
    for job, why in wrong.items():
        print(f"{job}: {why}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
