"""Tabular Markov games: any finite game whose joint table fits in memory.

    V_i = R_i + discount P V_i,     R_i(s) = E r_i(s, a),   P(s, s') = E P(s' | s, a),   a ~ profile(s)   (eq. 1)
    Q_i(s, a_i) = E [r_i(s, a) + discount V_i(s') | a_i],    d = (1 - discount) mu (I - discount P)^-1    (eq. 3)

(equation numbers: Fox, McAleer, Overman and Panageas, arXiv 2110.10614). One joint-weighted chain P
serves all agents; how it is solved follows from the game's size (`chains`).

At discount 1 the game must end: values are total rewards until absorption and d is the expected
number of visits. An absorbing state is one that every joint action keeps, at reward 0 for everyone.

When agents see less than the state (`information`), q and v of an information state h are the means
over the states behind h, weighted by d: with them the natural gradient of V_i(mu) is the advantage,
as for full information.
"""

from __future__ import annotations

import dataclasses
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.devices import WHOLE, by_state
from potentia.errors import InputError, whole_number
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games import chains, joint
from potentia.games.onward import onward
from potentia.games.transitions import Transitions
from potentia.lines import counted
from potentia.numerics import float64_method
from potentia.trees import Leaf, static, tree

MAX_IMPROVEMENTS = 1000
ROUNDING = 16 * np.finfo(np.float64).eps       # of one step of values, relative


