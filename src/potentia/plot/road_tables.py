"""What pictures of roads are drawn of: the table of links at a profile, and where nodes lie."""

from __future__ import annotations

from potentia import games
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.link_table import columns, lone_times
from potentia.report.road_flows import Coordinates, LinkFlows


def flows_of(game: RoutingGame, profile: object) -> LinkFlows:
    """What is told of each link at `profile` [R, 1, A]."""
    return LinkFlows(links=game.road_links, table=columns(game, profile),
                     alone=lone_times(game))


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
