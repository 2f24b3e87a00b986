"""What every game answers, whatever represents it, and what some games can do besides.

A game is a frozen dataclass, a pytree, with the methods of `Game`. Profiles are `[N, H, A]`: N
agents, H information states (the largest number any agent has), A actions (the most any agent has).
"""

from __future__ import annotations

import dataclasses
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jax import Array

from potentia.errors import InputError, one_line
from potentia.runtime.pytree import Leaf, tree


@tree
class Evaluation:
    """What an oracle says of a profile. All leaves are float64.

    q: [N, H, A] marginal action values: the expectation of Q_i given the information state and the
        own action, the others' actions averaged out; equal to `v` where nothing is known.
    v: [N, H] values.
    visitation: [N, H] discounted visitation d, summed over the states behind each information
        state; sums to 1 at discount < 1, and to the expected number of visits at discount 1.
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
class HasJointStates(Protocol):
    """A game whose joint states can be played through: what the sampled oracle learns from.

    action_counts: of each row of a profile. n_states: S. information: [N, S] what each agent sees
    of each state.
    absorbing: [S] states in which play has ended. initial: [S]. discount: in [0, 1]. reward_bound:
    largest size of any reward. sweeps: states on the longest play, the end included; None if play
    need not end.
    separable: what an agent sees tells of the state only what the others' policies decide.
    """

    @property
    def action_counts(self) -> tuple[int, ...]: ...
    @property
    def n_agents(self) -> int: ...
    @property
    def n_states(self) -> int: ...
    @property
    def mask(self) -> Leaf: ...
    @property
    def information(self) -> Leaf: ...
    @property
    def absorbing(self) -> Leaf: ...
    @property
    def initial(self) -> Leaf: ...
    @property
    def discount(self) -> Leaf: ...
    @property
    def undiscounted(self) -> bool: ...
    @property
    def scale(self) -> Leaf: ...
    @property
    def full_information(self) -> bool: ...
    @property
    def separable(self) -> bool: ...
    @property
    def sweeps(self) -> int | None: ...
    @property
    def reward_bound(self) -> Leaf: ...

    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play of `profile` from the initial distribution."""
        ...


@runtime_checkable
class HasStates(Protocol):
    """A game that a certificate of its own class can judge: what is read of it beside the problems
    that its agents face.

    information: [N, S] what each agent sees of each state. initial: [S] where play begins.
    absorbing: [S] states in which play has ended. mask: [N, H, A].
    """

    @property
    def full_information(self) -> bool: ...
    @property
    def information(self) -> Leaf: ...
    @property
    def initial(self) -> Leaf: ...
    @property
    def absorbing(self) -> Leaf: ...
    @property
    def mask(self) -> Leaf: ...


@runtime_checkable
class WarmStartable(Protocol):
    """A game that makes profiles of other things to begin from, such as flows."""

    def started(self, initial: object) -> object:
        """A profile [N, H, A], or one of each run; or `initial` itself, where that is none of these
        things."""
        ...


@runtime_checkable
class Reorientable(Protocol):
    """A game that lets its agents use some of their actions only, and may be asked for others on
    the way.

    usable: [N, H, A] actions that may ever be used; `mask` says which may be used now. orientation:
    what a solve changes of the game, a pytree of arrays. reorient_every: iterations after which a
    solve asks for another one, None where all that is usable may always be used.
    """

    @property
    def usable(self) -> Leaf: ...
    @property
    def orientation(self) -> Leaf: ...
    @property
    def reorient_every(self) -> int | None: ...

    def oriented(self, orientation: Leaf) -> Any:
        """The same game with that orientation."""
        ...

    def holding(self, profile: object) -> Any:
        """The same game oriented so that it may play `profile`."""
        ...

    def reoriented(self, log_profile: Array) -> tuple[Any, np.ndarray]:
        """The game oriented anew for the costs of now, and the log-profile carried over to it."""
        ...


@runtime_checkable
class HasMovers(Protocol):
    """A game in which several rows of a profile move as one, by a schedule that lets some wait; in
    any other game each row does.

    n_movers: M. movers: [N] whose row it is, from 0 on.
    """

    @property
    def n_movers(self) -> int: ...
    @property
    def movers(self) -> Leaf: ...

    def mover_gains(self, response: BestResponse) -> Array:
        """[M] what each mover gains by its best response; of several agents the largest."""
        ...


@runtime_checkable
class Shardable(Protocol):
    """A game whose states can be cut into `shards` equal parts, to be spread over as many
    devices."""

    @property
    def shards(self) -> int: ...

    def partition(self) -> Any:
        """Which axis of each array runs over states: the same pytree, of partition specs."""
        ...


