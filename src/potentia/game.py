"""What every game answers, whatever represents it.

A game is a frozen dataclass, a pytree, with the methods of `Game`. Profiles are `[N, H, A]`:
N agents, H information states (the largest number any agent has), A actions (the most any agent has).
"""

from __future__ import annotations

from typing import ClassVar, Protocol, runtime_checkable

import numpy as np
from jax import Array

from potentia.runtime.pytree import Leaf, tree


@tree
class Evaluation:
    """What an oracle says of a profile. All leaves are float64.

    q: [N, H, A] marginal action values: the expectation of Q_i given the information state and the own
        action, the others' actions averaged out; equal to `v` where nothing is known.
    v: [N, H] values.
    visitation: [N, H] discounted visitation d, summed over the states behind each information state;
        sums to 1 at discount < 1, and to the expected number of visits at discount 1.
    q_stderr, v_stderr: standard errors of the same shapes (inf where unvisited); None when exact.
    bias: bound on |E[estimate] - truth| from truncation; None when exact.
    """

    q: Array
    v: Array
    visitation: Array
    q_stderr: Array | None = None
    v_stderr: Array | None = None
    bias: Array | None = None


@tree
class BestResponse:
    """The best that each agent could do alone against the others' policies.

    value: [N, S] values of each agent's best response, by state.
    current: [N, S] values of the profile itself.
    gain: [N] gains from the initial distribution.
    worst_gain: [N] largest gains over the states.
    error: [N] how far `gain` may fall short of the truth, by rounding and by improvements too small to take.
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


@runtime_checkable
class Game(Protocol):
    """The questions that oracles, the loop and certificates ask. `profile` is probabilities [N, H, A]."""

    @property
    def mask(self) -> Leaf: ...                             # [N, H, A] actions that exist
    @property
    def full_information(self) -> bool: ...                 # every agent sees the state
    @property
    def undiscounted(self) -> bool: ...                     # discount 1: values are totals until the end
    @property
    def scale(self) -> Leaf: ...                            # 1/(1-discount), or 1 at discount 1
    def evaluate(self, profile: Array) -> Evaluation: ...   # exact
    def best_response(self, profile: Array) -> BestResponse: ...
    def potential(self, profile: Array) -> Array | None: ...  # from the initial distribution; None: unknown
    def welfare(self, profile: Array) -> Array: ...         # sum of the agents' values
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes: ...
    def initial_profile(self, start: object, key: Array) -> Array: ...


@runtime_checkable
class HasLinks(Game, Protocol):
    """A game of travel on a network: what flows on its links, and what all pay for it together.

    Profiles may be NumPy arrays; flows are in vehicles, costs in the unit of the negative values.
    """

    @property
    def links(self) -> Leaf: ...                            # [links, 2] nodes that each leads from and to
    def link_flows(self, profile: object) -> Array: ...      # [links] expected
    def link_costs(self, profile: object) -> Array: ...      # [E] at mean flows; of each link at each step
    def expected_travel_time(self, profile: object) -> Array: ...
    def total_travel_time(self, profile: object) -> Array: ...   # at mean flows
    def relative_gap(self, profile: object) -> Array: ...    # share of the cost that best responses would save
    def wardrop_gap(self, profile: object) -> Array: ...     # at mean flows, the traffic literature's
    def paying_marginal_costs(self) -> HasLinks: ...        # the game whose potential is the total cost
    def least_total(self, profile: object) -> Array: ...     # no profile's total is below, by the flows of this one


@runtime_checkable
class HasNormalForm(Protocol):
    """A game whose equal tables of joint actions have other profiles than its own."""

    def normal_form(self) -> tuple[Game, object]: ...       # and what its actions stand for
    def tabular(self) -> Game: ...


class FullInformation:
    """Base of structured games in which every agent sees the state: what that means for `mask` [N, S, A]."""

    mask: Leaf
    discount: Leaf
    undiscounted: bool
    full_information: ClassVar[bool] = True
    # What an agent sees tells of the state all there is, whatever it does itself.
    separable: ClassVar[bool] = True

    @property
    def n_states(self) -> int:
        return self.mask.shape[1]

    @property
    def action_counts(self) -> tuple[int, ...]:
        """(A, ..., A), one for each row of a profile."""
        return (self.mask.shape[2],) * self.mask.shape[0]

    @property
    def information(self) -> np.ndarray:
        """[N, S] information state of each agent: the state itself."""
        return np.broadcast_to(np.arange(self.n_states), self.mask.shape[:2])

    @property
    def scale(self) -> Leaf:
        """1/(1-discount), or 1 at discount 1."""
        return np.float64(1.0) if self.undiscounted else 1.0 / (1.0 - self.discount)
