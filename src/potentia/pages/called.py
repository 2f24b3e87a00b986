"""What agents, actions and states are called in figures, as Plotly writes it."""

from __future__ import annotations

import numpy as np

from potentia.game import Game, usable
from potentia.games.roads.departure_times import arrival_steps, leaving_steps
from potentia.games.roads.game import RoutingGame
from potentia.games.roads.node_names import called
from potentia.games.roads.timetable import LAST
from potentia.names import names_of
from potentia.pages.look import safe


def agent_of(game: Game, agent: int) -> str:
    """An agent; where a row of a profile stands for several, the row."""
    one = len(usable(game)) == game.n_agents
    return safe(names_of(game).agent(agent) if one else f"row {agent}")


def action_of(game: Game, agent: int, action: int) -> str:
    """An action of one agent: its name, or "action 0"."""
    names = names_of(game)
    own = names.action(agent, action)
    return safe(own if names.actions else f"action {own}")


def actions_of(game: Game, count: int) -> list[str]:
    """The first `count` actions, if all agents call them alike; else by number. On roads they are
    other links at each junction, see `ends_of`."""
    if isinstance(game, RoutingGame):
        return [f"link {action + 1}" for action in range(count)]
    alike = len(set(names_of(game).actions)) == 1
    return [action_of(game, 0, action) if alike else f"action {action}" for action in range(count)]


def row_of(game: Game, agent: int, state: int) -> str:
    """Where a row of a profile stands: its agent, and what that sees if there is more than one; on
    roads the junction, and whose policy it is if there are several."""
    if isinstance(game, RoutingGame):
        return _junction(game, agent)
    who = agent_of(game, agent)
    if usable(game).shape[1] == 1:
        return who
    return f"{who}, {safe(names_of(game).state(state))}"


def ends_of(game: RoutingGame, rows: list[int], count: int) -> list[list[str]]:
    """Where each of the first `count` links of each row leads, "" where there is none."""
    link_of = np.asarray(game.link_of)
    heads = [f"to {_node(game, head)}" for head in np.asarray(game.links)[link_of, 1].tolist()]
    for link in range(game.n_roads + 1, len(game.links), 2) if game.homes else ():
        heads[link] = "stay there"
    if game.timed:
        leaves = leaving_steps(game) >= 0
        for link in np.flatnonzero(link_of >= game.n_roads).tolist():
            gate = link_of[link] < game.n_roads + LAST * game.gates
            heads[link] = "leave" if leaves[link] else "wait" if gate else "arrive"
    return [[heads[link] if link < len(heads) else ""
             for link in game.rows.link[row, :count].tolist()] for row in rows]


def _junction(game: RoutingGame, row: int) -> str:
    """The junction that a row stands at, "at 3"; over time also the step, and of several movers the
    trips."""
    first = int(game.rows.link[row][game.rows.usable[row]][0])
    link = int(game.link_of[first])
    if game.homes and link >= game.n_roads:
        return f"at home, {_trips(game, _begun_at(game, row))}"
    mover = int(game.movers[row])
    kind = mover if game.shared is None else int(game.shared.types[mover, 0])
    place, step = f"at {_node(game, game.links[link, 0])}", first // len(game.links)
    if link >= game.n_roads + LAST * game.gates:
        place, step = f"at {safe(game.ends_of(kind)[1])}", int(arrival_steps(game)[first])
    elif link >= game.n_roads:
        place = f"before leaving {_node(game, game.links[link, 1])}"
    if game.horizon is not None:
        place += f", step {step}"
    if game.n_movers == 1:
        return place
    if game.shared is None:
        return f"{place}, {_trips(game, mover)}"
    return f"{place}, trips to {safe(game.ends_of(kind)[1])}"


def _begun_at(game: RoutingGame, row: int) -> int:
    """The first type whose trips begin at a row."""
    return int(np.flatnonzero(np.asarray(game.trips.row) == row)[0])


def _trips(game: RoutingGame, kind: int) -> str:
    """What trips of a type are called: by their ends, and by number too where others have these."""
    start, end = game.ends_of(kind)
    origin, destination = np.asarray(game.trips.origin), np.asarray(game.trips.destination)
    alike = (origin == origin[kind]) & (destination == destination[kind])
    which = f", type {kind}" if alike.sum() > 1 else ""
    return f"trips {safe(start)} to {safe(end)}{which}"


def _node(game: RoutingGame, node: int) -> str:
    return safe(called(game.node_names, int(node)))
