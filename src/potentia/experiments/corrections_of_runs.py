"""Corrections that concern runs: fixed points, rare actions, unvisited states, symmetry, stopping.

Statements of Fox, McAleer, Overman and Panageas, arXiv 2110.10614, each verified by a computation
or else withdrawn.
"""

from __future__ import annotations

import numpy as np

from potentia import games, rules
from potentia.certificates.equilibrium import certify
from potentia.experiments.correction import Correction, Reports
from potentia.games.tabular.game import MarkovGame
from potentia.learning.solver import solved
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.theory.fisher_form import natural_gradient
from potentia.theory.trajectory import follow, survey
from potentia.theory.verdicts import FAILS, HOLDS

RARE = (8, 12, 14, 15, 16, 18, 30, 49, 60)      # probabilities 10^-k of the better action
STEP, STEPS = 0.5, 200


def isolated(seed: int) -> Correction:
    """A common-interest game with a duplicate action: a segment of fixed points; the start decides
    which is reached."""
    stage = np.random.default_rng(seed).random((1, 2, 2))[:, [0, 0, 1]]
    game = MarkovGame.from_arrays(np.stack([stage, stage]), np.zeros((1, 3, 2), np.int64),
                                  discount=0.5)
    ends = [solved(game, rules.INPG(step_size=STEP), seed=seed + k, progress=False).profile
            for k in range(2)]
    with float64_on_one_blas_thread(), np.errstate(divide="ignore"):
        motion = survey(game, np.log(np.stack([*ends, (ends[0] + ends[1]) / 2]))).motion
    apart = float(np.abs(ends[0] - ends[1])[0, 0, :2].max())
    return Correction(
        "isolated fixed points", "Theorem 3.1",
        "from any interior start INPG converges to a Nash policy",
        "its proof needs Lemma 3.6's assumption that fixed points are isolated, which the theorem "
        "does not name and which a duplicate action breaks", "common rewards, a duplicate action",
        bool(motion.max() < 1e-6) and apart > 1e-3,
        {"largest pi |A| at two limits and between": float(motion.max()),
         "difference of the limits": apart},
        "the conclusion held all the same: both limits are Nash policies")


def fisher_breakdown(seed: int) -> Correction:
    """One state; agent 0 is paid 1 for action 1, and plays it with probability 10^-k."""
    del seed
    rewards = np.zeros((2, 1, 2, 2))
    rewards[:, :, 1] = 1.0
    game = MarkovGame.from_arrays(rewards, np.zeros((1, 2, 2), np.int64), discount=0.5)
    with float64_on_one_blas_thread():
        errors = {k: _direction_error(game, _rare(k)) for k in RARE}
        inpg = float(np.exp(follow(game, STEP, np.exp(_rare(20)), STEPS)[-1])[0, 0, 1])
        plain = float(_plain_fisher(game, _rare(20))[0, 0, 1])
    return Correction(
        "Fisher form, rare actions", "Equations (5) and (6)",
        "(INPG) and the Fisher form are the same dynamics",
        "in float64 only while no action is too rare: NumPy's pseudo-inverse of the whole Fisher "
        "matrix loses the direction of an action once its chance is about 1e-16, and then never "
        "finds it again, however good",
        "one state, one better action", errors[8] < 1e-6
        and min(errors[k] for k in RARE if k >= 16) > 0.5
        and inpg > 0.5 > plain,
        {**{f"error of the direction at 1e-{k}": error for k, error in errors.items()},
         f"from 1e-20, chance after {STEPS} steps, INPG": inpg, "the same, Fisher form": plain},
        "policies after one step do not show it, because the action is rare")


def _rare(k: int) -> np.ndarray:
    """The log-profile [2, 1, 2] in which agent 0 plays action 1 with probability 10^-k, and agent 1
    both alike."""
    return np.log([[[1 - 10.0**-k, 10.0**-k]], [[0.5, 0.5]]])


def _direction_error(game: MarkovGame, point: np.ndarray) -> float:
    """Of agent 0's direction by the plain pseudo-inverse, relative to the centred
    advantage/(1-gamma)."""
    seen = survey(game, point[None])
    advantage = seen.advantage[0, 0, 0] * float(game.scale)
    right = advantage - advantage.mean()
    return float(np.abs(natural_gradient(game, point, seen.slope[0])[0, 0] - right).max()
                 / np.abs(right).max())


def _plain_fisher(game: MarkovGame, log_profile: np.ndarray) -> np.ndarray:
    """The profile after STEPS steps of (6) by the plain pseudo-inverse."""
    for _ in range(STEPS):
        slope = survey(game, log_profile[None]).slope[0]
        raised = log_profile + STEP * natural_gradient(game, log_profile, slope)
        log_profile = raised - np.logaddexp.reduce(raised, axis=-1, keepdims=True)
    return np.exp(log_profile)


