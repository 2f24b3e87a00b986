"""What learning curves are of: the names of their axes, and which are logarithmic."""

from __future__ import annotations

NAMES = {"nash_gap": "exact Nash gap", "relative_gap": "exact relative gap",
         "worst_state_gap": "exact gap from the worst state", "potential": "potential",
         "welfare": "welfare, sum of values", "l1_accuracy": "L1 distance to own last profile",
         "policy_step": "step, mean L1 change", "agent_steps": "steps of all agents in play",
         "mean_return": "mean return, estimated"}
SIGNED = ("potential", "welfare", "mean_return")       # whose axis is linear
AXES = {"iterations": "iterations", "agent_steps": NAMES["agent_steps"]}      # along x
DECADES = 12                            # that a logarithmic axis has at most


def called(quantity: str) -> str:
    """What its axis is called."""
    name, _, agent = quantity.partition("return_")
    return f"return of agent {agent}, estimated" if agent and not name else NAMES.get(quantity,
                                                                                     quantity)


def is_signed(quantity: str) -> bool:
    """Whether it may be below 0, so that its axis is linear."""
    return quantity in SIGNED or quantity.startswith("return_")
