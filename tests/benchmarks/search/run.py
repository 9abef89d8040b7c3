"""Compares the search with its peers, in quality and in price: `make bench-search`.

    python tests/benchmarks/search/run.py [--quick] [--only single|multi|cpu|report] [--peers NAME ...]
                                          [--seeds N] [--trials N] [--modes MODE ...] [--jobs N]

Results are kept in out/bench-search/, so a run that was stopped goes on where it was, and a repeated one
measures only what has changed. The report there has the date and all versions.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
PARTS = ("single", "multi", "cpu", "report")


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="a few of all: does it work?")
    parser.add_argument("--only", choices=PARTS, help="one part; report measures nothing")
    parser.add_argument("--peers", nargs="+", metavar="NAME", help="only these; ours is jupyter_tune")
    parser.add_argument("--seeds", type=int, help="of each problem; 5 with one fidelity, 6 with several")
    parser.add_argument("--trials", type=int, help="of sequential runs; 100")
    parser.add_argument(
        "--modes", nargs="+", choices=("sequential", "pending4"), default=["sequential", "pending4"]
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="runs at a time")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    options = arguments(words)
    # only now, as this file's own folder must not be where modules are looked for
    from tests.benchmarks.search import cpu, multi, report, single
    from tests.benchmarks.search.results import Runs

    single_peers = single.roster()
    multi_peers = list(multi.roster())
    unknown = [name for name in options.peers or () if name not in {*single_peers, *multi_peers}]
    if unknown:
        there = ", ".join([*single_peers, *multi_peers])
        print(f"no peer {', '.join(unknown)}; there are {there}", file=sys.stderr)
        return 2
    runs = Runs()
    wrong: dict[str, str] = {}
    if options.only in (None, "single"):
        peers = [peer for name, peer in single_peers.items() if name in (options.peers or single_peers)]
        seeds = options.seeds or (1 if options.quick else single.SEEDS)
        trials = options.trials or (single.QUICK_TRIALS if options.quick else single.TRIALS)
        jobs = single.jobs_for(peers, seeds, trials, options.modes, quick=options.quick)
        wrong = single.work(single.missing(jobs, runs), runs, options.jobs)
    if options.only in (None, "multi"):
        names = [name for name in multi_peers if name in (options.peers or multi_peers)]
        if names:
            multi.run(peers=names, seeds=options.seeds or multi.SEEDS, jobs=options.jobs, quick=options.quick)
    if options.only in (None, "cpu"):
        if options.quick:
            cpu.measure(sizes=cpu.SIZES[:2], rounds=2, path=cpu.PATH.with_name("cpu-quick.json"))
        else:
            cpu.measure()
    versions = {name: peer.version for name, peer in single_peers.items()}
    path = report.write(runs, versions, wrong)
    print(path.read_text())
    print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    # the losses are computed in this process: a benchmark's timing and its neighbours want one thread
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    sys.exit(main(sys.argv[1:]))
