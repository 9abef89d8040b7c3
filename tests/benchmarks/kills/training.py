"""What the notebook runs: the cells of a study of short trials that keep books of their own.

Each trial writes to a ledger what has happened to it: that it began, and from which step; each report, once
it was acknowledged; each checkpoint, once it was saved. A line is one write to the end of a file, which the
system keeps when its writer is killed. `report` waits for the acknowledgement for a second at most, so a
report that took longer counts as `late`, not as acknowledged.
"""

from __future__ import annotations

from pathlib import Path

from jupyter_tune.trials.channel import ACKNOWLEDGE_S

TRIALS = 14
STEPS = 8
PAUSE_S = 0.02
WORKERS = 2

_TRAIN = """
import json, os, subprocess, time
import jupyter_tune as jt

def train(x):
    ledger = os.open({ledger!r}, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(kind, **what):
        line = {{"kind": kind, "number": jt.trial.number, "pid": os.getpid(), "at": time.time(), **what}}
        os.write(ledger, (json.dumps(line) + "\\n").encode())

    # in a session of its own: it must not outlive the trial either
    hidden = subprocess.Popen(["sleep", "600"], start_new_session=True)
    saved = jt.trial.checkpoint_dir / "step"
    first = int(saved.read_text()) if saved.exists() else 0
    note("began", step=first)
    for step in range(first + 1, {steps} + 1):
        time.sleep({pause_s})
        asked = time.monotonic()
        jt.report(score=x + step, step=step)
        took = time.monotonic() - asked
        note("acked" if took < {acknowledge_s} else "late", step=step, score=x + step)
        new = saved.with_suffix(".new")
        new.write_text(str(step))
        new.replace(saved)
        note("saved", step=step)
    return x + {steps}

study = None
study = jt.tune(
    train, {{"x": jt.Float(0.0, 1.0)}}, maximize="score", trials={trials}, workers={workers},
    sampler="random", pruner="none", name={name!r}, **{options!r},
)
"""

RESUME = """
import time
patience = time.monotonic() + 15
while not study.is_over and time.monotonic() < patience:
    time.sleep(0.002)
if study.state != "ended":
    study.resume()
"""
"""What a user does whose driver was killed: the handle has told so."""

END = """
study.wait(30)
seen = [study.state, {t.number: [t.state, t.curve] for t in study.trials}]
study.close()
seen
"""


def start(name: str, ledger: Path, *, resume: bool, on: str | None) -> str:
    """The cell that starts the study, or goes on with it from another kernel."""
    options: dict[str, object] = {"resume": True} if resume else {}
    if on is not None:
        options["on"] = on
    return _TRAIN.format(
        name=name,
        ledger=str(ledger),
        steps=STEPS,
        pause_s=PAUSE_S,
        acknowledge_s=0.9 * ACKNOWLEDGE_S,
        trials=TRIALS,
        workers=WORKERS,
        options=options,
    )
