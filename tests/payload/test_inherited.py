"""A trial's world is the notebook's: what was set there holds here. docs/trials.md has the table."""

from __future__ import annotations

import builtins
import csv
import decimal
import gc
import importlib
import logging
import os
import queue
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from logging.handlers import QueueHandler
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
import pytest
import sklearn
import torch

from jupyter_tune.payload.pickling import dumps
from jupyter_tune.payload.settings.inherited import EARLY, LATE, inherit, snapshot
from tests.trial_lab import Lab


@pytest.fixture(autouse=True)
def settings_of_before() -> Iterator[None]:
    """Tests set things in this process, which stands for the kernel."""
    before, _ = snapshot(dumps)
    filters = list(warnings.filters)
    names = set(vars(builtins))
    # of matplotlib only what differs from its defaults is read, and so would be put back
    with matplotlib.rc_context():
        yield
    for name in set(vars(builtins)) - names:
        del vars(builtins)[name]
    inherit((*EARLY, *LATE), before)
    warnings.filters[:] = filters  # type: ignore[index]
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("test_inherited")]:
        del logging.root.manager.loggerDict[name]


def set_torch() -> None:
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True, warn_only=True)
    torch.backends.cudnn.benchmark = True
    torch.set_printoptions(precision=2)


def set_interpreter() -> None:
    sys.setrecursionlimit(1234)
    sys.setswitchinterval(0.25)
    sys.set_int_max_str_digits(7777)
    threading.stack_size(1 << 20)
    gc.set_threshold(500, 5, 5)


def set_standard_library() -> None:
    decimal.getcontext().prec = 7
    socket.setdefaulttimeout(12.5)
    csv.field_size_limit(999)
    tempfile.tempdir = "/tmp/elsewhere"


def set_numpy() -> None:
    np.seterr(divide="raise")
    np.set_printoptions(precision=3, formatter={"float": "{:.1f}".format})


def set_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s! %(message)s", force=True)
    logging.getLogger("test_inherited.quiet").setLevel(logging.ERROR)
    logging.captureWarnings(True)


INHERITED: dict[str, tuple[Callable[[], Any], str]] = {
    "interpreter": (
        set_interpreter,
        "import sys, gc, threading\n"
        "assert (sys.getrecursionlimit(), sys.getswitchinterval()) == (1234, .25)\n"
        "assert (sys.get_int_max_str_digits(), threading.stack_size()) == (7777, 1 << 20)\n"
        "assert gc.get_threshold() == (500, 5, 5)",
    ),
    "gc": (gc.disable, "import gc\nassert not gc.isenabled()"),
    "argv": (
        lambda: setattr(sys, "argv", ["prog", "--mine"]),
        "import sys\nassert sys.argv == ['prog', '--mine'], sys.argv",
    ),
    "umask": (lambda: os.umask(0o27), "import os\nassert os.umask(0) == 0o27"),
    "standard library": (
        set_standard_library,
        "import decimal, socket, csv, tempfile\n"
        "assert decimal.getcontext().prec == 7 and socket.getdefaulttimeout() == 12.5\n"
        "assert csv.field_size_limit() == 999 and tempfile.gettempdir() == '/tmp/elsewhere'",
    ),
    "builtins": (lambda: vars(builtins).update(extra=[1, 2]), "assert extra == [1, 2]"),
    "numpy": (
        set_numpy,
        "import numpy as np\nassert np.geterr()['divide'] == 'raise'\nassert str(np.ones(1)) == '[1.0]'",
    ),
    "torch": (
        set_torch,
        "import torch\nassert torch.get_default_dtype() == torch.float64\n"
        "assert torch.zeros(1).device.type == 'meta' and not torch.is_grad_enabled()\n"
        "assert torch.is_deterministic_algorithms_warn_only_enabled() and torch.backends.cudnn.benchmark\n"
        "assert str(torch.tensor(1 / 3, device='cpu')) == 'tensor(0.33)'",
    ),
    "pandas": (
        lambda: pd.set_option("display.max_rows", 7, "display.float_format", "{:.1f}".format),
        "import pandas as pd\nassert pd.get_option('display.max_rows') == 7\n"
        "assert pd.get_option('display.float_format')(1 / 3) == '0.3'",
    ),
    "sklearn": (
        lambda: sklearn.set_config(transform_output="pandas"),
        "import sklearn\nassert sklearn.get_config()['transform_output'] == 'pandas'",
    ),
    "matplotlib": (
        lambda: matplotlib.rcParams.update({"lines.linewidth": 7, "axes.titlesize": 33}),
        "import matplotlib\nassert matplotlib.rcParams['lines.linewidth'] == 7\n"
        "assert matplotlib.rcParams['axes.titlesize'] == 33",
    ),
    "warnings": (
        lambda: warnings.filterwarnings("error", message="halt", category=FutureWarning),
        "import warnings\nwarnings.warn('pass', FutureWarning) if False else None\n"
        "try:\n    warnings.warn('halted', FutureWarning)\n"
        "except FutureWarning:\n    pass\nelse:\n    raise AssertionError",
    ),
    "logging": (
        set_logging,
        "import logging, warnings\nassert logging.root.level == logging.INFO\n"
        "logging.info('hello')\nassert logging.getLogger('test_inherited.quiet').level == logging.ERROR\n"
        "warnings.simplefilter('always')\nwarnings.warn('captured')",
    ),
}


