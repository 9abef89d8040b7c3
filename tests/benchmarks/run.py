"""Measures jupyter_tune on this machine, beside other tools that do the same: `make bench`.

    python tests/benchmarks/run.py [NAME ...]

NAME: start, kernel_latency, throughput, idle, scale, keeps_up, idle_slots, data, chart_latency, updates,
page_updates, page_tasks, steering, journal, panel, lab_cost, rounds, warm_start; all of them without one.

Prints a table in markdown and writes it to out/bench/. A figure that could not be measured is an error, a
slow one is not: these are measurements, not tests. Compare the ratios: both sides are measured in turn in
the same run. Times depend on the machine and on its load, whose average is printed too.
"""

from __future__ import annotations

import datetime
import importlib
import os
import platform
import sys
import time
import traceback
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
BENCHMARKS = (
    "start",
    "kernel_latency",
    "throughput",
    "idle",
    "scale",
    "keeps_up",
    "idle_slots",
    "data",
    "chart_latency",
    "updates",
    "page_updates",
    "page_tasks",
    "steering",
    "journal",
    "panel",
    "lab_cost",
    "rounds",
    "warm_start",
)
VERSIONED = ("ipykernel", "jupyterlab", "anywidget", "torch", "optuna", "plotly")


def circumstances() -> str:
    """What a reader of the table must know of the run."""
    from jupyter_tune import __version__

    versions = ", ".join(f"{name} {version(name)}" for name in VERSIONED)
    return (
        f"{datetime.datetime.now():%Y-%m-%d %H:%M}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, load average before: {load_average()}  \n"
        f"jupyter_tune {__version__}, Python {platform.python_version()}, {versions}"
    )


def load_average() -> str:
    return " ".join(f"{load:.2f}" for load in os.getloadavg())


def measure(name: str) -> tuple[str, bool]:
    """The section of one benchmark, and whether it could be measured."""
    from tests.benchmarks.rows import table

    print(f"measuring {name} …", file=sys.stderr, flush=True)
    benchmark = importlib.import_module(f"tests.benchmarks.{name}")
    began = time.monotonic()
    try:
        text = table(benchmark.measure())
    except Exception as error:
        traceback.print_exc()
        return f"## {name}\n\nNOT MEASURED: {error!r}\n", False
    about = (benchmark.__doc__ or "").strip()
    took = f"{time.monotonic() - began:.0f} s, load average after: {load_average()}"
    return f"## {name}\n\n{about}\n\n{text}\n\n{took}\n", True


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    path = ROOT / "out" / "bench" / f"{datetime.datetime.now():%Y-%m-%d-%H%M%S}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    sections = [f"# Benchmarks\n\n{circumstances()}\n"]
    good = True
    for name in names or BENCHMARKS:
        section, measured = measure(name)
        sections.append(section)
        good &= measured
        # after each: a run cut short has told what it measured
        path.write_text("\n".join(sections))
        print(section, flush=True)
    print(f"written to {path.relative_to(ROOT)}", file=sys.stderr)
    return 0 if good else 1


if __name__ == "__main__":
    sys.path[0] = str(ROOT)
    sys.exit(main(sys.argv[1:]))
