"""Is a game that is no potential game a weighted one? PROVEN with the weights and the potential,
REFUTED with what contradicts them, or UNKNOWN.

A game is a weighted potential game if there are positive weights w_i and a function Phi of profiles
with V_i(pi_i', pi_-i) - V_i(pi) = w_i (Phi(pi_i', pi_-i) - Phi(pi)) for every deviation (Monderer
and Shapley, Games and Economic Behavior 14, 1996, section 2): if and only if the game with rewards
r_i / w_i is a potential game. Along a four-cycle of agents i and j, of whom i gains p in all and j
gains q, that says p / w_i + q / w_j = 0. So one cycle tells the only ratio of the two weights that
there may be; p and q of the same sign, or of which one alone is 0, refute all weights, and so do
two cycles with p q' unlike p' q. With the weights that are left, the game of r_i / w_i is
classified like any other.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from potentia.names import names_of
from potentia.potential import cycles, rational
from potentia.potential.classification import PROVEN, REFUTED, UNKNOWN, Classification, Weighted
from potentia.potential.cycles import CORNERS, Cycle
from potentia.potential.draws import grid_policies
from potentia.potential.subject import Subject

MOST_PAIRS, EACH = 60, 4  # pairs of agents that are tried, and four-cycles of each
UNLIKE = 1e-9             # relative: below, ratios or a sum beside another may be rounding
STANDS_OUT = 1e-3         # of the largest gain: below, a sum is too small to tell a ratio from
MOST_FRACTIONS = 300_000  # that all cycles together may take; beyond, sums are rounded
SNAPS, LARGEST = 1e-12, 10**6          # to a fraction so near, of a denominator at most so large


@dataclasses.dataclass(frozen=True)
class Sums:
    """What agents i and j gain in all along a four-cycle of theirs; `exact` if these are
    fractions without rounding; else they are off by at most `rounding`. largest: of the gains;
    smaller: of the two agents' largest gains the smaller one."""

    pair: tuple[int, int]
    own: Fraction
    other: Fraction
    exact: bool
    rounding: float
    largest: float
    smaller: float

    def says(self, number: Fraction) -> bool:
        """Whether a sum stands out from rounding."""
        return abs(number) > max(2 * self.rounding, UNLIKE * self.largest)

    @property
    def tells(self) -> bool:
        """Whether both sums are large enough to tell a ratio from."""
        least = min(map(abs, (self.own, self.other)))
        return self.says(least) and least > STANDS_OUT * self.smaller

    def nothing(self, number: Fraction) -> bool:
        """Whether a sum is 0, for certain."""
        return self.exact and number == 0


def weighted(subject: Subject, rng: np.random.Generator,
             classified: Callable[[Subject], Classification]) -> Weighted:
    """Whether the game, which has no potential, has a weighted one; classified: what says whether
    another game of the same kind has a potential."""
    ratios: dict[tuple[int, int], Fraction] = {}
    named = names_of(subject.game)
    for pair in _pairs(len(subject.counts), rng):
        told: Sums | None = None
        for found in _measured(subject, pair, rng):
            if (why := contradiction(found, told, *map(named.agent, pair))) is not None:
                return Weighted(REFUTED, f"no positive weights fit: {why}")
            if told is None or abs(found.own) > abs(told.own):
                told = found
        if told is not None and told.tells:
            ratios[pair] = _snapped(-told.other / told.own)
    weights, tied = _from_ratios(len(subject.counts), ratios)
    return _of_scaled(subject, weights, tied, classified)


