"""What every game answers, whatever represents it, and what some games can do besides: the names of
`answers` and `capabilities` are imported from here.

A game is a frozen dataclass, a pytree, with the methods of `Game`. Profiles are `[N, H, A]`: N
agents, H information states (the largest number any agent has), A actions (the most any agent has).
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from jax import Array

from potentia.answers import BestResponse as BestResponse
from potentia.answers import Episodes as Episodes
from potentia.answers import Evaluation as Evaluation
from potentia.answers import FacilityLoads as FacilityLoads
from potentia.answers import TravelTotals as TravelTotals
from potentia.capabilities import AnswersAtOnce as AnswersAtOnce
from potentia.capabilities import Contractible as Contractible
from potentia.capabilities import GoesOn as GoesOn
from potentia.capabilities import HasJointStates as HasJointStates
from potentia.capabilities import HasMovers as HasMovers
from potentia.capabilities import HasPasses as HasPasses
from potentia.capabilities import HasPriceTaking as HasPriceTaking
from potentia.capabilities import HasRecipe as HasRecipe
from potentia.capabilities import HasSoftValues as HasSoftValues
from potentia.capabilities import HasStates as HasStates
from potentia.capabilities import HasTable as HasTable
from potentia.capabilities import HasWork as HasWork
from potentia.capabilities import Performative as Performative
from potentia.capabilities import Reorientable as Reorientable
from potentia.capabilities import Shardable as Shardable
from potentia.capabilities import WarmStartable as WarmStartable
from potentia.capabilities import table_of as table_of
from potentia.runtime.pytree import Leaf


@runtime_checkable
class Game(Protocol):
    """What every game answers. `profile` is probabilities [N, H, A]; a row of it may stand for
    several agents.

    name: what reports call it. mask: [N, H, A] actions that exist. n_agents: how many play.
    full_information: every agent sees the state. undiscounted: discount 1, so that values are
    totals until play ends.
    scale: 1/(1-discount), or 1 at discount 1.

    A game whose class is not one of Potentia's is a frozen dataclass with these members; what else
    it can do, the protocols below say.
    """

    @property
    def name(self) -> str: ...
    @property
    def mask(self) -> Leaf: ...
    @property
    def n_agents(self) -> int: ...
    @property
    def full_information(self) -> bool: ...
    @property
    def undiscounted(self) -> bool: ...
    @property
    def scale(self) -> Leaf: ...

    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation."""
        ...

    def best_response(self, profile: Array) -> BestResponse:
        """Exact best responses, each agent deviating alone."""
        ...

    def potential(self, profile: Array) -> Array | None:
        """The potential from the initial distribution; None where none is known."""
        ...

    def welfare(self, profile: Array) -> Array:
        """Sum of the agents' values from the initial distribution."""
        ...

    def initial_profile(self, start: object, key: Array | int) -> Array:
        """"uniform", "random" (interior, drawn by `key`, or by the key of that seed), or a user's
        own, checked."""
        ...


@runtime_checkable
class HasLoads(Game, Protocol):
    """A game in which agents who see the state share facilities."""

    def facility_loads(self, profile: object, states: np.ndarray) -> FacilityLoads:
        """What is expected in each of `states` [K] at `profile` [N, S, A]."""
        ...


def usable(game: Game) -> np.ndarray:
    """[N, H, A] actions that a profile of the game may use, now or after a reorientation."""
    return np.asarray(game.usable if isinstance(game, Reorientable) else game.mask)


@runtime_checkable
class HasLinks(Game, Protocol):
    """A game of travel on a network: what flows on its links, and what all pay for it together.

    Profiles may be NumPy arrays; flows are in vehicles, costs in the unit of the negative values.
    Costs are all that is paid; times are what is left of them without tolls and distance costs.
    """

    @property
    def links(self) -> Leaf: ...  # [links, 2] nodes that each leads from and to
    @property
    def tolls(self) -> Leaf: ...  # [links] paid to somebody, and part of the costs
    @property
    def distance_costs(self) -> Leaf: ...  # [links] part of the costs that is neither toll nor time
    @property
    def stay(self) -> Leaf: ...   # [T] paid by who stays at home, NaN who cannot; () if nobody can
    def staying(self, profile: object) -> np.ndarray: ...    # [T] vehicles expected to do so
    def link_flows(self, profile: object) -> Array: ...      # [links] expected
    # [E] paid at mean flows; of each link at each step
    def link_costs(self, profile: object) -> Array: ...
    def link_times(self, profile: object) -> Array: ...      # [E] what of them is time
    def expected_cost(self, profile: object) -> Array: ...   # all that is paid
    def expected_cost_error(self, profile: object) -> Array: ...    # how far that may be off
    def expected_travel_time(self, profile: object) -> Array: ...   # without what is no time
    def total_travel_time(self, profile: object) -> Array: ...      # likewise, at mean flows
    def toll_revenue(self, profile: object) -> Array: ...    # expected, of all vehicles
    def totals(self, profile: object) -> TravelTotals: ...   # all of these at once, and the next
    def untolled(self) -> HasLinks: ...  # the game of the same profiles that costs time alone
    # share of the cost that best responses would save; and the same by gains [T] of each mover,
    # which has costs -`current` in the answer that `best_response` gave
    def relative_gap(self, profile: object) -> Array: ...
    def share_gained(self, response: BestResponse, gain: Array) -> Array: ...
    def wardrop_gap(self, profile: object) -> Array: ...  # at mean flows, the traffic literature's
    @property
    def has_optimum(self) -> bool: ...  # whether the next two are known
    # the game whose potential is the total travel time
    def paying_marginal_costs(self) -> HasLinks: ...
    # no profile's expected travel time is below, by the flows of this one
    def least_total(self, profile: object) -> Array: ...


@runtime_checkable
class HasNormalForm(Protocol):
    """A game whose equal tables of joint actions have other profiles than its own."""

    def normal_form(self) -> tuple[Game, object]: ...       # and what its actions stand for
    def tabular(self) -> Game: ...
