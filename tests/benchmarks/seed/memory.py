"""Curves of trainings that have run before, on disk: nothing is trained twice.

One file for each kind of training, named by a digest of the code that decides its curves (without comments
and docstrings) and of the versions of torch and scikit-learn; a line a training, of which the last counts.
"""

from __future__ import annotations

import ast
import hashlib
import json
import time
from collections.abc import Generator, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from jupyter_tune.core.parameters import Params
from tests.benchmarks.seed.training import Epoch, Train, key_of


def digest_of(modules: Iterable[ModuleType]) -> str:
    """What changes when one of the modules' code does, or a library that trains."""
    code = [_code(Path(module.__file__ or "").read_text()) for module in modules]
    versions = [version("torch"), version("scikit-learn")]
    return hashlib.sha256("\n".join(code + versions).encode()).hexdigest()[:10]


def _code(source: str) -> str:
    """The source's syntax tree without texts that stand for themselves, as docstrings do."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [line for line in body if not _is_text(line)]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


class Memory:
    """Trains, or tells what came of the same training before.

    Attributes: `trained`: epochs trained since it was opened; `cpu_s` and `virtual_s`: what they took on
    this thread's clock, and what the cost model says.
    """

    def __init__(self, path: Path, train: Train):
        self._path = path
        self._train = train
        self._curves: dict[str, list[Epoch]] = {}
        self.trained = 0
        self.cpu_s = self.virtual_s = 0.0
        if path.exists():
            for line in path.read_text().splitlines():
                key, curve = json.loads(line)
                self._curves[key] = [Epoch(*epoch) for epoch in curve]

    def curve(self, params: Params, seed: int) -> Generator[Epoch]:
        """The training's epochs, without end; those not known yet are trained, and kept on `close`."""
        key = key_of(params, seed)
        known = self._curves.get(key, [])
        yield from known
        curve: list[Epoch] = []
        try:
            # from its beginning: what is known is only numbers
            for epoch in self._timed(self._train(params, seed)):
                curve.append(epoch)
                if len(curve) > len(known):
                    yield epoch
        finally:
            if len(curve) > len(known):
                self._keep(key, curve)

    def _timed(self, training: Iterator[Epoch]) -> Iterator[Epoch]:
        while True:
            began = time.thread_time()
            epoch = next(training)
            self.cpu_s += time.thread_time() - began
            self.virtual_s += epoch.seconds
            self.trained += 1
            yield epoch

    def _keep(self, key: str, curve: list[Epoch]) -> None:
        self._curves[key] = curve
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a") as file:
            file.write(json.dumps([key, curve]) + "\n")
