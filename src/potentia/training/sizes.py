"""How much memory a training takes at least: refused with the numbers before anything is played."""

from __future__ import annotations

import math
from typing import Any

import jax

from potentia.errors import InputError
from potentia.games.limits import short
from potentia.runtime.memory import physical_memory
from potentia.simulators.contract import Facts
from potentia.training.subject import n_features

WORD = 4                  # bytes of a number


def refuse_too_large(facts: Facts, memory: Any, runs: int, episodes: int) -> None:
    """Raise InputError where learning, or so many episodes at once in each run, cannot fit.

    memory: shapes of what one agent remembers.
    """
    limit, agents = physical_memory(), facts.n_agents
    own = sum(math.prod(leaf.shape) * leaf.dtype.itemsize for leaf in jax.tree.leaves(memory))
    if runs * agents * own > limit:
        raise InputError(f"what agents learn needs at least {_size(runs * agents * own)} (runs="
                         f"{short(runs)}, {short(agents)} agents, {_size(own)} each), but this "
                         f"machine has {_size(limit)}")
    # Of each step what is seen and may be done, an action, its log-probability and a reward.
    seen = 1 if facts.n_observations else n_features(facts)
    step = WORD * (seen + 3) + facts.n_actions
    play = runs * episodes * facts.horizon * agents * step
    if play > limit:
        raise InputError(f"episodes={short(episodes)} of {short(facts.horizon)} steps need at "
                         f"least {_size(play)} at once (runs={short(runs)}, {short(agents)} "
                         f"agents, {_size(step)} a step), but this machine has {_size(limit)}")


def _size(count: int) -> str:
    """Bytes, as messages write them."""
    if count < 10**6:
        return f"{count:,} bytes"
    return f"{short(count // 10**6)} MB" if count < 10**10 else f"{short(count // 10**9)} GB"