async def test_trials_inherit_the_settings_of_the_notebook(lab: Lab) -> None:
    umask = os.umask(0o22)
    recursion, interval, argv = sys.getrecursionlimit(), sys.getswitchinterval(), sys.argv
    try:
        for set_it, _ in INHERITED.values():
            set_it()
        # one trial for all: it loads every library
        await lab.open("\n".join(check for _, check in INHERITED.values()) + "\naccuracy = 1")
        lab.launch()
        ended = await lab.ended()
    finally:
        os.umask(umask)
        sys.setrecursionlimit(recursion)
        sys.setswitchinterval(interval)
        sys.argv = argv
    assert (ended.error, ended.value) == ("", 1.0)
    assert "INFO! hello" in lab.log()
    assert "WARNING! " in lab.log()


def test_a_handler_that_trials_cannot_have_is_named_in_a_notice() -> None:
    logging.getLogger("test_inherited").addHandler(QueueHandler(queue.Queue()))
    _, notices = snapshot(dumps)
    assert (
        "logging: QueueHandler of the test_inherited logger stays in the notebook; "
        "add a handler inside the cell if trials should log there"
    ) in notices


def test_a_hosts_own_handlers_are_no_news_to_its_users() -> None:
    logging.getLogger("marimo").addHandler(QueueHandler(queue.Queue()))
    _, notices = snapshot(dumps)
    assert not any("marimo" in notice for notice in notices)


def test_a_setting_that_cannot_be_pickled_is_named_in_a_notice() -> None:
    lock = threading.Lock()
    np.seterrcall(lambda kind, flag: lock.locked())
    try:
        found, notices = snapshot(dumps)
    finally:
        np.seterrcall(None)
    assert "errcall" not in found["numpy"]
    assert (
        "numpy: errcall stays in the notebook (cannot pickle '_thread.lock' object); "
        "set it in the cell if needed"
    ) in notices


@pytest.mark.usefixtures("bare_notebook")
async def test_a_trial_has_the_current_environment_of_the_notebook(lab: Lab) -> None:
    lab.options["env"] = {"MINE": "new", "HOME": None, "TZ": "Asia/Tokyo"}
    ended = await lab.run(
        "import os, time\nassert os.environ['MINE'] == 'new' and 'HOME' not in os.environ\n"
        "accuracy = time.localtime(0).tm_hour"
    )
    assert (ended.error, ended.value) == ("", 9.0)


@pytest.mark.usefixtures("bare_notebook")
async def test_a_cell_is_compiled_with_the_notebook_s_future_statements_and_no_others(lab: Lab) -> None:
    import __future__

    source = "def f(x: int): pass\naccuracy = f.__annotations__['x'] == {}"
    flags = __future__.annotations.compiler_flag
    for number, (expected, flag) in enumerate((("int", 0), ("'int'", flags))):
        await lab.open(source.format(expected), flags=flag)
        lab.launch(number)
        assert (await lab.ended(number)).value == 1.0


@pytest.mark.usefixtures("bare_notebook")
async def test_the_builtins_of_a_notebook_exist_in_trials(lab: Lab) -> None:
    ended = await lab.run(
        "import builtins\nshown = display('a', [1], display_id=True)\nshown.update(2)\n"
        "assert display({'k': 1}) is None and get_ipython() is None\n"
        "report(accuracy=3)\nexit()"
    )
    assert (ended.state, ended.error) == ("complete", "")
    assert lab.log() == "'a'\n[1]\n2\n{'k': 1}\n"


def test_a_notebook_with_dask_has_no_trial_import_it() -> None:
    importlib.import_module("distributed")
    found, _ = snapshot(dumps)
    # its loggers have classes of its own
    described = dumps(found["logging"])
    assert b"logger distributed" not in described
    assert b"distributed.utils" not in described