@runtime_checkable
class HasTable(Protocol):
    """A game with an equal tabular game of the same states and profiles."""

    def tabular(self) -> Any:
        """The equal tabular game. Raises InputError where its table does not fit."""
        ...


def table_of(game: HasTable) -> Any:
    """What `tabular` gives. Raises InputError for whatever a user's own raises."""
    try:
        return game.tabular()
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{type(game).__name__}.tabular failed: {type(error).__name__}: "
                         f"{one_line(error)}") from error


@dataclasses.dataclass(frozen=True, eq=False)
class FacilityLoads:
    """How many agents are expected at each facility: expected [K, F], facilities [F] and states [K]
    by name."""

    facilities: tuple[str, ...]
    states: tuple[str, ...]
    expected: np.ndarray


@runtime_checkable
class HasLoads(Game, Protocol):
    """A game in which agents who see the state share facilities."""

    def facility_loads(self, profile: object, states: np.ndarray) -> FacilityLoads:
        """What is expected in each of `states` [K] at `profile` [N, S, A]."""
        ...


@runtime_checkable
class HasWork(Protocol):
    """A game that knows what an exact evaluation takes."""

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        ...


@runtime_checkable
class HasPasses(HasWork, Protocol):
    """A game whose iterations are arithmetic of single numbers rather than products of matrices."""

    def passes(self) -> float:
        """How long an exact iteration takes, in numbers that are gathered, multiplied and added
        within a cache meanwhile."""
        ...


@runtime_checkable
class HasPriceTaking(Protocol):
    """A game whose agents can be evaluated as price-takers, who do not leave themselves out of the
    load."""

    def price_taking(self, profile: Array) -> Evaluation:
        """What price-takers see of `profile`."""
        ...


@runtime_checkable
class HasSoftValues(Protocol):
    """A game whose agents can be evaluated with a bonus for the entropy of their own policies."""

    def soft_values(self, profile: Array, temperature: Array | float) -> Evaluation:
        """Values, action values and visitation of `profile` [N, H, A], every later state being
        worth `temperature` times the entropy of the agent's own policy there besides."""
        ...


@runtime_checkable
class HasRecipe(Protocol):
    """A game that may come from the registry: its name there and the parameters that rebuild it, or
    None."""

    @property
    def recipe(self) -> tuple[str, tuple[tuple[str, object], ...]] | None: ...


def usable(game: Game) -> np.ndarray:
    """[N, H, A] actions that a profile of the game may use, now or after a reorientation."""
    return np.asarray(game.usable if isinstance(game, Reorientable) else game.mask)


@runtime_checkable
class Performative(Protocol):
    """A game that responds to the profile that is deployed: in each it is another tabular game.

    responds: whether it does; else all profiles induce one game.
    """

    @property
    def responds(self) -> bool: ...

    def induced(self, profile: object) -> Any:
        """The tabular game that `profile` [N, H, A] induces, which no deviation from it changes."""
        ...


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
    def link_flows(self, profile: object) -> Array: ...      # [links] expected
    # [E] paid at mean flows; of each link at each step
    def link_costs(self, profile: object) -> Array: ...
    def link_times(self, profile: object) -> Array: ...      # [E] what of them is time
    def expected_cost(self, profile: object) -> Array: ...   # all that is paid
    def expected_cost_error(self, profile: object) -> Array: ...    # how far that may be off
    def expected_travel_time(self, profile: object) -> Array: ...   # without what is no time
    def total_travel_time(self, profile: object) -> Array: ...      # likewise, at mean flows
    def toll_revenue(self, profile: object) -> Array: ...    # expected, of all vehicles
    def untolled(self) -> HasLinks: ...  # the game of the same profiles that costs time alone
    # share of the cost that best responses would save; and the same by gains [T] of each mover,
    # which has costs -`current` in the answer that `best_response` gave
    def relative_gap(self, profile: object) -> Array: ...
    def share_gained(self, response: BestResponse, gain: Array) -> Array: ...
    def wardrop_gap(self, profile: object) -> Array: ...  # at mean flows, the traffic literature's
    # the game whose potential is the total travel time
    def paying_marginal_costs(self) -> HasLinks: ...
    # no profile's expected travel time is below, by the flows of this one
    def least_total(self, profile: object) -> Array: ...


@runtime_checkable
class HasNormalForm(Protocol):
    """A game whose equal tables of joint actions have other profiles than its own."""

    def normal_form(self) -> tuple[Game, object]: ...       # and what its actions stand for
    def tabular(self) -> Game: ...
