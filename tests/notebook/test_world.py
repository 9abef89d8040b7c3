"""Every row of docs/trials.md, asked in a real kernel and in the trials of its study."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.real_kernel import LOAD, Kernel

TABLE = Path(__file__).parents[2] / "docs" / "trials.md"

# what a row of the table begins with; what the notebook does; what is asked; the answer in a trial where it
# is not the notebook's
ROWS: list[tuple[str, str, str, str | None]] = [
    ("`from __future__`", "", "annotated.__annotations__", None),
    (
        "environment variables",
        "os.environ['OWN'] = '1'\nos.chdir(tempfile.mkdtemp())\nsys.path.append('/own')",
        "os.environ['OWN'], os.getcwd(), '/own' in sys.path",
        None,
    ),
    (
        "recursion limit",
        "sys.setrecursionlimit(2345)\nsys.setswitchinterval(.25)\nthreading.stack_size(1 << 20)\n"
        "gc.set_threshold(500, 5, 5)\nsys.argv = ['own', '--epochs', '3']",
        # a stack size that is read is 0 afterwards
        "sys.getrecursionlimit(), sys.getswitchinterval(), "
        "[(size, threading.stack_size(size)) for size in [threading.stack_size()]], "
        "gc.get_threshold(), sys.argv",
        None,
    ),
    (
        "umask",
        "os.umask(0o27)\nlocale.setlocale(locale.LC_ALL, 'C.UTF-8')\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))",
        "os.umask(0o27), locale.setlocale(locale.LC_ALL), resource.getrlimit(resource.RLIMIT_CORE)",
        None,
    ),
    (
        "decimal context",
        "decimal.getcontext().prec = 7\nsocket.setdefaulttimeout(9)\ncsv.field_size_limit(99_999)\n"
        "tempfile.tempdir = os.getcwd()\nmultiprocessing.set_start_method('spawn', force=True)",
        "decimal.Decimal(1) / 3, socket.getdefaulttimeout(), csv.field_size_limit(), tempfile.gettempdir(), "
        "multiprocessing.get_start_method()",
        None,
    ),
    ("names that you have added", "builtins.own_builtin = 5", "own_builtin", None),
    ("names that you have added", "", "get_ipython()", "None"),
    (
        "warnings filters",
        "warnings.filterwarnings('error', message='own')\nlogging.getLogger('own').setLevel(7)",
        "[f[0] for f in warnings.filters if f[1] and f[1].pattern == 'own'], logging.getLogger('own').level",
        None,
    ),
    (
        "numpy: error state",
        "np.set_printoptions(precision=2)\nnp.seterr(under='raise')\n"
        "matplotlib.rcParams['lines.linewidth'] = 7",
        "str(np.array([1 / 3])), np.geterr(), matplotlib.rcParams['lines.linewidth']",
        None,
    ),
    ("matplotlib's backend", "", "plt.plot([1]) and plt.show(), plt.close()", "(None, None)"),
    (
        "torch",
        "torch.set_default_dtype(torch.float64)\ntorch.set_default_device('meta')",
        "torch.zeros(1).dtype, torch.zeros(1).device, torch.is_grad_enabled()",
        None,
    ),
    (
        "modules of your own",
        "Path(own_module.__file__).write_text('def made(): return 2')",
        "own_module.made()",
        "2",
    ),
    ("changes that the notebook made", "own_module.SCALE = 5", "own_module.SCALE", None),
    ("functions, classes, numbers", "json.own = lambda: 3", "json.own()", None),
    (
        "classes of the notebook",
        "class Base:\n    every = []\n    def __init_subclass__(cls): Base.every.append(cls)\n"
        "class Own(Base): __slots__ = ()\nnumbers.Number.register(Own)",
        "Base.every == [Own], isinstance(Own(), numbers.Number), Own.__slots__",
        None,
    ),
    (
        "types of the notebook",
        "class Named: pass\ndef named(x: 'Named'): pass",
        "typing.get_type_hints(named)",
        None,
    ),
    (
        "large arrays",
        "big_bytes, big_array = os.urandom(2 << 20), np.ones(1 << 20)",
        "hash(big_bytes) and big_bytes[-9:], big_array.sum()",
        None,
    ),
    ("variables that are looked up", "unnamed = 1", "'unna' + 'med' in globals()", "False"),
    (
        "enums",
        "class Planet(enum.Enum):\n    EARTH = 5, 6\n    HOME = 5, 6\n"
        "    def __init__(self, mass, radius): self.mass = mass\nby_planet = {Planet.EARTH: 1}",
        "by_planet[Planet.HOME], Planet.EARTH.mass, [*Planet.__members__]",
        None,
    ),
    ("source of cells", "def told(): return 'own text'", "inspect.getsource(told)", None),
    (
        "your own generators",
        "own_random = np.random.default_rng(3)\nown_random.random()\ncount = iter([1, 2, 3])\nnext(count)",
        "copy.deepcopy(own_random).random(), list(copy.copy(count))",
        None,
    ),
    (
        "torch modules",
        "model = torch.nn.Linear(2, 2, device='cpu')\n"
        "optimizer = torch.optim.SGD(model.parameters(), lr=.1)\n"
        "model(torch.ones(1, 2, device='cpu')).sum().backward()",
        "optimizer.param_groups[0]['params'][0] is model.weight, model.weight.grad is None",
        "(True, True)",
    ),
    (
        "global random generators",
        "",
        "[random.random(), np.random.rand(), float(torch.rand(1, device='cpu'))] == seeded(trial.seed)",
        "True",
    ),
    ("threads of numeric", "", "os.environ['OMP_NUM_THREADS'], torch.get_num_threads()", "THREADS"),
    ("`stdin`", "", "sys.stdin.read()", "''"),
    (
        "signal handlers",
        "signal.signal(signal.SIGUSR1, lambda *_: None)\nsys.excepthook = print",
        "signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL, sys.excepthook is sys.__excepthook__",
        "(True, True)",
    ),
    ("a running asyncio loop", "", "asyncio._get_running_loop()", "None"),
    ("hashes of strings", "", "hash('own') == NOTEBOOKS_HASH", "False"),
    ("`-O`, `-X`", "", "sys.flags.optimize", "0"),
]

SET_UP = """
import asyncio, builtins, copy, csv, decimal, enum, gc, inspect, json, locale, logging, multiprocessing, os
import random, resource
import numbers, signal, socket, sys, tempfile, threading, typing, warnings
from pathlib import Path
import matplotlib, numpy as np, torch
sys.path.insert(0, os.getcwd())
Path('own_module.py').write_text('SCALE = 1\\ndef made(): return 1')
import own_module
"""

# lambdas, so that what they use travels
QUESTIONS = "".join(f"    lambda: ({question}),\n" for _, _, question, _ in ROWS)

ASK = f"""
import matplotlib.pyplot as plt
def annotated(x: nowhere): pass
def seeded(seed):
    random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)
    return [random.random(), np.random.rand(), float(torch.rand(1, device='cpu'))]
