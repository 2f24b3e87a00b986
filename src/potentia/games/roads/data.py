"""What a routing game holds: its arrays, checked by `build`, and what follows from their shapes."""

from __future__ import annotations

import numpy as np

from potentia.console.text import counted
from potentia.games.roads import link_facts
from potentia.games.roads.bushes import Bush
from potentia.games.roads.classes import Classes, TrafficClass, told
from potentia.games.roads.cost_kinds import Costs
from potentia.games.roads.link_facts import LinkFacts, LinkId
from potentia.games.roads.node_names import called
from potentia.games.roads.node_places import NodePlaces, by_node
from potentia.games.roads.rows import Rows
from potentia.games.roads.shared_rows import Shared
from potentia.games.roads.trips import Trips
from potentia.runtime.pytree import Leaf, static, tree


@tree
class RoadData:
    """The arrays of trips on a network: T types of agents, R rows of up to A links each, E links
    that carry a load.

    costs: of each link by its load in vehicles, all that a vehicle pays. weight: vehicles of an
        agent, w. table: [links, n + 2] costs by the number of agents (0 at none), or None where
        costs are polynomials, or power laws of many agents.
    tolls, distance_costs: [links] what of the costs is a toll, and what is neither that nor time
        (`charges`); not negative.
    rows: the nodes that each type can use, and the links out of them. bush: the links that may be
        used now, acyclic.
    trips: the types.
    links: [links, 2] nodes as the user numbers them. link_of: [E] which of them each loaded link is
        a copy of; with a horizon each link has a copy for every step, with a load of its own;
        without one E is `links`.
    shared: only with policies by destination: which types share rows. shares: [K, E] only then,
        sums of powers of the agents' probabilities to take a link, over the expected number of
        agents. `evaluate` takes the loads' dispersion from them; they are renewed whenever the bush
        changes.
    node_names: of the nodes 1, 2, ..., where the user does not number them; else ().
    closed, policies, horizon, detour: as `RoutingGame.from_links` took them.
    facts, placed: what is known of the links, and where nodes lie, which have no part in play.
    shares_at: [E] expected agents on each link when the shares were taken; as `shares`, 0 at first.
    stay: [T] what a type's agent pays who stays at home, NaN where it cannot; () where nobody can.
    homes: how many of the links, the last ones, are no roads but lead those home (`elastic`).
    wishes: [T, 5] when each type may leave and wishes to arrive, as `departures.written` has it; ()
        where all leave at step 0. timed: how many of the links, the last ones, are no roads but
        lead these to and from the roads (`timetable`), two of each of the first `gates`.
    classes: of the agents, where these differ in weight or value of time; else None. `costs` are
        those of an agent of weight and value 1.
    reorient_every: iterations after which a solve first asks for another bush, and for the shares;
    None where all usable links are acyclic and there are no shares.
    order: a whole number above the powers by 1 or more, where costs are power laws without a table
        and loads may be small; else 0. large: whether they are power laws and all loads are large
        that matter (`large_loads`).
    recipe: the registered name and parameters that rebuild this game, or None.
    """

    costs: Costs
    weight: Leaf
    table: Leaf | None
    rows: Rows
    bush: Bush
    trips: Trips
    links: Leaf
    link_of: Leaf
    tolls: Leaf
    distance_costs: Leaf
    shared: Shared | None = None
    shares: Leaf | None = None
    closed: Leaf = ()
    # The last data: runs of before had none (`io.runs`).
    facts: LinkFacts = LinkFacts()
    placed: NodePlaces = NodePlaces()
    shares_at: Leaf | None = None
    stay: Leaf = ()
    classes: Classes | None = None
    wishes: Leaf = ()
    policies: str = static(default="type")
    horizon: int | None = static(default=None)
    detour: float | None = static(default=None)
    reorient_every: int | None = static(default=None)
    order: int = static(default=0)
    large: bool = static(default=False)
    homes: int = static(default=0)
    timed: int = static(default=0)
    gates: int = static(default=0)
    name: str = static(default="routing")
    node_names: tuple[str, ...] = static(default=())
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @property
    def small(self) -> bool:
        """Whether compiling takes longer than iterating (`runtime.kept`): of a large game by
        destination, few iterations are made in the whole (`contraction`)."""
        return self.rows.small or (self.shared is not None and self.rows.whole)

    @property
    def full_information(self) -> bool:
        """False: agents look at their own node only."""
        return False

    def _size(self) -> str:
        return (f"{counted(self.n_agents, 'agent')} of {counted(len(self.trips.count), 'type')} on "
                f"{counted(self.n_roads, 'link')}, {counted(len(self.rows.node), 'row')}"
                + (", some of whom may stay at home" if self.homes else "")
                + (", some of whom choose when to leave" if self.timed else ""))

    @property
    def undiscounted(self) -> bool:
        """True: values are totals until the end of the trip."""
        return True

    @property
    def n_agents(self) -> int:
        return self.trips.total

    @property
    def demand(self) -> list[tuple]:
        """Rows (origin, destination, agents), and the name of their class where there are any, as
        `RoutingGame.from_links` takes them."""
        table = [np.asarray(each).tolist() for each in (
            self.trips.origin, self.trips.destination, self.trips.count)]
        if self.classes is not None:
            table.append([self.classes.names[k] for k in np.asarray(self.classes.of_type)])
        return list(zip(*table, strict=True))

    @property
    def has_optimum(self) -> bool:
        """Whether what is best for all is known: where all agents weigh the same, and nobody
        chooses when to leave, which costs no time."""
        return not self.timed and (self.classes is None or self.classes.alike)

    @property
    def traffic_classes(self) -> dict[str, TrafficClass] | None:
        """The classes by name, as `RoutingGame.from_links` takes them, None where there are none;
        weights that are all equal are in `weight`, and 1 here."""
        return None if self.classes is None else told(self.classes)

    def ends_of(self, kind: int) -> tuple[int | str, int | str]:
        """Where trips of the type of that number begin and end, by the names of the nodes."""
        start, end = (called(self.node_names, int(np.asarray(nodes)[kind]))
                      for nodes in (self.trips.origin, self.trips.destination))
        return start, end

    @property
    def trips_told(self) -> tuple[tuple[int | str, ...], ...]:
        """[T] of each type where its trips begin and end, by the names of the nodes, and its class
        if there are any."""
        ends = [[called(self.node_names, node) for node in np.asarray(nodes).tolist()]
                for nodes in (self.trips.origin, self.trips.destination)]
        if self.classes is None:
            return tuple(zip(*ends, strict=True))
        kinds = [self.classes.names[kind] for kind in np.asarray(self.classes.of_type).tolist()]
        return tuple(zip(*ends, kinds, strict=True))

    @property
    def n_roads(self) -> int:
        """How many of the links are roads; all, unless some agents may stay at home, or choose when
        to leave."""
        return len(self.links) - self.homes - self.timed

    @property
    def road_links(self) -> np.ndarray:
        """[roads, 2] nodes that each road leads from and to."""
        return np.asarray(self.links)[:self.n_roads]

    @property
    def link_ids(self) -> tuple[LinkId, ...]:
        """[links] what each is called: as in its file, or 1, 2, ... in its order."""
        return link_facts.ids(self.facts, len(self.links))

    @property
    def capacities(self) -> np.ndarray:
        """[links] in vehicles; NaN where there is none known."""
        return link_facts.known(self.facts.capacity, len(self.links))

    @property
    def lengths(self) -> np.ndarray:
        """[links] in the file's unit; NaN where there is none known."""
        return link_facts.known(self.facts.length, len(self.links))

    @property
    def places(self) -> dict[int, tuple[float, float]]:
        """(x, y) of the nodes of which the network's file says where they lie, by their numbers."""
        return by_node(self.placed)

    @property
    def mask(self) -> Leaf:
        """[R, 1, A] links that may be used now."""
        return self.bush.mask[:, None]

    @property
    def usable(self) -> Leaf:
        """[R, 1, A] links that may ever be used."""
        return self.rows.usable[:, None]

    @property
    def n_movers(self) -> int:
        """How many move by themselves: types, or destinations where all who go there share
        policies."""
        return len(self.trips.count) if self.shared is None else len(self.shared.types)

    @property
    def movers(self) -> Leaf:
        """[R] whose row it is; rows that stand for nothing count as the first's."""
        return self.rows.group.clip(0)

    @property
    def action_counts(self) -> tuple[int, ...]:
        """(A, ..., A), one for each row of a profile."""
        return (self.rows.link.shape[1],) * self.rows.link.shape[0]

    @property
    def scale(self) -> Leaf:
        """1: values are totals until the end of the trip."""
        return np.float64(1.0)

    @property
    def orientation(self) -> tuple[Bush, Leaf | None, Leaf | None]:
        """What a solve may change on its way: the bush, the shares, and where they were taken."""
        return self.bush, self.shares, self.shares_at
