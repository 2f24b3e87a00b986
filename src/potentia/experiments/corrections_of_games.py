"""Corrections that concern games: which are potential games, M, and the step sizes that follow.

Statements of Fox, McAleer, Overman and Panageas, arXiv 2110.10614, each verified by a computation
or else withdrawn.
"""

from __future__ import annotations

import numpy as np

from potentia import games
from potentia.experiments.correction import Correction
from potentia.games.tabular.game import MarkovGame
from potentia.potential import PROVEN, REFUTED, classify
from potentia.theory.mismatch import mismatch
from potentia.theory.steps import reward_range, smoothness, theorem_step

CONGESTION = "stochastic-congestion"
_UNEQUAL = {("s", "1.1"): (1.0, 0.5), ("s", "1.2"): (2.0, 0.25), ("1.1", "2.1"): (1.0, 0.5),
            ("1.1", "2.2"): (2.0, 0.25), ("1.2", "2.1"): (2.0, 0.25), ("1.2", "2.2"): (1.0, 0.5),
            ("2.1", "t"): (1.0, 0.5), ("2.2", "t"): (2.0, 0.25)}


def example_1(seed: int) -> Correction:
    """Joint-state policies against own-position policies, n = 3; and n = 2 with equal and with
    unequal edges."""
    joint, local, equal, unequal = (classify(games.make(CONGESTION, start="uniform", **more),
                                             seed=seed) for more in (
        {"n_agents": 3}, {"n_agents": 3, "observe": "own"}, {"n_agents": 2}, {"n_agents": 2,
                                                                              "reward": _UNEQUAL}))
    right = (joint.verdict, local.verdict, equal.verdict,
             unequal.verdict) == (REFUTED, PROVEN, PROVEN, REFUTED)
    return Correction(
        "example 1", "Example 1", "stochastic congestion games are Markov potential games",
        "with policies of the joint state they are none for n = 3, nor for n = 2 with unequal "
        "edges (n = 2 with 1/load is a common-interest game); with policies of the own position "
        "they are",
        "congestion, n = 2 and 3",
        right, {"cycle over its gains, n = 3": joint.residual,
                "alpha at least, n = 3": joint.alpha_lower,
                "residual, own position": local.residual,
                "residual, n = 2 with 1/load": equal.residual,
                "cycle over its gains, n = 2 unequal": unequal.residual},
        f"n = 3: {joint.proof}; own position: {local.proof}")


def distancing(seed: int) -> Correction:
    """The game of Section 4.1."""
    found = classify(games.make("distancing"), seed=seed)
    return Correction(
        "distancing game", "Section 4.1", "the distancing game is a Markov potential game",
        "it is none: deviation gains round a cycle of mixed profiles do not cancel",
        "distancing, N = 8",
        found.verdict == REFUTED,
        {"cycle over its gains": found.residual, "alpha at least": found.alpha_lower},
        found.proof)


def deterministic_cycles(seed: int) -> Correction:
    """Play stays in state 1 while both choose 1 there, else it goes to state 0 for good; agent 0 is
    paid 1 for choosing 0 in state 1. With x its probability of that and y the other's of 1: V_0 = x
    / (1 - gamma (1 - x) y)."""
    rewards, following = np.zeros((2, 2, 2, 2)), np.zeros((2, 2, 2), np.int64)
    rewards[0, 1, 0, :] = 1.0
    following[1, 1, 1] = 1
    game = MarkovGame.from_arrays(rewards, following, discount=0.5, initial=[0.0, 1.0])
    pure, mixed = _cycle_sum(game, 0.0), _cycle_sum(game, 0.5)
    found = classify(game, seed=seed)
    return Correction(
        "cycles of deterministic policies", "Definition 2",
        "the potential's differences equal the values' for all policies",
        "four-cycles of deterministic policies may all cancel in a game that is no potential game; "
        "mixed ones do not",
        "two agents, two states", pure == 0 and abs(mixed - 1 / 6) < 1e-12
        and found.verdict == REFUTED,
        {"cycle sum, deterministic": pure, "cycle sum, mixed": mixed,
         "cycle over its gains": found.residual},
        "x in {1/2, 1} and y in {0, 1} give 1/6")


