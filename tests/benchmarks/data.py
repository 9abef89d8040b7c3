"""Notebook data of 500 MB, an array and a dict of arrays, on its way to four workers.

Time from the start until the first line of code has run on each of the four, and then, when each has read
all of the data, the memory of all processes above what they had before the start: proportional set sizes,
in which pages that several share count once. Everything is started fresh, but Dask's clusters run before.
Beside joblib, which has its default processes and memory maps, and beside Dask's own scatter to all workers.
"""

from __future__ import annotations

from tests.benchmarks.programs import outcome
from tests.benchmarks.rows import Row

ROUNDS = 3
LIMIT_S = 240.0

HEAD = """
import json, os, sys, time
from pathlib import Path
import numpy, psutil

FOLDER, WORKERS = Path(sys.argv[1]), 4

def hold(number, array, mapping):
    # what a trial does: it has begun, has read everything, and waits
    began = time.time()
    total = float(array.sum() + sum(each.sum() for each in mapping.values()))
    (FOLDER / f"{number}.new").write_text(json.dumps([began, total]))
    (FOLDER / f"{number}.new").rename(FOLDER / f"{number}.held")
    while not (FOLDER / "go").exists():
        time.sleep(0.05)
    return total

def memory():
    # MB of this process and all below it
    total = 0
    for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024

def outcome(start, before):
    # runs in a thread of its own, as the other tools block the main one
    while len(held := list(FOLDER.glob("*.held"))) < WORKERS:
        time.sleep(0.05)
    told = [json.loads(path.read_text()) for path in held]
    expected = float(ARRAY.sum() + sum(each.sum() for each in MAPPING.values()))
    assert all(abs(total - expected) < 1 for _, total in told), told
    print(json.dumps([max(began for began, _ in told) - start, memory() - before]), flush=True)
    (FOLDER / "go").touch()

def data():
    # by parts, so that there is no more of it anywhere
    array = numpy.arange(31_250_000, dtype=float)
    return array, {f"part {n}": numpy.full(3_125_000, float(n)) for n in range(10)}
"""

OURS = """
import jupyter_tune as jt

def objective(x):
    return hold(jt.trial.number, ARRAY, MAPPING)

def run(**place):
    start, before = time.time(), memory()
    space = jt.Space(x=jt.Float(0.0, 1.0))
    options = dict(maximize="score", sampler="random", pruner="none", dir=str(FOLDER), workers=WORKERS)
    study = jt.tune(objective, space, name="data", trials=WORKERS, **options, **place)
    outcome(start, before)
    study.wait()
    assert [t.state for t in study.trials] == ["complete"] * WORKERS, study
"""

LOCAL = "    run()\n"
ON_DASK = "    run(on=cluster)\n"

JOBLIB = """
    import threading
    from joblib import Parallel, delayed
    start, before = time.time(), memory()
    telling = threading.Thread(target=outcome, args=(start, before))
    telling.start()
    Parallel(n_jobs=WORKERS)(delayed(hold)(n, ARRAY, MAPPING) for n in range(WORKERS))
    telling.join()
"""

SCATTER = """
    from distributed import Client, wait
    client = Client(cluster)
    start, before = time.time(), memory()
    array, mapping = client.scatter([ARRAY, MAPPING], broadcast=True)
    running = [client.submit(hold, n, array, mapping, pure=False) for n in range(WORKERS)]
    outcome(start, before)
    wait(running)
    client.close()
"""

CLUSTER = """
    from distributed import LocalCluster
    cluster = LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None)
"""

MAIN = "\nARRAY = MAPPING = None\nif __name__ == '__main__':\n    ARRAY, MAPPING = data()\n"

PROGRAMS = {
    "ours": HEAD + OURS + MAIN + LOCAL,
    "ours on Dask": HEAD + OURS + MAIN + CLUSTER + ON_DASK + "    cluster.close()\n",
    "joblib": HEAD + MAIN + JOBLIB,
    "Dask's scatter": HEAD + MAIN + CLUSTER + SCATTER + "    cluster.close()\n",
}


def measure() -> list[Row]:
    seconds: dict[str, list[list[float]]] = {name: [] for name in PROGRAMS}
    megabytes: dict[str, list[list[float]]] = {name: [] for name in PROGRAMS}
    for _ in range(ROUNDS):
        for name, program in PROGRAMS.items():
            took, memory = outcome(program, LIMIT_S)
            seconds[name].append([took])
            megabytes[name].append([memory])
    rows = []
    for unit, measured in (("s to the first line", seconds), ("MB more", megabytes)):
        for ours, other in (("ours", "joblib"), ("ours on Dask", "Dask's scatter")):
            reference = Row.of(other, unit, measured[other])
            rows += [Row.of(ours, unit, measured[ours], beside=reference), reference]
    return rows
