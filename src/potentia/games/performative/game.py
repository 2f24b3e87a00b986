"""Games whose rewards and moves respond to the profile that agents deploy.

A profile induces a tabular game (`induction`), in which it is then judged: values are those of the
profile in the game that it induces, and an agent that deviates plays in that same game, which its
deviation does not change. Where no agent gains, the profile is a performatively stable equilibrium
(Sahitaj, Sasnauskas, Yalin, Mandal and Radanovic, arXiv 2504.20593): a Nash policy of the game that
it induces itself. It need not be one that agents would choose who foresaw the response.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.console.text import counted
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.described import Described
from potentia.games.performative import build, induction
from potentia.games.performative.data import PerformativeData
from potentia.games.tabular.game import MarkovGame
from potentia.games.welfare import SumOfValues
from potentia.runtime.float64 import float64_method
from potentia.runtime.pytree import tree


@tree
class PerformativeGame(PerformativeData, SumOfValues, Described):
    """N agents at K places, whose rewards and moves respond to what is deployed. Build it with
    `from_moves`.

    Its fields are those of `PerformativeData`. `induced` gives the tabular game that a profile
    induces, for whatever asks for a table: classification, theory, welfare, pure equilibria.
    """

    @classmethod
    def from_moves(cls, rewards: object, places: object, moves: object, support: object, *,
                   pay: float, lead: float, discount: float, initial: object = None,
                   name: str = "performative") -> PerformativeGame:
        """A game of N agents with A actions each, who move independently among K places.

        rewards: [N, S, A, ..., A] finite, where nothing responds.
        places: [N, S] the place, 0 to K-1, of each agent in each joint state; no two alike.
        moves: [K, A, K] probabilities of the next place by place and own action.
        support: [K, A, K] >= 0: to which of the next places a response leads, and how much.
        pay: c_r, added to an agent's reward times p - 1/A, where p is the probability with which
            the profile that is deployed plays its action in that state; in units of the reward.
        lead: c_p >= 0, added to its moves times `support` and p - 1/A; what falls below 0 is cut
            off, and the rest divided by its sum.
        discount: in [0, 1).
        initial: [S] distribution of the first state; uniform if omitted.

        Raises InputError naming the agent, state, place or action at fault, for a `lead` that would
        leave an agent no next place, and for a game that is too large.
        """
        return cls(**vars(build.from_moves(rewards, places, moves, support, pay=pay, lead=lead,
                                           discount=discount, initial=initial, name=name)))

    __repr__ = Described.__repr__

    def _size(self) -> str:
        return (f"{counted(self.n_agents, 'agent')} at {counted(len(self.moves), 'place')}, "
                f"{counted(self.n_states, 'state')}, responding by {float(self.pay):.4g} in "
                f"rewards and {float(self.lead):.4g} in moves")

    def induced(self, profile: object) -> MarkovGame:
        """The tabular game that `profile` [N, S, A] induces: what is deployed in it changes it no
        more. Raises InputError for what is no profile."""
        found = self._induced(profiles.checked(profile, np.asarray(self.mask)))
        return jax.tree.map(np.asarray, found)

    @float64_method
    @jax.jit
    def _induced(self, profile: Array) -> MarkovGame:
        return self._deployed(profile)

    def _deployed(self, profile: Array) -> MarkovGame:
        """The induced game within a compiled program."""
        return MarkovGame(**vars(induction.induced(self, profile)))

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of `profile` [N, S, A] in the game
        that it induces."""
        return self._deployed(profile).evaluate(profile)

    @float64_method
    @jax.jit
    def soft_values(self, profile: Array, temperature: Array | float) -> Evaluation:
        """What `evaluate` says of `profile` [N, S, A], with a bonus of `temperature` times the
        entropy of its own policy for each agent in every later state; see `tabular.soft`."""
        return self._deployed(profile).soft_values(profile, temperature)

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best responses in the game that `profile` [N, S, A] induces, which no response
        changes."""
        found = self._deployed(profile).best_response(profile)
        # A gain is the difference of two values.
        hidden = 2 * induction.rounding(self, profile, jnp.stack([found.value, found.current]))
        return BestResponse(value=found.value, current=found.current, gain=found.gain,
                            worst_gain=found.worst_gain, error=found.error + hidden)

    def potential(self, profile: Array) -> Array | None:
        """None: a potential of one induced game is none of another."""
        del profile

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution, in the game that `profile` induces."""
        return self._deployed(profile).start_values(profile)

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps from the initial distribution, in the game that
        `profile` [N, S, A] induces."""
        return self._deployed(profile).simulate(profile, key, episodes, steps)

    @float64_method
    @partial(jax.jit, static_argnames="steps")
    def simulate_from(self, profile: Array, key: Array, states: Array, steps: int) -> Episodes:
        """Play `steps` steps from each of `states` [E], in the game that `profile` [N, S, A]
        induces."""
        return self._deployed(profile).simulate_from(profile, key, states, steps)

    def arguments(self) -> dict[str, Any]:
        """What `from_moves` takes to build this game again."""
        shape = (self.n_agents, self.n_states, *self.action_counts)
        return {"rewards": np.moveaxis(np.asarray(self.rewards), -1, 0).reshape(shape),
                **{name: np.asarray(getattr(self, name))
                   for name in ("places", "moves", "support", "initial")},
                "pay": float(self.pay), "lead": float(self.lead),
                "discount": float(self.discount), "name": self.name}

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        table = float(np.size(self.rewards)) / self.n_agents * self.n_states
        # The products of two agents after another add up to twice the last, and are then averaged.
        return 6 * table + 2 / 3 * self.n_states**3, 3 * 8 * table

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, S, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)
