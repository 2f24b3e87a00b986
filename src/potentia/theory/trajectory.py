"""The iterates of a run, computed again by the loop's own start and step, and what the potential
does along them.

    theta <- theta + eta/(1-gamma) A          (Lemma 2.1 of arXiv 2110.10614)

A `Result` keeps its settings, not its iterates. Every draw comes from the seed, so running again
gives the same profiles; the last one is held against the result's.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia import rules
from potentia.errors import InputError, shown, whole_number
from potentia.games.tabular.game import MarkovGame
from potentia.learning import device
from potentia.names import names_of
from potentia.oracles.exact import Exact
from potentia.profile import checked, log_normalise
from potentia.result import Result
from potentia.rules.base import Rule

MOST_STEPS = 20_000          # iterates that are kept
NEEDED = ("rule", "oracle", "rule.step_size", "initial", "seed")
TOGETHER = "Simultaneous"    # the schedule of a run in which all move at once
FAMILY = ("INPG", "MWU")     # the rules that are equation INPG, step by step
SAME = 1e-9                  # the replayed final profile is the result's up to this
BLOCK = device.CHUNK        # iterates in one call
UNIT = np.finfo(np.float64).eps / 2


@dataclasses.dataclass(frozen=True)
class Survey:
    """What is read at T log-profiles.

    potential: [T] Phi(mu). slope: [T, N, H, A] its gradient in the logits, by automatic
    differentiation.
    weights: [T, N, H, A] diagonal of D, d(s) pi_i(a|s). policy: [T, N, H, A]. advantage:
    [T, N, H, A] A_i(s, a).
    """

    potential: np.ndarray
    slope: np.ndarray
    weights: np.ndarray
    policy: np.ndarray
    advantage: np.ndarray

    @property
    def steepness(self) -> np.ndarray:
        """[T] the square of ||grad Phi(mu)||_{D^-1}."""
        parts = np.divide(self.slope**2, self.weights, out=np.zeros_like(self.slope),
                          where=self.weights > 0)
        return parts.sum(axis=(1, 2, 3))

    @property
    def motion(self) -> np.ndarray:
        """[T] largest pi_i(a|s) |A_i(s, a)|: 0 at fixed points only."""
        return (self.policy * np.abs(self.advantage)).max(axis=(1, 2, 3))


def replay(game: MarkovGame, result: Result, initial: object) -> tuple[np.ndarray, Any]:
    """The log-profiles [T+1, N, H, A] of a single exact INPG run, and its rule.

    initial: the start [N, H, A], needed where the run was given one.
    Raises InputError for other rules and oracles, several runs, and a result that its settings do
    not give.
    """
    _refuse(game, result)
    settings = result.settings
    rule = getattr(rules, settings["rule"])(step_size=settings["rule.step_size"])
    start_profile = None
    if settings["initial"] == "given":
        if initial is None:
            raise InputError(
                "result started from a profile of its own, which it does not keep; give it as "
                "initial=")
        start_profile = checked(initial, np.asarray(game.mask), names_of(game))
    elif initial is not None:
        raise InputError(
            f"initial is given, but result started from {shown(settings['initial'])}: leave it out")
    state = device.start(game, rule, None,
                         None if start_profile is not None else settings["initial"],
                         start_profile, np.int64(settings["seed"]), 1)
    path = _advanced(game, rule, state, int(result.iterations))
    off = float(np.abs(np.exp(path[-1]) - result.profile).max())
    if not off <= SAME:
        raise InputError(f"result's profile differs by {off:.3g} from the one that its settings "
                         f"give on this game: it is of another game or start, or was altered")
    return path, rule


def _refuse(game: MarkovGame, result: object) -> None:
    if not isinstance(result, Result):
        raise InputError(
            f"result is a {type(result).__name__}, but it must be what solve gives (Result)")
    if not isinstance(result.settings, dict):
        raise InputError(f"result's settings are a {type(result.settings).__name__}, not a dict")
    # First, since other rules may lack a step size.
    if (rule := result.settings.get("rule", FAMILY[0])) not in FAMILY:
        raise InputError(
            f"result is of the rule {rule}, but the lemmas are about {' and '.join(FAMILY)}")
    if missing := [name for name in NEEDED if name not in result.settings]:
        raise InputError(
            f"result's settings lack {', '.join(missing)}, and the run is computed again from them")
    _refuse_kind(result)
    _refuse_size(game, result)


def _refuse_kind(result: Result) -> None:
    oracle = result.settings["oracle"]
    if isinstance(result.status, tuple):
        raise InputError(f"result holds {len(result.status)} runs, but the lemmas are checked "
                         f"along one; solve with runs=1")
    if oracle != "Exact":
        raise InputError(
            f"result is of the oracle {oracle}, but the lemmas are about exact advantages (Exact)")
    if (schedule := result.settings.get("schedule", TOGETHER)) != TOGETHER:
        raise InputError(f"result is of the schedule {schedule}, but the lemmas are about agents "
                         f"who all move in every iteration ({TOGETHER})")


def _refuse_size(game: MarkovGame, result: Result) -> None:
    if whole_number(result.settings["seed"], "result's seed") >= 2**63:
        raise InputError(
            f"result's seed is {shown(result.settings['seed'])}, but it must be below 2**63")
    if whole_number(result.iterations, "result's iterations") > MOST_STEPS:
        raise InputError(f"result has {result.iterations} iterations, but the lemmas are checked "
                         f"along {MOST_STEPS} at most")
    if (found := np.shape(result.profile)) != (needed := np.shape(game.mask)):
        raise InputError(f"result's profile has shape {found}, but the game needs {needed} [N, H, "
                         f"A]: it is of another game")


def follow(game: MarkovGame, step_size: float, start: np.ndarray, steps: int) -> np.ndarray:
    """Log-profiles [steps+1, N, H, A] of INPG with `step_size` from the profile `start`
    [N, H, A]."""
    rule = rules.INPG(step_size=step_size)
    return _advanced(game, rule, device.start(game, rule, None, None, start, np.int64(0),
                                                    1), steps)


def _advanced(game: MarkovGame, rule: Rule, state: device.RunState, steps: int) -> np.ndarray:
    first, blocks = np.asarray(state.log_profile), []
    for done in range(0, steps, BLOCK):
        state, rows = _block(game, rule, state, np.minimum(done + 1 + np.arange(BLOCK), steps))
        blocks.append(np.asarray(rows))
    return np.concatenate([first, *blocks])[:steps + 1]


@jax.jit
def _block(game: MarkovGame, rule: Rule, state: device.RunState,
           until: Array) -> tuple[device.RunState, Array]:
    """Advance to each of `until` in turn; the last state and the log-profiles [BLOCK, N, H, A]."""
    never = device.Stops(step=jnp.float64(-1.0), advantage=jnp.float64(-jnp.inf))
    reference = jnp.zeros_like(state.log_profile)

    def step(state: device.RunState, until: Array) -> tuple[device.RunState, Array]:
        following, _ = device.advance(game, Exact(), rule, None, never, state, reference,
                                      until[None])
        return following, following.log_profile[0]

    return jax.lax.scan(step, state, until)


def survey(game: MarkovGame, path: np.ndarray) -> Survey:
    """Read what there is at the log-profiles `path` [T, N, H, A]."""
    filled = np.concatenate([path, np.repeat(path[-1:], -len(path) % BLOCK, axis=0)])
    parts = [_surveyed(game, block) for block in filled.reshape(-1, BLOCK, *path.shape[1:])]
    return Survey(*(np.concatenate(rows)[:len(path)] for rows in zip(*parts, strict=True)))


@jax.jit
def _surveyed(game: MarkovGame, block: Array) -> tuple[Array, ...]:
    def one(log_profile: Array) -> tuple[Array, ...]:
        policy = jnp.exp(log_profile)
        evaluation = game.evaluate(policy)
        height, slope = jax.value_and_grad(potential, argnums=1)(game, log_profile)
        return (height, slope, evaluation.visitation[..., None] * policy, policy,
                jnp.where(game.mask, evaluation.q - evaluation.v[..., None], 0.0))

    return jax.lax.map(one, block)


def potential(game: MarkovGame, logits: Array) -> Array:
    """Phi(mu) of the softmax (eq. 4) of `logits` [N, H, A]."""
    value = game.potential(jnp.exp(log_normalise(logits, jnp.asarray(game.mask))))
    assert value is not None
    return value


def rounding(game: MarkovGame) -> float:
    """Bound on the rounding of the difference of two potentials.

    A linear solve of size S with rows that dominate their diagonal errs by at most 4 S u ||(I -
    discount P)^-1|| |V| (Higham, Accuracy and Stability of Numerical Algorithms, 2002, chapter 9),
    u the unit roundoff; the J joint weights add their own.
    """
    n_states, n_joint = np.shape(game.rewards)[:2]
    length = float(game.scale) if not game.undiscounted else float(n_states)
    highest = length * float(np.abs(np.asarray(game.stage_potential)).max())
    return 2 * 4 * (n_states + n_joint) * UNIT * length * highest
