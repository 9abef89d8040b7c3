"""The seed experiments: what Amazon's post showed of SageMaker's tuner, and the same with jupyter_tune.

    python tests/benchmarks/seed/run.py [--only NAME] [--seeds N] [--cifar FOLDER]

Prints tables in markdown, and writes them to out/bench-seed/ with a chart for each experiment (html).
Trainings are remembered there: what has run once is not trained again, so a second run after a change of
the sampler trains only what it chooses anew. With `--cifar` (the folder cifar-10-batches-py) S1 and S3 train
ResNet-34 and ResNet-20 on CIFAR-10, which takes a GPU and days; without it stand-ins run on a CPU.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[3]
OUT = ROOT / "out" / "bench-seed"
NAMES = ("S1", "S1-worth", "S1-means", "S2", "S3", "S3-rare", "S3-one")


def options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=NAMES, action="append", help="this experiment alone")
    parser.add_argument("--seeds", type=int, help="studies of each method (S1…: 15, S2: 20, else 5)")
    parser.add_argument("--cifar", type=Path, metavar="FOLDER", help="cifar-10-batches-py, for S1 and S3")
    chosen = parser.parse_args(arguments)
    if chosen.seeds is not None and chosen.seeds < 1:
        parser.error(f"--seeds: must be 1 or more, got {chosen.seeds}")
    return chosen


def circumstances() -> str:
    from jupyter_tune import __version__

    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "gpytorch", "scikit-learn"))
    return (
        f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.2f}  \n"
        f"jupyter_tune {__version__}, Python {platform.python_version()}, {versions}  \n"
        "Trainings are real, on one thread; the clock is virtual: seconds come from a cost model, "
        "workers are simulated. Other hardware than the post's: compare ratios."
    )


def main(arguments: Sequence[str]) -> int:
    chosen = options(arguments)
    # the clock is virtual and the trainings are small: more threads would only disturb each other
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import torch

    from tests.benchmarks.seed.charts import chart
    from tests.benchmarks.seed.cifar import CifarError
    from tests.benchmarks.seed.experiments import STAND_INS, with_cifar10
    from tests.benchmarks.seed.outcomes import measure
    from tests.benchmarks.seed.tables import section

    torch.set_num_threads(1)
    try:
        experiments = with_cifar10(chosen.cifar) if chosen.cifar else STAND_INS
    except CifarError as error:
        print(error, file=sys.stderr)
        return 2
    absent = [name for name in chosen.only or () if name not in experiments]
    if absent:
        print(
            f"--only: {absent[0]} is a stand-in; on CIFAR-10 there are {', '.join(experiments)}",
            file=sys.stderr,
        )
        return 2
    OUT.mkdir(parents=True, exist_ok=True)
    stamp = f"{datetime.datetime.now():%Y-%m-%d-%H%M%S}"
    sections = [f"# Seed experiments\n\n{circumstances()}\n"]
    for name in chosen.only or experiments:
        experiment, began = experiments[name], time.monotonic()
        outcome = measure(
            experiment,
            chosen.seeds or experiment.seeds,
            OUT / "curves",
            lambda line: print(line, file=sys.stderr, flush=True),
        )
        picture = OUT / f"{stamp}-{name}.html"
        chart(outcome).write_html(picture, include_plotlyjs="directory")
        took = f"{time.monotonic() - began:,.0f} s on this machine; chart: {picture.relative_to(ROOT)}"
        sections.append(f"{section(outcome)}\n{took}\n")
    report = "\n".join(sections)
    path = OUT / f"{stamp}.md"
    path.write_text(report)
    print(report)
    print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    sys.exit(main(sys.argv[1:]))
