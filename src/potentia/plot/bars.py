"""Bars of how many agents share each facility, state by state."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from potentia import games
from potentia.errors import InputError, shown
from potentia.game import FacilityLoads, Game, HasLoads, HasRecipe, HasStates
from potentia.games.congestion.game import CongestionGame
from potentia.plot import canvas
from potentia.report.figures import DISTINCT

MOST_STATES = 7           # that are drawn unless others are asked for: one colour each
MOST_FACILITIES = 24      # that are drawn, those with most agents
HATCHES = ("", "//", "..", "xx")       # tell bars apart that share a colour
MOST_ASKED = len(DISTINCT) * len(HATCHES)


def loads(game: Game, profile: object, states: Iterable[int] | int | None = None, *,
          ax: Axes | None = None) -> Axes:
    """Bars of the expected number of agents at each facility, a bar for each state.

    game: load-driven, or a congestion game, whose facilities are the moves of its network; a named
        one that is held as a table is taken for what it was made from.
    profile: [N, S, A].
    states: which, by number; the seven that play is in most if omitted.
    ax: Matplotlib axes to draw on; those of a new figure if omitted.

    Of more than 24 facilities those with most agents are drawn. Returns the axes. Raises
    InputError for a game without facilities, a profile that is none and an unknown state.
    """
    policy = canvas.policies(game, profile)
    shared, order = _sharing(game)
    chosen = _states(game, policy, states)
    moved = np.empty_like(policy)
    moved[:, order] = policy
    found = shared.facility_loads(moved, order[chosen])
    kept = np.sort(np.argsort(-found.expected.max(axis=0), kind="stable")[:MOST_FACILITIES])
    axis = canvas.single(ax, (max(6.4, 0.16 * len(kept) * (len(chosen) + 1.5)), 4.4))
    _draw(axis, found, kept)
    left = found.expected.shape[1] - len(kept)
    canvas.title(axis, game.name,
                 f" ({left} facilities with fewer agents left out)" if left else "")
    return axis


def _draw(axis: Axes, found: FacilityLoads, kept: np.ndarray) -> None:
    width = 0.8 / len(found.states)
    for place, (state, expected) in enumerate(zip(found.states, found.expected, strict=True)):
        axis.bar(np.arange(len(kept)) + (place + 0.5) * width - 0.4, expected[kept], width=width,
                 color=DISTINCT[place % len(DISTINCT)], edgecolor="white", linewidth=0.4,
                 hatch=HATCHES[place // len(DISTINCT) % len(HATCHES)], label=state)
    axis.set_xticks(np.arange(len(kept)), [found.facilities[k] for k in kept],
                    rotation=45 if len(kept) > 6 else 0)
    axis.set_ylabel("expected number of agents")
    axis.grid(axis="y", linewidth=0.4, alpha=0.6)
    axis.set_axisbelow(True)
    axis.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(1.0, 1.0))


def _sharing(game: Game) -> tuple[HasLoads, np.ndarray]:
    """The game as it holds facilities, and [S] the number of each state there.

    Raises InputError for a game that has none.
    """
    if isinstance(game, HasLoads):
        return game, np.arange(game.mask.shape[1])
    other = _made_again(game)
    if other is None:
        raise InputError(f"{shown(game, 100)} does not say what agents share: pt.plot.loads draws "
                         f"LoadGame and CongestionGame, pt.plot.flows roads")
    # States of tables are in ascending order of their codes, those of congestion games as played.
    return other, (np.asarray(other.position) if isinstance(other, CongestionGame)
                   else np.arange(game.mask.shape[1]))


def _made_again(game: Game) -> HasLoads | None:
    """The named game that a table was made of, with facilities; None if there is none."""
    recipe = game.recipe if isinstance(game, HasRecipe) else None
    if recipe is None:
        return None
    name, parameters = recipe
    if "representation" not in inspect.signature(games.module(name).build).parameters:
        return None
    for representation in ("loads", "congestion"):
        with contextlib.suppress(InputError):
            other = games.make(name, **dict(parameters) | {"representation": representation})
            if isinstance(other, HasLoads) and other.mask.shape == game.mask.shape:
                return other
    return None


def _states(game: Game, policy: Any, states: Iterable[int] | int | None) -> np.ndarray:
    """[K] the states asked for, or those that play is in most, in ascending order."""
    count = policy.shape[1]
    if states is not None:
        listed = canvas.chosen(states, count, "states")
        if len(listed) > MOST_ASKED:
            raise InputError(f"states has {len(listed):,} states, but bars of at most {MOST_ASKED} "
                             f"are told apart")
        return np.array(listed)
    here = np.asarray(game.evaluate(policy).visitation)[0]
    if isinstance(game, HasStates):
        here = np.where(np.asarray(game.absorbing), 0.0, here)
    chosen = np.argsort(-here, kind="stable")[:MOST_STATES]
    return np.sort(chosen[here[chosen] > 0])
