"""Tabular Markov games: any finite game whose joint table fits in memory.

At discount 1 the game must end: values are total rewards until absorption and d is the expected
number of visits. An absorbing state is one that every joint action keeps, at reward 0 for everyone.

When agents see less than the state (`information`), q and v of an information state h are the means
over the states behind h, weighted by d: with them the natural gradient of V_i(mu) is the advantage,
as for full information. The equations stand in `evaluation`.
"""

from __future__ import annotations

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.console.text import counted
from potentia.errors import InputError, whole_number
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games.described import Described
from potentia.games.estimate import APPLICATIONS, GATHER
from potentia.games.tabular import (
    best_response,
    build,
    evaluation,
    joint_actions,
    payoffs,
    simulation,
    soft,
)
from potentia.games.tabular.data import TabularData
from potentia.games.tabular.evaluation import ProfileChain
from potentia.games.tabular.transitions import DenseTransitions
from potentia.games.welfare import SumOfValues
from potentia.names import names_of
from potentia.runtime.float64 import float64_method
from potentia.runtime.pytree import tree
from potentia.runtime.sharding import WHOLE, by_state


@tree
class MarkovGame(TabularData, SumOfValues, Described):
    """A finite Markov game with N agents, S states and J joint actions. Build it with
    `from_arrays`, or `from_payoffs` if it is played once.

    Its fields are those of `TabularData`.
    """

    @classmethod
    def from_arrays(cls, rewards: object, transitions: object, *, discount: float,
                    initial: object = None, mask: object = None, information: object = None,
                    horizon: int | None = None, stage_potential: object = None,
                    accuracy: float | None = None, name: str = "game", agents: object = None,
                    actions: object = None, states: object = None) -> MarkovGame:
        """Build a tabular game.

        rewards: [N, S, A1, ..., AN] finite rewards (in any unit).
        transitions: next-state index [S, A1, ..., AN] (integers), probabilities
            [S, A1, ..., AN, S], or a SciPy sparse matrix [S*J, S] whose rows run over states and
            joint actions in C order.
        discount: in [0, 1]. At 1 the game must end whatever is played (or give a `horizon`).
        initial: [S] distribution of the first state; uniform if omitted.
        mask: [N, S, max A] actions that exist; rewards and transitions of other joint actions are
            ignored.
        information: [N, S] index of what each agent sees in each state; the state itself if
            omitted.
        horizon: number of steps after which play stops; policies then see the time as well, and
            state t*S + s of the built game is state s at time t.
        stage_potential: [S, A1, ..., AN] rewards whose value function is a potential of the game.
            Common rewards are their own stage potential.
        accuracy: in [0, 1), how far the arrays may be from the numbers that are meant: each reward
            by this share of the largest absolute one, each distribution of the next state by this
            sum of absolute differences. What that may explain refutes no potential. If omitted a
            few units of the narrowest type (9.5e-7 for float32, by which sums in it are off), and 0
            for float64.
        agents, actions, states: names, which messages, tables and pictures use: N, a list of A_i
            for each agent (one list if all share it), and S.

        Raises InputError naming the agent, state and joint action at fault.
        """
        return cls(**vars(build.from_arrays(
            rewards, transitions, discount=discount, initial=initial, mask=mask,
            information=information,
            horizon=horizon, stage_potential=stage_potential, accuracy=accuracy, name=name,
            agents=agents, actions=actions, states=states)))

    @classmethod
    def from_payoffs(cls, *tables: object, stage_potential: object = None, name: str = "game",
                     agents: object = None, actions: object = None) -> MarkovGame:
        """Build a game that is played once: one state, discount 0.

        tables: an array [A1, ..., AN] of finite payoffs for each of the N agents, so that
            `from_payoffs(A, B)` is a bimatrix game, `from_payoffs(A, -A)` a zero-sum one and
            `from_payoffs(A, A)` one of common interest.
        stage_potential: [A1, ..., AN] a potential of the game, if one is known.
        agents, actions: names: N, and a list of A_i for each agent (one list if all share it).

        Raises InputError naming the agent and joint action at fault.
        """
        return cls(**vars(payoffs.from_payoffs(tables, stage_potential=stage_potential,
                                               name=name, agents=agents, actions=actions)))

    def split(self, shards: int) -> MarkovGame:
        """The same game with its states in so many equal parts, which a solve spreads over as many
        devices.

        Raises InputError unless the states can be cut so.
        """
        if self.n_states % whole_number(shards, "shards", least=1):
            raise InputError(
                f"shards is {shards}, but {self.n_states:,} states cannot be cut into so many "
                f"equal parts")
        return dataclasses.replace(self, shards=int(shards))

    def partition(self) -> MarkovGame:
        """Which axis of each array runs over states; see `runtime.sharding`."""
        rows = by_state(0)
        return dataclasses.replace(
            self, rewards=rows, transitions=jax.tree.map(lambda table: rows, self.transitions),
            initial=WHOLE,
            discount=WHOLE, absorbing=WHOLE, mask=by_state(1) if self.full_information else WHOLE,
            information=by_state(1), stage_potential=None if self.stage_potential is None else rows)

    __repr__ = Described.__repr__

    def _size(self) -> str:
        actions = ("1 action" if self.action_counts == (1,)
                   else f"{' x '.join(map(str, self.action_counts))} actions")
        return f"{counted(self.n_agents, 'agent')}, {counted(self.n_states, 'state')}, {actions}"

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, H, A]`."""
        return evaluation.evaluated(self, profile)

    @float64_method
    @jax.jit
    def soft_values(self, profile: Array, temperature: Array | float) -> Evaluation:
        """What `evaluate` says of `profile` [N, H, A], with a bonus of `temperature` times the
        entropy of its own policy for each agent in every later state; see `tabular.soft`."""
        return soft.soft_evaluated(self, profile, temperature)

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best responses to `profile` [N, H, A]: full-information ones, or local ones where
        the game is `separable`.

        For local policies in a game that is not separable, the full-information response bounds the
        gain from above.
        """
        return best_response.responded(self, profile)

    @float64_method
    @jax.jit
    def potential(self, profile: Array) -> Array | None:
        """Phi(mu) of `profile` [N, H, A] if the game has a stage potential; else None."""
        if self.stage_potential is None:
            return None
        chain = ProfileChain(self, self.policies(profile))
        stage = jnp.sum(joint_actions.product(chain.halves.policies) * self.stage_potential, axis=1)
        return self.initial @ chain.system.values(stage)

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        return self.initial @ ProfileChain(self, self.policies(profile)).values

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps of `profile` [N, H, A] from the initial
        distribution."""
        return simulation.simulated(self, profile, key, episodes, steps)

    @float64_method
    @partial(jax.jit, static_argnames="steps")
    def simulate_from(self, profile: Array, key: Array, states: Array, steps: int) -> Episodes:
        """Play `steps` steps of `profile` [N, H, A] from each of `states` [E]."""
        return simulation.continued(self, profile, key, states, steps)

    def work(self) -> tuple[float, float]:
        """Operations of an exact evaluation, and bytes that it reads from tables that no cache
        holds."""
        entries, n_states = np.asarray(jax.tree.leaves(self.transitions)[-1]).size, self.n_states
        table = sum(np.asarray(leaf).nbytes
                    for leaf in jax.tree.leaves((self.rewards, self.transitions)))
        # over each half of the agents, in a pass each
        averages = 4 * (entries + np.size(self.rewards))
        is_matrix = isinstance(self.transitions, DenseTransitions) or self.direct
        chain = n_states**2 if is_matrix else entries
        if self.sweeps is None and self.direct:
            return averages + 2 / 3 * n_states**3, 2 * table
        times = (self.sweeps or APPLICATIONS) * (self.n_agents + 1)
        gathered = 0 if self.sweeps and is_matrix else 8 * GATHER * chain * times
        return averages + 2 * chain * times, 2 * table + gathered

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, H, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key, names=names_of(self))
