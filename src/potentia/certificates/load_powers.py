"""Mean costs of links whose costs are power laws, from the agents' probabilities, at any number of
agents: nothing is shared with the game's own evaluation.

Large loads are those of `load_moments`. Of steep powers agents are counted (`load_counts`).
Otherwise a power of the load is a sum of exponentials (`exponential_sums`), and

    E (1 + L)^k e^(-t (1 + L)) = e^(-t) M E' (1 + L)^k,  M = E e^(-t L) = product of all q,
    q = 1 - x + x e^(-t),  x' = x e^(-t) / q,

with E' where agents are there with x' instead of x. With e_j = E' C(L, j), the coefficients of the
product of all 1 + x' z,

    E' (1 + L)^k = sum_j D_j e_j,  D_j >= 0 the j-th forward difference of (1 + L)^k at L = 0.

Roundings are counted, as shares of what is found, and returned; `others` has the products.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache
from math import comb

import numpy as np

from potentia.certificates import exponential_sums, load_counts, load_moments, others
from potentia.certificates.exponential_sums import EPS, Sum
from potentia.console.text import counted
from potentia.errors import InputError

AT_ONCE = 1 << 18         # numbers in an array
MANY = 64                 # kinds of agents, from which on `others.by_sums` is faster
DOUBT = 8.0               # how many times what they are its roundings may be shares of
COUNTED = 100_000         # most agents whose distribution is found
STEEP = 50.0              # power, above which agents are counted: games of many have no such links
COUNTS = 1e-12            # how far distributions by count may be off, as a share of each chance


@dataclasses.dataclass(frozen=True)
class Means:
    """own: [U] what (1 + L)^power is on average to one of each kind, itself left out of L. joined:
    the same of all agents' L, to somebody on top. error: of each, as a share of it, at most."""

    own: np.ndarray
    joined: float
    error: float


def costs(law: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], links: np.ndarray,
          agents: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    """[U] what entry after entry expects to pay, itself left out; [E] what somebody on top of all
    pays; and the most that any of them is off, as a share of it.

    law: base, rise, scale and power [E] of costs base + rise (m / scale)^power, with m agents;
    a power of the scale alone may be no number that there is. links: [U], in any order. agents,
    probability: [U] so many agents, each of which takes that link with that probability, 0 and 1
    included.
    """
    base, rise, scale, power = law
    some = np.flatnonzero((probability > 0) & (agents > 0) & (rise[links] > 0) & (power[links] > 0))
    some = some[np.argsort(links[some], kind="stable")]
    link, agents, probability = links[some], agents[some].astype(np.float64), probability[some]
    mine, all_of_them, error = load_moments.means(power, scale, link, agents, probability)
    used, begins, entries = np.unique(link, return_index=True, return_counts=True)
    for here, begin, end in zip(used, begins, begins + entries, strict=True):
        if error[here] == np.inf:
            found = shares(agents[begin:end], probability[begin:end], float(power[here]),
                           float(scale[here]))
            mine[begin:end] = found.own
            all_of_them[here], error[here] = found.joined, found.error
    rises = np.flatnonzero(rise > 0)
    joined = base.astype(np.float64)
    with np.errstate(under="ignore"):
        joined[rises] += rise[rises] * (1.0 / scale[rises]) ** power[rises]
    joined[used] = base[used] + rise[used] * all_of_them[used]
    own = joined[links]
    own[some] = base[link] + rise[link] * mine
    return own, joined, float((error[used] + power[used] * EPS).max(initial=0.0)) + 6 * EPS


def shares(agents: np.ndarray, probability: np.ndarray, power: float, scale: float) -> Means:
    """Means of ((1 + L) / scale)^power; agents, probability: [U], positive, and power above 0.
    Raises InputError for a steep power of too many agents."""
    if power > STEEP:
        if agents.sum() > COUNTED:
            raise InputError(f"the power of a link is {power:g}, and where it is above {STEEP:g} "
                             f"certificates count up to {counted(COUNTED, 'agent')}: "
                             f"{agents.sum():,.0f} may take it")
        with np.errstate(all="ignore"):
            by_number = (np.arange(1.0, agents.sum() + 2) / scale) ** power
        numbers = agents.astype(int)
        return Means(load_counts.means(numbers, probability, by_number),
                     load_counts.joined(numbers, probability, by_number), COUNTS)
    found, half = means(agents, probability, power), scale ** (-power / 2)
    return Means(found.own * half * half, found.joined * half * half, found.error)


def means(agents: np.ndarray, probability: np.ndarray, power: float) -> Means:
    """Means of (1 + L)^power; agents, probability: [U], positive, and power at least 0."""
    wanted = exponential_sums.of_power(power, 1 << int(agents.sum()).bit_length())
    if len(agents) >= MANY:
        found, doubt = _means(others.by_sums, wanted, agents, probability)
        if doubt <= DOUBT:
            return found
    return _means(others.by_trees, wanted, agents, probability)[0]


def _means(method: Callable[..., others.Products], wanted: Sum, agents: np.ndarray,
           probability: np.ndarray) -> tuple[Means, float]:
    """By one of the two ways of `others`, and how many times what they are its roundings are shares
    of."""
    own, joined = np.zeros((2, len(agents))), np.zeros(2)      # means, and sizes of log M in them
    sizes, weights, largest = 0.0, _differences(wanted.order), int(probability.argmax())
    at_once = max(AT_ONCE // (len(agents) * (wanted.order + 1)), 1)
    for begin in range(0, len(wanted.nodes), at_once):
        chosen = slice(begin, begin + at_once)
        there, log = _tilted(wanted.nodes[chosen, None], probability)
        products = method(agents, there, largest, weights)
        whole = (agents * log).sum(axis=1)
        scale = wanted.weights[chosen] * np.exp(-wanted.nodes[chosen])
        without = np.exp(whole[:, None] - log) * scale[:, None]
        size = np.stack([np.ones_like(whole), -whole])
        own += size @ (without * products.without)
        joined += size @ (np.exp(whole) * scale * products.whole)
        sizes += float(without[:, largest] @ products.sizes)
    doubt = max(sizes / own[0].min(), 1.0) if own[0].min() > 0 else np.inf
    far = float(max((own[1] / own[0]).max(), joined[1] / joined[0]))
    # log M has 32 half-roundings and those of NumPy's pairwise sum.
    rounded = (products.roundings * doubt + (32 + others.depth(len(agents))) * far
               + len(wanted.nodes) + 12) * EPS / 2
    return Means(own[0], float(joined[0]), wanted.error + rounded), doubt


def _tilted(node: np.ndarray, probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """[J, U] x' and log q at nodes [J, 1]."""
    fade, lost = np.exp(-node), probability * -np.expm1(-node)
    stay = (1.0 - probability) + probability * fade
    log, often = np.log1p(-np.minimum(lost, 0.5)), lost >= 0.5
    log[often] = np.log(stay[often])
    return probability * fade / stay, log


@lru_cache(maxsize=64)
def _differences(order: int) -> np.ndarray:
    """[k + 1] forward differences of (1 + L)^k at L = 0."""
    return np.array([float(sum((-1) ** (j - i) * comb(j, i) * (1 + i) ** order
                               for i in range(j + 1))) for j in range(order + 1)])
