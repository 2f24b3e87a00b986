"""Which pictures are drawn of a game and its runs."""

from __future__ import annotations

import plotly.graph_objects as go

from potentia.games.roads.game import RoutingGame
from potentia.names import names_of
from potentia.pages import look
from potentia.pages.blocks import Block, Picture, Words
from potentia.pages.matrices import is_matrix, payoff_matrix, square
from potentia.pages.networks import network_of
from potentia.pages.policy_maps import MOST_ROWS, choices, policy_map
from potentia.pages.road_figures import road_figure
from potentia.pages.triangles import on_triangles, triangle
from potentia.pages.walk_figures import is_drawn, walk_figure
from potentia.pages.ways import ASK, way_of
from potentia.plot.phases import is_square
from potentia.report.road_flows import Coordinates
from potentia.result import Result

ENDS = "Each line is a run, a straight line from one profile that was kept to the next."


def picture_blocks(result: Result, run: int, places: Coordinates | None, name: str) -> list[Block]:
    """The game and the policies on the way; `name` begins the ids of the figures."""
    way, game = way_of(result), result.game
    own = way.of(run)
    which = f" of run {run}" if len(result.statuses) > 1 else ""
    blocks: list[Block] = [] if result.snapshots is not None else [Words(ASK)]

    def add(figure: go.Figure, caption: str, note: str = "", wide: bool = True) -> None:
        number = sum(isinstance(block, Picture) for block in blocks)
        blocks.append(Picture(caption, look.drawn(figure, f"{name}-{number}"), note, wide))

    network = network_of(game)
    if isinstance(game, RoutingGame):
        figure, note = road_figure(game, own, places)
        if figure is None:
            blocks.append(Words(note))
        else:
            add(figure, f"The roads at the policies{which}", note)
    elif network is not None and is_drawn(network):
        figure, note = walk_figure(game, network, own)
        add(figure, f"The network at the policies{which}", note)
    elif is_matrix(game):
        who = [names_of(game).agent(agent) for agent in range(2)]
        add(payoff_matrix(game, own), f"Payoffs, and the policies{which}",
            f"What a joint action pays {who[0]}, {who[1]}; a cell is as bright as it is probable.",
            not is_square(game))
        if is_square(game):
            add(square(game, way), "All runs, over the potential where there is one", ENDS, False)
    for agent in on_triangles(game):
        add(triangle(game, way, agent), f"The policies of {names_of(game).agent(agent)} in all "
                                        f"runs", ENDS, False)
    rows = len(choices(game))
    # The rows of a road game are nodes of its types: a few can be read, the first of many not.
    if rows and not is_square(game) and (rows <= MOST_ROWS or not isinstance(game, RoutingGame)):
        figure, note = policy_map(game, own)
        add(figure, f"Every policy{which}", note)
    return blocks
