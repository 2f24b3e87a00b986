"""Routing games: agents who travel through a network, each looking at its own node only; exact at any number of agents.

A trip leads from an origin to a destination, link by link. Where an agent looks at its own node only (and, with a
horizon, at the time), the agents' trips are independent of each other, so that the number of agents on a link is a sum
of independent choices, and no joint state is needed. An agent that takes link e with chance x_e pays

    sum over links e of x_e E c_e(w (1 + L_e)),      L_e the number of the others that take e,

w vehicles to an agent. Rosenthal's potential Phi = E sum over links of c_e(w) + ... + c_e(w L_e) changes by as much as
the own cost of whoever changes its policy alone (Rosenthal 1973; Fox et al., arXiv 2110.10614, Example 1), provided
that
nobody can take a link twice: the links that a trip may use are a bush, without a cycle (`bushes`). Best
responses are shortest paths in the whole network, where a link that is taken twice would be paid twice; at costs that
are not negative that is never better. VALUES ARE NEGATIVE COSTS.
"""

from __future__ import annotations

import dataclasses
from functools import partial
from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.core import Tracer

from potentia import profile as profiles
from potentia.console.text import counted
from potentia.errors import InputError
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.estimate import GATHER
from potentia.games.roads import bush_update, bushes, evaluation
from potentia.games.roads.bushes import Bush
from potentia.games.roads.link_costs import Costs, Polynomial
from potentia.games.roads.load_windows import window
from potentia.games.roads.rows import Rows
from potentia.games.roads.shared_rows import Shared
from potentia.games.roads.simulation import simulate
from potentia.games.roads.trips import Trips
from potentia.runtime.float64 import float64_method, float64_on_one_blas_thread
from potentia.runtime.pytree import Leaf, static, tree

if TYPE_CHECKING:
    from potentia.games.roads.normal_form import Path
    from potentia.games.tabular.game import MarkovGame


