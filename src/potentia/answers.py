"""What games answer: values, best responses, simulated play, expected loads. N, H and A as in
`game`."""

from __future__ import annotations

import dataclasses

import numpy as np
from jax import Array

from potentia.runtime.pytree import tree


@tree
class Evaluation:
    """What an oracle says of a profile. All leaves are float64.

    q: [N, H, A] marginal action values: the expectation of Q_i given the information state and the
        own action, the others' actions averaged out; equal to `v` where nothing is known.
    v: [N, H] values.
    visitation: [N, H] discounted visitation d, summed over the states behind each information
        state; sums to 1 at discount < 1, and to the expected number of visits at discount 1.
    q_stderr, v_stderr: standard errors of the same shapes (inf where unvisited); None when exact.
    bias: bound on |E[estimate] - truth| from truncation, inf where none is known; None when exact.
    agent_steps: how many agents took how many steps of play for it, a number: steps times agents.
        None where nothing was played, or nobody counted.
    slope: [N, H, A] by how much an action's value falls, to first order, if all who now share what
        it uses became twice as many, and all come besides who decide with this row. Not negative;
        None where the game does not tell: only routing games do.
    """

    q: Array
    v: Array
    visitation: Array
    q_stderr: Array | None = None
    v_stderr: Array | None = None
    bias: Array | None = None
    slope: Array | None = None
    agent_steps: Array | None = None


@tree
class BestResponse:
    """The best that each agent could do alone against the others' policies.

    value: [N, S] values of each agent's best response, by state.
    current: [N, S] values of the profile itself.
    gain: [N] gains from the initial distribution.
    worst_gain: [N] largest gains over the states.
    error: [N] how far `gain` may fall short of the truth, by rounding and by improvements too small
    to take.
    """

    value: Array
    current: Array
    gain: Array
    worst_gain: Array
    error: Array


@tree
class Episodes:
    """Simulated play: states [E, T+1], actions [E, T, N], rewards [E, T, N]."""

    states: Array
    actions: Array
    rewards: Array


@dataclasses.dataclass(frozen=True, eq=False)
class FacilityLoads:
    """How many agents are expected at each facility: expected [K, F], facilities [F] and states [K]
    by name."""

    facilities: tuple[str, ...]
    states: tuple[str, ...]
    expected: np.ndarray


@dataclasses.dataclass(frozen=True)
class TravelTotals:
    """What a profile costs all who travel, each as the method of its name in `HasLinks` says.

    error: how far what is paid, and the time, may be off. distance_cost, schedule_cost: what of the
    cost is for distance, and for arriving early or late.
    """

    total_travel_time: float
    expected_travel_time: float
    expected_cost: float
    error: float
    toll_revenue: float
    wardrop_gap: float
    distance_cost: float = 0.0
    schedule_cost: float = 0.0
