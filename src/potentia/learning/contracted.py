"""Chunks of a run on the choices alone that its game leaves it, where that is a smaller game.

Agents without a choice stay as they are, and so do their memories, until the game is oriented anew.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.game import Contractible, Game
from potentia.learning.device import RunState, Stops, begun_memory, of_run
from potentia.oracles.base import Oracle, is_exact
from potentia.rules.base import PerAgent, Rule
from potentia.runtime.kept import kept
from potentia.schedules.base import Schedule


@dataclasses.dataclass(frozen=True)
class Part:
    """A smaller game, and which agent [C] of the whole one each of its agents is, N where none."""

    game: Game
    agents: np.ndarray
    whole: int                                    # N

    @property
    def share(self) -> float:
        """Means over its agents, times this, are means over all N."""
        return len(self.agents) / self.whole

    def stops(self, stops: Stops) -> Stops:
        """The same stops, as the smaller game's mean steps meet them."""
        return Stops(step=stops.step / self.share, advantage=stops.advantage)

    def records(self, records: Any, elsewhere: Any) -> np.ndarray:
        """[1, CHUNK, 3] records as the whole game has them; elsewhere: the distance to the
        reference of those who are left out, a mean over all N."""
        step, advantage, distance = np.moveaxis(np.asarray(records), -1, 0)
        return np.stack([step * self.share, advantage,
                         distance * self.share + np.asarray(elsewhere)], axis=-1)


class Parts:
    """The smaller game of the orientation that was asked for last."""

    def __init__(self) -> None:
        self._seen: list[Any] = []
        self._part: Part | None = None

    def of(self, game: Game, states: RunState) -> Part | None:
        """The part of a single run's game that is learnt in; None where that is the whole."""
        if not isinstance(game, Contractible) or states.iteration.size > 1:
            return None
        leaves = jax.tree.leaves(states.orientation)
        if len(leaves) != len(self._seen) or any(
                new is not old for new, old in zip(leaves, self._seen, strict=True)):
            own_game = of_run(game, jax.tree.map(lambda leaf: np.asarray(leaf)[0],
                                                 states.orientation))
            assert isinstance(own_game, Contractible)
            found = own_game.contracted()
            self._seen = leaves
            self._part = None if found is None else Part(*found, states.log_profile.shape[1])
        return self._part


def serves(oracle: Oracle, rule: Rule, schedule: Schedule | None, states: RunState) -> bool:
    """Whether agents may be left out: all learn at once, alike, from exact values."""
    return (schedule is None and is_exact(oracle) and not isinstance(rule, PerAgent)
            and states.experience is None and states.agent_steps is None
            and jax.process_count() == 1)


def each_apart(of_run: Callable[[int], Any], stops: Stops, states: RunState, references: Any,
               until: Any) -> tuple[RunState, np.ndarray]:
    """Every run advanced by the programs that `of_run` has for it, as if it were alone."""
    runs = range(states.iteration.size)

    def own(tree: Any, run: int) -> Any:
        return jax.tree.map(lambda leaf: leaf[run:run + 1], tree)

    by_run = jax.tree.map(lambda number: np.broadcast_to(number, until.shape), stops)
    found = [of_run(run).advance(own(by_run, run), own(states, run), references[run:run + 1],
                                 until[run:run + 1]) for run in runs]
    following, records = zip(*found, strict=True)
    return (jax.tree.map(lambda *leaves: jnp.concatenate(leaves), *following),
            np.concatenate([np.asarray(each) for each in records]))


def entered(rule: Rule, part: Part, states: RunState,
            references: Array) -> tuple[RunState, Array, float]:
    """The run in the smaller game; the reference [1, C, H, A] there; and how far those left out are
    from it, a mean over all N.

    By NumPy, as `left` is: it is copying, for which a compiler takes longer.
    """
    others = np.flatnonzero(part.agents == part.whole)
    one = int(others[0]) if others.size else 0    # all alike
    mask = np.asarray(part.game.mask)[one:one + 1]
    forced = np.where(mask, 0.0, -np.inf)
    begun = _begun(rule, forced, mask, states.key)

    def taken(old: Array, new: Array | np.ndarray) -> Array:
        """[1, C, ...] from [1, N, ...]; new [1, ...] for those who stand for others."""
        found = np.take(np.asarray(old)[0], part.agents, axis=0, mode="clip")
        found[others] = np.asarray(new)
        return jax.device_put(found[None])

    reference = np.asarray(references)[0]
    apart = np.abs(np.exp(np.asarray(states.log_profile)[0]) - reference)
    apart[np.delete(part.agents, others)] = 0.0
    small = dataclasses.replace(
        states, log_profile=taken(states.log_profile, forced),
        memory=jax.tree.map(taken, states.memory, begun), orientation=None)
    return small, taken(references, np.exp(forced)), float(apart.sum()) / part.whole


@kept()
def _begun(rule: Rule, log_profile: Array, mask: Array, keys: Array) -> Any:
    """What an agent remembers before its first step; keys: [1] of the run."""
    return begun_memory(rule, log_profile, mask, keys[0])


def left(agents: np.ndarray, states: RunState, small: RunState) -> RunState:
    """The run in the whole game, after its part was advanced to `small`."""
    known = np.flatnonzero(agents < states.log_profile.shape[1])
    own = agents[known]

    def put(old: Array, new: Array) -> Array:
        found = np.array(old)
        found[0, own] = np.asarray(new)[0, known]
        return jax.device_put(found)

    log_profile, memory = jax.tree.map(put, (states.log_profile, states.memory),
                                       (small.log_profile, small.memory))
    # No chunk changes the orientation, and the same arrays tell that.
    return dataclasses.replace(small, log_profile=log_profile, memory=memory,
                               orientation=states.orientation)
