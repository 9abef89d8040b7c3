"""How long a slot waits between two trials: what of its time lies between an end and the next start.

Two workers and the whole stack; trials sleep 0.9 to 1.1 s and report five times; the study knows 100
results from the start, and its driver is warm. By the journal: from the record of an end to that of the
next start, which is what choosing params takes. By the trials' own clock: from the last line of one to the
first of the next, so with ending a process and forking another. Each sample is one slot's share in one study,
from its second trial on: the first suggestion still loads code. Beside it the same study in a driver whose
`Lookahead` prepares nothing (replaced from outside), so that every free slot waits for its suggestion.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.kernels import studies_folder
from tests.benchmarks.rows import Row
from tests.processes import PATIENCE_S

ROUNDS = 3
TRIALS = 26
SETTLE_S = 8.0
"""From asking for a warm driver to using it."""
TARGET = "2 %"

# given its folder, the sampler, the space's name and the number of trials; prints the shares of each slot
PROGRAM = """
import json, math, random, sys, time
import jupyter_tune as jt
from jupyter_tune.launch import warm

SPACES = {
    "2 floats": jt.Space(x=jt.Float(0.0, 1.0), y=jt.Float(0.0, 1.0)),
    "7 mixed parameters": jt.Space(
        lr=jt.Float(1e-5, 1e-1, log=True),
        momentum=jt.Float(0.0, 0.99),
        decay=jt.Float(1e-6, 1.0, log=True),
        width=jt.Int(16, 1024, log=True),
        layers=jt.Int(1, 6),
        batch=jt.Categorical([16, 32, 64, 128, 256], ordered=True),
        act=jt.Categorical(["relu", "tanh", "gelu"]),
    ),
}
folder, sampler, space, trials = sys.argv[1], sys.argv[2], SPACES[sys.argv[3]], int(sys.argv[4])

def score(params):
    distances = (space[name].to_unit(value) - 0.4 for name, value in params.items())
    return -sum(distance**2 for distance in distances) + random.gauss(0.0, 0.01)

def known(**params):
    return score(params)

def trial(**params):
    began = time.time()
    for step in range(1, 6):
        time.sleep(random.uniform(0.18, 0.22))
        jt.report(score=score(params), step=step)
    return {"score": score(params), "began": began, "ended": time.time()}

options = dict(maximize="score", workers=2, pruner="none", dir=folder)
jt.tune(known, space, name="known", trials=100, sampler="random", **options).wait()
warm.warm_up()
time.sleep(SETTLE_S)
study = jt.tune(trial, space, name="idle", trials=trials, sampler=sampler, warm_start=["known"], **options)
study.wait()
ran = [t for t in study.trials if t.source != "added"]
assert [t.state for t in ran] == ["complete"] * trials, study
if sampler == "gp":
    assert {t.source for t in ran} <= {"gp", "default"}, {t.source for t in ran}

def idle(spans):
    spans = sorted(spans)[1:]
    gaps = [later[0] - earlier[1] for earlier, later in zip(spans, spans[1:])]
    return 100 * sum(gaps) / (spans[-1][1] - spans[0][0])

slots = [[t for t in ran if t.slot == slot] for slot in sorted({t.slot for t in ran})]
print(json.dumps({
    "journal": [idle((t.started_at, t.ended_at) for t in slot) for slot in slots],
    "clock": [idle((t.metrics["began"], t.metrics["ended"]) for t in slot) for slot in slots],
}))
"""

UNPREPARED = """
from jupyter_tune.driver.lookahead import Lookahead
Lookahead.prepare = lambda *_: None
"""

CASES = {
    "gp, 7 mixed parameters": ("gp", "7 mixed parameters", ""),
    "gp, 7 mixed parameters, nothing prepared": ("gp", "7 mixed parameters", UNPREPARED),
    "gp, 2 floats": ("gp", "2 floats", ""),
    "gp, 2 floats, nothing prepared": ("gp", "2 floats", UNPREPARED),
    "random, 7 mixed parameters": ("random", "7 mixed parameters", ""),
}


def measure() -> list[Row]:
    shares: dict[str, list[dict[str, list[float]]]] = {name: [] for name in CASES}
    for _ in range(ROUNDS):
        for name, (sampler, space, patch) in CASES.items():
            shares[name].append(_shares(sampler, space, patch))
    rows = []
    for clock, words in (("journal", "by the journal"), ("clock", "by the trial's own clock")):
        floor = Row.of(
            f"random, {words}", "%", [taken[clock] for taken in shares["random, 7 mixed parameters"]]
        )
        for name, rounds in shares.items():
            samples = [taken[clock] for taken in rounds]
            prepared = "nothing prepared" not in name
            rows.append(
                Row.of(f"{name}, {words}", "%", samples, beside=floor, target=TARGET if prepared else "")
            )
            if prepared:
                rows.append(
                    Row.of(f"{name}, {words}, worst slot", "%", samples, statistic=max, target=TARGET)
                )
    return rows


def _shares(sampler: str, space: str, patch: str) -> dict[str, list[float]]:
    """Per cent of its time that each slot was idle in one study."""
    with studies_folder() as folder:
        # Python runs this file at the start of every process of the study, the driver among them
        (folder / "sitecustomize.py").write_text(patch)
        root = Path(__file__).parents[2]
        ended = subprocess.run(
            [
                sys.executable,
                "-c",
                f"SETTLE_S = {SETTLE_S}\n{PROGRAM}",
                str(folder),
                sampler,
                space,
                str(TRIALS),
            ],
            env={**os.environ, "JUPYTER_TUNE_DIR": str(folder), "PYTHONPATH": f"{folder}:{root}"},
            cwd=folder,
            stdout=subprocess.PIPE,
            timeout=PATIENCE_S,
            check=True,
        )
        taken: dict[str, list[float]] = json.loads(ended.stdout)
        return taken