@tree
class RoutingGame:
    """Trips on a network. Build it with `from_links`, or read it from files with `pt.io.read_tntp`.

    A profile is [R, 1, A]: a row for each node that a type can use, and up to A links out of it (`rows`; `by_node`
    gives the dense view). Types are agents of the same origin and destination, who share a row. With policies by
    destination all types of a destination share it; see `from_links`.

    costs: of each link by its load in vehicles. weight: vehicles of an agent, w. table: [links, n + 2] costs by the
    number of agents, where they are no polynomials.
    rows: what the rows stand for. bush: the links that may be used now. trips: the types.
    links: [links, 2] nodes as they are numbered outside. place: [E] which of them each link is; more than one with
        a horizon, where each link is another one at each step.
    shared, shares: by destination only, which types share rows; and [K, E] sums of powers of the agents' chances to
        take a link, over the expected number: what `evaluate` takes the loads' spread from, as it was when the bush
        last changed.
    closed, policies, horizon, detour: as `from_links` took them. reorient_every: iterations after which a solve asks
        for another bush, None where all that can be used has no cycle.
    """

    costs: Costs
    weight: Leaf
    table: Leaf | None
    rows: Rows
    bush: Bush
    trips: Trips
    links: Leaf
    place: Leaf
    shared: Shared | None = None
    shares: Leaf | None = None
    closed: Leaf = ()
    policies: str = static(default="type")
    horizon: int | None = static(default=None)
    detour: float | None = static(default=None)
    reorient_every: int | None = static(default=None)
    name: str = static(default="routing")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @classmethod
    def from_links(cls, links: object, costs: Costs, demand: object, *, weight: float = 1.0, policies: str = "type",
                   horizon: int | None = None, closed: object = (), detour: float | None = None,
                   reorient_every: int = 100, name: str = "routing") -> RoutingGame:
        """A routing game on the network of these links.

        links: [links, 2] numbers of the nodes that each leads from and to; several may join the same two nodes.
        costs: of the links, in their order: `pt.link_costs.bpr`, `polynomial`, `tabulated` or a `Function`. They must
            be finite, not negative, and never fall as the load grows.
        demand: rows (origin, destination, number of agents).
        weight: vehicles of each agent, w: one number for the whole game.
        policies: "type": agents of the same origin and destination play alike; "agent": each has a policy of its own;
            "destination": all with the same destination share one, as price-takers, to whom a link costs E c(w (1 + L))
            with their own share in L. Nash gaps and certificates leave it out, whatever the policies are.
        horizon: steps that a trip may take: then loads are by link and step, and policies by node and step. A trip
            takes a link at each step until it has arrived, and may turn in circles. If omitted, a load is all of a
            link's agents, whenever they come, and nobody may take a link twice.
        closed: nodes that trips begin and end at but do not cross, such as zones.
        detour: nodes that a type may pass lie on walks of at most `detour` times its shortest one, without any load,
            and it may use all links between them; all nodes if omitted.
        reorient_every: iterations after which a solve asks for another bush.

        Raises InputError naming the entry at fault, such as a destination that cannot be reached.
        """
        from potentia.games.roads.build import from_links
        return from_links(links, costs, demand, weight=weight, policies=policies, horizon=horizon, closed=closed,
                          detour=detour, reorient_every=reorient_every, name=name)

    def __repr__(self) -> str:
        return (f"<RoutingGame {self.name}: {counted(self.n_agents, 'agent')} of "
                f"{counted(len(self.trips.count), 'type')} on {counted(len(self.links), 'link')}, "
                f"{counted(len(self.rows.node), 'row')}>")

    @property
    def full_information(self) -> bool:
        """False: agents look at their own node only."""
        return False

    @property
    def undiscounted(self) -> bool:
        """True: values are totals until the end of the trip."""
        return True

    @property
    def n_agents(self) -> int:
        return self.trips.total

    @property
    def mask(self) -> Leaf:
        """[R, 1, A] links that may be used now."""
        return self.bush.mask[:, None]

    @property
    def usable(self) -> Leaf:
        """[R, 1, A] links that may ever be used."""
        return self.rows.usable[:, None]

    @property
    def action_counts(self) -> tuple[int, ...]:
        """(A, ..., A), one for each row of a profile."""
        return (self.rows.link.shape[1],) * self.rows.link.shape[0]

    @property
    def scale(self) -> Leaf:
        """1: values are totals until the end of the trip."""
        return np.float64(1.0)

    @property
    def orientation(self) -> tuple[Bush, Leaf | None]:
        """What a solve may change on its way."""
        return self.bush, self.shares

    def oriented(self, orientation: tuple[Bush, Leaf | None]) -> RoutingGame:
        """The same game with another orientation."""
        return dataclasses.replace(self, bush=orientation[0], shares=orientation[1])

    def holding(self, profile: object) -> RoutingGame:
        """The same game with a bush that holds all links that `profile` [R, 1, A] uses.

        Raises InputError for a profile that may turn in circles.
        """
        if isinstance(profile, Tracer):
            return self
        used = np.asarray(profile)[:, 0] > 0
        if not (used & ~np.asarray(self.bush.mask)).any():
            return self
        level = bushes.levels(self.rows, used)
        if level is None:
            raise InputError("profile uses links that form a cycle, so that a link might be taken twice")
        return dataclasses.replace(self, bush=bushes.bush_of(self.rows, used, level, like=self.bush))

    def reoriented(self, log_profile: Array) -> tuple[RoutingGame, np.ndarray]:
        """The game with another bush, for the costs of now, and the log-profile [R, 1, A] carried over to it."""
        with float64_on_one_blas_thread():
            profile = jnp.exp(jnp.asarray(log_profile))
            cost = _costs(self, profile)
            shares = None if self.shared is None else np.asarray(_shares(self, profile))
        bush, log_policy = bush_update.reoriented(
            self.rows, self.bush, np.asarray(self.trips.start) > 0, np.asarray(log_profile)[:, 0], np.asarray(cost))
        return dataclasses.replace(self, bush=bush, shares=shares), log_policy[:, None]

    def without(self, link: object) -> RoutingGame:
        """The same trips without the link (from, to); see `roads.changes`."""
        from potentia.games.roads.changes import without
        return without(self, link)

    def joined(self, link: object, costs: Costs) -> RoutingGame:
        """The same trips with one more link (from, to); see `roads.changes`."""
        from potentia.games.roads.changes import joined
        return joined(self, link, costs)

    def tolled(self, tolls: object) -> RoutingGame:
        """The same trips with tolls, [links] or {(from, to): toll}; see `roads.changes`."""
        from potentia.games.roads.changes import tolled
        return tolled(self, tolls)

    def normal_form(self) -> tuple[MarkovGame, list[list[Path]]]:
        """The equal game of paths chosen at once, and each type's paths; see `roads.normal_form`, which maps
        profiles too."""
        from potentia.games.roads.normal_form import normal_form
        return normal_form(self)

    def tabular(self) -> MarkovGame:
        """With a horizon, the equal game of time and positions; see `roads.table`, which maps profiles too."""
        from potentia.games.roads.table import tabular
        return tabular(self)

    @float64_method
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visits of a profile `[R, 1, A]`; by destination, price-taking."""
        return _evaluated(self.holding(profile), profile)

    @float64_method
    def price_taking(self, profile: Array) -> Evaluation:
        """The same to agents who do not leave themselves out of the load: a link costs E c(w (1 + L))."""
        return _price_taking(self.holding(profile), profile)

    @float64_method
    def best_response(self, profile: Array) -> BestResponse:
        """What each type [T] could gain at most, by the shortest paths in the whole network; see `evaluation`."""
        return _responded(self.holding(profile), profile)

    @float64_method
    def start_values(self, profile: Array) -> Array:
        """[T] expected value of a trip of each type, its negative cost."""
        return self.best_response(profile).current[:, 0]

    @float64_method
    def potential(self, profile: Array) -> Array:
        """Rosenthal's potential, negative: it rises by what the own value of whoever changes alone rises by."""
        return -_totals(self.holding(profile), profile)[1]

    @float64_method
    def welfare(self, profile: Array) -> Array:
        """Sum over all agents of their values."""
        return -_totals(self.holding(profile), profile)[2]

    @float64_method
    def link_flows(self, profile: Array) -> Array:
        """[links] expected vehicles on each link; with a horizon, at all steps together."""
        return _totals(self.holding(profile), profile)[0]

    @float64_method
    def expected_travel_time(self, profile: Array) -> Array:
        """E sum over links of load times cost, in vehicles: what all are expected to pay together."""
        return self.weight * _totals(self.holding(profile), profile)[2]

    @float64_method
    def total_travel_time(self, profile: Array) -> Array:
        """Sum over links of flow times cost at the mean flows: the traffic literature's total."""
        return _mean_total(self.holding(profile), profile)

    @float64_method
    def marginal_tolls(self, profile: Array) -> Array:
        """[links] x dc/dx at mean flows: what each vehicle on a link costs the others. Raised as tolls at a system
        optimum, they make it an equilibrium of infinitely many agents (Pigou 1920)."""
        return _marginal_tolls(self.holding(profile), profile)

    @float64_method
    def link_costs(self, profile: Array) -> Array:
        """[E] costs at mean flows; with a horizon, of each link at each step."""
        return _mean_costs(self.holding(profile), profile)

    @float64_method
    def wardrop_gap(self, profile: Array) -> Array:
        """The traffic literature's relative gap, at mean flows f: 1 - (shortest paths' total cost) / sum f c(f)."""
        return _wardrop_gap(self.holding(profile), profile)

    @float64_method
    def relative_gap(self, profile: Array) -> Array:
        """Total gain of all agents' best responses over their total cost, each by its own expected costs; by
        destination an upper bound of it."""
        response, count = _responded(self.holding(profile), profile), jnp.asarray(self.trips.count)
        gain = response.gain if self.shared is None else response.gain + response.error
        return evaluation.share(jnp.sum(count * gain), -jnp.sum(count * response.current[:, 0]))

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` times, for at most so many steps of each trip: states [E, T+1, N] are the rows where each of
        the N agents is (R once it has arrived), types one after another; rewards are its negative costs."""
        return simulate(self, profile[:, 0], key, episodes, steps)

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache holds."""
        entries = np.size(self.usable)
        # Powers of probabilities, cumulants and moments; then probabilities forward and costs backward, by gathering.
        order = self.costs.degree if isinstance(self.costs, Polynomial) else window(self.n_agents)
        operations = entries * (4 * order**2 if self.table is None else 12 * order) + 8 * entries
        return operations, 8 * entries * (6 * GATHER + 12)

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior of the bush, by `key`), or a profile `[R, 1, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)


