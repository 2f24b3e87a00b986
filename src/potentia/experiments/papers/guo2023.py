"""Guo, Li, Maheshwari, Sastry and Wu, "Markov alpha-Potential Games", arXiv 2305.12553: how far the
perturbed team is from a potential game, as data."""

from __future__ import annotations

from potentia.experiments.paper import Paper
from potentia.experiments.potentials import PureAlpha
from potentia.experiments.statements import Statement

STATED = {0.5: 0.095, 0.9: 0.068, 0.99: 0.067}        # alpha by discount, in their unit
LINEAR = 1e-6


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
)
ABOUT = """Three agents, policies of the full state, the start in the low state. *Alpha at least* is the optimum of a linear program
over all pure stationary profiles, and so a lower bound, in the source's unit: values times (1 - discount). No learning,
and so no Nash gap.
"""  # noqa: E501
PAPER = Paper(
    name="guo2023",
    title='Guo, Li, Maheshwari, Sastry and Wu, "Markov alpha-Potential Games", arXiv 2305.12553',
    about=ABOUT, statements=STATEMENTS)
