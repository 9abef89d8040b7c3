"""What the notebook changed in modules is what its trials find there, or it is differences."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

FILE = """
import threading
import numpy as np
from random import _inst as DICE
from signal import SIGINT as CHOSEN
SCALE, LIMITS, STATE, TABLE = 1.0, (1, 2), {"seen": []}, np.zeros(3)
MISSING, LOCK, LATE, LARGE = object(), threading.Lock(), None, None
RATES = {float("nan"), 1.0}
def helper(): return "file"
def wrapped(): return "file"
def replaced(): return "file"
def other(): return "other"
def is_missing(x=MISSING): return x is MISSING
def used(): return SCALE, STATE, float(TABLE.sum()), helper()
class Model:
    rate, layers = 1, [1]
    def fit(self): return "file"
    def kept(self): return "file"
    @staticmethod
    def load(): return "file"
    @property
    def size(self): return "file"
class Replaced: pass
class Config:
    def __init__(self): self.depth, self.act = 1, lambda x: x
CONFIG, UNCHANGED = Config(), Config()
"""

# what the notebook does; what a trial is asked; its answer; what is differences
CHANGES = [
    (
        "m.SCALE = 5",
        "m.used()[0]",
        "5",
        "m.SCALE: trials use the notebook's value, 5; its import in a trial gives 1.0",
    ),
    ("m.STATE['seen'].append(3)", "m.used()[1]", "{'seen': [3]}", "m.STATE: trials use"),
    ("m.TABLE[1] = 9", "m.used()[2]", "9.0", "m.TABLE: trials use"),
    (
        "K = 7\ndef mine(): return K\nm.helper = mine",
        "m.used()[3]",
        "7",
        "m.helper: trials use",
    ),
    (
        "m.replaced = m.other",
        "m.replaced()",
        "'other'",
        "m.replaced: trials use the notebook's value, m.other",
    ),
    (
        "def around(f): return lambda: f() + '!'\nm.wrapped = around(m.wrapped)",
        "m.wrapped()",
        "'file!'",
        "m.wrapped: trials use",
    ),
    ("m.CONFIG.depth = 4", "m.CONFIG.depth, m.CONFIG.act(1)", "(4, 1)", "m.CONFIG: trials use"),
    (
        "m.extra = [1]",
        "m.extra",
        "[1]",
        "m.extra: trials use the notebook's value, [1]; its import in a trial lacks it",
    ),
    ("m.Model.fit = lambda self: K", "m.Model().fit()", "7", "m.Model.fit: trials use"),
    ("m.Model.load = staticmethod(lambda: 1)", "m.Model.load()", "1", "m.Model.load: trials use"),
    ("m.Model.size = property(lambda self: 1)", "m.Model().size", "1", "m.Model.size: trials use"),
    ("m.Model.rate = 2", "m.Model.rate", "2", "m.Model.rate: trials use"),
    ("m.Model.layers.append(2)", "m.Model.layers", "[1, 2]", "m.Model.layers: trials use"),
    ("class Own: pass\nm.Replaced = Own", "m.Replaced.__name__", "'Own'", "m.Replaced: trials use"),
    (
        "m.LATE = __import__('threading').Lock()",
        "m.LATE",
        "None",
        "m.LATE: the notebook's lock is not sent (cannot pickle '_thread.lock' object)",
    ),
    (
        "m.LARGE = bytes(20_000_000)",
        "m.LARGE",
        "None",
        "m.LARGE: the notebook's bytes is not sent",
    ),
    ("", "m.is_missing(), m.Model().kept(), m.UNCHANGED.depth", "(True, 'file', 1)", ""),
    # the library's own: it draws otherwise in each process
    ("m.DICE.random()", "m.DICE is __import__('random')._inst", "True", ""),
    ("import signal\nm.CHOSEN = signal.SIGTERM", "m.CHOSEN.name", "'SIGTERM'", "m.CHOSEN: trials use"),
    # it makes texts from sets, in another order in each process
    ("import tokenize", "'|' in __import__('tokenize').PseudoToken", "True", ""),
    ("import numpy\nnumpy.extra = 5", "__import__('numpy').extra", "5", "numpy.extra: trials use"),
    (
        "from json import JSONDecoder\nJSONDecoder.decode = lambda self, text: K",
        "__import__('json').JSONDecoder().decode('x')",
        "7",
        "json.decoder.JSONDecoder.decode: trials use",
    ),
]

NOTEBOOK = """
import m, sys
from pathlib import Path
from jupyter_tune.payload.packing import pack
code = {"source": "", "shown": "", "filename": "cell"}
exec(sys.argv[1])
print(pack({"kind": "cell", **code, "names": {"m": m}}, Path(sys.argv[2])).path)
"""
TRIAL = """
import sys
from jupyter_tune.payload.loading import load
work = load(sys.argv[1])
m = work["names"]["m"]
answers = [repr(eval(question)) for question in eval(sys.argv[2])]
import json
print(json.JSONEncoder().encode([answers, work["patches"].differences]))
"""


def python(program: str, folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_the_notebook_changed_in_modules_is_there_in_trials(tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(FILE)
    changes = "\n".join(change for change, _, _, _ in CHANGES)
    payload = python(NOTEBOOK, tmp_path, changes, str(tmp_path / "data"))
    answers, found = json.loads(python(TRIAL, tmp_path, payload, repr([asked for _, asked, _, _ in CHANGES])))
    assert answers == [answer for _, _, answer, _ in CHANGES]
    assert {
        next((known for _, _, _, known in CHANGES if known and one.startswith(known)), one) for one in found
    } == {known for _, _, _, known in CHANGES if known}
    assert len(found) == sum(bool(known) for _, _, _, known in CHANGES)


def test_a_module_that_is_loaded_later_has_the_changes_too(tmp_path: Path) -> None:
    """Nothing is imported for its sake."""
    (tmp_path / "m.py").write_text("SCALE = 1.0\n")
    notebook = NOTEBOOK.replace('"names": {"m": m}', '"names": {}')
    payload = python(notebook, tmp_path, "m.SCALE = 5\nimport wave\nwave.extra = 6", str(tmp_path / "data"))
    trial = TRIAL.replace('work["names"]["m"]', '__import__("m")')
    answers, differences = json.loads(
        python(
            trial, tmp_path, payload, "['\"wave\" in sys.modules', 'm.SCALE', '__import__(\"wave\").extra']"
        )
    )
    assert (answers, len(differences)) == (["False", "5", "6"], 2)
