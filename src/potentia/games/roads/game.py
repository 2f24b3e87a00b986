"""Routing games: agents who travel through a network, each looking at its own node only; exact at
any number of agents.

A trip leads from an origin to a destination, link by link. Where an agent looks at its own node
only (and, with a horizon, at the time), the agents' trips are independent of each other, so that
the number of agents on a link is a sum of independent choices, and no joint state is needed. An
agent that takes link e with probability x_e pays

    sum over links e of x_e E c_e(w (1 + L_e)),      L_e the number of the others that take e,

w vehicles to an agent. Rosenthal's potential Phi = E sum over links of c_e(w) + ... + c_e(w L_e)
changes by as much as the own cost of whoever changes its policy alone (Rosenthal 1973; Fox et al.,
arXiv 2110.10614, Example 1), provided that nobody can take a link twice: the links that a trip may
use are a bush, without a cycle (`bushes`). Best responses are shortest paths in the whole network,
where a link that is taken twice would be paid twice; at costs that are not negative that is never
better. VALUES ARE NEGATIVE COSTS.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.described import Described
from potentia.games.roads import (
    bush_update,
    charges,
    classes,
    compiled,
    contraction,
    elastic,
    evaluation,
    held,
    normal_form,
    system_optimum,
    table,
    timed,
    work,
)
from potentia.games.roads.bushes import Bush
from potentia.games.roads.classes import TrafficClass
from potentia.games.roads.framed import Frames
from potentia.games.roads.link_costs import Costs
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.started import WarmStarts
from potentia.games.roads.totalled import Totals
from potentia.games.roads.what_ifs import WhatIfs
from potentia.games.tabular.game import MarkovGame
from potentia.runtime.ahead import compiled_ahead
from potentia.runtime.float64 import float64_method, float64_on_one_blas_thread
from potentia.runtime.pytree import Leaf, tree


@tree
class RoutingGame(Frames, Totals, WarmStarts, WhatIfs, Described):
    """Trips on a network. Build it with `from_links`, or read it from files with `pt.io.read_tntp`.

    A profile is [R, 1, A]: a row for each node that a type can use, and up to A links out of it
    (`rows`). Types are agents of the same origin and destination, who share a row; with policies by
    destination all types of a destination share it, see `from_links`. Its fields are those of
    `RoadData`; what it tells as frames are the methods of `Frames`, what all pay together those of
    `Totals`, what it may begin from those of `WarmStarts`, other versions of it those of `WhatIfs`.
    """

    @classmethod
    def from_links(cls, links: object, costs: Costs, demand: object, *, weight: float = 1.0,
                   policies: str = "type", horizon: int | None = None, closed: object = (),
                   detour: float | None = None,
                   reorient_every: int = 10, name: str = "routing", tolls: object = None,
                   distance_costs: object = None, node_names: Iterable[str] = (),
                   link_ids: Iterable[LinkId] | None = None, capacity: object = None,
                   length: object = None, at_home: object = None,
                   departures: object = None,
                   classes: Mapping[str, TrafficClass] | None = None) -> RoutingGame:
        """A routing game on the network of these links.

        links: [links, 2] numbers of the nodes that each leads from and to; several may join the
            same two nodes.
        costs: of the links, in their order: `pt.link_costs.bpr`, `polynomial`, `tabulated` or a
            `Function`. They must be finite, not negative, and never fall as the load grows. They
            are of time; what is paid besides are tolls and distance costs.
        demand: rows (origin, destination, number of agents), and their class if there are any.
        weight: vehicles of each agent, w: one number for the whole game.
        classes: by name, what agents weigh and what time costs them; different weights need costs
            that are polynomials. With policies by destination each class has its own.
        policies: "type": agents of the same origin and destination play alike; "agent": each has a
            policy of its own; "destination": all with the same destination share one, as
            price-takers, to whom a link costs E c(w (1 + L)) with their own share in L. Nash gaps
            and certificates leave it out, whatever the policies are.
        horizon: steps that a trip may take: then loads are by link and step, and policies by node
            and step. A trip takes a link at each step until it has arrived, and may come back to a
            node. If omitted, a load is all of a link's agents, whenever they come, and nobody may
            take a link twice.
        closed: nodes that trips begin and end at but do not cross, such as zones.
        detour: nodes that a type may pass lie on walks of at most `detour` times its shortest one,
            without any load, and it may use all links between them; all nodes if omitted.
        reorient_every: iterations after which a solve asks for another bush, at first: intervals
            grow to a fifth of the iterations made and more.
        tolls: on each link, [links], or a mapping {(from, to): toll}: what a vehicle pays besides
            and somebody receives. In units of cost, not negative; none if omitted.
        distance_costs: likewise what a vehicle pays that is neither time nor received, such as
            fuel.
        node_names: of the nodes 1, 2, ..., where these numbers stand for names: reports and files
            tell them, and `without`, `joined` and `tolled` take them.
        link_ids: what the links are called, all whole numbers or all text, each once; 1, 2, ... if
            omitted. capacity, length: [links] as reports tell them, NaN where none is known:
            positive, in vehicles, and not negative, in any unit. Costs say what agents see.
        at_home: elastic demand: what an agent pays who stays at home instead of travelling, finite
            and not negative, in units of cost: a number for all, a list of one for each row of the
            demand (None where they must travel), or a mapping {(origin, destination): cost}, beside
            which others must.
            Not with a horizon. Flows are on roads only; totals of cost and of time count those who
            stay, by what they pay, and `staying` says how many they are.
        departures: trips that choose at which step to leave, and pay for arriving early or late, in
            units of cost, like tolls, whatever time costs their class: a `pt.Departures` for all,
            a list of one for each row of the demand (None where they leave at step 0 and pay
            nothing), or a mapping {(origin, destination): departures}, beside which others leave at
            step 0. Needs a horizon, and goes without at_home. Flows and times are of roads only;
            totals of cost count what is paid, and `departures` tells who leaves and arrives when.

        Raises InputError naming the entry at fault, such as a destination that cannot be reached.
        """
        return cls(**vars(timed.from_links(
            links, costs, demand, weight=weight, policies=policies, horizon=horizon, closed=closed,
            detour=detour, reorient_every=reorient_every, name=name, tolls=tolls, classes=classes,
            distance_costs=distance_costs, node_names=node_names, link_ids=link_ids,
            capacity=capacity, length=length, at_home=at_home, departures=departures)))

    __repr__ = Described.__repr__

    def oriented(self, orientation: tuple[Bush, Leaf | None, Leaf | None]) -> RoutingGame:
        """The same game with another bush, and shares that were taken elsewhere."""
        bush, shares, shares_at = orientation
        return dataclasses.replace(self, bush=bush, shares=shares, shares_at=shares_at)

    def holding(self, profile: object) -> RoutingGame:
        """The same game with a bush that holds all links that `profile` [R, 1, A] uses.

        Raises InputError for a profile that is none, or that has a cycle.
        """
        return held.holding(self, profile)

    def reoriented(self, log_profile: Array) -> tuple[RoutingGame, np.ndarray]:
        """The game with another bush, for the costs of now, and the log-profile [R, 1, A] carried
        over to it."""
        with float64_on_one_blas_thread():
            profile = np.exp(np.asarray(log_profile))
            cost, loads = map(np.asarray, compiled.surveyed(self, profile))
            shares, shares_at = self.shares, self.shares_at
            if shares_at is not None and bush_update.is_stale(np.asarray(shares_at), loads):
                shares, shares_at = np.asarray(compiled.shares(self, profile)), loads
        bush, log_policy = bush_update.reoriented(
            self.rows, self.bush, np.asarray(self.trips.start) > 0, np.asarray(log_profile)[:, 0],
            cost, contraction.NEAR if self.contractible else np.inf)
        return self.oriented((bush, shares, shares_at)), log_policy[:, None]

    @property
    def contractible(self) -> bool:
        """Whether the game is a large one by destination."""
        return contraction.serves(self)

    def contracted(self) -> tuple[RoutingGame, np.ndarray] | None:
        """A smaller game of the choices that the bush leaves, and which row [C] each of its rows
        is, R where it is none; None where that saves nothing. See `game.Contractible`."""
        return contraction.contracted(self)

    def untolled(self) -> RoutingGame:
        """The same game, of the same profiles, without its tolls and distance costs: links cost the
        time they take."""
        return charges.taken_off(self)

    def paying_marginal_costs(self) -> RoutingGame:
        """The game in which each agent pays the time it costs all: its potential is the total
        travel time. Tolls and distance costs are left out. Raises InputError for unlike weights,
        and where trips choose when to leave."""
        time = self.untolled()
        system_optimum.refuse_unknown(time)
        costs, by_number = system_optimum.marginal_costs(time)
        return dataclasses.replace(time, costs=costs, table=by_number, recipe=None)

    @float64_method
    def least_total(self, profile: Array) -> Array:
        """A bound below which no profile's expected travel time, of all vehicles together, gets,
        from the flows of `profile` [R, 1, A].

        It is the closer the nearer the profile is to the best one. Raises InputError for
        polynomials with negative coefficients, for unlike weights, and where trips choose when to
        leave.
        """
        return jnp.asarray(system_optimum.least_total(*held.with_profile(self, profile)))

    def normal_form(self) -> tuple[MarkovGame, list[list[normal_form.Path]]]:
        """The equal game of paths chosen at once, and each type's paths; `roads.normal_form` maps
        profiles too."""
        return normal_form.normal_form(self)

    def tabular(self) -> MarkovGame:
        """With a horizon, the equal game of time and positions; `roads.table` maps profiles too."""
        return table.tabular(self)

    @float64_method
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visits of a profile `[R, 1, A]`; by destination,
        price-taking."""
        return compiled.evaluated(*held.with_profile(self, profile))

    @float64_method
    def price_taking(self, profile: Array) -> Evaluation:
        """What `evaluate` says of `profile` [R, 1, A], to agents who do not leave themselves out of
        the load: a link costs E c(w (1 + L))."""
        return compiled.price_taking(*held.with_profile(self, profile))

    @float64_method
    def best_response(self, profile: Array) -> BestResponse:
        """What each type [T] could gain at most, by the shortest paths in the whole network."""
        return compiled.responded(*held.with_profile(self, profile))

    @float64_method
    def answered(self, profile: Array) -> tuple[BestResponse, Array | None, Array]:
        """What `best_response`, `potential` and `welfare` say of a `profile` [R, 1, A] that the
        bush holds, by one pass over all types; see `game.AnswersAtOnce`."""
        response, potential, welfare, _ = compiled.answered(self, profile)
        return response, potential if self._has_potential else None, welfare

    def answers_ahead(self) -> None:
        """Have the programs of checks and of new bushes compiled while other work goes on."""
        profile = jax.ShapeDtypeStruct(self.usable.shape, np.float64)
        for program in (compiled.answered, compiled.surveyed):
            compiled_ahead(program, self, profile)

    @property
    def _has_potential(self) -> bool:
        return self.classes is None or self.classes.potential == classes.EXACT

    @float64_method
    def start_values(self, profile: Array) -> Array:
        """[T] expected value of a trip of each type, its negative cost."""
        return self.best_response(profile).current[:, 0]

    @float64_method
    def potential(self, profile: Array) -> Array | None:
        """Rosenthal's potential of `profile` [R, 1, A], negative: it rises by what the own value of
        whoever changes alone rises by. None where classes leave none (`potential.classify`)."""
        if not self._has_potential:
            return None
        return -compiled.totals(*held.with_profile(self, profile))[1]

    @float64_method
    def welfare(self, profile: Array) -> Array:
        """Sum over all agents of their values; profile: [R, 1, A]."""
        return -compiled.totals(*held.with_profile(self, profile))[2]

    @float64_method
    def link_flows(self, profile: Array) -> Array:
        """[links] expected vehicles on each link; with a horizon, at all steps together."""
        return compiled.totals(*held.with_profile(self, profile))[0][:self.n_roads]

    def staying(self, profile: object) -> np.ndarray:
        """[T] vehicles of each type that are expected to stay at home at `profile` [R, 1, A]."""
        return elastic.staying(self, profile)

    @float64_method
    def marginal_tolls(self, profile: Array) -> Array:
        """[E] x dc/dx at mean flows: the time that each vehicle on a link costs the others. Raised
        as tolls at a system optimum, they make it an equilibrium of infinitely many agents (Pigou
        1920)."""
        return self._of_roads(compiled.marginal_tolls(*held.with_profile(self, profile)))

    @float64_method
    def link_costs(self, profile: Array) -> Array:
        """[E] what a vehicle pays at mean flows in all; with a horizon, of each link at each step,
        and with classes one whose value of time is 1."""
        return self._of_roads(compiled.mean_costs(*held.with_profile(self, profile)))

    @float64_method
    def link_times(self, profile: Array) -> Array:
        """[E] what a vehicle takes at mean flows; with a horizon, of each link at each step."""
        return self.untolled().link_costs(profile)

    def _of_roads(self, of_links: Array) -> Array:
        """What is told of each link [E], of roads alone."""
        return of_links.reshape(-1, len(self.links))[:, :self.n_roads].ravel()

    @float64_method
    def wardrop_gap(self, profile: Array) -> Array:
        """The traffic literature's relative gap, at the mean flows f of `profile` [R, 1, A]:
        1 - (shortest paths' total cost) / sum f c(f)."""
        return compiled.wardrop_gap(*held.with_profile(self, profile))

    @float64_method
    def relative_gap(self, profile: Array) -> Array:
        """Total gain of all agents' best responses to `profile` [R, 1, A] over their total cost,
        each by its own expected costs; by destination an upper bound of it."""
        response = compiled.responded(*held.with_profile(self, profile))
        gain = response.gain if self.shared is None else response.gain + response.error
        return self.share_gained(response, gain)

    def mover_gains(self, response: BestResponse) -> Array:
        """[M] what each type gains by its best response; by destination the most that any type
        which goes there gains."""
        if self.shared is None:
            return response.gain
        of_types = jnp.append(response.gain, 0.0)[jnp.asarray(self.shared.types)]
        return jnp.max(of_types, axis=1)

    def share_gained(self, response: BestResponse, gain: Array) -> Array:
        """Of what all agents pay together at a profile, by its best responses, what gains [T] of
        each type's agents would be; arrays of NumPy or of JAX."""
        count = gain.__array_namespace__().asarray(self.trips.count)
        return evaluation.share((count * gain).sum(), -(count * response.current[:, 0]).sum())

    @float64_method
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` times, for at most so many steps of each trip: states [E, T+1, N] are the
        rows where each of the N agents is (R once it has arrived), types one after another; rewards
        are its negative costs."""
        return compiled.simulated(self, held.policy_of(self, profile), key, episodes, steps)

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        return work.operations(self)

    def passes(self) -> float:
        """Numbers that an exact iteration gathers, multiplies and adds; see `HasPasses`."""
        return work.passes(self)

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior of the bush, by `key`), or a profile `[R, 1, A]` of the
        user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)
