"""Games whose global state is driven by loads, exact without a table of joint actions.

N agents each choose one of A facilities in a global state z that all see. Pay depends on z, the
facility and the number of agents there; the next state on z and the *joint* count vector c of
agents over the facilities, which no marginal loads determine ("no facility above 2"). With c the
counts when agent i surely stands at k and the others play:

    P_i(z' | z, k) = E P(z' | z, c)
    q_i(z, k) = E [r_i(z, k, c_k) + common(z, c)] + discount sum_z' P_i(z' | z, k) V_i(z')

(eq. 1-3 of Fox, McAleer, Overman and Panageas, arXiv 2110.10614). Means leave one agent out by
dynamic programming over counts (`counts`): those of pay over the number at one facility, the others
over all C(N+A-1, A-1) vectors. After that every agent faces a small decision problem over the
global states, which is solved as in `tabular`.
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
from potentia.errors import known_name
from potentia.game import BestResponse, Episodes, Evaluation, FacilityLoads
from potentia.games.counts import distribution, leave_one_out
from potentia.games.described import Described
from potentia.games.limits import LIMIT_GB, MOST_AGENTS, check_table, table_bytes
from potentia.games.load_driven import build, simulation, table
from potentia.games.load_driven.data import LoadData
from potentia.games.policy_iteration import action_values, best_values
from potentia.games.tabular.game import MarkovGame
from potentia.games.welfare import SumOfValues
from potentia.runtime.float64 import float64_method
from potentia.runtime.pytree import tree

REPRESENTATIONS = ("auto", "tabular", "loads")
INSTEAD = "; representation='loads' needs no table"


@tree
class LoadGame(LoadData, SumOfValues, Described):
    """N agents choose among A facilities in one of S global states. Build it with `from_loads`.

    Its fields are those of `LoadData`.
    """

    @classmethod
    def from_loads(cls, rewards: object, next_state: object, *, discount: float, n_agents: int,
                   initial: object = None, mask: object = None, common: object = None,
                   name: str = "loads") -> LoadGame:
        """A game of N agents on A facilities with S global states.

        rewards: [S, A, N], or [N, S, A, N] with a table for each agent: what an agent at a facility
            is paid, by the number 1..N of agents there, itself included.
        next_state: by state and count vector, in the order of `counts.count_vectors(N, A)`: an
            index [S, C] or probabilities [S, C, S]; or a function (state, counts [A]) that returns
            one index, or probabilities [S].
        discount: in [0, 1).
        initial: [S] distribution of the first state; uniform if omitted.
        mask: [N, S, A] facilities that exist for an agent; loads and counts that no choice leads to
        are ignored.
        common: [S, C] paid to every agent on top, by count vector.

        The game has a potential if it pays `common` only, or if the next state does not depend on
        the counts (or the discount is 0) and all agents have the same rewards.

        Raises InputError naming the state, facility and load, or the state and counts, at fault,
        and for a game that is too large.
        """
        return cls(**vars(build.from_loads(
            rewards, next_state, discount=discount, n_agents=n_agents, initial=initial, mask=mask,
            common=common,
            name=name)))

    __repr__ = Described.__repr__

    def _size(self) -> str:
        n_agents, n_states, n_facilities = self.mask.shape
        facilities = "1 facility" if n_facilities == 1 else f"{n_facilities} facilities"
        return (f"{counted(n_agents, 'agent')} on {facilities}, {counted(n_states, 'state')}, "
                f"{counted(len(self.counts.vectors), 'count vector')}")

    def tabular(self) -> MarkovGame:
        """The same game with a table of joint actions. Raises InputError if that is too large."""
        n_agents, n_states, n_facilities = self.mask.shape
        check_table(n_agents, n_states, n_facilities, INSTEAD)
        return table.tabular(self)

    def represented(self, representation: str) -> MarkovGame | LoadGame:
        """This game as "loads", "tabular", or "auto": tabular unless the table is too large."""
        known_name(representation, REPRESENTATIONS, "representation")
        if representation == "loads" or (representation == "auto"
                                         and not _table_fits(*self.mask.shape)):
            return self
        return self.tabular()

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, S, A]`."""
        rewards, _, steps = self._faced(profile)
        step, values = self._values(profile, rewards, steps)
        q = action_values(rewards, steps, self.discount, values)
        visits = jnp.linalg.solve(jnp.eye(self.n_states) - step.T, jnp.asarray(self.initial))
        return Evaluation(q=jnp.where(self.mask, q, values[..., None]), v=values,
                          visitation=jnp.broadcast_to((1.0 - self.discount) * visits, values.shape))

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best response of each agent to the others' policies, by policy iteration."""
        rewards, sizes, steps = self._faced(profile)
        _, current = self._values(profile, rewards, steps)
        value, left = best_values(rewards, steps, self.discount, self.mask, current, self._rounding)
        gain = value - current
        largest = jnp.max(jnp.where(self.mask, sizes, 0.0), axis=(1, 2)) \
            + self.discount * jnp.max(jnp.abs(value) + jnp.abs(current), axis=1)
        return BestResponse(value=value, current=current, gain=gain @ self.initial,
                            worst_gain=jnp.max(gain, axis=1),
                            error=self.scale * (left + self._rounding * largest))

    @float64_method
    @jax.jit
    def potential(self, profile: Array) -> Array | None:
        """Phi(mu), if the game is known to have a stage potential; else None."""
        if self.stage_potential is None:
            return None
        probability = distribution(self.counts, profile)
        step = self.discount * jnp.einsum("cs,sct->st", probability, self.following)
        stage = jnp.einsum("cs,sc->s", probability, self.stage_potential)
        return self.initial @ jnp.linalg.solve(jnp.eye(self.n_states) - step, stage)

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        rewards, _, steps = self._faced(profile)
        return self._values(profile, rewards, steps)[1] @ self.initial

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps from the initial distribution."""
        return simulation.simulated(self, profile, key, episodes, steps)

    @float64_method
    @partial(jax.jit, static_argnames="steps")
    def simulate_from(self, profile: Array, key: Array, states: Array, steps: int) -> Episodes:
        """Play `steps` steps of `profile` [N, S, A] from each of `states` [E]."""
        return simulation.continued(self, profile, key, states, steps)

    def facility_loads(self, profile: object, states: np.ndarray) -> FacilityLoads:
        """How many agents are expected at each facility in each of `states` [K] at `profile`
        [N, S, A]."""
        expected = np.asarray(profile)[:, states].sum(axis=0)
        return FacilityLoads(tuple(f"facility {k}" for k in range(expected.shape[1])),
                             tuple(f"state {state}" for state in states), expected)

    def arguments(self) -> dict[str, Any]:
        """What `from_loads` takes to build this game again."""
        pay = np.asarray(self.pay)[..., 1:]
        common = {} if self.common is None else {"common": np.asarray(self.common)}
        return {"rewards": pay[0] if len(pay) == 1 else pay, "mask": np.asarray(self.mask),
                "next_state": np.asarray(self.following), "initial": np.asarray(self.initial),
                **common, "n_agents": self.n_agents, "discount": float(self.discount),
                "name": self.name}

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        n_agents, n_states, n_actions = self.mask.shape
        # For each agent one pass over the count vectors from below and one from above, a next state
        # at a time.
        vectors = len(self.counts.vectors)
        operations = 4 * n_agents * n_actions * vectors * n_states * (n_states + 1)
        return operations, np.asarray(self.following).nbytes

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, S, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)

    @property
    def _rounding(self) -> float:
        """Relative error of one step: a probability is a product over the agents of sums over the
        facilities."""
        n_agents, n_states, n_facilities = self.mask.shape
        return (2 * n_agents * (n_facilities + 1) + n_states + 16) * float(np.finfo(np.float64).eps)

    def _faced(self, profile: Array) -> tuple[Array, Array, Array]:
        """What each agent faces: mean rewards and mean sizes of rewards [N, S, A], next-state
        probabilities [N, S, A, S]."""
        following = jnp.swapaxes(jnp.asarray(self.following), 0, 1)  # [C, S, S]
        functions = [following]
        if self.common is not None:
            common = jnp.asarray(self.common).T[..., None]
            functions += [common, jnp.abs(common)]
        found = leave_one_out(self.counts, profile, jnp.concatenate(functions, axis=2))
        rewards, sizes = self._pays(profile)
        if self.common is not None:
            rewards, sizes = rewards + found[..., -2], sizes + found[..., -1]
        return rewards, sizes, found[..., :self.n_states]

    def _pays(self, profile: Array) -> tuple[Array, Array]:
        """Each agent's mean pay, and the mean of its size, at each facility: `[N, S, A]`."""
        elsewhere = profile @ (1.0 - jnp.eye(profile.shape[2]))
        split = jnp.stack([profile, elsewhere], axis=-1).reshape(self.n_agents, -1, 2)
        pay = jnp.moveaxis(jnp.asarray(self.pay), 0, -1)  # [S, A, N+1, R]
        pay = jnp.moveaxis(pay, 2, 0).reshape(self.n_agents + 1, split.shape[1], -1)
        found = leave_one_out(self.at_one, split,
                              jnp.concatenate([pay, jnp.abs(pay)], axis=2))[:, :, 0]
        own = jnp.arange(self.n_agents) % len(self.pay)
        mean, size = (part[jnp.arange(self.n_agents), :, own].reshape(profile.shape)
                      for part in jnp.split(found, 2, axis=-1))
        return mean, size

    def _values(self, profile: Array, rewards: Array, steps: Array) -> tuple[Array, Array]:
        """discount * P [S, S] under the profile, and values [N, S]."""
        # Whichever agent's own choice is averaged out last, the same P is left.
        step = self.discount * jnp.einsum("sa,sat->st", profile[0], steps[0])
        stage = jnp.einsum("nsa,nsa->sn", profile, rewards)
        return step, jnp.linalg.solve(jnp.eye(self.n_states) - step, stage).T


def _table_fits(n_agents: int, n_states: int, n_actions: int) -> bool:
    return n_agents <= MOST_AGENTS and table_bytes(n_agents, n_states, n_actions) <= LIMIT_GB * 1e9
