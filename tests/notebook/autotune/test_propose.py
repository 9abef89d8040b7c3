"""Proposals for cells as people write them."""

from __future__ import annotations

import types

import pytest

import jupyter_tune
from jupyter_tune.errors import CellError
from jupyter_tune.notebook.autotune import Proposal, in_words, propose
from jupyter_tune.notebook.cell import parse
from tests.docs.pages import blocks

TORCH = """\
lr, seed = 0.01, 3
learning_rate = 0.003  # é
width: int = 64
n_epochs = 27
config = {"batch_size": 64, "weight_decay": 1e-4, "über": 3}
model = dict(size=width, act="relu")
opt = dict(model=model, lr=learning_rate, momentum=0.9, nesterov=True)
for epoch in range(n_epochs):
    loss = 1 / (epoch + 1)
    val_loss, val_acc = loss, 1 - loss
    print(f"é {epoch} {val_acc}")
"""

SKLEARN = """\
def fit(C, gamma, random_state):
    return C + gamma

score = fit(C=1.0, gamma=0.01, random_state=0)
"""


def ranges(proposal: Proposal) -> dict[str, str]:
    return {line.partition(":")[0]: line.partition(": ")[2] for line, _ in proposal.ranges}


def test_a_training_cell_gets_ranges_metric_and_steps() -> None:
    proposal = propose(TORCH)
    assert proposal.options == ["--maximize", "val_acc", "--max-steps", "27"]
    assert ranges(proposal) == {
        "learning_rate": "Float(1e-05, 0.1, log=True) = 0.003",
        "width": "Int(16, 256, log=True) = 64",
        "batch_size": "Int(16, 256, log=True) = 64",
        "weight_decay": "Float(1e-07, 0.01, log=True) = 0.0001",
        "act": "Categorical(['relu', 'gelu', 'silu', 'tanh', 'elu']) = 'relu'",
        "momentum": "Float(0.5, 0.999, reverse_log=True) = 0.9",
        "nesterov": "Categorical([True, False]) = True",
    }
    assert "learning_rate: Float(1e-05, 0.1, log=True) = 0.003  # é\n" in proposal.text
    assert '{"batch_size": batch_size, "weight_decay": weight_decay, "über": 3}' in proposal.text
    assert proposal.text.endswith('{val_acc}")\n    report(val_acc=val_acc, step=epoch + 1)\n')
    assert proposal.left == [("lr", "is assigned together with others; give it a line of its own")]


def test_a_name_that_is_something_else_in_the_cell_stays() -> None:
    proposal = propose(SKLEARN + "max_depth = 3\n")
    assert list(ranges(proposal)) == ["max_depth"]
    assert dict(proposal.left) == dict.fromkeys(["C", "gamma"], "is the name of something else in the cell")


@pytest.mark.parametrize("source", [TORCH, SKLEARN.replace("C, gamma, random_state", "**k") + "width = 8\n"])
def test_the_proposed_cell_does_the_same_on_its_defaults(source: str) -> None:
    source = source.replace("return C + gamma", "return k['C'] + k['gamma']")
    proposal = propose(source)
    plain: dict[str, object] = {}
    exec(source, plain)
    tuned: dict[str, object] = {name: getattr(jupyter_tune, name) for name in ("Float", "Int", "Categorical")}
    tuned["report"] = lambda **metrics: None
    exec(proposal.text, tuned)
    values = {
        name: value
        for name, value in plain.items()
        if not isinstance(value, types.FunctionType) and not name.startswith("__")
    }
    assert {name: tuned[name] for name in values} == values
    # and it is a cell for %%tune, which begins at these values
    cell = parse(proposal.text)
    declared = {f"{name}: {each!r} = {each.default!r}" for name, each in cell.space.items()}
    assert declared == {line for line, _ in proposal.ranges}


