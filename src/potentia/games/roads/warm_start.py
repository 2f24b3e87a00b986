"""Profiles to begin from: made of the flows on links, or carried over from another version of the
roads.

Flows on links are totals: they say neither who takes a link, nor where to. What is made of them is
one construction of many. At each node, for each destination, links count in proportion to their
flow if, at the costs of these flows, they lead closer to the destination, and a share of 1e-3 goes
to all such links alike, since no rule leaves 0. Ten times they then count as much more or less as
their flows are short of those given, or beyond: these come near, and are not met.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from potentia.console.log import LOG
from potentia.console.text import counted
from potentia.errors import InputError, shown
from potentia.games.checks import array_of
from potentia.games.roads import bushes, compiled
from potentia.games.roads.bush_update import NEW
from potentia.games.roads.cost_kinds import on_host
from potentia.games.roads.data import RoadData
from potentia.games.roads.held import with_profile
from potentia.games.roads.link_facts import LinkId
from potentia.games.roads.link_table import load_by_step
from potentia.games.roads.node_names import called
from potentia.games.roads.rows import Rows
from potentia.policies import pandas_kind, shape_of
from potentia.result import Result
from potentia.runtime.float64 import float64_on_one_blas_thread

ROUNDS, MOST = 10, 10.0  # of coming nearer to the flows, and how much more a link may count in one
HOME = ("to travel\n", "at home\n")    # what links from home are called, as no road can be
GATE, SINK = ("wait\n", "leave\n"), "arrive\n"             # likewise those of `timetable`
IDS, FLOWS = ("id", "link_id"), ("flow", "volume")       # columns of a frame, the first there is


def started(game: RoadData, initial: object) -> object:
    """What a solve begins from where `initial` is no profile of this game, but flows, or a result
    of another version of its roads; else `initial` itself."""
    if isinstance(initial, Result):
        there = initial.game
        if not isinstance(there, RoadData) or _same_rows(there, game):
            return initial
        return np.stack([carried(game, there, profile) for profile in initial.profiles])
    return of_flows(game, initial) if _is_flows(game, initial) else initial


def of_flows(game: RoadData, flows: object) -> np.ndarray:
    """The profile [R, 1, A] that is made of flows, as `WarmStarts.profile_of_flows` says."""
    if game.horizon is not None:
        raise InputError("flows on links do not say at which step: with a horizon, give a profile, "
                         "or a result of another version of the roads")
    flow = by_link(game, flows)
    allowed, lost = _ways(game, flow)
    weight = np.append(flow, 0.0)[game.rows.link]
    return _nearer(game, flow, _filled(game.rows, weight, allowed, lost))


def _nearer(game: RoadData, flow: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """The profile [R, 1, A] with links counting more or less at their nodes, until the flows are
    nearer to those given."""
    for _ in range(ROUNDS):
        (now,) = load_by_step(game, profile)
        more = np.where(now > 0, flow / np.where(now > 0, now, 1.0), 1.0).clip(1 / MOST, MOST)
        weight = profile[:, 0] * np.append(more, 1.0)[game.rows.link]
        profile = (weight / weight.sum(axis=1, keepdims=True))[:, None]
    return profile


def carried(game: RoadData, before: object, profile: object) -> np.ndarray:
    """The profile [R, 1, A] that is carried over from other roads, as `WarmStarts.profile_from`
    says."""
    if not isinstance(before, RoadData):
        raise InputError(f"before is {shown(before)}, but it must be a RoutingGame, such as "
                         f"result.game, another version of these roads")
    common = _common(game, before)
    held, policy = with_profile(before, profile)
    with float64_on_one_blas_thread():
        flows = np.asarray(compiled.totals(held, policy)[0])
    ids = {link: flow for link, flow in zip(before.link_ids, flows.tolist(), strict=True)
           if link in common}
    if game.policies != before.policies or game.horizon != before.horizon:
        if game.horizon is not None:
            raise InputError(
                f"a profile of policies {before.policies} and horizon {before.horizon} is not "
                f"carried over to policies {game.policies} and horizon {game.horizon}: links' "
                f"flows, which both have, do not say at which step")
        return of_flows(game, ids)
    weight = _looked_up(game, before, np.asarray(policy)[:, 0], common)
    if bushes.levels(game.rows, game.rows.usable) is not None:       # such as with a horizon
        return _filled(game.rows, weight, game.rows.usable, np.zeros_like(weight))
    allowed, lost = _ways(game, np.array([ids.get(link, 0.0) for link in game.link_ids]))
    return _filled(game.rows, weight, allowed, lost)


def refuse_another(game: RoadData, before: RoadData) -> None:
    """Raise InputError where two networks are not versions of one, naming the first link that
    differs."""
    _common(game, before)


def _common(game: RoadData, before: RoadData) -> set[LinkId]:
    """The ids of the links that lie in both networks between the same nodes. Another one that was
    joined to each may have the same id.

    Raises InputError naming the first link that differs where these are not half of either's, so
    that they are networks of their own.
    """
    there, here = _ends_by_id(before), _ends_by_id(game)
    same = {link for link, ends in here.items() if there.get(link) == ends}
    if 2 * len(same) >= min(len(there), len(here)):
        return same
    link, ends = next((link, ends) for link, ends in here.items() if there.get(link) != ends)
    told = (f"has no link {shown(link)}" if link not in there else
            f"has the link {shown(link)} from {' to '.join(there[link])}")
    raise InputError(f"a profile of {shown(before.name)} is of another network than "
                     f"{shown(game.name)}: it {told}, but here that leads from "
                     f"{' to '.join(ends)}")


def _ends_by_id(game: RoadData) -> dict[LinkId, tuple[str, str]]:
    """Where each road leads from and to, by its id."""
    return {link: (str(called(game.node_names, a)), str(called(game.node_names, b)))
            for link, (a, b) in zip(game.link_ids, game.road_links.tolist(), strict=False)}


def by_link(game: RoadData, given: object) -> np.ndarray:
    """[links] flows by id, from a mapping or a frame, or in the order of the links.

    Links that nothing is said of have none, and what is said of links that there are not is left
    out; both are noted. Raises InputError for what are no flows, naming the link.
    """
    ids = game.link_ids
    if _names_links(given):
        found = _by_id(given)
        missing = [link for link in ids[:game.n_roads] if link not in found]
        strange = [link for link in found if link not in set(ids)]
        if len(missing) == game.n_roads:
            raise InputError(f"flows are of none of the links, which have ids such as "
                             f"{shown(ids[0])}, but of such as {shown(next(iter(found), None))}")
        for links, what in ((missing, "without one"), (strange, "that the network has not")):
            if links:
                LOG.info("flows: %s %s, such as %s", counted(len(links), "link"), what,
                         shown(links[0]))
        given = [found.get(link, 0.0) for link in ids]
    flow = array_of(given, "flows").astype(np.float64)
    if flow.shape == (game.n_roads,):         # who stays at home takes none
        flow = np.append(flow, np.zeros(len(ids) - game.n_roads))
    if flow.shape != (len(ids),):
        raise InputError(f"flows have shape {flow.shape}, but there are {game.n_roads:,} links")
    bad = ~np.isfinite(flow) | (flow < 0)
    if bad.any():
        link = int(np.flatnonzero(bad)[0])
        raise InputError(f"the flow on link {shown(ids[link])} is {flow[link]:g}, but it must be "
                         f"finite and not negative")
    return flow


def _is_flows(game: RoadData, initial: object) -> bool:
    """Whether it is told by link, rather than a profile [R, 1, A] or an action of each row [R]."""
    if _names_links(initial):
        return True
    shape = shape_of(initial)
    return shape == (game.n_roads,) or (len(shape) == 1 and shape != (len(game.rows.node),))


def _names_links(given: object) -> bool:
    """Whether it tells its flows by the ids of links: a mapping, or a frame of pandas."""
    return isinstance(given, Mapping) or pandas_kind(given) == "DataFrame"


def _by_id(given: Any) -> dict[LinkId, float]:
    """The flows of a mapping, or of a frame by its columns."""
    if isinstance(given, Mapping):
        return dict(given)
    names = [next((name for name in known if name in given.columns), None)
             for known in (IDS, FLOWS)]
    if None in names:
        raise InputError(f"flows have the columns {shown(list(given.columns))}, but id (or "
                         f"link_id) and flow (or volume) were expected")
    ids, flows = (given[name].tolist() for name in names)
    if len(set(ids)) < len(ids):
        raise InputError(f"flows have an id twice among their {len(ids):,} rows")
    return dict(zip(ids, flows, strict=True))


def _ways(game: RoadData, flow: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """At the costs of these flows: [R, A] the links that lead closer to the end, and what each
    loses to the shortest way, 0 where it leads nowhere."""
    cost = on_host(game.costs, flow)[np.asarray(game.link_of)]
    of_actions = bushes.untied(game.rows, np.append(cost, 0.0)[game.rows.link])
    label = bushes.cheapest(game.rows, of_actions)
    allowed = bushes.below(game.rows, label)
    lost = np.where(allowed, of_actions + label[game.rows.following] - label[:-1, None], 0.0)
    return allowed, lost


def _filled(rows: Rows, weight: np.ndarray, allowed: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """[R, 1, A] probabilities in proportion to weights on what is allowed, and at least a little
    for each; where there is no weight, by what is lost least."""
    weight = np.where(allowed, weight, 0.0)
    total = weight.sum(axis=1, keepdims=True)
    least = np.where(allowed, lost, np.inf)
    shortest = allowed & (least == least.min(axis=1, keepdims=True))
    weight = np.where(total > 0, weight / np.where(total > 0, total, 1.0),
                      shortest / np.maximum(shortest.sum(axis=1, keepdims=True), 1))
    even = allowed / np.maximum(allowed.sum(axis=1, keepdims=True), 1)
    mixed = (1 - NEW) * weight + NEW * even
    return (mixed / mixed.sum(axis=1, keepdims=True))[:, None]


def _looked_up(game: RoadData, before: RoadData, policy: np.ndarray,
               common: set[LinkId]) -> np.ndarray:
    """[R, A] what the same group does with the same link of other roads; 0 where it has none.

    policy: [R', A'] of those. common: ids of the links that are the same.
    """
    there, group, link = _entries(before)
    known = dict(zip(zip(group, link, strict=True), policy[there].tolist(), strict=True))
    here, group, link = _entries(game)
    found = np.zeros(game.rows.usable.shape)
    alike = {*common, *HOME, *GATE}
    found[here] = [known.get(key, 0.0) if key[1][0] in alike else 0.0
                   for key in zip(group, link, strict=True)]
    return found


def _entries(game: RoadData) -> tuple[np.ndarray, list, list]:
    """Which [R, A] are links of somebody, and of each whose it is, and the link: its id, and its
    step where there is a horizon."""
    rows, n_links = game.rows, len(game.links)
    real = np.asarray(rows.usable) & (np.asarray(rows.node) >= 0)[:, None]
    groups = _groups(game)
    ids = [*game.link_ids[:game.n_roads], *HOME * (game.homes // 2), *GATE * game.gates]
    ids += [SINK] * (n_links - len(ids))
    of_row = np.broadcast_to(np.asarray(rows.group)[:, None], real.shape)[real]
    links = rows.link[real]
    return (real, [groups[k] for k in of_row.tolist()],
            [(ids[k % n_links], k // n_links) for k in links.tolist()])


def _groups(game: RoadData) -> dict[int, tuple]:
    """Who each group of rows is: the how-manieth of a destination, or type of a pair, of a
    class."""
    found, seen = {}, {}
    if game.shared is not None:
        group = np.asarray(game.rows.group)[np.asarray(game.trips.row)]
        for kind, k in enumerate(group.tolist()):
            if k not in found:
                end = (game.ends_of(kind)[1], _class_of(game, kind))
                seen[end] = seen.get(end, 0) + 1
                found[k] = (*end, seen[end])
        return found
    for kind in range(len(game.trips.count)):
        pair = (*game.ends_of(kind), _class_of(game, kind))
        seen[pair] = seen.get(pair, 0) + 1
        found[kind] = (*pair, seen[pair])
    return found


def _class_of(game: RoadData, kind: int) -> str:
    """The name of a type's class, "" where there are none."""
    return "" if game.classes is None else game.classes.names[int(game.classes.of_type[kind])]


def _same_rows(before: RoadData, game: RoadData) -> bool:
    """Whether rows of profiles of both mean the same."""
    pairs = ((before.rows.group, game.rows.group), (before.rows.node, game.rows.node),
             (before.rows.links, game.rows.links), (before.usable, game.usable),
             (before.links, game.links), (before.trips.origin, game.trips.origin),
             (before.trips.destination, game.trips.destination))
    classes = [[_class_of(each, kind) for kind in range(len(each.trips.count))]
               for each in (before, game)]
    return (before.policies == game.policies and before.link_ids == game.link_ids
            and classes[0] == classes[1] and _shapes(before.orientation) == _shapes(
                game.orientation) and all(np.array_equal(one, other) for one, other in pairs))


def _shapes(orientation: object) -> tuple[Any, list[tuple[int, ...]]]:
    """What a solve changes on its way, by how it is put together; other costs may need more."""
    leaves, form = jax.tree.flatten(orientation)
    return form, [np.shape(leaf) for leaf in leaves]
