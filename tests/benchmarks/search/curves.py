"""Training tasks whose learning curves are known, so that a search over them costs no training.

A task answers a configuration with its whole curve: the loss after every step, and the seconds
since its start. There are three kinds, of which none is a formula:

* `lcbench`: a network fitted to 2,000 real trainings a task (LCBench, by YAHPO Gym). Smooth.
* `taskset`: 1,000 real trainings of recurrent networks (TaskSet). The nearest row answers.
* `table`: 400 and more trainings of our own, made by `tables.py`. The nearest row answers.

Nearest is meant in the unit cube, where a log parameter is measured by its logarithm and another
category is as far as the whole width of a range. Hence a table is a landscape of flat cells.

Two variants make a task harder:

* `noisy`: every reading carries Gaussian noise of a tenth of the scale (median - best). The same
  configuration has the same noise at the same step for every tuner, another with another seed.
* `slow`: whoever ends in the best tenth begins like the median one. In the first fifth of the steps
  its curve is a mixture of its own and of the median curve, wholly the median at step 1 and wholly
  its own after that fifth; where its own is worse than the mixture it stays. Final losses stay.

A loss is read as regret: 0 is the best final loss that is known, 1 that of the median configuration. Best and
median are those of a table's rows, and of 2,000 random configurations where a network answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.search.spaces import Parameter, Params, from_unit, real, to_unit, whole

Array: TypeAlias = NDArray[np.float64]
# configurations in the unit cube, n × d -> losses and cumulative seconds, n × steps each
Answer: TypeAlias = Callable[[Array], tuple[Array, Array]]

DATA = Path(__file__).parent / "data"
LCBENCH = ("3945", "126026", "146212", "167168")
NOISE = 0.1
SLOW_SHARE = 0.2


@dataclass(frozen=True)
class Curve:
    """One training: what it truly loses, what a tuner is shown, and the seconds since its start."""

    losses: Array
    shown: Array
    seconds: Array


@dataclass(frozen=True)
class Reference:
    """What many configurations of a task do: to normalise losses, and to count full trainings."""

    best: float
    median: float
    good: float  # final loss that a tenth of the configurations reach
    median_curve: Array
    full_seconds: float  # mean of a full training

    @classmethod
    def of(cls, losses: Array, seconds: Array) -> Reference:
        """From the curves of a sample, n × steps."""
        final = losses[:, -1]
        return cls(
            float(final.min()),
            float(np.median(final)),
            float(np.quantile(final, 0.1)),
            np.median(losses, axis=0),
            float(seconds[:, -1].mean()),
        )

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Reference:
        return cls(**{**data, "median_curve": np.array(data["median_curve"])})

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "median_curve": self.median_curve.round(4).tolist()}


@dataclass(frozen=True)
class Task:
    """A space and the learning curves over it. `kind` groups tasks in the tables of results."""

    name: str
    kind: str
    space: tuple[Parameter, ...]
    max_steps: int
    answer: Answer = field(repr=False)
    reference: Reference = field(repr=False)
    noise: float = 0.0
    slow: bool = False
    _known: dict[tuple[Any, ...], tuple[Array, Array]] = field(default_factory=dict, repr=False)

    def curve(self, params: Params, seed: int = 0) -> Curve:
        """The whole training of one configuration; `seed` is the noise's."""
        key = tuple(params[p["name"]] for p in self.space)
        if key not in self._known:
            losses, seconds = self.answer(to_unit(self.space, params)[None])
            self._known[key] = (self._slowed(losses[0]) if self.slow else losses[0], seconds[0])
        losses, seconds = self._known[key]
        return Curve(losses, losses + self._noise(key, seed) if self.noise else losses, seconds)

    def regret(self, loss: float) -> float:
        """0: the best final loss known, or better; 1: the median configuration's."""
        scale = self.reference.median - self.reference.best
        return max(0.0, (loss - self.reference.best) / scale)

    def noisy(self) -> Task:
        return replace(self, name=f"{self.name}+noisy", kind="noisy", noise=NOISE, _known={})

    def slow_starting(self) -> Task:
        return replace(self, name=f"{self.name}+slow", kind="slow", slow=True, _known={})

    def _noise(self, key: tuple[Any, ...], seed: int) -> Array:
        name = json.dumps([self.name, seed, *key])
        draws = np.random.default_rng(crc32(name.encode())).standard_normal(self.max_steps)
        return draws * self.noise * (self.reference.median - self.reference.best)

    def _slowed(self, losses: Array) -> Array:
        if losses[-1] > self.reference.good:
            return losses
        share = np.clip(1 - np.arange(self.max_steps) / round(SLOW_SHARE * self.max_steps), 0, 1)
        mixture: Array = share * self.reference.median_curve + (1 - share) * losses
        return np.maximum(losses, mixture)


def _nearest(space: tuple[Parameter, ...], rows: Array, losses: Array, seconds: Array) -> Answer:
    """Answers with the curve of the nearest row."""
    categories = np.array([p["kind"] == "categorical" for p in space])

    def answer(units: Array) -> tuple[Array, Array]:
        gaps = rows[None] - units[:, None]
        # of different categories only this counts: that they differ
        gaps = np.where(categories, np.abs(gaps) > 1e-6, gaps)
        nearest = (gaps**2).sum(axis=2).argmin(axis=1)
        return losses[nearest], seconds[nearest]

    return answer


