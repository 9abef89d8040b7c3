"""Which room may import which. Every module of the package is found and checked."""

from __future__ import annotations

import ast
import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import jupyter_tune
from jupyter_tune.registry import PRUNERS, SAMPLERS, TRACKERS

PACKAGE = "jupyter_tune"
ROOT = Path(jupyter_tune.__file__).parent
# the built front ends hold no Python
MODULES = sorted(
    path for path in ROOT.rglob("*.py") if path.relative_to(ROOT).parts[0] not in ("static", "labextension")
)


def name_of(path: Path) -> str:
    """The module's name inside the package: core.space, core for a package, "" for the root."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@functools.cache
def nodes_of(path: Path) -> list[ast.AST]:
    """All nodes of the file, its module first."""
    return list(ast.walk(ast.parse(path.read_text())))


@functools.cache
def imports_of(path: Path) -> frozenset[str]:
    """Full names of all modules imported anywhere in the file, also inside functions."""
    found: set[str] = set()
    for node in nodes_of(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name_of(path)}: a relative import; write it out"
            module = node.module or ""
            # `from package import part` imports the part where that is a module
            found |= {_module(module, alias.name) for alias in node.names}
    return frozenset(found)


def _module(module: str, name: str) -> str:
    inside = ROOT.parent.joinpath(*module.split("."), name)
    return f"{module}.{name}" if inside.with_suffix(".py").exists() or inside.is_dir() else module


def names_in(path: Path) -> set[str]:
    return {node.id for node in nodes_of(path) if isinstance(node, ast.Name)}


def ours(path: Path) -> set[str]:
    """The modules of this package that the file imports, by their names inside it."""
    names = {name for name in imports_of(path) if name.split(".")[0] == PACKAGE}
    return {name.removeprefix(PACKAGE).removeprefix(".") for name in names}


def others(path: Path) -> set[str]:
    """Other top-level packages that the file imports, without the standard library."""
    roots = {name.split(".")[0] for name in imports_of(path)}
    return roots - {PACKAGE} - sys.stdlib_module_names


def below(name: str, *parts: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def modules(*parts: str) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """The test of a rule for one module as a test of all that are meant; one failure names every module."""
    chosen = [path for path in MODULES if not parts or below(name_of(path), *parts)]
    assert chosen, parts

    def of_all(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken = []
            for path in chosen:
                try:
                    rule(path)
                except AssertionError as error:
                    broken.append(f"{name_of(path) or PACKAGE}: {error}")
            assert not broken, "\n".join(broken)

        test.__name__ = rule.__name__
        return test

    return of_all


@modules("core")
def test_core_imports_the_standard_library_only(path):
    assert not others(path)
    roots = {name.split(".")[0] for name in imports_of(path)}
    assert not roots & {"asyncio", "time", "datetime", "random", "secrets", "os", "io", "pathlib", "sqlite3"}
    assert not roots & {"threading", "subprocess", "socket"}


@modules("errors")
def test_errors_import_nothing(path):
    assert imports_of(path) <= {"__future__"}


ROOMS = {
    "core": {"errors"},
    "wire": {"errors"},
    "samplers": {"core", "errors"},
    "pruners": {"core", "errors"},
    "journal": {"core", "errors"},
    "views": {"core", "errors"},
    "payload": {"core", "errors"},
    "trials": {"core", "errors", "wire", "payload"},
    "executors": {"core", "errors", "wire", "payload", "trials"},
    "driver": {
        "core",
        "errors",
        "wire",
        "payload.store",
        "samplers",
        "pruners",
        "registry",
        "executors",
        "journal",
        "trials.files",
        # how a study stands, which its file keeps for lists
        "views.overview",
        "views.tables",
    },
    "client": {
        "core",
        "errors",
        "wire",
        "journal",
        "views",
        "payload.store",
        "trials.files",
        "trials.artifacts",
    },
    # callbacks know a trial by what it offers to the code that it runs
    "integrations.callbacks": {"core.measurements", "core.readers.names", "errors", "trials.report"},
    # what an objective of Optuna is given in a trial
    "integrations.optuna.trial": {
        "core",
        "errors",
        "trials.report",
        "trials.channel",
        "integrations.optuna.ranges",
    },
    "integrations.spaces": {"core", "errors"},
    "integrations.optuna.reading": {"core", "errors", "integrations.optuna.ranges"},
    "integrations.loggers": {
        "core",
        "errors",
        "wire.frames",
        "journal",
        "registry",
        "executors.local.processes",
        "trials.artifacts",
        "trials.files",
    },
    "cli": {"core", "errors", "journal", "client", "launch", "views", "payload.command_words"},
    "server": {"core", "errors", "wire", "journal", "views", "client"},
    "launch": {
        "core",
        "errors",
        "wire.requests",
        "wire.messages",
        "journal",
        "client",
        "registry",
        "payload",
        "executors",
        "trials",
    },
    "integrations.sklearn": {
        "core",
        "errors",
        "client",
        "launch",
        "registry",
        "trials.report",
        "integrations.spaces.domains",
    },
}
"""What each room may import besides itself."""


CALLBACKS = (
    "lightning",
    "pytorch_lightning",
    "xgboost",
    "lightgbm",
    "transformers",
    "accelerate",
    "keras",
    "catboost",
    "skorch",
    "ignite",
    "fastai",
)
"""Modules of integrations with a callback."""
ROOMS |= {f"integrations.{name}": {"errors", "trials.report", "integrations.callbacks"} for name in CALLBACKS}


@modules()
def test_an_integration_is_imported_by_its_users_only(path):
    # jt.sklearn, jt.optuna and jt.read_space are short names of what is there
    if name_of(path) and not below(name_of(path), "integrations", "sklearn", "optuna"):
        assert not any(below(name, "integrations") for name in ours(path))


VIEWS = {
    "words": set(),
    "axes": {"words"},
    "tables": {"axes", "words"},
    "charts": {"tables", "axes", "words"},
    "drawing": {"charts"},
    "saved": {"drawing", "charts", "tables", "words"},
    "report": {"saved", "drawing", "charts", "tables", "words"},
}
"""What each room of views may import beside itself, core and errors."""
ROOMS |= {
    f"views.{room}": {"core", "errors", *(f"views.{name}" for name in known)} for room, known in VIEWS.items()
}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_rooms_below_it(room):
    for path in MODULES:
        if below(name_of(path), room):
            strangers = {name for name in ours(path) if name and not below(name, room, *ROOMS[room])}
            assert not strangers, name_of(path)


@modules()
def test_torch_lives_in_the_gp_sampler_only(path):
    # callbacks of libraries that are made of torch import what is loaded already
    if not below(name_of(path), "samplers.gp", "integrations"):
        assert not others(path) & {"torch", "gpytorch", "botorch", "linear_operator"}


@modules()
def test_dask_lives_in_its_executor_only(path):
    if not below(name_of(path), "executors.dask"):
        assert not others(path) & {"dask", "distributed", "dask_gateway"}


@modules()
def test_a_trackers_library_lives_in_its_own_module_only(path):
    libraries = {kind.library: kind.made.rpartition(".")[0] for kind in TRACKERS.values()}
    for library in others(path) & libraries.keys():
        assert name_of(path) == libraries[library]


@modules()
def test_no_other_room_imports_the_loggers(path):
    # their process is started by its name
    if not below(name_of(path), "integrations.loggers"):
        assert not any(below(name, "integrations.loggers") for name in ours(path))


@modules()
def test_better_and_worse_are_asked_of_the_objective(path):
    # the option's reader and the settings name a direction, and compute nothing with it
    if not below(name_of(path), "core.objective", "core.settings"):
        assert not any(isinstance(node, ast.Attribute) and node.attr == "maximize" for node in nodes_of(path))


@modules("integrations.sklearn.evaluation", "integrations.sklearn.stepping")
def test_what_a_trial_of_a_search_runs_loads_no_study(path):
    known = ("errors", "trials.report", "integrations.sklearn.evaluation", "integrations.sklearn.stepping")
    assert all(below(name, *known) for name in ours(path))


@modules()
def test_scikit_learn_lives_in_its_integration_only(path):
    if not below(name_of(path), "integrations.sklearn"):
        assert not others(path) & {"sklearn", "joblib"}


@modules("executors", "trials", "payload")
def test_a_trial_process_loads_next_to_nothing(path):
    # for unpickling, and for nested asyncio.run; all other code of a trial's process is plain Python
    allowed = {
        "executors.local.devices": {"pynvml"},  # in the driver and the kernel alone
        "payload.classes": {"cloudpickle"},
        "payload.pickling": {"cloudpickle"},
        "trials.training": {"nest_asyncio2"},
        "trials.command.handing_over": {"yaml", "tomli_w"},
    }
    # what runs on a cluster's workers starts no trial itself: the local executor does, in another process
    if not below(name_of(path), "executors.dask"):
        assert others(path) <= allowed.get(name_of(path), set())


@modules("trials.report", "trials.channel", "trials.artifacts")
def test_report_and_its_channel_import_core_and_wire_only(path):
    known = ("core", "errors", "wire", "trials.channel", "trials.artifacts")
    assert all(below(name, *known) for name in ours(path))


@modules()
def test_only_the_driver_and_the_tuner_choose_samplers_and_pruners(path):
    chooses = any(below(name, "samplers", "pruners") for name in ours(path))
    choosers = ("driver", "tuner", "integrations.optuna.sampler")
    assert not chooses or below(name_of(path), "samplers", "pruners", "registry", *choosers)
    # the others read names and traits
    makes = {"make_sampler", "make_pruner", "make_engine"} & names_in(path)
    assert not makes or below(name_of(path), "registry", *choosers)


@modules("core")
def test_core_names_no_implementation(path):
    # "none" is a word of messages too
    implementations = {*SAMPLERS, *PRUNERS} - {"none"}
    assert implementations >= {"gp", "asha"}
    named = {node.value for node in nodes_of(path) if isinstance(node, ast.Constant)}
    assert not named & implementations


@modules()
def test_no_other_room_imports_the_driver(path):
    # it is a process of its own, reached through a socket
    assert below(name_of(path), "driver") or not any(below(name, "driver") for name in ours(path))


@modules("notebook")
def test_the_notebook_reaches_studies_through_their_clients(path):
    assert not any(below(name, "executors", "driver", "tuner") for name in ours(path))


@modules("notebook.cell")
def test_cells_are_read_without_ipython(path):
    assert not others(path)


@modules()
def test_ipython_and_widgets_live_in_the_notebook_only(path):
    if not below(name_of(path), "notebook"):
        assert not others(path) & {"IPython", "ipywidgets", "anywidget", "ipykernel"}


@modules()
def test_click_lives_in_the_command_line_only(path):
    if not below(name_of(path), "cli"):
        assert "click" not in others(path)


@modules()
def test_every_module_has_a_docstring(path):
    tree = nodes_of(path)[0]
    assert isinstance(tree, ast.Module)
    assert not tree.body or ast.get_docstring(tree), "has no docstring"


HEAVY = {
    "distributed",
    "dask",
    "torch",
    "gpytorch",
    "numpy",
    "plotly",
    "IPython",
    "pandas",
    "matplotlib",
    "ipywidgets",
    "asyncio",
}


@pytest.mark.parametrize(
    "statement",
    [
        "import jupyter_tune",
        "import jupyter_tune as jt; jt.Space(lr=jt.Float(0, 1), n=jt.Int(1, 9), a=jt.Categorical(['x']))",
        "from jupyter_tune.notebook.cell import parse; parse('lr: Float(0, 1)')",
        "from jupyter_tune.launch.options import make_settings as f; f({'maximize': ['loss']}, 'tune()')",
    ],
)
def test_a_fresh_interpreter_loads_nothing_heavy(statement):
    loaded = subprocess.run(
        [sys.executable, "-c", f"{statement}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    ).stdout.split()
    assert not HEAVY & set(loaded)


def test_a_server_that_loads_the_extension_pays_next_to_nothing():
    # each server of an installation loads it, before anybody asks for a study
    statement = (
        "import sys, jupyter_server.serverapp\n"
        "before = set(sys.modules)\n"
        "import jupyter_tune\n"
        "(point,) = jupyter_tune._jupyter_server_extension_points()\n"
        "__import__(point['module'])\n"
        "import jupyter_tune.server.extension\n"
        "print(*set(sys.modules) - before)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", statement], capture_output=True, text=True, check=True, timeout=120
    ).stdout.split()
    assert not HEAVY & set(loaded)
    assert {name for name in loaded if name.split(".")[0] == PACKAGE} == {
        PACKAGE,
        "jupyter_tune.errors",
        "jupyter_tune.server",
        "jupyter_tune.server.extension",
        "jupyter_tune.server.handlers",
        "jupyter_tune.server.service",
    }


@modules()
def test_the_server_is_known_to_its_extension_only(path):
    if not below(name_of(path), "server"):
        assert not others(path) & {"jupyter_server", "jupyter_events", "tornado"}
