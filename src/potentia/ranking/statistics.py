"""The statistics of a leaderboard, over runs that may be infinitely late.

Performance profiles are those of Dolan and More, Benchmarking optimization software with
performance profiles, Mathematical Programming 91 (2002), taken over runs as by Agarwal, Schwarzer,
Castro, Courville, Bellemare, Deep reinforcement learning at the edge of the statistical precipice,
NeurIPS 2021 (arXiv 2108.13264), section 4, from where the probability of improvement and the
bootstrap that draws runs anew within each game are, too. Intervals are of 95 %, by percentiles.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from scipy import stats

RESAMPLES = 1000
LEVEL = 0.95
SEED = 0                      # of the bootstrap, so that a table is the same each time
SLOWEST = 1000.0              # times the best, at which a run counts for nothing

Samples = Sequence[np.ndarray]
Interval = tuple[Any, Any]


def interval(statistic: Callable[..., Any], samples: Samples) -> Interval:
    """The bootstrap interval of a statistic of samples `[..., n]`, each drawn anew by itself.

    statistic: of the samples, and `axis`, which it takes away. NaN where a sample has one run only.
    """
    if min(sample.shape[-1] for sample in samples) < 2:
        nowhere = np.full(np.shape(statistic(*samples, axis=-1)), np.nan)[()]
        return nowhere, nowhere
    with np.errstate(invalid="ignore"):            # of SciPy's own interval, where runs are never
        found = stats.bootstrap(samples, statistic, n_resamples=RESAMPLES, axis=-1, vectorized=True,
                                method="percentile", rng=np.random.default_rng(SEED))
    # By the order alone, since there is nothing between a number and never.
    drawn = np.sort(found.bootstrap_distribution, axis=-1)
    out = (1 - LEVEL) / 2 * RESAMPLES
    return drawn[..., int(out)][()], drawn[..., RESAMPLES - 1 - int(out)][()]


def median(times: np.ndarray, axis: int = -1) -> Any:
    """The median, infinite if half of the runs or more never got there."""
    return np.median(times, axis=axis)


def ratios(times: Sequence[np.ndarray], best: Sequence[float]) -> list[np.ndarray]:
    """Of each game, how many times as long as its best median each run took; infinite on a game
    whose best is never."""
    return [np.full(np.shape(own), np.inf) if np.isinf(least) else own / least
            for own, least in zip(times, best, strict=True)]


def worth(ratio: np.ndarray) -> np.ndarray:
    """1 for a run no slower than the best, less by the logarithm of its ratio, 0 from `SLOWEST` on:
    its part of the area under the profile over a logarithmic axis."""
    with np.errstate(divide="ignore"):
        return np.clip(1 - np.log10(np.maximum(ratio, 1.0)) / np.log10(SLOWEST), 0.0, 1.0)


def mean_of_means(*samples: np.ndarray, axis: int) -> Any:
    """The mean over games of the mean over runs."""
    return sum(sample.mean(axis=axis) for sample in samples) / len(samples)


def shares(ratio: np.ndarray, within: np.ndarray) -> np.ndarray:
    """[ratios, runs] whether a run's ratio is at most each of `within`."""
    return (ratio <= within[:, None]).astype(float)


def improvement(ones: Samples, others: Samples) -> tuple[float, float, float]:
    """The mean over games of the probability that a run of one rule is sooner than one of another,
    and its interval; runs that come together, or never, count half."""
    sooner = [(one[:, None] < other) + 0.5 * (one[:, None] == other)
              for one, other in zip(ones, others, strict=True)]
    # How often a run is drawn says all of a resample, and pairs need comparing only once.
    drawn = np.sort(np.mean([np.einsum("bi,ij,bj->b", _weights(2 * game, pairs.shape[0]), pairs,
                                       _weights(2 * game + 1, pairs.shape[1]), optimize=True)
                             for game, pairs in enumerate(sooner)], axis=0))
    out = int((1 - LEVEL) / 2 * RESAMPLES)
    known = min(min(pairs.shape) for pairs in sooner) > 1
    low, high = (drawn[out], drawn[RESAMPLES - 1 - out]) if known else (np.nan, np.nan)
    return float(np.mean([pairs.mean() for pairs in sooner])), float(low), float(high)


@cache
def _weights(stream: int, runs: int) -> np.ndarray:
    """[resamples, runs] what share of each resample each run is; streams are independent."""
    rng = np.random.default_rng([SEED, stream])
    return rng.multinomial(runs, np.full(runs, 1 / runs), size=RESAMPLES) / runs
