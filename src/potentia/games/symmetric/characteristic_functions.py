"""The distribution of a crowd, by characteristic functions: exact means over sums of independent
choices.

Of m_u agents at node u each chooses w with probability p_u(w), on its own. With y_w the number of
all who choose w, the last choice left out, and n points on each of W-1 axes, n above the number of
all agents,

    D(k) = E exp(2 pi i k.y / n) = prod_u (sum_w p_u(w) exp(2 pi i k_w / n))^m_u,
    k in {0..n-1}^(W-1)
    E g(y) = n^-(W-1) sum_k D(k) conj(G(k)),      G(k) = sum_y g(y) exp(2 pi i k.y / n)

(Parseval; exact, as no y_w exceeds n-1). All crowds at once are one matrix product, and g being
real, half of the frequencies serve. Guarantee: D(k) is known to about as many units of rounding as
there are agents, and a mean to that times n^-(W-1) sum_k |G(k)| (`spectral_size`), which is about
the largest |g| where g is smooth.

Powers by repeated squaring, of real and imaginary parts apart: nine times faster than logarithms
and angles, and than complex numbers.
"""

from __future__ import annotations

import dataclasses
import math

import jax.numpy as jnp
import numpy as np
from jax import Array

Pair = tuple[Array, Array]          # real and imaginary parts


@dataclasses.dataclass(frozen=True)
class Waves:
    """The frequencies for numbers 0..points-1 of some choices: 2 pi k / points as angles [K, axes],
    and the weights [K] of a mean."""

    points: int
    angles: np.ndarray
    weights: np.ndarray

    @property
    def axes(self) -> int:
        return self.angles.shape[1]


def waves(points: int, axes: int) -> Waves:
    """The half of the frequencies that serves real functions."""
    shape = (*[points] * (axes - 1), points // 2 + 1) if axes else ()
    index = np.indices(shape).reshape(axes, math.prod(shape)).T
    stands_for_two = (index[:, -1:] > 0) & (2 * index[:, -1:] < points)
    return Waves(points, 2 * np.pi / points * index,
                 (1.0 + stands_for_two.sum(axis=1)) / points**axes)


def characteristic(number: Array, probabilities: Array, wave: Waves) -> Array:
    """D of R crowds, real parts before imaginary parts, `[R, 2K]`.

    number: [U, R] agents at each node. probabilities: [U, R, W] of each one's choices.
    """
    found = jnp.ones(()), jnp.zeros(())
    for of_node, choices in zip(number, probabilities, strict=True):
        found = _product(found, _power(_factor(choices, wave), of_node[:, None],
                                       (wave.points - 1).bit_length()))
    return jnp.concatenate(found, axis=1)


def _factor(probabilities: Array, wave: Waves) -> Pair:
    """What one agent contributes, [R, K]."""
    real = jnp.broadcast_to(probabilities[:, -1:], (len(probabilities), len(wave.weights)))
    imaginary = jnp.zeros_like(real)
    for probability, angle in zip(probabilities.T, wave.angles.T, strict=False):
        real = real + probability[:, None] * np.cos(angle)
        imaginary = imaginary + probability[:, None] * np.sin(angle)
    return real, imaginary


def _power(base: Pair, exponent: Array, bits: int) -> Pair:
    found = jnp.ones_like(base[0]), jnp.zeros_like(base[1])
    for bit in range(bits):
        real, imaginary = _product(found, base)
        taken = (exponent >> bit) & 1 == 1
        found = jnp.where(taken, real, found[0]), jnp.where(taken, imaginary, found[1])
        base = _product(base, base)
    return found


def _product(one: Pair, other: Pair) -> Pair:
    return one[0] * other[0] - one[1] * other[1], one[0] * other[1] + one[1] * other[0]


def spectrum(functions: Array, positions: np.ndarray, wave: Waves) -> Array:
    """Weighted G of M functions, `[2K, M]`. functions: [Y, M], of the numbers at `positions` [Y] on
    the flattened axes."""
    if not wave.axes:
        return jnp.concatenate([functions, jnp.zeros_like(functions)])
    grid = jnp.zeros((wave.points**wave.axes, functions.shape[1])).at[positions].set(functions)
    found = jnp.fft.rfftn(grid.reshape(*[wave.points] * wave.axes, -1), axes=range(wave.axes))
    found = found.reshape(len(wave.weights), -1) * wave.weights[:, None]
    # The transform turns the other way round.
    return jnp.concatenate([found.real, -found.imag])


def spectral_size(spectrum: Array) -> Array:
    """n^-axes sum_k |G(k)|, the largest of the M functions'."""
    real, imaginary = jnp.split(spectrum, 2)
    return jnp.max(jnp.sum(jnp.hypot(real, imaginary), axis=0))


def total_distribution(crowds: Array, weights: Array, positions: np.ndarray, wave: Waves) -> Array:
    """Sums of the crowds' distributions with M weights for each, `[Y, M]`. crowds: [R, 2K].
    weights: [R, M]."""
    if not wave.axes:
        return (crowds.T @ weights)[:1]
    real, imaginary = jnp.split(crowds.T @ weights, 2)
    shape = [*[wave.points] * (wave.axes - 1), wave.points // 2 + 1, weights.shape[1]]
    grid = jnp.fft.irfftn((real - 1j * imaginary).reshape(shape), [wave.points] * wave.axes,
                          axes=range(wave.axes))
    # What rounding leaves of a probability of 0 may be negative.
    return jnp.maximum(grid.reshape(-1, weights.shape[1])[positions], 0.0)
