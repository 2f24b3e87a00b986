"""What pictures of roads are drawn of: the table of links at a profile, and where nodes lie."""

from __future__ import annotations

from potentia import games
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.link_table import columns, lone_times
from potentia.report.road_flows import Coordinates, LinkFlows, Marked


def flows_of(game: RoutingGame, profile: object) -> LinkFlows:
    """What is told of each link at `profile` [R, 1, A]."""
    alike = game.classes is None or game.classes.alike
    return LinkFlows(links=game.road_links, table=columns(game, profile), alone=lone_times(game),
                     unit="vehicles" if alike else "passenger-car units")


def nodes_of(game: RoutingGame) -> set[int]:
    """The numbers of the nodes that links lead from or to."""
    return set(map(int, game.road_links.ravel()))


def drawn_places(game: RoutingGame) -> Coordinates | None:
    """Where nodes lie as the network's file says, or as the named game is drawn; None if that is
    not known of all, or they all lie at one point."""
    known = game.places or (None if game.recipe is None else getattr(
        games.module(game.recipe[0]), "NODE_COORDINATES", None))
    if known is None or not nodes_of(game) <= set(known):
        return None
    return known if len({known[node] for node in nodes_of(game)}) > 1 else None


def placed(nodes: set[int], places: Coordinates | None) -> Coordinates | None:
    """Where these nodes lie, in their order; None if that is not known of all."""
    if places is None or not nodes <= set(places):
        return None
    return {node: places[node] for node in sorted(nodes)}


def marked(before: RoutingGame, after: RoutingGame) -> Marked:
    """Which links are taken away from one game to the other, which cost a higher toll, and which
    are built."""
    old, new = (dict(zip(game.link_ids, zip(map(tuple, game.road_links.tolist()),
                                            game.tolls.tolist(), strict=False), strict=False))
                for game in (before, after))
    return Marked(
        shut=tuple(ends for link, (ends, _) in old.items() if link not in new),
        tolled=tuple(ends for link, (ends, toll) in old.items()
                     if link in new and new[link][1] > toll),
        built=tuple(ends for link, (ends, _) in new.items() if link not in old))
