"""How long an empty cell (`1 + 1`) takes, from being sent to its reply and the kernel's idle.

One kernel, in turns: idle; with a study of two workers that train a network on scikit-learn's digits,
its dashboard shown; with the same search by Optuna, `n_jobs=2` in a thread of the kernel (the way that
keeps a notebook free), with its default sampler and successive halving. One torch thread a trial on
both sides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.kernels import done_s, end_study, fresh_kernel, read_away
from tests.benchmarks.rows import Row, percentile
from tests.real_kernel import LOAD, Kernel

ROUNDS = 4
CELLS = 60
PAUSE_S = 0.05

MODEL = """
import threading
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

images, labels = load_digits(return_X_y=True)
images = torch.tensor((images - images.mean()) / images.std(), dtype=torch.float32)
labels = torch.tensor(labels)
train_images, valid_images, train_labels, valid_labels = train_test_split(
    images, labels, train_size=600, stratify=labels, random_state=0
)

def make_model(width, layers):
    parts, size = [], 64
    for _ in range(layers):
        parts += [nn.Linear(size, width), nn.ReLU()]
        size = width
    return nn.Sequential(*parts, nn.Linear(size, 10))

def train_epoch(model, optimizer):
    for batch in torch.randperm(len(train_images)).split(32):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(train_images[batch]), train_labels[batch]).backward()
        optimizer.step()

@torch.no_grad()
def evaluate(model):
    return (model(valid_images).argmax(1) == valid_labels).float().mean().item()
"""

STUDY = """%%tune --maximize accuracy --workers 2 --max-steps 27 --name busy-{turn}
lr: Float(1e-4, 1.0, log=True) = 1e-2
width: Int(8, 512, log=True) = 32
layers: Int(1, 4) = 2
model = make_model(width, layers)
optimizer = torch.optim.SGD(model.parameters(), lr)
for epoch in range(1, 28):
    train_epoch(model, optimizer)
    report(accuracy=evaluate(model), step=epoch)
"""

OPTUNA = """
import optuna

optuna.logging.set_verbosity(optuna.logging.WARNING)
torch.set_num_threads(1)
over = threading.Event()

def objective(trial):
    lr = trial.suggest_float("lr", 1e-4, 1.0, log=True)
    model = make_model(trial.suggest_int("width", 8, 512, log=True), trial.suggest_int("layers", 1, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr)
    for epoch in range(1, 28):
        train_epoch(model, optimizer)
        trial.report(evaluate(model), epoch)
        if over.is_set() or trial.should_prune():
            raise optuna.TrialPruned
    return evaluate(model)

def stop_if_over(rival, trial):
    if over.is_set():
        rival.stop()

rival = optuna.create_study(direction="maximize", pruner=optuna.pruners.SuccessiveHalvingPruner())
search = threading.Thread(
    target=rival.optimize, args=(objective,), kwargs={"n_jobs": 2, "callbacks": [stop_if_over]}, daemon=True
)
search.start()
"""


def measure() -> list[Row]:
    idle: list[list[float]] = []
    ours: list[list[float]] = []
    optuna: list[list[float]] = []
    with fresh_kernel() as kernel:
        kernel.run(LOAD)
        kernel.run(MODEL)
        kernel.run("import optuna")
        for turn in range(ROUNDS):
            idle.append(_latencies_ms(kernel))
            with _study(kernel, turn):
                ours.append(_latencies_ms(kernel))
            with _optuna(kernel):
                optuna.append(_latencies_ms(kernel))
    rows = []
    for name, statistic in (("median", percentile(50)), ("p99", percentile(99))):
        still = Row.of(f"idle kernel, {name}", "ms", idle, statistic=statistic)
        rows += [
            still,
            Row.of(f"2 workers busy, {name}", "ms", ours, statistic=statistic, beside=still),
            Row.of(f"Optuna in a thread, {name}", "ms", optuna, statistic=statistic, beside=still),
        ]
    return rows


def _latencies_ms(kernel: Kernel) -> list[float]:
    read_away(kernel, 1.0)
    taken = []
    for _ in range(CELLS):
        taken.append(done_s(kernel, "1 + 1") * 1000)
        read_away(kernel, PAUSE_S)
    return taken


@contextmanager
def _study(kernel: Kernel, turn: int) -> Iterator[None]:
    kernel.run(STUDY.format(turn=turn))
    kernel.wait_for("sum(bool(t.curve) for t in study.trials) >= 2")
    yield
    assert kernel.ask("study.state") == "'running'", "the study was to run all the while"
    end_study(kernel)


@contextmanager
def _optuna(kernel: Kernel) -> Iterator[None]:
    kernel.run(OPTUNA)
    kernel.wait_for("sum(bool(t.intermediate_values) for t in rival.trials) >= 2")
    yield
    assert kernel.ask("search.is_alive()") == "True", "the search was to run all the while"
    kernel.run("over.set(); search.join()")