@cache
def taskset(name: str) -> Task:
    """One task of TaskSet; `name` as in the file, without `taskset_`."""
    with np.load(DATA / "taskset_dev.npz") as file:
        rows = file[f"taskset_{name}/unit"].astype(float)
        losses = file[f"taskset_{name}/loss"].astype(float)
    space = tuple(real(f"x{i}", 0.0, 1.0) for i in range(rows.shape[1]))
    # the data set tells no times
    seconds = np.broadcast_to(np.arange(1.0, losses.shape[1] + 1), losses.shape)
    answer = _nearest(space, rows, losses, seconds)
    reference = Reference.of(losses, seconds)
    return Task(f"taskset_{name}", "taskset", space, losses.shape[1], answer, reference)


@cache
def table(name: str) -> Task:
    """One of our own tables: `data/table_NAME.npz`, written by `tables.py`."""
    with np.load(DATA / f"table_{name}.npz") as file:
        space = tuple(json.loads(str(file["space"])))
        rows, losses = file["unit"].astype(float), file["losses"].astype(float)
        seconds = file["step_seconds"].astype(float)[:, None] * np.arange(1, losses.shape[1] + 1)
    answer = _nearest(space, rows, losses, seconds)
    return Task(name, "table", space, losses.shape[1], answer, Reference.of(losses, seconds))


LCBENCH_SPACE = (
    whole("batch_size", 16, 512, log=True),
    real("learning_rate", 1e-4, 1e-1, log=True),
    real("momentum", 0.1, 0.99),
    real("weight_decay", 1e-5, 1e-1),
    whole("num_layers", 1, 5),
    whole("max_units", 64, 1024, log=True),
    real("max_dropout", 0.0, 1.0),
)


@cache
def lcbench(name: str) -> Task:
    """One task of LCBench, by its OpenML number. The loss is 100 - validation accuracy in percent."""
    references = json.loads((DATA / "lcbench_references.json").read_text())
    answer = lcbench_answer(name)
    return Task(
        f"lcbench_{name}", "lcbench", LCBENCH_SPACE, 50, answer, Reference.from_json(references[name])
    )


@cache
def lcbench_answer(name: str) -> Answer:
    """What the fitted network says of one task."""
    import onnxruntime  # type: ignore[import-untyped]  # ships no types

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    network = onnxruntime.InferenceSession(DATA / "lcbench_surrogate.onnx", options)
    code = json.loads((DATA / "lcbench_encoding.json").read_text())["OpenML_task_id"][name]
    steps = 50

    def answer(units: Array) -> tuple[Array, Array]:
        values = [list(from_unit(LCBENCH_SPACE, unit).values()) for unit in units]
        inputs = np.empty((len(units), steps, 8), np.float32)
        inputs[:, :, 0] = np.arange(1, steps + 1)
        inputs[:, :, 1:] = np.array(values)[:, None]
        codes = np.full((len(units) * steps, 1), code, np.int32)
        (output,) = network.run(None, {"x_cat": codes, "x_cont": inputs.reshape(-1, 8)})
        output = output.reshape(len(units), steps, -1).astype(float)
        # the fitted seconds fall now and then by a hair; time does not
        return 100 - output[:, :, 1], np.maximum.accumulate(output[:, :, 0], axis=1)

    return answer


TASKSET = (
    "patch32_GRU64_avg_bs128",
    "patch32_VRNN64_tanh_avg_bs128",
    "patch128_LSTM128_avg_bs64",
    "patch32_IRNN64_relu_last_bs128",
    "patch32_LSTM128_bs128",
)
TABLES = ("digits_boosting", "digits_mlp", "digits_linear", "digits_conv")
# hardened: one or two of each kind
VARIED = ("lcbench_146212", "lcbench_126026", "taskset_patch32_GRU64_avg_bs128", "digits_mlp")


def names() -> list[str]:
    """All tasks; `+noisy` and `+slow` name the variants."""
    plain = [f"lcbench_{n}" for n in LCBENCH] + [f"taskset_{n}" for n in TASKSET] + list(TABLES)
    return plain + [f"{n}+noisy" for n in VARIED] + [f"{n}+slow" for n in VARIED]


def checked(name: str) -> str:
    """`name`, if a task has it. Raises KeyError."""
    if name not in names():
        raise KeyError(f"no task {name}; there are {', '.join(names())}")
    return name


def kind(name: str) -> str:
    """The kind of a task, without loading it."""
    plain, _, variant = checked(name).partition("+")
    return variant or ("table" if plain in TABLES else plain.partition("_")[0])


def task(name: str) -> Task:
    """The task of that name. Raises KeyError for another."""
    plain, _, variant = checked(name).partition("+")
    if plain in TABLES:
        found = table(plain)
    else:
        family, _, member = plain.partition("_")
        found = {"lcbench": lcbench, "taskset": taskset}[family](member)
    return {"": lambda: found, "noisy": found.noisy, "slow": found.slow_starting}[variant]()
