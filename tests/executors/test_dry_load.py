"""What a trial cannot load is named before a study starts."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import types
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from jupyter_tune.executors.local.dry_load import LOAD_S, DryLoad
from jupyter_tune.executors.local.supervisor_process import SupervisorProcess
from jupyter_tune.payload.packing import pack
from jupyter_tune.wire.frames import Link
from tests.trial_lab import cell

pytestmark = pytest.mark.usefixtures("bare_notebook", "no_process_is_left")

# what the notebook has as `it`; what is said of it
REFUSED = {
    "its class raises": (
        "class Session:\n    def __setstate__(self, state): raise OSError('no database')\n"
        "it = Session(); it.x = 1",
        "it (Session): cannot be loaded in a trial (OSError: no database); create it inside the cell",
    ),
    "its class is in no file": (
        "import sys, types\nsys.modules['made_up'] = types.ModuleType('made_up')\n"
        "exec('class Own: pass', vars(sys.modules['made_up']))\nit = [sys.modules['made_up'].Own()]",
        "it (list): cannot be loaded in a trial (ModuleNotFoundError: No module named 'made_up'); "
        "put its module into a file that imports find (sys.path), or create it inside the cell",
    ),
    "it lives in the state of its process": (
        "import copyreg, threading\nopen_ones = {}\nclass Handle: pass\nit = Handle()\nopen_ones[7] = it\n"
        "threading.open_ones = open_ones\n"
        "Handle.__reduce__ = lambda self: (eval, ('__import__(\"threading\").open_ones[7]',))",
        "it (Handle): cannot be loaded in a trial (AttributeError: module 'threading' has no attribute "
        "'open_ones'); create it inside the cell",
    ),
    "it ends the process": (
        "class Native:\n    def __setstate__(self, state): __import__('os').abort()\nit = Native(); it.x = 1",
        "it (Native): loading it in a trial ends the process (SIGABRT); create it inside the cell",
    ),
    "it lacks what it is made with": (
        "class Wrong(Exception):\n    def __init__(self, code, text): super().__init__(text)\n"
        "it = Wrong(1, 'no')",
        "it (Wrong): cannot be loaded in a trial (TypeError: Wrong.__init__() missing 1 required "
        "positional argument: 'text'); create it inside the cell",
    ),
    "nothing is wrong": ("import numpy\nit = (numpy.ones(9), lambda x: x)", ""),
}


@pytest.fixture
def space() -> Iterator[dict[str, object]]:
    """The notebook's variables."""
    main, modules = sys.modules["__main__"].__dict__, set(sys.modules)
    before = dict(main)
    yield main
    main.clear()
    main.update(before)
    vars(sys.modules["threading"]).pop("open_ones", None)
    for name in set(sys.modules) - modules:
        if not getattr(sys.modules[name], "__file__", None):
            del sys.modules[name]


@pytest.fixture
async def supervisor() -> AsyncIterator[SupervisorProcess]:
    handle = SupervisorProcess()
    yield handle
    await handle.end()


async def test_what_cannot_be_loaded_is_refused_by_name(
    tmp_path: Path, space: dict[str, object], supervisor: SupervisorProcess
) -> None:
    said = {}
    for kind, (source, _) in REFUSED.items():
        exec(source, space)
        packed = pack(cell(names={"it": space["it"]}), tmp_path / "data")
        said[kind], _ = await supervisor.check(str(packed.path), {"cwd": str(tmp_path)})
    assert said == {kind: expected for kind, (_, expected) in REFUSED.items()}


async def test_modules_are_looked_up_on_the_trial_s_path_not_the_driver_s(
    tmp_path: Path, space: dict[str, object], supervisor: SupervisorProcess
) -> None:
    (tmp_path / "beside.py").write_text("class Own: pass\n")
    module = types.ModuleType("beside")
    exec("class Own: pass", vars(module))
    sys.modules["beside"] = module
    packed = pack(cell(names={"it": module.Own}), tmp_path / "data")
    assert "No module named 'beside'" in (await supervisor.check(str(packed.path), {}))[0]
    found = await supervisor.check(str(packed.path), {"sys_path": [str(tmp_path), *sys.path]})
    assert found == ("", [])


async def test_the_check_uses_no_gpu(
    tmp_path: Path, space: dict[str, object], supervisor: SupervisorProcess
) -> None:
    exec(
        "class Looks:\n    def __setstate__(self, state):\n"
        "        import os; raise OSError(os.environ.get('CUDA_VISIBLE_DEVICES', 'all'))\n"
        "it = Looks(); it.x = 1",
        space,
    )
    packed = pack(cell(names={"it": space["it"]}), tmp_path / "data")
    gpus = {"among": {"0": "GPU-a"}, "per_trial": 1}
    assert "(OSError: ); create" in (await supervisor.check(str(packed.path), {"gpus": gpus}))[0]
    assert "(OSError: all); create" in (await supervisor.check(str(packed.path), {}))[0]


def test_a_load_that_takes_long_is_no_error() -> None:
    ours, theirs = socket.socketpair()
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    load = DryLoad(process.pid, Link(ours), time.monotonic() - LOAD_S)
    load.enforce(time.monotonic())
    theirs.close()
    status = -process.wait()
    assert load.exited(status) == ""