@tree
class MarkovGame:
    """A finite Markov game with N agents, S states and J joint actions. Build it with `from_arrays`.

    rewards: [S, J, N]. transitions: see `games.transitions`. initial: [S] distribution mu.
    discount: in [0, 1]. absorbing: [S]. mask: [N, H, A] actions that exist.
    information: [N, S] information state that each agent sees in each state.
    stage_potential: [S, J] rewards whose value function is the potential of the game, or None.
    action_counts: (A_1, ..., A_N). sweeps: steps of the longest play if acyclic (and few), else None.
    direct: so few states that their chain is a matrix, and its systems are factored; see `games.chains`.
    full_information: every agent sees the state. separable: what an agent's information state says of
        the state depends on the others' policies only, so that a best local response is exact.
    recipe: the registered name and parameters that rebuild this game, or None.
    shards: equal parts that the states are cut into, to be spread over devices; see `split`.
    accuracy: how far the arrays may be from the numbers that are meant; see `from_arrays`.
    """

    rewards: Leaf
    transitions: Transitions
    initial: Leaf
    discount: Leaf
    absorbing: Leaf
    mask: Leaf
    information: Leaf
    stage_potential: Leaf | None
    action_counts: tuple[int, ...] = static()
    sweeps: int | None = static()
    direct: bool = static()
    undiscounted: bool = static()
    full_information: bool = static()
    separable: bool = static()
    name: str = static(default="game")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)
    shards: int = static(default=1)
    accuracy: float = static(default=0.0)

    @classmethod
    def from_arrays(cls, rewards: object, transitions: object, *, discount: float,
                    initial: object = None, mask: object = None, information: object = None,
                    horizon: int | None = None, stage_potential: object = None,
                    accuracy: float | None = None, name: str = "game") -> MarkovGame:
        """Build a tabular game.

        rewards: [N, S, A1, ..., AN] finite rewards (in any unit).
        transitions: next-state index [S, A1, ..., AN] (integers), probabilities [S, A1, ..., AN, S], or a SciPy
            sparse matrix [S*J, S] whose rows run over states and joint actions in C order.
        discount: in [0, 1]. At 1 the game must end whatever is played (or give a `horizon`).
        initial: [S] distribution of the first state; uniform if omitted.
        mask: [N, S, max A] actions that exist; rewards and transitions of other joint actions are ignored.
        information: [N, S] index of what each agent sees in each state; the state itself if omitted.
        horizon: number of steps after which play stops; policies then see the time as well, and state
            t*S + s of the built game is state s at time t.
        stage_potential: [S, A1, ..., AN] rewards whose value function is a potential of the game. Common
            rewards are their own stage potential.
        accuracy: in [0, 1), how far the arrays may be from the numbers that are meant: each reward
            by this share of the largest absolute one, each distribution of the next state by this
            sum of absolute differences. What that may explain refutes no potential. If omitted a
            few units of the narrowest type (9.5e-7 for float32, by which sums in it are off), and 0
            for float64.

        Raises InputError naming the agent, state and joint action at fault.
        """
        from potentia.games.build import from_arrays
        return from_arrays(rewards, transitions, discount=discount, initial=initial, mask=mask,
                           information=information, horizon=horizon, stage_potential=stage_potential,
                           accuracy=accuracy, name=name)

    def split(self, shards: int) -> MarkovGame:
        """The same game with its states in so many equal parts, which a solve spreads over as many devices.

        Raises InputError unless the states can be cut so.
        """
        if self.n_states % whole_number(shards, "shards", least=1):
            raise InputError(f"shards is {shards}, but {self.n_states:,} states cannot be cut into so many equal parts")
        return dataclasses.replace(self, shards=int(shards))

    def partition(self) -> MarkovGame:
        """Which axis of each array runs over states; see `devices`."""
        rows = by_state(0)
        return dataclasses.replace(
            self, rewards=rows, transitions=jax.tree.map(lambda table: rows, self.transitions), initial=WHOLE,
            discount=WHOLE, absorbing=WHOLE, mask=by_state(1) if self.full_information else WHOLE,
            information=by_state(1), stage_potential=None if self.stage_potential is None else rows)

    def __repr__(self) -> str:
        actions = "1 action" if self.action_counts == (1,) else f"{' x '.join(map(str, self.action_counts))} actions"
        return (f"<MarkovGame {self.name}: {counted(self.n_agents, 'agent')}, {counted(self.n_states, 'state')}, "
                f"{actions}>")

    @property
    def n_agents(self) -> int:
        return len(self.action_counts)

    @property
    def n_states(self) -> int:
        return self.rewards.shape[0]

    @property
    def scale(self) -> Leaf:
        """1/(1-discount), or 1 at discount 1."""
        return np.float64(1.0) if self.undiscounted else 1.0 / (1.0 - self.discount)

    def policies(self, profile: Array) -> list[Array]:
        """Each agent's policy by state: a list of `[S, A_i]`."""
        return [profile[i, self.information[i], :count] for i, count in enumerate(self.action_counts)]

    @float64_method
    @jax.jit
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, H, A]`."""
        play = Play(self, self.policies(profile))
        values = play.values
        return self._aggregate(play.action_values(values), values.T, self._visitation(play.system))

    @float64_method
    @jax.jit
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best responses: full-information ones, or local ones where the game is `separable`.

        For local policies in a game that is not separable, the full-information response bounds the
        gain from above.
        """
        play = Play(self, self.policies(profile))
        current = play.values
        if self.full_information and self.sweeps is not None:
            value = jax.lax.fori_loop(0, self.sweeps, lambda _, v: self._greedy_value(play.action_values(v)), current)
            residual = jnp.zeros(self.n_agents)
        else:
            value, residual = self._policy_iteration(play, current)
        gain = value - current
        # No best response is worth less than the profile itself: what falls short of it is error.
        short = jnp.max(jnp.maximum(-gain, 0.0), axis=0)
        steps = self._steps(play) if self.sweeps is None else self.sweeps
        rounding = ROUNDING * jnp.max(jnp.abs(value) + jnp.abs(current), axis=0)
        return BestResponse(value=value.T, current=current.T, gain=self.initial @ gain,
                            worst_gain=jnp.max(gain, axis=0),
                            error=2 * short + steps * (play.unsolved + residual + rounding))

    def _steps(self, play: Play) -> Leaf:
        """How often an error of one step may count: at discount 1, for as many steps as play is expected to last."""
        return jnp.max(jnp.abs(play.system.values(jnp.ones(self.n_states)))) if self.undiscounted else self.scale

    @float64_method
    @jax.jit
    def potential(self, profile: Array) -> Array | None:
        """Phi(mu), if the game was built with a stage potential; else None."""
        if self.stage_potential is None:
            return None
        play = Play(self, self.policies(profile))
        stage = jnp.sum(joint.product(play.halves.policies) * self.stage_potential, axis=1)
        return self.initial @ play.system.values(stage)

    @float64_method
    @jax.jit
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        return self.initial @ Play(self, self.policies(profile)).values

    @float64_method
    @jax.jit
    def welfare(self, profile: Array) -> Array:
        """Sum over agents of V_i(mu)."""
        return jnp.sum(self.start_values(profile))

    @float64_method
    @partial(jax.jit, static_argnames=("episodes", "steps"))
    def simulate(self, profile: Array, key: Array, episodes: int, steps: int) -> Episodes:
        """Play `episodes` episodes of `steps` steps from the initial distribution."""
        start_key, play_key = jax.random.split(key)
        draws = jax.random.uniform(start_key, (episodes,))
        cdf = jnp.cumsum(self.initial)
        start = jnp.searchsorted(cdf, draws * cdf[-1], side="right").astype(jnp.int32)
        tables = [jnp.cumsum(policy, axis=1) for policy in self.policies(profile)]

        def step(states: Array, step_key: Array) -> tuple[Array, tuple[Array, Array, Array]]:
            uniform = jax.random.uniform(step_key, (self.n_agents + 1, episodes))
            actions = [jnp.sum(table[states] <= (u * table[states, -1])[:, None], axis=1)
                       for table, u in zip(tables, uniform, strict=False)]
            index = jnp.ravel_multi_index(tuple(actions), self.action_counts, mode="clip")
            following = self.transitions.step(states, index, uniform[-1]).astype(jnp.int32)
            return following, (states, jnp.stack(actions, axis=-1), jnp.asarray(self.rewards)[states, index])

        last, (states, actions, rewards) = jax.lax.scan(step, start, jax.random.split(play_key, steps))
        states = jnp.concatenate([states, last[None]])
        return Episodes(states=states.T, actions=actions.swapaxes(0, 1), rewards=rewards.swapaxes(0, 1))

    @float64_method
    def initial_profile(self, start: object, key: Array | int) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, H, A]` of the user's own.

        key: a JAX key, or a whole number that seeds one.
        """
        return profiles.starting(start, self.mask, key)

    def _visitation(self, system: chains.Solver) -> Array:
        """Discounted visitation from the initial distribution, `[S]`."""
        visits = system.visits(jnp.asarray(self.initial))
        if self.undiscounted:
            return visits
        # Play stays in an absorbing state for ever after its arrival there.
        return jnp.where(self.absorbing, visits, (1.0 - self.discount) * visits)

    def _mask_by_state(self) -> Array:
        """[N, S, A] actions that exist, by state."""
        return jnp.stack([self.mask[i, self.information[i]] for i in range(self.n_agents)])

    def _greedy_value(self, q: Array) -> Array:
        """Best own value in each state, `[N, S, A] -> [S, N]`."""
        return jnp.max(jnp.where(self._mask_by_state(), q, -jnp.inf), axis=-1).T

    def _aggregate(self, q: Array, v: Array, visitation: Array) -> Evaluation:
        """Values by state [N, S, ...] to values by information state [N, H, ...]."""
        if self.full_information:
            q = jnp.where(self.mask, q, v[..., None])
            return Evaluation(q=q, v=v, visitation=jnp.broadcast_to(visitation, v.shape))
        count = self.mask.shape[1]

        def one(q: Array, v: Array, information: Array, mask: Array) -> tuple[Array, Array, Array]:
            total, mean = _means(jnp.column_stack([q, v]), visitation, information, count)
            return jnp.where(mask & (total > 0)[:, None], mean[:, :-1], mean[:, -1:]), mean[:, -1], total

        q, v, visits = jax.vmap(one)(q, v, self.information, self.mask)
        return Evaluation(q=q, v=v, visitation=visits)

    def _policy_iteration(self, play: Play, current: Array) -> tuple[Array, Array]:
        """Values [S, N] of each agent's best response, by Howard's policy iteration for all at once, and how far off
        one step is at most [N]: improvement left (it stops where rounding hides the next), and what did not solve."""
        pool = self._belief_pool(play)
        existing = self._mask_by_state()

        def improve(q: Array, own: Array) -> tuple[Array, Array]:
            """The greedy action wherever it is better than the own one, and by how much [N, S]."""
            q = jnp.where(existing, pool(q), -jnp.inf)
            held = _taken(q, own)
            better = jnp.max(q, axis=-1) - held
            moves = better > ROUNDING * jnp.abs(held)
            return jnp.where(moves, jnp.argmax(q, axis=-1), own), jnp.where(moves, better, 0.0)

        def body(carry: tuple[Array, ...]) -> tuple[Array, ...]:
            own, before, _, _, count = carry
            value = play.values_against([jax.nn.one_hot(own[i], actions, dtype=current.dtype)
                                         for i, actions in enumerate(self.action_counts)])
            q = play.action_values(value)
            following, better = improve(q, own)
            goes_on = jnp.any(better > 0) & ((count == 0) | jnp.any(value > before))
            off = jnp.max(better + jnp.abs(_taken(q, own) - value.T), axis=-1)
            return following, value, off, goes_on, count + 1

        first = jnp.argmax(jnp.where(existing, pool(play.action_values(current)), -jnp.inf), axis=-1)
        carry = (first, current, jnp.zeros(self.n_agents), jnp.asarray(True), jnp.asarray(0))
        _, value, residual, _, _ = jax.lax.while_loop(lambda c: c[3] & (c[4] < MAX_IMPROVEMENTS), body, carry)
        return value, residual

    def _belief_pool(self, play: Play):
        """How an agent may look at its action values [N, S, A] when it picks its best response.

        With full information (also the upper bound for local policies that are not separable) as they
        are; else averaged over what the own information state says of the state.
        """
        if self.full_information or not self.separable:
            return lambda q: q
        # The belief does not depend on the own policy, so the uniform one is used: it reaches most.
        own = [(self.mask[i, self.information[i], :count] / jnp.sum(
            self.mask[i, self.information[i], :count], axis=1, keepdims=True))
            for i, count in enumerate(self.action_counts)]
        visits = jnp.stack([self._visitation(play.system_against(i, policy)) for i, policy in enumerate(own)])
        count = self.mask.shape[1]

        def pool(q: Array) -> Array:
            return jax.vmap(lambda q, d, h: _means(q, d, h, count)[1][h])(q, visits, self.information)

        return pool


class Play:
    """Play of a game by policies [S, A_i]: its chain and its values, and those of each agent's deviations."""

    def __init__(self, game: MarkovGame, policies: list[Array]):
        self.game, self.halves = game, joint.Halves(policies)
        self.rewards = self.halves.averaged(jnp.asarray(game.rewards))
        self.onward = onward(game.transitions, self.halves, game.direct)
        self.live = game.discount * jnp.where(game.absorbing, 0.0, 1.0)[:, None]
        self.expected = jnp.sum(self.halves.weights[0][..., None] * self.rewards[0], axis=1)
        self.system = self._system(0, self.halves.weights[0])
        self.values = self.system.values(self.expected)

    @property
    def unsolved(self) -> Array:
        """[N] residual of the values."""
        left = self.expected + self.system.chain.ahead(self.values) - self.values
        return jnp.max(jnp.abs(left), axis=0)

    def action_values(self, values: Array) -> Array:
        """Marginal action values from next-state values [S, N]: `[N, S, A]`, 0 where there is no action."""
        onward = self.onward.expected(self.game.discount * jnp.where(self.game.absorbing[:, None], 0.0, values))
        tables = [now + later for now, later in zip(self.halves.of_own(self.rewards), onward, strict=True)]
        widest = max(self.game.action_counts)
        return jnp.stack([jnp.pad(q, ((0, 0), (0, widest - q.shape[1]))) for q in self.halves.marginal(tables)])

    def values_against(self, own: list[Array]) -> Array:
        """Values [S, N], each agent's when it plays `own[i]` [S, A_i] and the others keep to their policies."""
        return jnp.stack([self._value_against(agent, policy) for agent, policy in enumerate(own)], axis=1)

    def system_against(self, agent: int, own: Array) -> chains.Solver:
        """The chain of play in which `agent` deviates to `own` [S, A_i]."""
        return self._system(*self._deviation(agent, own))

    def _value_against(self, agent: int, own: Array) -> Array:
        half, weights = self._deviation(agent, own)
        return self._system(half, weights).values(jnp.sum(weights * self.rewards[half][..., agent], axis=1))

    def _deviation(self, agent: int, own: Array) -> tuple[int, Array]:
        """The agent's half and its joint weights [S, J_k] when the agent plays `own`."""
        half = next(k for k, part in enumerate(self.halves.parts) if part.start <= agent < part.stop)
        policies = [*self.halves.policies[:agent], own, *self.halves.policies[agent + 1:]]
        return half, joint.product(policies[self.halves.parts[half]])

    def _system(self, half: int, weights: Array) -> chains.Solver:
        return chains.solver(self.onward.chain(half, self.live * weights), self.game.direct, self.game.sweeps)


def _taken(q: Array, actions: Array) -> Array:
    """[N, S] action values of the actions [N, S]."""
    return jnp.take_along_axis(q, actions[..., None], axis=-1)[..., 0]


def _means(columns: Array, weights: Array, groups: Array, count: int) -> tuple[Array, Array]:
    """Total weight [count] and weighted means [count, M] of the rows of `columns` [S, M] by group."""
    total = jax.ops.segment_sum(weights, groups, count)
    sums = jax.ops.segment_sum(columns * weights[:, None], groups, count)
    return total, sums / jnp.where(total > 0, total, 1.0)[:, None]
