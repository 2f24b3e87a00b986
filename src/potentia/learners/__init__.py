"""Learners: how each agent learns from what it saw, did and earned in a simulator, one file each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import Registry

if TYPE_CHECKING:
    from potentia.learners.base import Learner as Learner
    from potentia.learners.log_linear import LogLinearNPG as LogLinearNPG
    from potentia.learners.npg import IndependentNPG as IndependentNPG
    from potentia.learners.ppo import IndependentPPO as IndependentPPO

REGISTRY = Registry("learner", "potentia.learners", {
    "log-linear": "log_linear:LogLinearNPG",
    "npg": "npg:IndependentNPG",
    "ppo": "ppo:IndependentPPO",
})
_OTHERS = {"Learner": "potentia.learners.base"}


if not TYPE_CHECKING:
    def __getattr__(name: str) -> Any:
        return REGISTRY.attribute(name, _OTHERS)


def __dir__() -> list[str]:
    return sorted([*_OTHERS, *REGISTRY.classes])