# Compiled as functions, since the methods find on the host which bush holds a profile.
@jax.jit
def _evaluated(game: RoutingGame, profile: Array) -> Evaluation:
    return evaluation.evaluated(game, profile[:, 0], own=game.shared is None)


@jax.jit
def _price_taking(game: RoutingGame, profile: Array) -> Evaluation:
    return evaluation.evaluated(game, profile[:, 0], own=False)


@jax.jit
def _costs(game: RoutingGame, profile: Array) -> Array:
    return evaluation.costs(game, profile[:, 0])


@jax.jit
def _shares(game: RoutingGame, profile: Array) -> Array:
    return evaluation.shares(game, profile[:, 0])


@jax.jit
def _responded(game: RoutingGame, profile: Array) -> BestResponse:
    return evaluation.responded(game, profile[:, 0])


@jax.jit
def _totals(game: RoutingGame, profile: Array) -> tuple[Array, Array, Array]:
    return evaluation.totals(game, profile[:, 0])


@jax.jit
def _mean_total(game: RoutingGame, profile: Array) -> Array:
    return evaluation.at_mean_flows(game, evaluation.taken(game, profile[:, 0])[1].mean)[0]


@jax.jit
def _mean_costs(game: RoutingGame, profile: Array) -> Array:
    return evaluation.at_mean_flows(game, evaluation.taken(game, profile[:, 0])[1].mean)[1]


@jax.jit
def _marginal_tolls(game: RoutingGame, profile: Array) -> Array:
    return evaluation.marginal_tolls(game, evaluation.taken(game, profile[:, 0])[1].mean)


@jax.jit
def _wardrop_gap(game: RoutingGame, profile: Array) -> Array:
    return evaluation.wardrop_gap(game, profile[:, 0])
