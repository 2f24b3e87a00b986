"""How large a joint table may be: refused with the numbers before anything is allocated.

A table holds one reward for each agent and about two more numbers for each state and joint action.
Both the states and the joint actions usually grow exponentially with the agents.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from potentia.errors import InputError

LIMIT_GB = 2.0
MOST_AGENTS = 62          # arrays have an axis for each agent, NumPy allows 64, and two are taken

MOST_LISTED = 10_000
COPIES = 14               # arrays as large as a profile that a solve holds at once, measured


def check_table(n_agents: int, n_states: int, n_actions: int | Sequence[int],
                instead: str = "") -> None:
    """Refuse a game of (at least) so many states whose N agents have up to `n_actions` actions
    each.

    n_actions: or those of each agent. instead: what the message says of a representation that would
    fit.
    """
    if n_agents > MOST_AGENTS:
        raise InputError(
            f"n_agents is {n_agents:,}, but a table of joint actions takes at most "
            f"{MOST_AGENTS}{instead}")
    n_joint = math.prod(n_actions) if isinstance(n_actions, Sequence) else n_actions ** n_agents
    size = 8 * n_states * n_joint * (n_agents + 2)
    if size > LIMIT_GB * 1e9:
        raise InputError(
            f"n_agents={n_agents} needs a table of at least {short(n_states)} states x "
            f"{short(n_joint)} joint actions, {short(size // 10**6)} MB, but the limit is "
            f"{LIMIT_GB * 1e3:,.0f} MB{instead}")


def table_bytes(n_agents: int, n_states: int, n_actions: int) -> int:
    """Bytes of a joint table."""
    return 8 * n_states * n_actions ** n_agents * (n_agents + 2)


def check_agents(n_agents: int) -> None:
    """Refuse more agents than joint states could ever be listed for."""
    if n_agents > MOST_LISTED:
        raise InputError(f"n_agents is {short(n_agents)}, but joint states of more than "
                         f"{MOST_LISTED:,} agents cannot be listed; 'anonymous-congestion' fits "
                         f"identical agents that play alike")


def check_evaluation(n_states: int, entries: int) -> None:
    """Refuse a game whose exact evaluation holds `entries` numbers for the chain of a profile,
    beyond the limit."""
    size = 8 * entries
    if size > LIMIT_GB * 1e9:
        raise InputError(f"{short(n_states)} states need {short(size // 10**6)} MB for exact "
                         f"evaluation, but the limit is {LIMIT_GB * 1e3:,.0f} MB")


def short(number: int) -> str:
    """A whole number as messages write it."""
    return f"{number:,}" if number < 10**12 else f"10^{math.log10(number):.0f}"