QUESTIONS = [
{QUESTIONS}]
answers = []
for question in QUESTIONS:
    try:
        answers.append(repr(question()))
    except Exception as error:
        answers.append(f"{{type(error).__name__}}: {{error}}")
"""

STUDY = """%%tune --maximize s --trials 2 --workers 2 --sampler random --wait
x: Float(0, 1) = 0.5
{ask}
answers.append(hash('own'))
Path(OUT, f"{{trial.number}}.json").write_text(json.dumps(answers))
s = x
"""


def test_every_row_of_the_table_is_asked() -> None:
    # other tables stand above it
    table = TABLE.read_text().partition("| | in a trial |")[2]
    rows = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")]
    begins = [begin for begin, *_ in ROWS]
    assert [row for row in rows if row and not any(row.startswith(begin) for begin in begins)] == []
    assert [begin for begin in begins if not any(row.startswith(begin) for row in rows)] == []


def test_a_trial_finds_what_the_table_says(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run(f"{LOAD}\nOUT = {str(tmp_path)!r}\nNOTEBOOKS_HASH = hash('own')")
    kernel.run("from __future__ import annotations")
    kernel.run(SET_UP)
    for _, action, _, _ in ROWS:
        kernel.run(action)
    notebook = kernel.run(f"{ASK}\nprint(OUT and json.dumps(answers))").text.splitlines()[-1]
    kernel.run(STUDY.format(ask=ASK))
    trials = [json.loads((tmp_path / f"{number}.json").read_text()) for number in range(2)]
    threads = max(1, len(os.sched_getaffinity(0)) // 2)
    for (begin, _, question, given), *found in zip(ROWS, json.loads(notebook), *trials, strict=False):
        asked, *answers = found
        expected = asked if given is None else given.replace("THREADS", repr((str(threads), threads)))
        assert answers == [expected, expected], (begin, question)
    # trials of one study share them
    assert trials[0][-1] == trials[1][-1]