def unvisited(reports: Reports) -> Correction:
    """One step where play never comes, and the agents could gain there."""
    stage = np.zeros((2, 2, 2))
    stage[1] = [[1.0, 0.0], [0.0, 0.5]]
    following = np.ones((2, 2, 2), np.int64)
    following[0] = 0
    game = MarkovGame.from_arrays(np.stack([stage, stage]), following, discount=0.5,
                                  initial=[1.0, 0.0])
    start = np.full((2, 2, 2), 0.5)
    with float64_on_one_blas_thread():
        slope = survey(game, np.log(start)[None]).slope[0]
        fisher = float(np.abs(natural_gradient(game, np.log(start), slope)[:, 1]).max())
        moved = float(np.abs(np.exp(follow(game, STEP, start, 1)[-1]) - start)[:, 1].max())
    lemma = [report["Lemma 3.2"] for report in reports.values()]
    return Correction(
        "unvisited states", "Lemma 2.1", "theta moves by eta/(1-gamma) A(s, a) in every state",
        "F^+ grad V is 0 where d(s) = 0, while (INPG) and (MWU) move there; elsewhere it is (A - "
        "mean_a A)/(1-gamma), which is the same policy", "two states, one never reached",
        fisher == 0 and moved > 1e-3 and all(one.verdict != FAILS for one in lemma),
        {"Fisher form's direction there": fisher, "INPG's policy step there": moved,
         "difference of policies elsewhere": max(one.numbers.get("difference of policies", 0.0)
                                                 for one in lemma)})


def local_policies(reports: Reports) -> Correction:
    """The own-position game from s, and from everywhere."""
    narrow, wide = (reports[case]["Lemma 3.6"]
                    for case in ("own-position-3", "own-position-3-uniform"))
    return Correction(
        "local policies", "Lemma 3.6", "the limit is a Nash policy",
        "with own-position policies, under which Example 1 is a potential game, that holds from s, "
        "but a run may end at a fixed point that is no Nash policy where the start makes what an "
        "agent's position tells it depend on its own policy", "congestion, n = 3, own position",
        (narrow.verdict, wide.verdict) == (HOLDS, FAILS),
        {"Nash gap from s": narrow.numbers["Nash gap"],
         "Nash gap from everywhere, at least": wide.numbers["Nash gap, at least"]},
        "the theorem is about policies of the whole state")


def symmetry(seed: int) -> Correction:
    """Identical agents from the uniform start: how far apart they are after so many iterations."""
    del seed
    game = games.make("distancing", n_agents=4)
    apart = {}
    for iterations in (1, 10, 50, 100, 300):
        profile = solved(game, rules.INPG(step_size=1e-4), initial="uniform",
                        max_iterations=iterations,
                        tolerance=None, check_every=iterations, progress=False).profile
        apart[iterations] = float(np.abs(profile - profile[:1]).max())
    return Correction(
        "symmetry", "Section 4", "runs converge to equilibria in which agents spread out",
        "with exact gradients and a uniform start identical agents stay identical in exact "
        "arithmetic; what breaks the symmetry is sampling noise, a random start, or in the end "
        "rounding",
        "distancing, N = 4",
        apart[1] < 1e-14 and apart[50] < 1e-6,
        {f"agents apart after {iterations}": value for iterations, value in apart.items()},
        "in float64 they do not stay identical for ever: the symmetric path is unstable, and "
        "rounding grows along it")


def small_steps(seed: int) -> Correction:
    """IPG where joint action (0, 0) keeps play in state 0, which both agents soon always choose;
    what is better in state 1, by then hardly visited, is not learned."""
    del seed
    stage = np.array([[[1.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.5]]])
    following = np.array([[[0, 1], [1, 1]], [[0, 0], [0, 0]]])
    game = MarkovGame.from_arrays(np.stack([stage, stage]), following, discount=0.9,
                                  initial=[1.0, 0.0])
    result = solved(game, rules.IPG(step_size=0.001),
                   initial=np.array([[[0.9, 0.1], [0.9, 0.1]]] * 2),
                   tolerance=None, step_tolerance=1e-15, progress=False)
    found = certify(game, result.profile)
    worst = float(found.worst_state_gap or 0.0)
    return Correction(
        "stopping on small steps", "Section 4",
        "a run has converged when policies change by less than 10e-16",
        "a small step is not convergence: IPG, whose update is weighted by d(s), comes to rest "
        "with a gap at states that its final policy does not visit", "two states, common rewards",
        result.status == "small_step" and worst > 1e-3,
        {"iterations": int(np.max(result.iterations)), "Nash gap from the start": found.nash_gap,
         "Nash gap, worst over the states": worst})
