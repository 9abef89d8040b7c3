"""Conditional spaces whose losses are formulas: optimisers, families, trees and decoys.

Each parameter has one parent, as Ax wants it. The first choice of a parent is never the one that holds the
optimum, and no optimum is in the middle of a range: several tuners begin there.

Source: Jenatton et al. 2017, "Bayesian Optimization with Tree-structured Dependencies" (the tree).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from tests.benchmarks.search.spaces import Parameter, Params, beside, choice, real, whole


@dataclass(frozen=True)
class Formula:
    """`optimum`: the lowest loss, at `at`."""

    space: tuple[Parameter, ...]
    loss: Callable[[Params], float]
    optimum: float
    at: Params


_OPTIMISERS = (
    choice("optimizer", "rmsprop", "sgd", "adam"),
    real("weight_decay", 1e-7, 1e-1, log=True),
    whole("batch", 16, 1024, log=True),
    beside(real("lr_sgd", 1e-4, 10, log=True), optimizer=["sgd"]),
    beside(real("momentum", 0, 0.99), optimizer=["sgd"]),
    beside(choice("nesterov", "no", "yes"), optimizer=["sgd"]),
    beside(real("lr_adam", 1e-6, 1e-1, log=True), optimizer=["adam"]),
    beside(real("beta1", 0.5, 0.99), optimizer=["adam"]),
    beside(real("beta2", 0.9, 0.9999), optimizer=["adam"]),
    beside(real("lr_rmsprop", 1e-6, 1e-1, log=True), optimizer=["rmsprop"]),
    beside(real("rho", 0.5, 0.999), optimizer=["rmsprop"]),
)


def _rate(off: float) -> float:
    """What a learning rate costs that is `off` decades too high: a cliff above, a slope below."""
    return min(0.8, 0.25 * off**2 if off > 0 else 0.04 * off**2)


def optimisers(params: Params) -> float:
    """An error after training: each optimiser has a learning rate and momenta of its own."""
    common = 0.012 * (math.log10(params["weight_decay"]) + 3.5) ** 2
    scale = 0.5 * math.log10(params["batch"] / 64)
    match params["optimizer"]:
        case "sgd":
            effective = math.log10(params["lr_sgd"] / (1 - params["momentum"])) - scale
            own = _rate(effective - 0.3) + 0.1 * (params["momentum"] - 0.9) ** 2
            own += 0.02 if params["nesterov"] == "no" else 0.0
        case "adam":
            own = 0.02 + _rate(math.log10(params["lr_adam"]) + 3.2 - scale)
            own += 0.15 * (params["beta1"] - 0.8) ** 2 + 0.01 * (math.log10(1 - params["beta2"]) + 2.5) ** 2
        case _:
            own = 0.05 + _rate(math.log10(params["lr_rmsprop"]) + 3.6 - scale)
            own += 0.1 * (params["rho"] - 0.9) ** 2
    return 0.05 + common + own


_DECOY = (
    choice("family", "linear", "forest", "kernel"),
    beside(real("alpha", 1e-5, 1e1, log=True), family=["linear"]),
    beside(real("l1", 0, 1), family=["linear"]),
    beside(whole("depth", 1, 20), family=["forest"]),
    beside(real("share", 0.05, 1), family=["forest"]),
    beside(real("C", 1e-3, 1e3, log=True), family=["kernel"]),
    beside(real("gamma", 1e-5, 1e1, log=True), family=["kernel"]),
)


def decoy(params: Params) -> float:
    """A family that is good nearly everywhere, and one that is bad but for a small region, the best."""
    match params["family"]:
        case "linear":
            return 0.12 + 0.004 * (math.log10(params["alpha"]) + 2) ** 2 + 0.02 * (params["l1"] - 0.2) ** 2
        case "forest":
            return 0.2 + 0.0008 * (params["depth"] - 14) ** 2 + 0.1 * (params["share"] - 0.3) ** 2
        case _:
            off = (math.log10(params["C"]) - 1.6) ** 2 + (math.log10(params["gamma"]) + 2.7) ** 2
            return 0.02 + 0.38 * (1 - math.exp(-off / 2))


_UNEQUAL = (
    choice("method", "given", "line", "wide"),
    beside(real("x", -5, 5), method=["line"]),
    *(beside(real(f"z{at}", 0, 1), method=["wide"]) for at in range(6)),
)
_WIDE_AT = (0.2, 0.85, 0.35, 0.7, 0.1, 0.6)
_WIDE_WEIGHTS = (3.0, 2.0, 1.0, 0.5, 0.1, 0.05)


def unequal(params: Params) -> float:
    """Methods with no, one and six parameters of their own."""
    match params["method"]:
        case "given":
            return 0.4
        case "line":
            off = params["x"] - 3.1
            return 0.25 + 0.15 * (1 - math.cos(2 * off)) + 0.01 * off**2
        case _:
            squares = ((params[f"z{at}"] - best) ** 2 for at, best in enumerate(_WIDE_AT))
            return sum(weight * square for weight, square in zip(_WIDE_WEIGHTS, squares, strict=True))


_TREE = (
    choice("x1", "0", "1"),
    beside(choice("x2", "0", "1"), x1=["0"]),
    beside(choice("x3", "0", "1"), x1=["1"]),
    beside(real("x4", -1, 1), x2=["0"]),
    beside(real("x5", -1, 1), x2=["1"]),
    beside(real("x6", -1, 1), x3=["0"]),
    beside(real("x7", -1, 1), x3=["1"]),
    beside(real("r8", 0, 1), x1=["0"]),
    beside(real("r9", 0, 1), x1=["1"]),
)


def tree(params: Params) -> float:
    """Jenatton's tree of depth 3 with a parameter shared by each half, its leaves moved off the middle."""
    shared = (params["r8"] if params["x1"] == "0" else params["r9"]) - 0.15
    leaf, base = {
        ("0", "0"): ("x4", 0.2), ("0", "1"): ("x5", 0.3), ("1", "0"): ("x6", 0.4), ("1", "1"): ("x7", 0.1),
    }[params["x1"], params["x2"] if params["x1"] == "0" else params["x3"]]  # fmt: skip
    return (params[leaf] - 0.45) ** 2 + base + shared**2


