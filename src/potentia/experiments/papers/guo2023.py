"""Guo, Li, Maheshwari, Sastry and Wu, "Markov alpha-Potential Games", arXiv 2305.12553: how far the
perturbed team is from a potential game, and where its algorithm ends there, as data."""

from __future__ import annotations

import optax

from potentia.experiments.claims import NASH_GAP
from potentia.experiments.learning_runs import Learning
from potentia.experiments.paper import Paper
from potentia.experiments.potentials import PureAlpha
from potentia.experiments.statements import Statement

STATED = {0.5: 0.095, 0.9: 0.068, 0.99: 0.067}        # alpha by discount, in their unit
LINEAR = 1e-6
COOLING = optax.exponential_decay(0.05 * 0.9975, 1, 0.9975)        # of the published script
UPDATES = 1000


def _team(epsilon: float, discount: float) -> PureAlpha:
    return PureAlpha("perturbed-team", {"n_agents": 3, "epsilon": epsilon, "discount": discount})


def _alpha(discount: float, stated: float) -> Statement:
    return Statement(
        f"guo-alpha-{discount:g}", f"the perturbed team has alpha {stated:g} at discount "
        f"{discount:g} (3 agents, epsilon 0.1)", "experiments", f"{stated:g}",
        {"": _team(0.1, discount)}, lambda found: found["alpha at least"] <= stated, stated,
        reason="No potential comes closer than our bound, over pure stationary profiles alone.")


STATEMENTS = (
    *(_alpha(discount, stated) for discount, stated in STATED.items()),
    Statement("guo-linear", "alpha grows in proportion to epsilon (discount 0.9)", "experiments",
              "linear in epsilon",
              {f"epsilon {epsilon:g}": _team(epsilon, 0.9) for epsilon in (0.02, 0.05, 0.1)},
              lambda found: all(
                  abs(found[f"epsilon {epsilon:g} alpha at least"] * 0.1 / epsilon
                      / found["epsilon 0.1 alpha at least"] - 1) < LINEAR
                  for epsilon in (0.02, 0.05))),
    Statement("guo-improvement", "sequential maximum improvement comes to a Nash policy of the "
              "perturbed team, up to a gap of 0.001 (3 agents, epsilon 0.1, discount 0.9)",
              "Algorithm 2, experiments", "it ends near a Nash policy",
              {"": Learning("perturbed-team", {}, "smoothed-best-response",
                            {"temperature": COOLING}, (0, 500, UPDATES),
                            schedule="coordinated-largest-improvement",
                            schedule_parameters={"temperature": COOLING})},
              lambda found: found[f"gap after {UPDATES:,} updates"] <= NASH_GAP,
              tolerances={f"gap after {at:,} updates": 0.01 for at in (500, UPDATES)}),
)
ABOUT = """Three agents, policies of the full state, the start in the low state. *Alpha at least* is the optimum of a linear program
over all pure stationary profiles, and so a lower bound, in the source's unit: values times (1 - discount); there is no
learning, and so no Nash gap. Sequential maximum improvement starts at the uniform profile; its temperature after t
updates is 0.05 0.9975^(t + 1), values are exact, and its gaps are in the unit of the rewards.
"""  # noqa: E501
PAPER = Paper(
    name="guo2023",
    title='Guo, Li, Maheshwari, Sastry and Wu, "Markov alpha-Potential Games", arXiv 2305.12553',
    about=ABOUT, statements=STATEMENTS)
