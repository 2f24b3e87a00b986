"""Oracles: what tells the agents their values. One file each; `base.Oracle` says what an oracle
is.

`oracle` declares one of a user's own. Three facts of an oracle are False unless its class says
otherwise: `exact`, that its values are the game's own, without which no run ends as CONVERGED (the
gap is recorded and never acted on); `batched`, that many runs are evaluated side by side (`vmap`);
`counts_steps`, that its evaluations tell how much play they took (`Evaluation.agent_steps`). One
with `begin` and `evaluate_from` (`base.Stateful`) keeps something from one iteration to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import Registry

if TYPE_CHECKING:
    from potentia.game import Evaluation as Evaluation
    from potentia.oracles.base import Oracle as Oracle
    from potentia.oracles.exact import Exact as Exact
    from potentia.oracles.one_sample import OneSample as OneSample
    from potentia.oracles.price_taking import PriceTaking as PriceTaking
    from potentia.oracles.published_congestion import PublishedCongestion as PublishedCongestion
    from potentia.oracles.published_distancing import PublishedDistancing as PublishedDistancing
    from potentia.oracles.rollouts import Rollouts as Rollouts
    from potentia.oracles.sampled import Sampled as Sampled
    from potentia.oracles.soft import Soft as Soft
    from potentia.oracles.trajectory import Trajectory as Trajectory
    from potentia.runtime.declared import oracle as oracle
    from potentia.runtime.declared import static as static
    from potentia.runtime.declared import traced as traced

    # So that a checker tells what a class lacks.
    _ORACLES: tuple[type[Oracle], ...] = (Exact, OneSample, PriceTaking, PublishedCongestion,
                                          PublishedDistancing, Rollouts, Sampled, Soft, Trajectory)

REGISTRY = Registry("oracle", "potentia.oracles", {
    "exact": "exact:Exact",
    "one-sample": "one_sample:OneSample",
    "price-taking": "price_taking:PriceTaking",
    "rollouts": "rollouts:Rollouts",
    "sampled": "sampled:Sampled",
    "soft": "soft:Soft",
    "trajectory": "trajectory:Trajectory",
    "published-congestion": "published_congestion:PublishedCongestion",
    "published-distancing": "published_distancing:PublishedDistancing",
})
_OTHERS = {"Oracle": "potentia.oracles.base", "Evaluation": "potentia.game",
           "oracle": "potentia.runtime.declared", "static": "potentia.runtime.declared",
           "traced": "potentia.runtime.declared"}


def names() -> list[str]:
    """The registered oracles."""
    return sorted(REGISTRY)


def load(name: str) -> type[Oracle]:
    """The class of a registered oracle."""
    return REGISTRY.load(name)


def make(name: str, /, **parameters: object) -> Oracle:
    """The oracle of that name, e.g. `make("sampled", episodes=20, horizon=20)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    return REGISTRY.make(name, parameters)


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return REGISTRY.attribute(name, _OTHERS)


def __dir__() -> list[str]:
    return sorted(["load", "make", "names", *_OTHERS, *REGISTRY.classes])
