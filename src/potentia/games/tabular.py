"""Tabular Markov games: any finite game whose joint table fits in memory.

    V_i = R_i + discount P V_i,     R_i(s) = E r_i(s, a),   P(s, s') = E P(s' | s, a),   a ~ profile(s)   (eq. 1)
    Q_i(s, a_i) = E [r_i(s, a) + discount V_i(s') | a_i],    d = (1 - discount) mu (I - discount P)^-1    (eq. 3)

(equation numbers: Fox, McAleer, Overman and Panageas, arXiv 2110.10614). One joint-weighted matrix P
and one solve serve all agents. Acyclic games are solved by as many sweeps as their longest play has
steps, which is exact; the others by LU.

At discount 1 the game must end: values are total rewards until absorption and d is the expected
number of visits. An absorbing state is one that every joint action keeps, at reward 0 for everyone.

When agents see less than the state (`information`), q and v of an information state h are the means
over the states behind h, weighted by d: with them the natural gradient of V_i(mu) is the advantage,
as for full information.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.game import BestResponse, Episodes, Evaluation
from potentia.games import joint
from potentia.games.transitions import Transitions
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
    full_information: every agent sees the state. separable: what an agent's information state says of
        the state depends on the others' policies only, so that a best local response is exact.
    recipe: the registered name and parameters that rebuild this game, or None.
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
    undiscounted: bool = static()
    full_information: bool = static()
    separable: bool = static()
    name: str = static(default="game")
    recipe: tuple[str, tuple[tuple[str, object], ...]] | None = static(default=None)

    @classmethod
    def from_arrays(cls, rewards: object, transitions: object, *, discount: float,
                    initial: object = None, mask: object = None, information: object = None,
                    horizon: int | None = None, stage_potential: object = None,
                    name: str = "game") -> MarkovGame:
        """A game from arrays, validated once; see `games.build.from_arrays` for shapes and errors."""
        from potentia.games.build import from_arrays
        return from_arrays(rewards, transitions, discount=discount, initial=initial, mask=mask,
                           information=information, horizon=horizon, stage_potential=stage_potential,
                           name=name)

    def __repr__(self) -> str:
        actions = " x ".join(map(str, self.action_counts))
        return f"<MarkovGame {self.name}: {self.n_agents} agents, {self.n_states} states, {actions} actions>"

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
    def evaluate(self, profile: Array) -> Evaluation:
        """Exact values, marginal action values and visitation of a profile `[N, H, A]`."""
        policies = self.policies(profile)
        weights = joint.product(policies)
        step = self._step_matrix(weights)
        values = self._solve(step, jnp.einsum("sj,sjn->sn", weights, self.rewards))
        q = self._action_values(values, policies)
        return self._aggregate(q, values.T, self._visitation(step))

    @float64_method
    def best_response(self, profile: Array) -> BestResponse:
        """Exact best responses: full-information ones, or local ones where the game is `separable`.

        For local policies in a game that is not separable, the full-information response bounds the
        gain from above.
        """
        policies = self.policies(profile)
        weights = joint.product(policies)
        current = self._solve(self._step_matrix(weights), jnp.einsum("sj,sjn->sn", weights, self.rewards))
        if self.full_information and self.sweeps is not None:
            value = jax.lax.fori_loop(
                0, self.sweeps, lambda _, v: self._greedy_value(self._action_values(v, policies)), current)
            residual = jnp.zeros(self.n_agents)
        else:
            value, residual = self._policy_iteration(policies, current)
        gain = value - current
        steps = self.scale if self.sweeps is None else self.sweeps
        rounding = ROUNDING * jnp.max(jnp.abs(value) + jnp.abs(current), axis=0)
        return BestResponse(value=value.T, current=current.T, gain=self.initial @ gain,
                            worst_gain=jnp.max(gain, axis=0), error=steps * (residual + rounding))

    @float64_method
    def potential(self, profile: Array) -> Array | None:
        """Phi(mu), if the game was built with a stage potential; else None."""
        if self.stage_potential is None:
            return None
        weights = joint.product(self.policies(profile))
        stage = jnp.sum(weights * self.stage_potential, axis=1, keepdims=True)
        return self.initial @ self._solve(self._step_matrix(weights), stage)[:, 0]

    @float64_method
    def start_values(self, profile: Array) -> Array:
        """[N] values V_i(mu) from the initial distribution."""
        weights = joint.product(self.policies(profile))
        return self.initial @ self._solve(self._step_matrix(weights), jnp.einsum("sj,sjn->sn", weights, self.rewards))

    @float64_method
    def welfare(self, profile: Array) -> Array:
        """Sum over agents of V_i(mu)."""
        weights = joint.product(self.policies(profile))
        stage = jnp.einsum("sj,sjn->s", weights, self.rewards)[:, None]
        return self.initial @ self._solve(self._step_matrix(weights), stage)[:, 0]

    @float64_method
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
    def initial_profile(self, start: object, key: Array) -> Array:
        """`"uniform"`, `"random"` (interior, by `key`), or a profile `[N, H, A]` of the user's own."""
        return profiles.starting(start, self.mask, key)

    def _step_matrix(self, weights: Array) -> Array:
        """discount * P until absorption: rows of absorbing states are 0, `[S, S]`, or `[N, S, S]`."""
        mix = self.transitions.mix if weights.ndim == 2 else jax.vmap(self.transitions.mix)
        return self.discount * jnp.where(self.absorbing[:, None], 0.0, mix(weights))

    def _solve(self, step: Array, rewards: Array) -> Array:
        """(I - step)^-1 rewards, `[..., S, M]`."""
        if self.sweeps is not None:
            return jax.lax.fori_loop(0, self.sweeps, lambda _, v: rewards + step @ v, jnp.zeros_like(rewards))
        return jnp.linalg.solve(jnp.eye(self.n_states) - step, rewards)

    def _visitation(self, step: Array) -> Array:
        """Discounted visitation from the initial distribution, `[S]`."""
        visits = self._solve(step.T, self.initial[:, None])[:, 0]
        if self.undiscounted:
            return visits
        # Play stays in an absorbing state for ever after its arrival there.
        return jnp.where(self.absorbing, visits, (1.0 - self.discount) * visits)

    def _action_values(self, values: Array, policies: list[Array]) -> Array:
        """Marginal action values from next-state values [S, N]: `[N, S, A]`, 0 where there is no action."""
        table = self.rewards + self.discount * self.transitions.expect(
            jnp.where(self.absorbing[:, None], 0.0, values))
        widest = max(self.action_counts)
        return jnp.stack([jnp.pad(q, ((0, 0), (0, widest - q.shape[1])))
                          for q in joint.leave_one_out(table, policies)])

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

    def _policy_iteration(self, policies: list[Array], current: Array) -> tuple[Array, Array]:
        """Values [S, N] of each agent's best response, by Howard's policy iteration for all at once, and the largest
        one-step improvement [N] that was left: it stops where rounding hides the next one."""
        pool = self._belief_pool(policies)
        existing = self._mask_by_state()

        def improve(q: Array, own: Array) -> tuple[Array, Array]:
            """The greedy action wherever it is better than the own one, and by how much [N, S]."""
            q = jnp.where(existing, pool(q), -jnp.inf)
            held = jnp.take_along_axis(q, own[..., None], axis=-1)[..., 0]
            better = jnp.max(q, axis=-1) - held
            moves = better > ROUNDING * jnp.abs(held)
            return jnp.where(moves, jnp.argmax(q, axis=-1), own), jnp.where(moves, better, 0.0)

        def value_of(own: Array) -> Array:
            rows = [jax.nn.one_hot(own[i], count, dtype=current.dtype)
                    for i, count in enumerate(self.action_counts)]
            weights = joint.replace_each(policies, rows)
            rewards = jnp.einsum("nsj,sjn->ns", weights, self.rewards)[..., None]
            return self._solve(self._step_matrix(weights), rewards)[..., 0].T

        def body(carry: tuple[Array, ...]) -> tuple[Array, ...]:
            own, before, _, _, count = carry
            value = value_of(own)
            following, better = improve(self._action_values(value, policies), own)
            goes_on = jnp.any(better > 0) & ((count == 0) | jnp.any(value > before))
            return following, value, jnp.max(better, axis=-1), goes_on, count + 1

        first = jnp.argmax(jnp.where(existing, pool(self._action_values(current, policies)), -jnp.inf), axis=-1)
        carry = (first, current, jnp.zeros(self.n_agents), jnp.asarray(True), jnp.asarray(0))
        _, value, residual, _, _ = jax.lax.while_loop(lambda c: c[3] & (c[4] < MAX_IMPROVEMENTS), body, carry)
        return value, residual

    def _belief_pool(self, policies: list[Array]):
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
        visits = jax.vmap(self._visitation)(self._step_matrix(joint.replace_each(policies, own)))
        count = self.mask.shape[1]

        def pool(q: Array) -> Array:
            return jax.vmap(lambda q, d, h: _means(q, d, h, count)[1][h])(q, visits, self.information)

        return pool


def _means(columns: Array, weights: Array, groups: Array, count: int) -> tuple[Array, Array]:
    """Total weight [count] and weighted means [count, M] of the rows of `columns` [S, M] by group."""
    total = jax.ops.segment_sum(weights, groups, count)
    sums = jax.ops.segment_sum(columns * weights[:, None], groups, count)
    return total, sums / jnp.where(total > 0, total, 1.0)[:, None]
