"""Rules: how one agent learns from its own data. One file each; `base.Rule` says what a rule is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import Registry

if TYPE_CHECKING:
    from potentia.rules.adaptive_inpg import AdaptiveINPG as AdaptiveINPG
    from potentia.rules.base import Rule as Rule
    from potentia.rules.base import View as View
    from potentia.rules.best_response import BestResponseDynamics as BestResponseDynamics
    from potentia.rules.entropy import EntropyINPG as EntropyINPG
    from potentia.rules.fisher import FisherINPG as FisherINPG
    from potentia.rules.floor import FloorINPG as FloorINPG
    from potentia.rules.frank_wolfe import FrankWolfe as FrankWolfe
    from potentia.rules.inpg import INPG as INPG
    from potentia.rules.ipg import IPG as IPG
    from potentia.rules.log_barrier import LogBarrierINPG as LogBarrierINPG
    from potentia.rules.log_linear import LogLinearINPG as LogLinearINPG
    from potentia.rules.mirror_descent import PolicyMirrorDescent as PolicyMirrorDescent
    from potentia.rules.mwu import MWU as MWU
    from potentia.rules.mwu_linear import LinearMWU as LinearMWU
    from potentia.rules.optimistic_inpg import OptimisticINPG as OptimisticINPG
    from potentia.rules.projected_newton import ProjectedNewton as ProjectedNewton
    from potentia.rules.q_ascent import QAscent as QAscent
    from potentia.rules.q_decentralised import DecentralisedQ as DecentralisedQ
    from potentia.rules.q_independent import IndependentQ as IndependentQ
    from potentia.rules.q_linear import LinearQ as LinearQ
    from potentia.rules.q_two_timescale import TwoTimescaleQ as TwoTimescaleQ
    from potentia.rules.regret_matching import RegretMatching as RegretMatching
    from potentia.rules.regret_matching_plus import RegretMatchingPlus as RegretMatchingPlus
    from potentia.rules.smoothed_best_response import SmoothedBestResponse as SmoothedBestResponse
    from potentia.rules.softmax_pg import SoftmaxPG as SoftmaxPG
    from potentia.rules.trust_region import TrustRegion as TrustRegion
    from potentia.runtime.declared import rule as rule
    from potentia.runtime.declared import static as static
    from potentia.runtime.declared import traced as traced

    # So that a checker tells what a class lacks.
    _RULES: tuple[type[Rule], ...] = (
        AdaptiveINPG, BestResponseDynamics, DecentralisedQ, EntropyINPG, FisherINPG, FloorINPG,
        FrankWolfe, INPG, IPG, IndependentQ, LinearMWU, LinearQ, LogBarrierINPG, LogLinearINPG, MWU,
        OptimisticINPG,
        PolicyMirrorDescent, ProjectedNewton, QAscent, RegretMatching, RegretMatchingPlus,
        SmoothedBestResponse, SoftmaxPG, TrustRegion, TwoTimescaleQ)

REGISTRY = Registry("rule", "potentia.rules", {
    "inpg": "inpg:INPG",
    "inpg-adaptive": "adaptive_inpg:AdaptiveINPG",
    "mwu": "mwu:MWU",
    "inpg-entropy": "entropy:EntropyINPG",
    "inpg-fisher": "fisher:FisherINPG",
    "inpg-floor": "floor:FloorINPG",
    "inpg-log-linear": "log_linear:LogLinearINPG",
    "inpg-log-barrier": "log_barrier:LogBarrierINPG",
    "inpg-optimistic": "optimistic_inpg:OptimisticINPG",
    "ipg": "ipg:IPG",
    "best-response": "best_response:BestResponseDynamics",
    "smoothed-best-response": "smoothed_best_response:SmoothedBestResponse",
    "frank-wolfe": "frank_wolfe:FrankWolfe",
    "mirror-descent": "mirror_descent:PolicyMirrorDescent",
    "mwu-linear": "mwu_linear:LinearMWU",
    "projected-newton": "projected_newton:ProjectedNewton",
    "q-ascent": "q_ascent:QAscent",
    "q-decentralised": "q_decentralised:DecentralisedQ",
    "q-linear": "q_linear:LinearQ",
    "q-independent": "q_independent:IndependentQ",
    "q-two-timescale": "q_two_timescale:TwoTimescaleQ",
    "regret-matching": "regret_matching:RegretMatching",
    "regret-matching-plus": "regret_matching_plus:RegretMatchingPlus",
    "softmax-pg": "softmax_pg:SoftmaxPG",
    "trust-region": "trust_region:TrustRegion",
})
_OTHERS = {"Rule": "potentia.rules.base", "View": "potentia.rules.base",
           "rule": "potentia.runtime.declared", "static": "potentia.runtime.declared",
           "traced": "potentia.runtime.declared"}


def names() -> list[str]:
    """The registered rules."""
    return sorted(REGISTRY)


def load(name: str) -> type[Rule]:
    """The class of a registered rule."""
    return REGISTRY.load(name)


def make(name: str, /, **parameters: object) -> Rule:
    """The rule of that name, e.g. `make("inpg", step_size=0.1)`.

    Raises InputError for an unknown name or parameter, with the nearest known one.
    """
    return REGISTRY.make(name, parameters)


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return REGISTRY.attribute(name, _OTHERS)


def __dir__() -> list[str]:
    return sorted(["load", "make", "names", *_OTHERS, *REGISTRY.classes])
