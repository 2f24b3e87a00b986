"""The device's side of the loop: iterations of one run, chunks of many runs, exact checks.

A run is a `RunState`. Every random draw comes from the run's own key folded with the iteration, so
that a replay, in any chunks, gives the same bits. The number of iterations is data: one compiled
program serves every chunk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import profile as profiles
from potentia.game import AnswersAtOnce, BestResponse, Evaluation, Game, HasLinks, Reorientable
from potentia.learning import turns as turn
from potentia.oracles.base import Oracle, Stateful, is_batched
from potentia.rules.base import Rule, View, for_agents
from potentia.runtime.kept import kept
from potentia.runtime.own import is_own
from potentia.runtime.pytree import Leaf, tree
from potentia.schedules.base import Schedule

CHUNK = 256  # most iterations in one call: rows of the device's record
# What the device says of a run; CLOSE asks for an exact check. After BAD and STRAY the run stands
# where it was: an evaluation or an update was not finite, or it was finite but no profile.
RUNNING, SMALL, CLOSE, BAD, STRAY = 0, 1, 2, 3, 4
# XLA takes numbers below 2.2e-308 for 0, arrays' own too, and with them the roundings of values
# below 2.2e-308 over the spacing of numbers at 1. No gap that is smaller, in one step, can be told
# from none.
HIDDEN = np.finfo(np.float64).tiny / np.finfo(np.float64).eps
TURN = 2**31 - 1          # folded into a key for what schedules draw; no agent has that number
PLAY = TURN - 1           # likewise, for what an oracle keeps
RECORDED = ("policy_step", "advantage", "l1_accuracy")
CHECKED = ("nash_gap", "nash_gap_error", "worst_state_gap", "welfare", "potential", "relative_gap",
           "relative_gap_error")
STEPS = "agent_steps"     # of what is on record by check, what the run itself counts
BY_CHECK = (*CHECKED, STEPS)


@tree
class RunState:
    """One run: log-profile [N, H, A], each agent's memory, the key, updates made, what the device
    says.

    orientation: what the run has changed of its game (`game.oriented`), None where a game stays as
    it is. turns: where its schedule stands, None where everybody always moves. agent_steps: those
    played so far, None where the oracle counts none. experience: what the oracle keeps, None where
    it keeps nothing.
    """

    log_profile: Array
    memory: Any
    key: Array
    iteration: Array
    signal: Array
    orientation: Any = None
    turns: turn.Turns | None = None
    agent_steps: Array | None = None
    experience: Any = None


@tree
class Stops:
    """The device hands a run back at a step of at most `step` (SMALL), or when no advantage exceeds
    `advantage` (CLOSE); numbers, or [runs]. Negative values never do."""

    step: Leaf
    advantage: Leaf


@tree
class PerRun:
    """Rules of one class, one of each run: their numbers have a leading axis `runs`."""

    rules: Any


@kept("initial", "runs", "counts")
def start(game: Game, rule: Rule | PerRun, schedule: Schedule | None, initial: str | None,
          start_profile: Leaf, seed: Array, runs: int, counts: bool = False,
          oracle: Stateful | None = None) -> RunState:
    """All runs before their first update, with a leading axis `runs`; from the profile
    `start_profile` [N, H, A], or one of each run [runs, N, H, A], if `initial` is None.

    seed: a number, from which each run has a key of its own, or [runs], each run the first of its.
    counts: whether agents' steps are counted. oracle: if it keeps anything.
    """

    def one(key: Array, given: Array | None, rule: Any) -> RunState:
        start_key, rule_key, run_key = jax.random.split(key, 3)
        profile = (game.initial_profile(initial, start_key) if initial is not None
                   else start_profile if given is None else given)
        if initial is not None and is_own(game):
            profile = profiles.made_exact(profile, jnp.asarray(game.mask))
        log_profile = jnp.log(profile)
        memory = begun_memory(rule, log_profile, jnp.asarray(game.mask), rule_key)
        experience = (None if oracle is None
                      else oracle.begin(game, jax.random.fold_in(rule_key, PLAY)))
        # Python numbers in a memory take any type that they meet; once read from a file, they would
        # not.
        memory, experience = jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype=leaf.dtype),
                                          (memory, experience))
        return RunState(log_profile=log_profile, memory=memory, key=run_key,
                        iteration=jnp.zeros((), jnp.int64),
                        signal=jnp.full((), RUNNING, jnp.int64), orientation=orientation,
                        turns=None if schedule is None
                        else turn.begin(schedule, game, jax.random.fold_in(rule_key, TURN)),
                        agent_steps=jnp.zeros(()) if counts else None, experience=experience)

    orientation = (jax.tree.map(jnp.asarray, game.orientation) if isinstance(game, Reorientable)
                   else None)
    # Folded, not split: run k is the same run however many others go with it.
    def of_run(run: Array, seed: Array, given: Array | None, own_rule: Any) -> RunState:
        return one(jax.random.fold_in(jax.random.key(seed), run), given,
                   rule if own_rule is None else own_rule)

    own = start_profile if initial is None and np.ndim(start_profile) == 4 else None
    own_rules = rule.rules if isinstance(rule, PerRun) else None
    numbers = jnp.zeros(runs, jnp.int64) if jnp.ndim(seed) else jnp.arange(runs)
    # Mapped: vectorised, the last bit of a draw would depend on how many runs there are.
    return jax.lax.map(lambda each: of_run(*each),
                       (numbers, jnp.broadcast_to(seed, runs), own, own_rules))


@kept("at_once")
def advance(game: Game, oracle: Oracle, rule: Rule | PerRun, schedule: Schedule | None,
            stops: Stops, states: RunState, references: Array,
            until: Array, at_once: int = 1) -> tuple[RunState, Array]:
    """Advance each RUNNING run to iteration `until` [runs], by at most CHUNK iterations.

    references: [runs, N, H, A] profiles to measure the distance to. at_once: runs that go side by
    side; all where the oracle is batched.
    Returns the states and the records [runs, CHUNK, 3] (`RECORDED`), NaN where there was no
    iteration.
    """

    def one(state: RunState, reference: Array, until: Array, stops: Stops,
            own_rule: Any) -> tuple[RunState, Array]:
        def goes_on(carry: tuple) -> Array:
            count, state, _ = carry
            return (count < CHUNK) & (state.iteration < until) & (state.signal == RUNNING)

        own_game = of_run(game, state.orientation)
        learner: Any = rule if own_rule is None else own_rule

        def body(carry: tuple) -> tuple:
            count, state, records = carry
            state, record = _iterate(own_game, oracle, learner, schedule, stops, state,
                                     reference)
            return count + 1, state, records.at[count].set(record)

        records = jnp.full((CHUNK, len(RECORDED)), jnp.nan, float)
        return jax.lax.while_loop(goes_on, body, (0, state, records))[1:]

    by_run = jax.tree.map(lambda number: jnp.broadcast_to(number, until.shape), stops)
    runs = (states, references, until, by_run, rule.rules if isinstance(rule, PerRun) else None)
    return (jax.vmap(one)(*runs) if is_batched(oracle)
            else _each(lambda run: one(*run), runs, at_once))


def _each(one: Callable[[Any], Any], runs: tuple, at_once: int) -> Any:
    """`one` of every run, so many at a time."""
    return (jax.lax.map(one, runs) if at_once == 1
            else jax.vmap(one)(runs) if at_once >= jax.tree.leaves(runs)[0].shape[0]
            else jax.lax.map(one, runs, batch_size=at_once))


@kept("at_once", seldom=True)
def check(game: Game, states: RunState, wanted: Array, at_once: int = 1) -> Array:
    """Exact quantities (`CHECKED`) of the wanted runs' profiles, and whether they stand: [runs, 8],
    NaN for the others; what a game does not have is NaN too.

    They stand (1) if the profile is one, and if no best response is worth less than the profile
    itself.
    """

    def one(run: tuple[Array, Any]) -> Array:
        own_game, profile = of_run(game, run[1]), jnp.exp(run[0])
        return judged(own_game, profile, *answered(own_game, profile))

    def nothing(run: tuple[Array, Any]) -> Array:
        return jnp.full(len(CHECKED) + 1, jnp.nan, float)

    return _each(lambda run: jax.lax.cond(run[1], one, nothing, run[0]),
                 ((states.log_profile, states.orientation), wanted), at_once)


def answered(game: Game, profile: Array) -> tuple[BestResponse, Array | None, Array]:
    """Best responses to `profile` [N, H, A], its potential and its welfare."""
    if isinstance(game, AnswersAtOnce):
        return game.answered(profile)
    return game.best_response(profile), game.potential(profile), game.welfare(profile)


def judged(game: Game, profile: Array, response: BestResponse, potential: Array | None,
           welfare: Array) -> Array:
    """[8] what `check` says of one profile [N, H, A], from what `game` answered: NumPy's arrays or
    JAX's."""
    xp = profile.__array_namespace__()
    bounds = xp.stack([response.gain, response.gain + response.error])
    # At once: each maximum of its own takes a compiler as long again.
    gap, bound, worst = xp.max(xp.stack([*bounds, response.worst_gain]), axis=1)
    stands = xp.all(profiles.defect(profile, xp.asarray(game.mask)) <= profiles.SAME)
    if is_own(game):
        stands &= xp.all((response.error >= 0) & (response.gain >= -response.error))
    relative, relative_bound = xp.nan, xp.nan
    if isinstance(game, HasLinks):
        relative, relative_bound = (game.share_gained(response, gain) for gain in bounds)
        # A share of costs that cannot be told from none may be anything.
        relative_bound = xp.where(xp.max(xp.abs(response.current)) <= HIDDEN, 1.0, relative_bound)
    return xp.stack([xp.asarray(each, dtype=float) for each in (
        gap, bound - gap + HIDDEN * game.scale, worst, welfare,
        xp.nan if potential is None else potential, relative, relative_bound - relative, stands)])


