"""One trajectory: action values by temporal differences, along play that goes on from one iteration
to the next.

    q_i(h, a) <- q_i(h, a) + (1 + n_i(h, a))^-power (r_i + discount v_i(h') - q_i(h, a)),
    v_i(h) = sum over a of pi_i(a|h) q_i(h, a)

n counts how often the agent has played a in h. The estimates outlive the profiles that they were
made of: where they move faster than the policies do, they follow them (two timescales).
"""

from __future__ import annotations

from typing import ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import whole_number
from potentia.game import Evaluation, GoesOn
from potentia.games.sampling import drawn_from_one
from potentia.oracles import playing, visits
from potentia.runtime.pytree import static, tree

SOURCE = ("Van Seijen, Van Hasselt, Whiteson, Wiering, ADPRL 2009 (Expected Sarsa), with steps by "
          "counters as Maheshwari, Wu, Pai, Sastry, arXiv 2205.14590")


@tree
class Experience:
    """What is kept from one iteration to the next.

    state: joint state that play has come to. q: [N, H, A] estimates. plays: [N, H, A] how often
    each action was played there.
    """

    state: Array
    q: Array
    plays: Array


@tree
class Trajectory:
    """Temporal differences (expected Sarsa) along one trajectory, which is never set back.

    steps: steps of play in each iteration, at least 1. power: in (1/2, 1], how fast the step sizes
    (1 + n)^-power fall with the plays n of an action; the larger, the less noise and the longer
    what policies of before were worth is remembered.
    explore: in [0, 1), the probability with which agents play any existing action instead, all
    alike. What is told is worth of the agent's own policy, later too, against the others as they
    play, with that floor.

    A run begins at the initial distribution, and begins there again where play has ended; nothing
    else sets it back. Estimates are of the agent's own policy as it is now, in part of the others'
    as they were. v is over the actions that were ever played, and an action that was not has q = v;
    both are 0 where the agent never came. `visitation` is the share of all steps that the agent
    spent there, not discounted, at discount 1 too.

    No errors are known, and are told as inf, nor is a bound on the bias, which is inf too. For a
    profile that does not change, the estimates come to its exact values where every action is
    played again and again and agents see the state.

    It has a state, one of each run: `solve` keeps it in checkpoints, and in results to go on from.

    Source: Van Seijen, Van Hasselt, Whiteson and Wiering, ADPRL 2009, of each agent with its own
    actions alone; step sizes by counters as in Maheshwari, Wu, Pai and Sastry, arXiv 2205.14590.
    """

    steps: int = static(default=20)
    power: float = 0.6
    explore: float = 0.0
    exact: ClassVar[bool] = False
    batched: ClassVar[bool] = True
    counts_steps: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.steps, "steps", least=1)
        playing.check_number(self, "power", 0.5, 1.0, least=False)
        playing.check_share(self)

    def check(self, game: GoesOn) -> None:
        """Raise InputError for a game without joint states that play can go on from."""
        playing.refuse_no_play(game, "trajectory", GoesOn)

    def begin(self, game: GoesOn, key: Array) -> Experience:
        """Before the first step of play."""
        nothing = jnp.zeros(jnp.shape(game.mask))
        return Experience(state=_start(game, key), q=nothing, plays=nothing)

    def evaluate(self, game: GoesOn, profile: Array, key: Array) -> Evaluation:
        """Estimates for `profile` [N, H, A] from play that begins anew."""
        begin_key, key = jax.random.split(key)
        return self.evaluate_from(game, profile, key, self.begin(game, begin_key))[0]

    def evaluate_from(self, game: GoesOn, profile: Array, key: Array,
                      memory: Experience) -> tuple[Evaluation, Experience]:
        """Estimates for `profile` [N, H, A] after `steps` steps more, and what is kept."""
        profile = jnp.asarray(profile)
        behaviour = playing.played(profile, game.mask, self.explore)

        def step(memory: Experience, key: Array) -> tuple[Experience, None]:
            return self._stepped(game, profile, behaviour, key, memory), None

        memory, _ = jax.lax.scan(step, memory, jax.random.split(key, self.steps))
        v = _values(profile, memory.q, memory.plays)
        came = jnp.sum(memory.plays, axis=-1)
        return Evaluation(
            q=jnp.where(memory.plays > 0, memory.q, v[..., None]), v=v,
            visitation=came / jnp.sum(came, axis=-1, keepdims=True),
            q_stderr=jnp.full_like(memory.q, jnp.inf), v_stderr=jnp.full_like(v, jnp.inf),
            bias=jnp.asarray(jnp.inf),
            agent_steps=jnp.asarray(float(game.n_agents * self.steps))), memory

    def _stepped(self, game: GoesOn, profile: Array, behaviour: Array, key: Array,
                 memory: Experience) -> Experience:
        """After one step of play, and of the estimates of what was played in it."""
        play_key, start_key = jax.random.split(key)
        # A solve may go on with another game of the same actions.
        state = jnp.minimum(memory.state, game.n_states - 1)
        play = game.simulate_from(behaviour, play_key, state[None], 1)
        following, information = play.states[0, 1], jnp.asarray(game.information)
        ended = jnp.asarray(game.absorbing)[following]
        agents = jnp.arange(len(game.action_counts))
        there = agents, information[:, following]
        entry = agents, information[:, state], play.actions[0, 0]
        later = jnp.where(ended, 0.0, _values(profile[there], memory.q[there], memory.plays[there]))
        rate = (1.0 + memory.plays[entry]) ** -self.power
        error = play.rewards[0, 0] + game.discount * later - memory.q[entry]
        return Experience(
            state=jnp.where(ended, _start(game, start_key), following).astype(jnp.int32),
            q=memory.q.at[entry].add(rate * error), plays=memory.plays.at[entry].add(1.0))


def _start(game: GoesOn, key: Array) -> Array:
    """A state of the initial distribution, int32."""
    return drawn_from_one(jnp.asarray(game.initial), jax.random.uniform(key))


def _values(policy: Array, q: Array, plays: Array) -> Array:
    """Values [...] of a policy [..., A] over the actions that were ever played; 0 where it plays
    none of them."""
    known = jnp.where(plays > 0, policy, 0.0)
    return visits.ratio(jnp.sum(known * q, axis=-1), jnp.sum(known, axis=-1), 0.0)
