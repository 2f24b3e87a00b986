"""What went wrong in play or in learning: found on the device, and said in words."""

from __future__ import annotations

import jax.numpy as jnp
import numpy as np
from jax import Array

from potentia.errors import one_line
from potentia.simulators.contract import Facts
from potentia.training.play import Play

KEPT = "; what was learnt until then is kept"
# In the order in which they come about at one step; what was learnt comes after all steps.
SEEN, OUT_OF_RANGE, NO_ACTION, POLICY, REWARD, LEARNT = range(6)
FINE = -1                 # instead of one of these


class NotFinite(str):
    """Says what was not finite; any other text is of what failed, or does not fit."""


def first_fault(play: Play, facts: Facts) -> Array:
    """[3] kind, step and agent of what first went wrong, `FINE` where nothing did. What is seen is
    told by the step before, -1 after the reset."""
    wrong = jnp.stack(_wrong(play, facts), axis=1)                 # [T + 1, kinds, N]
    at = jnp.argmax(wrong)
    step, kind, agent = jnp.unravel_index(at, wrong.shape)
    seen = (kind == SEEN) | (kind == OUT_OF_RANGE)
    found = jnp.stack([kind, step - seen, agent]).astype(jnp.int32)
    return jnp.where(wrong.ravel()[at], found, FINE)


def _wrong(play: Play, facts: Facts) -> list[Array]:
    """[T + 1, N] of each kind, whether it came about in any episode."""
    played = play.alive[..., None] > 0
    # An observation after the end of a game may be anything that is finite.
    matters = jnp.concatenate([jnp.ones_like(played[:1]),
                               played & (play.ended[..., None] == 0)])
    number, seen = jnp.issubdtype(play.observations.dtype, jnp.inexact), play.observations
    none = jnp.zeros(seen.shape[:3], bool)
    kinds = [~jnp.all(jnp.isfinite(seen), axis=-1) if number else none,
             none if number else matters & ((seen < 0) | (seen >= facts.n_observations)),
             played & ~jnp.any(play.legal[:-1], axis=-1),
             played & ~jnp.isfinite(play.log_probabilities),
             ~jnp.isfinite(play.rewards)]
    return [jnp.pad(found, ((0, len(none) - len(found)), (0, 0)))
            for found in (jnp.any(kind, axis=1) for kind in kinds)]


def told(faults: np.ndarray, facts: Facts) -> str:
    """The first fault [R, 3] by run, as `programs.TrainState` has them; "" where there is none."""
    wrong = np.flatnonzero(faults[:, 0] != FINE)
    if not wrong.size:
        return ""
    kind, said = faults[wrong[0], 0], in_words(faults[wrong[0]], facts)
    run = f"run {wrong[0]}, " if len(faults) > 1 else ""
    text = f"{run}{said}{KEPT}"
    return NotFinite(text) if kind in (SEEN, REWARD, LEARNT) else text


def failure(error: BaseException) -> str:
    """What a simulator raised while it was played in a program: JAX tells a trace of it, of which
    the last line says what."""
    said = str(error).strip().splitlines() or [type(error).__name__]
    return f"the simulator failed: {one_line(said[-1])}"


def in_words(fault: np.ndarray, facts: Facts) -> str:
    """One fault [3]."""
    kind, step, agent = np.asarray(fault).tolist()
    after = f"after step {step}" if step >= 0 else "after the reset"
    return {
        SEEN: f"{after}: the observation of agent {agent} is not finite",
        OUT_OF_RANGE: f"{after}: the observation of agent {agent} is no whole number from 0 to "
                      f"{facts.n_observations - 1}",
        NO_ACTION: f"step {step}: no action exists for agent {agent}",
        POLICY: f"step {step}: the policy of agent {agent} gives no action that exists a "
                f"probability",
        REWARD: f"step {step}: the reward of agent {agent} is not finite",
        LEARNT: f"what agent {agent} learnt is not finite: take smaller steps",
    }[kind]