@jax.jit
def proposed(game: Game, oracle: Oracle, rule: Rule, schedule: Schedule | None,
             state: RunState) -> tuple[Evaluation, Array, BestResponse]:
    """What one run that failed was told, the profile that its update gave [N, H, A], and the game's
    best responses."""
    own_game = of_run(game, state.orientation)
    profile, evaluation, _, log_profile, *_ = _update(own_game, oracle, rule, schedule, state)
    return evaluation, jnp.exp(log_profile), own_game.best_response(profile)


def begun_memory(rule: Rule, log_profile: Array, mask: Array, key: Array) -> Any:
    """[N, ...] what the agents remember before their first step from `log_profile`."""
    n_agents = log_profile.shape[0]

    def one(own: Any, log_policy: Array, mask: Array, key: Array) -> Any:
        return (rule if own is None else own).init(log_policy, mask, key)

    return jax.vmap(one)(for_agents(rule, n_agents), log_profile, mask,
                         jax.random.split(key, n_agents))


def of_run(game: Game, orientation: Any) -> Game:
    """The game as a run has it."""
    return (game.oriented(orientation) if orientation is not None and isinstance(game, Reorientable)
            else game)


def _iterate(game: Game, oracle: Oracle, rule: Rule, schedule: Schedule | None, stops: Stops,
             state: RunState, reference: Array) -> tuple[RunState, Array]:
    """One iteration of one run: the next state, and its record."""
    profile, evaluation, experience, log_profile, memory, turns = _update(game, oracle, rule,
                                                                          schedule, state)
    following = jnp.exp(log_profile)
    step = profiles.distance(following, profile)
    advantage = jnp.max(jnp.where(game.mask, evaluation.q - evaluation.v[..., None], -jnp.inf))
    small = step <= stops.step
    if turns is not None:
        turns, small = turn.settled(turns, small)
    signal = jnp.where(small, SMALL,
                       jnp.where(advantage <= stops.advantage, CLOSE, RUNNING))
    mask = jnp.asarray(game.mask)
    # Potentia's own values need no second look, which takes 8 % of a small game's iteration.
    known = _known(evaluation, mask) if is_own(oracle) or is_own(game) else True
    fine = jnp.all(profiles.defect(following, mask) <= profiles.SAME) & known
    failed = jnp.where(jnp.isfinite(step) & known, STRAY, BAD)

    def kept_unless_fine(old: Array, new: Array) -> Array:
        return jnp.where(fine, new, old)

    following_state = RunState(
        log_profile=kept_unless_fine(state.log_profile, log_profile),
        memory=jax.tree.map(kept_unless_fine, state.memory, memory), key=state.key,
        iteration=state.iteration + fine,
        signal=jnp.where(fine, signal, failed).astype(jnp.int64), orientation=state.orientation,
        turns=jax.tree.map(kept_unless_fine, state.turns, turns),
        agent_steps=None if state.agent_steps is None or evaluation.agent_steps is None
        else kept_unless_fine(state.agent_steps, state.agent_steps + evaluation.agent_steps),
        experience=jax.tree.map(kept_unless_fine, state.experience, experience))
    return following_state, jnp.stack([step, advantage, profiles.distance(profile, reference)])


