"""Landscapes to minimise, after the published definitions of the BBOB test suite.

Each is shifted and (where its definition says so) rotated by an instance of its own, so that no
optimum lies at the centre and no axis is favoured; the values are those of the definitions, up to nine
orders of magnitude wide. Written from the text, not from the suite's code: the shape is meant, not its
digits, so figures are not comparable with those of BBOB.

Source: Hansen, Finck, Ros, Auger, INRIA report RR-6829 (2009, updated 2010), whose letters are kept:
R, Q rotations; Λ^α a diagonal that conditions; T_osz, T_asy transformations that break regularity.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
# x in [-5, 5]^D -> its value above the optimum
Landscape: TypeAlias = Callable[[Vector], float]


class Instance:
    """The random parts of one instance: `D` its dimensions, `x_opt` in [-4, 4]^D, rotations `R`, `Q`."""

    def __init__(self, name: str, D: int):  # noqa: N803
        self.D = D
        self.rng = np.random.default_rng(zlib.crc32(f"{name} {D}".encode()))
        self.x_opt = self.rng.uniform(-4, 4, D)
        self.R, self.Q = _rotation(self.rng, D), _rotation(self.rng, D)

    def spread(self, alpha: float) -> Vector:
        """Diagonal of Λ^α: from 1 to √α, geometric."""
        return _powers(alpha**0.5, self.D)


def sphere(at: Instance) -> Landscape:
    """f1: the easiest; in many dimensions still a budget question."""
    return lambda x: float(np.sum((x - at.x_opt) ** 2))


def ellipsoid(at: Instance) -> Landscape:
    """f10: condition 10⁶, smooth local irregularities, rotated."""
    weights = _powers(1e6, at.D)
    return lambda x: float(weights @ _osz(at.R @ (x - at.x_opt)) ** 2)


def rastrigin(at: Instance) -> Landscape:
    """f15: about 10^D regular local optima over a good global structure."""

    def value(x: Vector) -> float:
        z = at.R @ (at.spread(10) * (at.Q @ _asy(_osz(at.R @ (x - at.x_opt)), 0.2)))
        return float(10 * (at.D - np.sum(np.cos(2 * np.pi * z))) + z @ z)

    return value


def rosenbrock(at: Instance) -> Landscape:
    """f9: a curved valley that is to be followed."""
    return lambda x: float(np.sum(_rosenbrock(max(1, at.D**0.5 / 8) * at.R @ (x - at.x_opt) + 1)))


def griewank_rosenbrock(at: Instance) -> Landscape:
    """f19: the valley again, multimodal along its way, flat far off."""

    def value(x: Vector) -> float:
        s = _rosenbrock(max(1, at.D**0.5 / 8) * at.R @ (x - at.x_opt) + 1)
        return float(10 / (at.D - 1) * np.sum(s / 4000 - np.cos(s)) + 10)

    return value


def attractive_sector(at: Instance) -> Landscape:
    """f6: steep but for a narrow sector in which the optimum lies, highly asymmetric."""

    def value(x: Vector) -> float:
        z = at.Q @ (at.spread(10) * (at.R @ (x - at.x_opt)))
        s = np.where(z * at.x_opt > 0, 100.0, 1.0)
        return float(_osz(np.array([np.sum((s * z) ** 2)]))[0] ** 0.9)

    return value


def step_ellipsoid(at: Instance) -> Landscape:
    """f7: plateaus, no gradient but close to the optimum."""
    weights = _powers(1e2, at.D)

    def value(x: Vector) -> float:
        z_hat = at.spread(10) * (at.R @ (x - at.x_opt))
        z = at.Q @ np.where(np.abs(z_hat) > 0.5, np.floor(0.5 + z_hat), np.floor(0.5 + 10 * z_hat) / 10)
        return float(0.1 * max(abs(z_hat[0]) / 1e4, weights @ z**2))

    return value


def sharp_ridge(at: Instance) -> Landscape:
    """f13: a ridge that is not differentiable where it must be followed."""

    def value(x: Vector) -> float:
        z = at.Q @ (at.spread(10) * (at.R @ (x - at.x_opt)))
        return float(z[0] ** 2 + 100 * np.sqrt(np.sum(z[1:] ** 2)))

    return value


def schaffers_f7(at: Instance) -> Landscape:
    """f17: many local optima whose height and frequency grow outwards, asymmetric."""

    def value(x: Vector) -> float:
        z = at.spread(10) * (at.Q @ _asy(at.R @ (x - at.x_opt), 0.5))
        s = np.sqrt(z[:-1] ** 2 + z[1:] ** 2)
        return float(np.mean(np.sqrt(s) * (1 + np.sin(50 * s**0.2) ** 2)) ** 2)

    return value


def schwefel(at: Instance) -> Landscape:
    """f20: the best basins lie in corners, far from each other; a penalty keeps searches inside."""
    sign = np.where(at.x_opt > 0, 1.0, -1.0)
    corner = 4.2096874633  # 2 |x_opt| of the definition

    def value(x: Vector) -> float:
        x_hat = 2 * sign * x
        z_hat = x_hat.copy()
        z_hat[1:] += 0.25 * (x_hat[:-1] - corner)
        z = 100 * (at.spread(10) * (z_hat - corner) + corner)
        penalty = np.sum(np.maximum(0, np.abs(z / 100) - 5) ** 2)
        well = 4.189828872724339 - np.sum(z * np.sin(np.sqrt(np.abs(z)))) / (100 * at.D)
        return float(max(0.0, well) + 100 * penalty)

    return value


def gallagher(at: Instance) -> Landscape:
    """f21: 101 peaks of random place, height and shape; nothing global to learn."""
    peaks = 101
    heights = np.concatenate([[10.0], 1.1 + 8 * np.arange(peaks - 1) / (peaks - 2)])
    centres = at.rng.uniform(-5, 5, (peaks, at.D))
    centres[0] = at.x_opt
    alphas = np.concatenate([[1000.0], at.rng.permutation(1000 ** (2 * np.arange(peaks - 1) / (peaks - 2)))])
    shapes = [at.rng.permutation(_powers(alpha**0.5, at.D)) / alpha**0.25 for alpha in alphas]

    def value(x: Vector) -> float:
        away = (x - centres) @ at.R.T
        under = np.exp(-np.sum(np.array(shapes) * away**2, axis=1) / (2 * at.D))
        return float(_osz(np.array([10 - np.max(heights * under)]))[0] ** 2)

    return value


def _rotation(rng: np.random.Generator, D: int) -> Vector:  # noqa: N803
    q, r = np.linalg.qr(rng.normal(size=(D, D)))
    return np.asarray(q * np.sign(np.diag(r)))


def _powers(top: float, D: int) -> Vector:  # noqa: N803
    return np.asarray(top ** (np.arange(D) / (D - 1)))


def _rosenbrock(z: Vector) -> Vector:
    return np.asarray(100 * (z[:-1] ** 2 - z[1:]) ** 2 + (z[:-1] - 1) ** 2)


def _osz(x: Vector) -> Vector:
    """T_osz: smooth oscillations around the identity."""
    log = np.log(np.abs(np.where(x == 0, 1.0, x)))
    c1, c2 = np.where(x > 0, 10.0, 5.5), np.where(x > 0, 7.9, 3.1)
    return np.sign(x) * np.exp(log + 0.049 * (np.sin(c1 * log) + np.sin(c2 * log)))


def _asy(x: Vector, beta: float) -> Vector:
    """T_asy^β: positive coordinates grow faster, the later the more."""
    exponent = 1 + beta * np.arange(len(x)) / (len(x) - 1) * np.sqrt(np.maximum(x, 0))
    return np.where(x > 0, np.maximum(x, 0) ** exponent, x)