_SCHEDULES = (
    real("lr", 1e-5, 1, log=True),
    choice("optimizer", "sgd", "adam", "lion"),
    beside(real("momentum", 0, 0.99), optimizer=["sgd"]),
    beside(real("beta1", 0.5, 0.99), optimizer=["adam"]),
    beside(real("beta2", 0.9, 0.9999), optimizer=["adam"]),
    beside(real("blend", 0.5, 0.99), optimizer=["lion"]),
    choice("schedule", "constant", "step", "cosine", "polynomial"),
    beside(real("factor", 0.05, 0.9), schedule=["step"]),
    beside(whole("every", 5, 50), schedule=["step"]),
    beside(real("warmup", 0, 0.5), schedule=["cosine"]),
    beside(real("power", 0.3, 4), schedule=["polynomial"]),
)


def schedules(params: Params) -> float:
    """A learning rate for all, an optimiser and a schedule, each with parameters of its own."""
    match params["optimizer"]:
        case "sgd":
            off = math.log10(params["lr"] / (1 - params["momentum"])) - 0.4
            own = 0.02 + 0.05 * (params["momentum"] - 0.85) ** 2
        case "adam":
            off = math.log10(params["lr"]) + 2.9
            own = 0.1 * (params["beta1"] - 0.85) ** 2 + 0.01 * (math.log10(1 - params["beta2"]) + 2.3) ** 2
        case _:
            off = math.log10(params["lr"]) + 3.8
            own = 0.01 + 0.3 * (params["blend"] - 0.9) ** 2
    match params["schedule"]:
        case "constant":
            shape = 0.06
        case "step":
            # a long step asks for a stronger cut
            shape = 0.02 + 0.1 * (params["factor"] - 0.6 + 0.01 * params["every"]) ** 2
        case "cosine":
            shape = 0.4 * (params["warmup"] - 0.1) ** 2
            off -= params["warmup"]  # a warm-up allows a higher rate
        case _:
            shape = 0.015 + 0.01 * (params["power"] - 1.2) ** 2
    return 0.03 + own + shape + _rate(off)


