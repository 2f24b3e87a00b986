"""Mean costs of links from the distribution of the number of agents, found by letting one type
after another choose."""

from __future__ import annotations

import numpy as np


def distribution(agents: np.ndarray, probability: np.ndarray) -> np.ndarray:
    """[n + 1] probabilities of 0..n agents, where agents[k] of them are there with probability[k]
    each."""
    # It takes a third of a second to load, for which hardly any game need wait.
    import scipy.stats
    found = np.ones(1)
    for number, there in zip(agents, probability, strict=True):
        found = _convolved(found, scipy.stats.binom.pmf(np.arange(number + 1), number, there))
    return found


def _convolved(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Without the products of what is 0 at both ends, which is most of many agents' chances."""
    found = np.zeros(len(first) + len(second) - 1)
    (begin, end), (start, stop) = (np.flatnonzero(each)[[0, -1]] for each in (first, second))
    found[begin + start:end + stop + 1] = np.convolve(first[begin:end + 1], second[start:stop + 1])
    return found


def means(agents: np.ndarray, probability: np.ndarray, costs: np.ndarray) -> np.ndarray:
    """[k] what one of each type expects, itself there for sure, not with its probability; costs: by
    1, 2, ... agents."""
    found = np.empty(len(agents))
    for k in range(len(agents)):
        others = agents - (np.arange(len(agents)) == k)
        number = distribution(others[others > 0], probability[others > 0])
        found[k] = number @ costs[:len(number)]
    return found


def joined(agents: np.ndarray, probability: np.ndarray, costs: np.ndarray) -> float:
    """What somebody expects who comes on top of all."""
    number = distribution(agents, probability)
    return float(number @ costs[:len(number)])
