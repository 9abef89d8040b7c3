"""The environments that peers run in: one venv for each family of them, made when it is first asked for.

Their pins contradict each other and ours, so none shares an environment with another or with the
project. They lie in `.venv-peers/NAME`, and a stamp holds the pins they were made from: other pins make
the environment anew. One that cannot be made raises `CannotInstall`; the harness reports the peer
as missing with that reason.

    python tests/benchmarks/search/environments.py [NAME ...]     makes them, all without a name
"""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parents[3] / ".venv-peers"
PATIENCE_S = 1200

# torch's default wheels bring gigabytes of CUDA where the index has no other: this one first, by itself
TORCH = ("torch==2.13.0",)

# NAME -> the pip commands that make it, in order
ENVIRONMENTS: dict[str, Sequence[Sequence[str]]] = {
    "optuna": (TORCH, ("optuna==5.0.0", "scipy==1.17.1", "cmaes")),
    # without torch: its storages and tables need none
    "optuna-storage": (("optuna==5.0.0", "pandas==3.1.1"),),
    "ax": (TORCH, ("ax-platform==1.3.1", "botorch==0.18.1")),
    "smac": (("smac==2.4.1",),),
    "hyperopt": (("hyperopt==0.3.0",),),
    # GPy holds it to an older NumPy, and so to the last of the rest that were built for that
    "hebo": (
        TORCH,
        (
            "hebo==0.3.6",
            "numpy==1.24.4",
            "scipy==1.11.4",
            "GPy==1.13.1",
            "pandas<2.2",
            "scikit-learn<1.5",
            "--only-binary=scipy,numpy,scikit-learn,pandas,catboost",
        ),
    ),
    "synetune": (TORCH, ("syne-tune==0.16.0",)),
    "ray": (TORCH, ("ray[tune]==2.58.0",)),
    "dehb": (("dehb==0.1.2",),),
    # a harness, with optimizers of its own and with ours
    "carps": (
        TORCH,
        (
            "carps==1.1.0",
            "optuna==5.0.0",
            "smac==2.4.1",
            "nevergrad==1.0.12",
            "hyperopt==0.3.0",
            "scikit-optimize==0.10.2",
            "ioh==0.4.2",
            "ConfigSpace==1.2.2",
            "numpy==2.4.6",
            "onnxruntime==1.32.0",
            "gpytorch==1.15.2",
            "threadpoolctl==3.8.0",
        ),
        # the index has none for this ConfigSpace
        (
            "--no-deps",
            "yahpo-gym@git+https://github.com/automl/yahpo_gym@93f5b151d4e2f44daa5314cd10533aafec37d630"
            "#subdirectory=yahpo_gym",
        ),
    ),
}


class CannotInstall(Exception):  # noqa: N818 - it says what happened
    """The environment cannot be made here; the message says which step failed, and how."""


def python_of(name: str) -> Path:
    """The interpreter of environment `name`, made first if need be; "main" is the one that runs this.

    Raises: CannotInstall; KeyError for a name that is in no list.
    """
    if name == "main":
        return Path(sys.executable)
    steps = ENVIRONMENTS[name]
    pins = "\n".join(" ".join(step) for step in steps)
    folder = FOLDER / name
    stamp = folder / "made-from"
    FOLDER.mkdir(exist_ok=True)
    # two runs may want the same one at once
    with open(FOLDER / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != pins:
            _make(folder, steps)
            stamp.write_text(pins)
    return folder / "bin" / "python"


def _make(folder: Path, steps: Sequence[Sequence[str]]) -> None:
    print(
        f"making the environment {folder.name} (the first time takes minutes) …", file=sys.stderr, flush=True
    )
    shutil.rmtree(folder, ignore_errors=True)
    python = str(folder / "bin" / "python")
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--prefer-binary"]
    for command in ([sys.executable, "-m", "venv", str(folder)], *([*pip, *step] for step in steps)):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            raise CannotInstall(f"{folder.name}: {' '.join(command[1:])} took over {PATIENCE_S} s") from error
        if done.returncode != 0:
            last = done.stderr.strip().splitlines()[-3:]
            raise CannotInstall(f"{folder.name}: {' '.join(command[1:])} failed: {' / '.join(last)}")


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ENVIRONMENTS:
        try:
            print(wanted, python_of(wanted), flush=True)
        except CannotInstall as error:
            print(error, flush=True)