_LEAVES = ("a", "b", "c")
_RARE = (
    choice("top", *_LEAVES),
    *(beside(choice(f"next_{top}", *_LEAVES), top=[top]) for top in _LEAVES),
    *(
        beside(real(f"{axis}_{top}{leaf}", -2, 2), **{f"next_{top}": [leaf]})
        for top, leaf, axis in product(_LEAVES, _LEAVES, "xy")
    ),
)


def rare_branch(params: Params) -> float:
    """Nine leaves, each with a curved valley of its own; one is the best, and its neighbours are no hint."""
    top = params["top"]
    leaf = params[f"next_{top}"]
    at = 3 * _LEAVES.index(top) + _LEAVES.index(leaf)
    x, y = params[f"x_{top}{leaf}"], params[f"y_{top}{leaf}"]
    base = (0.5, 0.3, 0.6, 0.4, 0.45, 0.0, 0.55, 0.35, 0.25)[at]
    return base + 0.3 * (y - 0.4 * x * x + 0.1 * at) ** 2 + 0.1 * (x - 0.9 + 0.15 * at) ** 2


_DEPTHS = ("1", "2", "3", "4")
_LAYERS = (
    choice("depth", *_DEPTHS),
    real("lr", 1e-5, 1e-1, log=True),
    *(
        each
        for at in range(1, 5)
        for each in (
            beside(whole(f"width{at}", 8, 512, log=True), depth=_DEPTHS[at - 1 :]),
            beside(real(f"dropout{at}", 0, 0.7), depth=_DEPTHS[at - 1 :]),
        )
    ),
)


def layers(params: Params) -> float:
    """A network of one to four layers, each with its width and its dropout; the rate falls with the depth."""
    depth = int(params["depth"])
    widths = [math.log2(params[f"width{at}"]) for at in range(1, depth + 1)]
    loss = 0.05 + (0.12, 0.05, 0.0, 0.02)[depth - 1] + _rate(math.log10(params["lr"]) + 2 + 0.3 * depth)
    loss += 0.01 * sum((width - 7.5 + at) ** 2 for at, width in enumerate(widths)) / depth
    return loss + 0.2 * sum((params[f"dropout{at}"] - 0.2) ** 2 for at in range(1, depth + 1)) / depth


def _best_layers() -> Iterator[tuple[str, float]]:
    yield "lr", 10**-2.9
    for at in range(3):
        yield f"width{at + 1}", round(2 ** (7.5 - at))
        yield f"dropout{at + 1}", 0.2


FORMULAS: dict[str, Formula] = {
    "optimisers": Formula(
        _OPTIMISERS,
        optimisers,
        0.05,
        {"optimizer": "sgd", "weight_decay": 10**-3.5, "batch": 64, "lr_sgd": 10**0.3 * 0.1, "momentum": 0.9,
         "nesterov": "yes"},
    ),
    "decoy": Formula(_DECOY, decoy, 0.02, {"family": "kernel", "C": 10**1.6, "gamma": 10**-2.7}),
    "unequal": Formula(
        _UNEQUAL, unequal, 0.0, {"method": "wide", **{f"z{at}": z for at, z in enumerate(_WIDE_AT)}}
    ),
    "tree": Formula(_TREE, tree, 0.1, {"x1": "1", "x3": "1", "x7": 0.45, "r9": 0.15}),
    "schedules": Formula(
        _SCHEDULES,
        schedules,
        0.03,
        {"lr": 10**-2.8, "optimizer": "adam", "beta1": 0.85, "beta2": 1 - 10**-2.3, "schedule": "cosine",
         "warmup": 0.1},
    ),
    "rare_branch": Formula(
        _RARE,
        rare_branch,
        0.0,
        {"top": "b", "next_b": "c", "x_bc": 0.15, "y_bc": 0.4 * 0.15**2 - 0.5},
    ),
    "layers": Formula(_LAYERS, layers, 0.05, {"depth": "3", **dict(_best_layers())}),
}  # fmt: skip