def _pairs(n_agents: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    pairs = _all_pairs(n_agents)
    if len(pairs) <= MOST_PAIRS:
        return pairs
    return [pairs[k] for k in rng.choice(len(pairs), MOST_PAIRS, replace=False)]


def _all_pairs(n_agents: int) -> list[tuple[int, int]]:
    return list(itertools.combinations(range(n_agents), 2))


def _measured(subject: Subject, pair: tuple[int, int],
              rng: np.random.Generator) -> Iterator[Sums]:
    """The sums of a few cycles of these agents."""
    for _ in range(EACH):
        policies = [grid_policies(subject, rng, agent, 2 if agent in pair else 1)
                    for agent in range(len(subject.counts))]
        yield _sums_of(subject, cycles.measured(subject, pair, policies))


def _sums_of(subject: Subject, cycle: Cycle) -> Sums:
    exact = _exactly(subject)
    of_each = [float(np.abs(cycle.gains[first::2]).max()) for first in range(2)]
    if exact:
        own, other = rational.exact_sums(subject, cycle)
    else:
        own, other = (Fraction(float(cycle.gains[first::2].sum())) for first in range(2))
    # The exact numbers are those that the game stores; how far these may be from what is meant
    # counts in any case.
    return Sums(cycle.agents, own, other, exact and not subject.accuracy, cycle.rounding,
                 max(of_each), min(of_each))


def _exactly(subject: Subject) -> bool:
    """Whether sums without rounding take a second or two, for all cycles together."""
    pairs = min(len(_all_pairs(len(subject.counts))), MOST_PAIRS)
    of_values = len(subject.states) ** 3 + subject.playable.size * len(subject.counts)
    return (rational.affordable(subject)
            and len(CORNERS) * EACH * pairs * of_values <= MOST_FRACTIONS)


def contradiction(found: Sums, told: Sums | None, i: str, j: str) -> str | None:
    """Why no weights of these two agents, i and j, are positive and fit both cycles; None if some
    may."""
    if found.says(found.own) and found.says(found.other):
        if (found.own > 0) == (found.other > 0):
            return (f"along a four-cycle {i} gains {float(found.own):.6g} and {j} "
                    f"{float(found.other):.6g}, which only weights of unlike signs make up for")
        if told is not None and told.says(told.own) and told.says(told.other):
            return _unlike(found, told, i, j)
    for sum_of, one, rest, none in ((found.own, i, found.other, j),
                                    (found.other, j, found.own, i)):
        if found.says(sum_of) and found.nothing(rest):
            return (f"along a four-cycle {one} gains {float(sum_of):.6g} and {none} gains nothing, "
                    f"whatever its weight")
    return None


def _unlike(found: Sums, told: Sums, i: str, j: str) -> str | None:
    one, two = found.own * told.other, told.own * found.other
    doubt = sum(each.rounding * float(abs(rest.own) + abs(rest.other))
                for each, rest in ((found, told), (told, found)))
    if abs(one - two) <= max(2 * doubt, UNLIKE * float(abs(one) + abs(two))):
        return None
    ratios = [float(-each.other / each.own) for each in (told, found)]
    digits = next((count for count in range(6, 17)
                   if f"{ratios[0]:.{count}g}" != f"{ratios[1]:.{count}g}"), 17)
    return (f"a four-cycle of {i} and {j} needs weights with a ratio of {ratios[0]:.{digits}g}, "
            f"another one of {ratios[1]:.{digits}g}")


def _snapped(ratio: Fraction) -> Fraction:
    """The short fraction next to it that rounding may have hidden."""
    short = ratio.limit_denominator(LARGEST)
    return short if abs(short - ratio) <= SNAPS * abs(ratio) else ratio


def _from_ratios(n_agents: int, ratios: dict[tuple[int, int], Fraction],
                 ) -> tuple[list[Fraction], bool]:
    """The weights of all agents by those of pairs, the least of those that are tied to each other
    being 1; and whether all are tied together."""
    both_ways = ratios | {(j, i): 1 / ratio for (i, j), ratio in ratios.items()}
    weights: dict[int, Fraction] = {}
    parts = 0
    for first in range(n_agents):
        if first in weights:
            continue
        parts, tied = parts + 1, {first: Fraction(1)}
        reached = [first]
        for agent in reached:
            ahead = {there: tied[agent] * ratio for (here, there), ratio in both_ways.items()
                     if here == agent and there not in tied}
            tied |= ahead
            reached += ahead
        weights |= {agent: weight / min(tied.values()) for agent, weight in tied.items()}
    return [weights[agent] for agent in range(n_agents)], parts == 1


def _of_scaled(subject: Subject, weights: list[Fraction], tied: bool,
               classified: Callable[[Subject], Classification]) -> Weighted:
    """By the game with rewards r_i / w_i."""
    each = np.array([float(weight) for weight in weights])
    if (each == 1).all():
        return Weighted(REFUTED if tied else UNKNOWN, (
            "by four-cycles of pairs all weights would be alike, and with these there is no "
            "potential" if tied else "four-cycles of pairs tell no weights"))
    game = dataclasses.replace(
        subject.game, rewards=np.asarray(subject.game.rewards) / each, stage_potential=None)
    kind = classified(dataclasses.replace(subject, game=game, rewards=subject.rewards / each))
    shown = ", ".join(f"{weight:.6g}" for weight in each)
    if kind.verdict == PROVEN:
        return Weighted(PROVEN, f"weights {shown}; rewards over weights are a potential game, "
                                f"{kind.proof}", weights=each, residual=kind.residual,
                        stage_potential=kind.stage_potential, own_potential=kind.potential)
    why = f"weights could only be {shown}, but rewards over weights: {kind.verdict}, {kind.proof}"
    return Weighted(REFUTED if tied and kind.verdict == REFUTED else UNKNOWN, why,
                    residual=kind.residual)