def _update(game: Game, oracle: Oracle, rule: Rule, schedule: Schedule | None,
            state: RunState) -> tuple[Array, Evaluation, Any, Array, Any, turn.Turns | None]:
    """The profile, what the oracle says of it and keeps, the log-profile and memory after the
    rule's step of those whose turn it is, and the schedule's turns."""
    key = jax.random.fold_in(state.key, state.iteration)
    oracle_key, rule_key = jax.random.split(key)
    profile = jnp.exp(state.log_profile)
    evaluation, experience = _told(game, oracle, profile, oracle_key, state.experience)
    learnt = _learn(game, rule, evaluation, state, rule_key)
    if schedule is None or state.turns is None:
        return profile, evaluation, experience, *learnt, None
    rows, turns = turn.taken(schedule, game, state.turns, state.iteration, evaluation, profile,
                             jax.random.fold_in(key, TURN))
    kept = turn.kept_by_those_who_wait(rows, (state.log_profile, state.memory), learnt)
    return profile, evaluation, experience, *kept, turns


def _told(game: Game, oracle: Oracle, profile: Array, key: Array,
          experience: Any) -> tuple[Evaluation, Any]:
    """What the oracle says of a profile, and what it keeps."""
    if experience is None or not isinstance(oracle, Stateful):
        return oracle.evaluate(game, profile, key), experience
    return oracle.evaluate_from(game, profile, key, experience)


def _known(evaluation: Evaluation, mask: Array) -> Array:
    """Whether all values are finite that agents may read."""
    return jnp.all(jnp.isfinite(evaluation.v) & jnp.isfinite(evaluation.visitation)
                   & jnp.all(jnp.isfinite(evaluation.q) | ~mask, axis=-1))


def _learn(game: Game, rule: Rule, evaluation: Evaluation, state: RunState,
           key: Array) -> tuple[Array, Any]:
    """Every agent's own step, by vmap: no agent's update can read another agent's data."""
    scale = jnp.asarray(game.scale)

    def one(log_policy: Array, memory: Any, q: Array, v: Array, visitation: Array, mask: Array,
            key: Array, slope: Array | None, own: Any):
        view = View(q=q, v=v, visitation=visitation, mask=mask, scale=scale, slope=slope)
        return (rule if own is None else own).update(log_policy, memory, view, state.iteration, key)

    mask = jnp.asarray(game.mask)
    return jax.vmap(one)(state.log_profile, state.memory, evaluation.q, evaluation.v,
                         evaluation.visitation, mask,
                         jax.random.split(key, mask.shape[0]), evaluation.slope,
                         for_agents(rule, mask.shape[0]))
