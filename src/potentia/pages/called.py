"""What agents, actions and states are called in figures, as Plotly writes it."""

from __future__ import annotations

from potentia.game import Game, usable
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
    """The first `count` actions, if all agents call them alike; else by number."""
    alike = len(set(names_of(game).actions)) == 1
    return [action_of(game, 0, action) if alike else f"action {action}" for action in range(count)]


def row_of(game: Game, agent: int, state: int) -> str:
    """Where a row of a profile stands: its agent, and what that sees if there is more than one."""
    who = agent_of(game, agent)
    if usable(game).shape[1] == 1:
        return who
    return f"{who}, {safe(names_of(game).state(state))}"
