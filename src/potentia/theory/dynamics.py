"""Exact INPG followed on the device: until the potential falls, until it rests, or for so many
updates.

    theta_i <- theta_i + eta/(1-gamma) A_i,  that is  pi_i <- pi_i exp(eta A_i/(1-gamma)) / Z
    (Lemma 2.1, Remark 2)

Fox, McAleer, Overman and Panageas, arXiv 2110.10614. The rule itself takes the step; its fixed
points are the profiles with pi_i(a|s) = 0 or A_i(s, a) = 0 everywhere.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
from jax import Array

from potentia import profile as profiles
from potentia.game import Evaluation
from potentia.games.tabular.game import MarkovGame
from potentia.rules.base import View
from potentia.rules.inpg import INPG
from potentia.runtime.pytree import Leaf, tree

ROUNDING = 1e-12         # of the largest potential that play could have: a fall below it is none


@tree
class Run:
    """Where a run of INPG ended.

    updates: made so far. log_profile: [N, H, A]. There: advantage [N, H, A], 0 where there is no
    action; visitation [N, H]; potential. fell: whether the last update lowered the potential (or
    left float64). rests: whether no probability times its advantage, and no advantage, exceeds what
    was asked for. ends: the run is over.
    """

    updates: Array
    log_profile: Array
    advantage: Array
    visitation: Array
    potential: Array
    fell: Array
    rests: Array
    ends: Array


@partial(jax.jit, static_argnames="runs")
def starts(mask: Leaf, seed: Leaf, runs: int) -> Array:
    """Logarithms [runs, N, H, A] of random interior profiles over the existing actions."""
    keys = jax.random.split(jax.random.key(seed), runs)
    return jnp.log(jax.vmap(lambda key: profiles.random(mask, key))(keys))


@jax.jit
def follow(game: MarkovGame, log_profile: Array, step_size: Leaf, updates: Leaf, rest: Leaf,
           matters: Leaf) -> Run:
    """Run exact INPG from `log_profile` [N, H, A] for at most `updates` updates.

    game: with a `stage_potential`. rest: advantages at which the run rests; a negative number never
    does.
    matters: [N, H] information states that rest is asked of.
    """
    length = game.scale if game.sweeps is None else game.sweeps
    rounding = ROUNDING * length * jnp.max(jnp.abs(jnp.asarray(game.stage_potential)))

    def body(run: Run) -> Run:
        profile = jnp.exp(run.log_profile)
        evaluation = game.evaluate(profile)
        potential = jnp.asarray(game.potential(profile))
        advantage = (evaluation.q - evaluation.v[..., None]) * game.mask
        fell = ~(potential >= run.potential - rounding)
        moves = jnp.maximum(profile * jnp.abs(advantage), advantage) * matters[..., None]
        rests = jnp.max(moves) <= rest
        ends = fell | rests | (run.updates >= updates)
        following = jnp.where(ends, run.log_profile,
                              update(game, evaluation, run.log_profile, step_size))
        return Run(run.updates + ~ends, following, advantage, evaluation.visitation, potential,
                   fell,
                   rests, ends)

    no = jnp.asarray(False)
    start = Run(jnp.zeros((), jnp.int64), log_profile, jnp.zeros_like(log_profile),
                jnp.zeros(log_profile.shape[:2]),
                jnp.asarray(-jnp.inf), no, no, no)
    return jax.lax.while_loop(lambda run: ~run.ends, body, start)


def update(game: MarkovGame, evaluation: Evaluation, log_profile: Array, step_size: Leaf) -> Array:
    """The log-profile [N, H, A] after one update of every agent, given the evaluation of the
    present one."""
    rule, scale = INPG(step_size=step_size), jnp.asarray(game.scale)

    def one(log_policy: Array, q: Array, v: Array, visitation: Array, mask: Array) -> Array:
        view = View(q=q, v=v, visitation=visitation, mask=mask, scale=scale)
        return rule.update(log_policy, log_policy, view, jnp.asarray(0), jax.random.key(0))[0]

    return jax.vmap(one)(log_profile, evaluation.q, evaluation.v, evaluation.visitation,
                         jnp.asarray(game.mask))
