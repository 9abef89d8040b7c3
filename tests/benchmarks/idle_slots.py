"""The share of its time that a slot is idle with trials of one second, on 8 workers of a Dask cluster.

A trial sleeps, and reports when its code began and ended; whatever lies between the end of one trial's code
and the beginning of the next one's counts as idle: its process, its files, messages, commit, suggestion,
launch. Measured over the middle of a study, without the tenth of the trials that ran first and last. Beside
this machine's own 8 processes, and beside Dask alone, which keeps 8 futures of a sleep in flight.
"""

from __future__ import annotations

from tests.benchmarks.programs import outcome
from tests.benchmarks.rows import Row

ROUNDS = 3
SLOTS = 8
TRIALS = 240
LIMIT_S = 300.0

# each program is given its folder, and prints the seconds at which each trial's code began and ended

HEAD = """
import json, sys, time
import jupyter_tune as jt

def objective(x):
    began = time.time()
    time.sleep(1.0)
    jt.report(score=x, began=began, ended=time.time())

def study(**place):
    space = jt.Space(x=jt.Float(0.0, 1.0))
    options = dict(maximize="score", sampler="random", pruner="none", dir=sys.argv[1])
    study = jt.tune(objective, space, name="slots", trials=TRIALS, **options, **place)
    study.wait()
    assert [t.state for t in study.trials] == ["complete"] * TRIALS, study
    return [(t.metrics["began"], t.metrics["ended"]) for t in study.trials]
"""

CLUSTER = """
from distributed import LocalCluster
cluster = LocalCluster(n_workers=SLOTS, threads_per_worker=1, dashboard_address=None)
"""

ON_DASK = """
if __name__ == "__main__":
    {cluster}
    print(json.dumps(study(on=cluster)))
    cluster.close()
"""

HERE = """
if __name__ == "__main__":
    print(json.dumps(study(workers=SLOTS)))
"""

DASK_ALONE = """
import json, time
from distributed import Client, as_completed

def objective(x):
    began = time.time()
    time.sleep(1.0)
    return began, time.time()

if __name__ == "__main__":
    {cluster}
    client = Client(cluster)
    spans, sent = [], SLOTS
    running = as_completed([client.submit(objective, x, pure=False) for x in range(SLOTS)])
    for future in running:
        spans.append(future.result())
        if sent < TRIALS:
            running.add(client.submit(objective, sent, pure=False))
            sent += 1
    print(json.dumps(spans))
    client.close()
    cluster.close()
"""


def measure() -> list[Row]:
    cluster = CLUSTER.strip().replace("\n", "\n    ")
    programs = {
        "ours, 8 Dask workers": HEAD + ON_DASK.replace("{cluster}", cluster),
        "ours, 8 processes": HEAD + HERE,
        "Dask's futures, 8 workers": DASK_ALONE.replace("{cluster}", cluster),
    }
    shares: dict[str, list[list[float]]] = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, program in programs.items():
            shares[name].append(
                [100 * idle_share(outcome(f"SLOTS, TRIALS = {SLOTS}, {TRIALS}\n{program}", LIMIT_S))]
            )
    dask = Row.of("Dask's futures, 8 workers", "% idle", shares.pop("Dask's futures, 8 workers"))
    return [
        *(Row.of(name, "% idle", rounds, beside=dask, target="≤ 3 %") for name, rounds in shares.items()),
        dask,
    ]


def idle_share(spans: list[tuple[float, float]]) -> float:
    """Of SLOTS slots, over the middle of what happened."""
    begins = sorted(began for began, _ in spans)
    tenth = len(spans) // 10
    since, until = begins[tenth], begins[-tenth]
    busy = sum(max(0.0, min(ended, until) - max(began, since)) for began, ended in spans)
    return 1 - busy / (SLOTS * (until - since))