def _cycle_sum(game: MarkovGame, least: float) -> float:
    """|Sum| of the gains round (1, 0), (least, 0), (least, 1), (1, 1), probabilities (x, y) in
    state 1."""
    def values(x: float, y: float) -> np.ndarray:
        profile = np.array([[[1.0, 0.0], [x, 1 - x]], [[1.0, 0.0], [1 - y, y]]])
        return np.asarray(game.evaluate(profile).v)[:, 1]

    corners = [values(x, y) for x, y in ((1.0, 0.0), (least, 0.0), (least, 1.0), (1.0, 1.0))]
    return abs(sum(float((corners[(k + 1) % 4] - corners[k])[k % 2]) for k in range(4)))


def rescaling(seed: int) -> Correction:
    """Common rewards, both doubled, and one of the two doubled."""
    rng = np.random.default_rng(seed)
    stage, transitions = rng.random((2, 2, 2)), rng.dirichlet(np.ones(2), size=(2, 2, 2))
    both, one = (classify(MarkovGame.from_arrays(np.stack([2 * stage, factor * stage]), transitions,
                                                 discount=0.5),
                          seed=seed) for factor in (2.0, 1.0))
    return Correction(
        "rescaling", "Section 2", "rewards lie in [0, 1]",
        "rewards are brought there by one factor common to all agents; a factor for each breaks "
        "the potential",
        "random common rewards", (both.verdict, one.verdict) == (PROVEN, REFUTED),
        {"residual, one factor": both.residual, "cycle over its gains, two factors": one.residual})


def mismatch_coefficients(seed: int) -> Correction:
    """M of Definition 3, exactly."""
    del seed
    known = {"congestion n = 4, from everywhere": (17.82, CONGESTION,
                                                   {"n_agents": 4, "start": "uniform"}),
             "the same, edge back to s": (842.5, CONGESTION,
                                          {"n_agents": 4, "start": "uniform", "ending": "loop"}),
             "congestion n = 4, from s": (np.inf, CONGESTION, {"n_agents": 4}),
             "distancing": (199.0, "distancing", {})}
    found = {title: mismatch(games.make(name, **more)).coefficient
             for title, (_, name, more) in known.items()}
    return Correction(
        "mismatch coefficient", "Definition 3",
        "M is the largest ratio of two visitations over all policies",
        "it is exactly computable, and infinite where play can avoid a state that other play "
        "reaches",
        "congestion n = 4, distancing",
        all(_near(found[title], value) for title, (value, *_) in known.items()), found)


def step_sizes(seed: int) -> Correction:
    """The theorem's steps on the paper's games against the 1e-4 of its experiments."""
    del seed
    numbers = {}
    for name, game in (("distancing", games.make("distancing")),
                       ("congestion", games.make(CONGESTION, n_agents=4, start="uniform"))):
        coefficient = mismatch(game).coefficient
        bound = smoothness(game, coefficient)
        numbers |= {f"step times M, {name}": coefficient / bound,
                    f"step in raw units, {name}": theorem_step(game, bound, reward_range(game))}
    return Correction(
        "step sizes", "Section 4", "experiments with step size 1e-4",
        "the theorem allows less than 3.6e-11/M (distancing) and 5.8e-10/M (congestion, n = 4) for "
        "rewards of range 1; in raw units, on the distancing game, 1.2e-15",
        "distancing, congestion n = 4",
        _near(numbers["step times M, distancing"], 3.6e-11)
        and _near(numbers["step times M, congestion"], 5.8e-10)
        and _near(numbers["step in raw units, distancing"], 1.2e-15, 0.05), numbers)


def _near(value: float, target: float, tolerance: float = 0.01) -> bool:
    return value == target or abs(value / target - 1) < tolerance