@pytest.mark.parametrize(
    ("body", "options", "reported"),
    [
        ("for e in range(1, 28):\n    acc = 1\n", ["--maximize", "acc", "--max-steps", "27"], "step=e)"),
        (
            "for e in range(5): acc = 1\n",
            ["--maximize", "acc", "--max-steps", "5"],
            "acc = 1; report(acc=acc, step=e + 1)",
        ),
        (
            "for e in range(5):\n    a = 2; rmse = a\n",
            ["--minimize", "rmse", "--max-steps", "5"],
            "; report(rmse=",
        ),
        (
            "for e in tqdm(range(9)):\n    loss = 1\n",
            ["--minimize", "loss", "--max-steps", "9"],
            "report(loss=loss",
        ),
        ("for e in trange(n):\n    loss = 1\n", ["--minimize", "loss"], "report(loss=loss, step=e + 1)"),
        (
            "for e in range(9):\n    report(f1=1, loss=2, step=e)\n",
            ["--maximize", "f1", "--max-steps", "9"],
            "step=e)\n",
        ),
        ("for x in data:\n    y = x\naccuracy = y\n", ["--maximize", "accuracy"], ""),
        ("for e in range(9):\n    train()\nauc = test()\n", ["--maximize", "auc"], ""),
        ("loss = 1\nval_loss = 2\n", ["--minimize", "val_loss"], ""),
        ("print(test())\n", [], ""),
    ],
)
def test_the_metric_and_the_steps_are_read_from_the_loop(
    body: str, options: list[str], reported: str
) -> None:
    proposal = propose(f"lr = 0.1\n{body}")
    assert proposal.options == options
    assert reported in proposal.text
    assert proposal.text.count("report(") == (1 if reported else 0)
    assert ("No metric was found" in in_words(proposal)) == (not options)
    compile(proposal.text, "<cell>", "exec")


def test_the_documented_proposal_is_what_is_made() -> None:
    plain, tuned = (block.partition("\n")[2] for block in blocks("options.md"))
    assert propose(plain).text == tuned


def test_given_options_are_not_proposed_again() -> None:
    source = "lr = 0.1\nfor e in range(9):\n    acc, cost = 1, 2\n"
    proposal = propose(source, {"minimize": "cost", "max_steps": 5})
    assert proposal.options == []
    assert "report(cost=cost, step=e + 1)" in proposal.text


@pytest.mark.parametrize(
    ("source", "name", "why"),
    [
        ("lr = 0.1\nlr = 0.2\n", "lr", "is assigned more than once in the cell"),
        ("lr = 0.1\nfor _ in range(3):\n    lr *= 0.5\n", "lr", "is assigned more than once in the cell"),
        ("f(lr=0.1)\ng(lr=0.2)\n", "lr", "has several values in the cell"),
        ("f(lr=0.1)\nlr = 0.1\n", "lr", "is used before it is assigned"),
        ("g(lr)\nf(lr=0.1)\n", "lr", "is the name of something else in the cell"),
        ("lr = 7.0\n", "lr", "7.0 is not what such names usually have"),
    ],
)
def test_what_cannot_be_a_parameter_stays_and_is_listed(source: str, name: str, why: str) -> None:
    proposal = propose(f"width = 8\n{source}")
    assert (name, why) in proposal.left
    assert source in proposal.text
    assert f"  {name}: {why}" in in_words(proposal)


def test_a_value_that_is_given_twice_becomes_one_parameter() -> None:
    proposal = propose("@deco(lr=0.1)\ndef f(): ...\ng(lr=0.1)\n")
    assert proposal.text == "lr: Float(0.001, 1.0, log=True) = 0.1\n@deco(lr=lr)\ndef f(): ...\ng(lr=lr)\n"


def test_what_is_declared_already_stays() -> None:
    proposal = propose("lr: Float(0.1, 1.0) = 0.5\nwidth = 8\n")
    assert list(ranges(proposal)) == ["width"]
    assert "lr: Float(0.1, 1.0) = 0.5\n" in proposal.text


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("x = 3\n", "found no value whose name says what it is"),
        ("lr = 0.1\nlr = 0.2\n", "lr: is assigned more than once"),
        ("lr = = 3\n", "line 1: invalid syntax"),
        ("%time x\n", "is for the notebook"),
    ],
)
def test_a_cell_without_a_proposal_is_told_why(source: str, complaint: str) -> None:
    with pytest.raises(CellError, match=complaint):
        propose(source)
