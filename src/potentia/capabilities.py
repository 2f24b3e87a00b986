"""What some games can do beside what every game does: a small protocol for each, so that nobody has
to ask what a game is. N, H and A as in `game`, by which all of these are imported."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from jax import Array

from potentia.answers import BestResponse, Episodes, Evaluation
from potentia.errors import InputError, one_line
from potentia.runtime.pytree import Leaf


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
class GoesOn(HasJointStates, Protocol):
    """A game whose play can go on from any joint state: what the oracle that learns from one
    trajectory needs."""

    def simulate_from(self, profile: Array, key: Array, states: Array, steps: int) -> Episodes:
        """Play of `profile` from each of `states` [E]."""
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
    solve asks for another one, at first: intervals grow to a fifth of the iterations made and more;
    None where all that is usable may always be used.
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
class Contractible(Reorientable, Protocol):
    """A game that can leave out, for a while, the agents who have no choice.

    contractible: whether it ever does. contracted: the smaller game, and which agent [C] of the
    whole one each of its agents is, N where it is none of them but stands for what others do, by
    its one action; None where that saves nothing. Its agents have the same actions, and are told
    what they would be in the whole game as long as its orientation stays and those left out do as
    they must.
    """

    @property
    def contractible(self) -> bool: ...

    def contracted(self) -> tuple[Any, np.ndarray] | None: ...


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


@runtime_checkable
class AnswersAtOnce(Protocol):
    """A game that tells what is asked at an exact check together, for less than one by one."""

    def answered(self, profile: Array) -> tuple[BestResponse, Array | None, Array]:
        """What `best_response`, `potential` and `welfare` say of `profile`, which is one of the
        game's as it is oriented, and is not looked at before."""
        ...

    def answers_ahead(self) -> None:
        """Have the programs that answer compiled while other work goes on."""
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
