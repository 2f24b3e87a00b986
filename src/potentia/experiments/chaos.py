"""Remark 1: multiplicative weights at large constant steps, in the two-agent two-link congestion
game.

Both agents start alike and so stay alike. On that diagonal, with x the probability of link 1 and
z = log x - log(1-x), one update of both agents is a map of one number:

    z' = z + eta (2 c_2 - c_1 - (c_1 + c_2) x)

It rests at x* = (2 c_2 - c_1)/(c_1 + c_2), the symmetric mixed equilibrium, with the multiplier
dz'/dz = 1 - eta (c_1 + c_2) x*(1 - x*), which reaches -1 at the first period doubling:

    eta* = 2 / ((c_1 + c_2) x*(1 - x*))                                        (scale 1: discount 0)

The formulas serve as a check only: orbits, multipliers and exponents come from the rule's own
`update` on the game's own evaluation. The Lyapunov exponent is the mean of log |dz'/dz| along an
orbit; above zero, orbits that start close part exponentially. Off the diagonal the equilibrium
repels at every step (multiplier 1 + eta (c_1 + c_2) x*(1 - x*) > 1), so that this is no picture of
unequal starts.

Remark 1 of Fox, McAleer, Overman and Panageas, arXiv 2110.10614, after Palaiopanos, Panageas and
Piliouras, arXiv 1703.01138. Chotibut, Falniowski, Misiurewicz and Piliouras, arXiv 1807.06831,
study the maps of the diagonal.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy.optimize import brentq

from potentia import games
from potentia.certificates.equilibrium import certify
from potentia.errors import InputError, finite_number, positive_number, whole_number
from potentia.experiments.verdicts import EXACT, NO, YES, verdict_of
from potentia.games.tabular.game import MarkovGame
from potentia.io.directories import keeping, refuse_unwritable
from potentia.report.chaos import chaos_figure
from potentia.report.figures import save_arrays, save_figure
from potentia.rules.base import Rule, View
from potentia.rules.mwu import MWU
from potentia.runtime.float64 import float64_on_one_blas_thread

# an exponent above this is chaos; a mean over finitely many iterates strays a little above 0
CHAOTIC = 0.01
SAME = 1e-4              # iterates this close to each other (as probabilities) count as one
LONGEST_PERIOD = 16
LAST = 64  # iterates that the period is read from: near a doubling orbits settle slowly
AGREE = 1e-6  # relative distance of the doubling found at the fixed point from the closed form
FARTHEST = 40.0          # |z| of profiles that float64 hardly tells from pure ones


@dataclasses.dataclass(frozen=True)
class Experiment:
    """What is iterated.

    costs: (c_1, c_2), what an agent on a link pays for every agent there; both positive. least,
    greatest, count: the grid of step sizes, positive. start: probability of link 1 of both agents,
    in (0, 1). transient: iterates thrown away. kept: iterates recorded after them, at least 64.

    Raises InputError for numbers out of range.
    """

    costs: tuple[float, float] = (1.0, 1.4)
    least: float = 2.0
    greatest: float = 14.0
    count: int = 800
    start: float = 0.3
    transient: int = 3000
    kept: int = 2000

    def __post_init__(self) -> None:
        positive_number(self.least, "least")
        if finite_number(self.greatest, "greatest") <= self.least:
            raise InputError(
                f"greatest is {self.greatest:g}, but it must lie above least, {self.least:g}")
        if not 0 < finite_number(self.start, "start") < 1:
            raise InputError(f"start is {self.start:g}, but it must lie strictly between 0 and 1")
        for name, fewest in (("count", 2), ("transient", 0), ("kept", LAST)):
            whole_number(getattr(self, name), name, fewest)


@dataclasses.dataclass(frozen=True)
class Chaos:
    """What was found. K step sizes; steps in units of 1 / cost.

    step_sizes: [K]. orbits: [K, kept] probability of link 1. lyapunov: [K] exponents per iteration.
    periods: [K] shortest period up to 16 of the last 64 iterates, 0 if there is none.
    equilibrium: probability of link 1 where the map rests.
    first_doubling_closed_form, first_doubling_measured: step at which the multiplier there is -1,
        by formula and by differentiating the update. first_doubling_on_grid: first grid step whose
        orbit has period 2.
    first_chaotic_step: first grid step with an exponent above 0.01. On the grid, NaN says that
    there is none.
    largest_lyapunov, most_chaotic_step: the largest exponent and its step.
    """

    step_sizes: np.ndarray
    orbits: np.ndarray
    lyapunov: np.ndarray
    periods: np.ndarray
    equilibrium: float
    first_doubling_closed_form: float
    first_doubling_measured: float
    first_doubling_on_grid: float
    first_chaotic_step: float
    largest_lyapunov: float
    most_chaotic_step: float


def measure(experiment: Experiment = Experiment()) -> Chaos:
    """Iterate the map at every step size of the grid, and find where its fixed point turns
    unstable.

    Raises InputError for costs that are not positive, or so unequal that there is no symmetric
    mixed equilibrium, and for a grid that does not reach from below the first period doubling to
    above it.
    """
    game = _game(experiment)
    closed_form = first_doubling(experiment.costs)
    if not experiment.least < closed_form < experiment.greatest:
        raise InputError(f"step sizes run from {experiment.least:g} to {experiment.greatest:g}, "
                         f"but they must enclose the first period doubling, {closed_form:.6g}")
    steps = np.linspace(experiment.least, experiment.greatest, experiment.count)
    start = np.log(experiment.start) - np.log1p(-experiment.start)
    with float64_on_one_blas_thread():
        fixed = _fixed_point(game)
        doubling = _doubling(game, fixed)
        iterates, exponents = iterate(game, MWU(jnp.asarray(steps)), start, experiment.transient,
                                      experiment.kept)
        orbits, lyapunov = np.asarray(jax.nn.sigmoid(iterates)), np.asarray(exponents)
    periods = np.array([period(orbit[-LAST:]) for orbit in orbits])
    largest = int(lyapunov.argmax())
    return Chaos(
        step_sizes=steps, orbits=orbits, lyapunov=lyapunov, periods=periods,
        equilibrium=1 / (1 + float(np.exp(-fixed))),
        first_doubling_closed_form=closed_form, first_doubling_measured=doubling,
        first_doubling_on_grid=_first(steps, periods == 2),
        first_chaotic_step=_first(steps, lyapunov > CHAOTIC),
        largest_lyapunov=float(lyapunov[largest]), most_chaotic_step=float(steps[largest]))


def first_doubling(costs: Sequence[float]) -> float:
    """eta*, the closed form above, at discount 0. Raises InputError where no x* lies strictly
    between 0 and 1."""
    first, second = costs
    equilibrium = (2 * second - first) / (first + second)
    if not 0 < equilibrium < 1:
        raise InputError(f"costs is ({first:g}, {second:g}), but each must be below twice the "
                         f"other: else there is no symmetric mixed equilibrium")
    return 2 / ((first + second) * equilibrium * (1 - equilibrium))


def updated(game: MarkovGame, rule: Rule, z: Array) -> Array:
    """z after one update of both agents by `rule`, from the policy that z stands for.

    This is where the agents are kept alike: both hold the same policy, the game is evaluated for
    the two, and one agent's update is read. Left to themselves they could part by a rounding, which
    the dynamics would amplify.
    """
    log_policy = jax.nn.log_softmax(jnp.stack([z, jnp.zeros_like(z)]))[None]  # [1, A]: one state
    evaluation = game.evaluate(jnp.exp(jnp.stack([log_policy, log_policy])))
    view = View(q=evaluation.q[0], v=evaluation.v[0], visitation=evaluation.visitation[0],
                mask=jnp.asarray(game.mask)[0], scale=jnp.asarray(game.scale))
    key = jax.random.key(0)  # deterministic rules ignore it
    memory = rule.init(log_policy, view.mask, key)
    following, _ = rule.update(log_policy, memory, view, jnp.zeros((), jnp.int64), key)
    return following[0, 0] - following[0, 1]


@jax.jit
def multiplier(game: MarkovGame, rule: Rule, z: Array) -> tuple[Array, Array]:
    """z after one update, and its derivative by z: how a small change of both agents' policies
    alike has grown."""
    return jax.jvp(partial(updated, game, rule), (z,), (jnp.ones_like(z),))


@partial(jax.jit, static_argnames=("transient", "kept"))
def iterate(game: MarkovGame, rules: Any, start: Array, transient: int,
            kept: int) -> tuple[Array, Array]:
    """Iterates of z `[K, kept]` after a transient, and Lyapunov exponents `[K]`; `rules` has K step
    sizes."""

    def one(rule: Rule) -> tuple[Array, Array]:
        def recorded(z: Array, _: None) -> tuple[Array, tuple[Array, Array]]:
            following, slope = multiplier(game, rule, z)
            return following, (following, jnp.log(jnp.abs(slope)))

        settled = jax.lax.fori_loop(0, transient, lambda _, z: updated(game, rule, z),
                                    jnp.asarray(start))
        _, (iterates, growth) = jax.lax.scan(recorded, settled, length=kept)
        return iterates, jnp.mean(growth)

    return jax.vmap(one)(rules)


def _fixed_point(game: MarkovGame) -> float:
    """The z that an update leaves where it is; it is the same at every step size."""
    rule = MWU(jnp.asarray(1.0))
    return cast(float, brentq(lambda z: float(multiplier(game, rule, jnp.asarray(z))[0]) - z,
                              -FARTHEST, FARTHEST))


def _doubling(game: MarkovGame, fixed: float) -> float:
    """The step at which the multiplier at the fixed point falls through -1."""
    def above(step: float) -> float:
        return float(multiplier(game, MWU(jnp.asarray(step)), jnp.asarray(fixed))[1]) + 1.0

    high = 1.0
    while above(high) > 0:
        high *= 2
    return cast(float, brentq(above, np.finfo(float).tiny, high))


def period(orbit: np.ndarray) -> int:
    """Shortest period (up to 16) after which every entry of `orbit` [T] returns to within 1e-4; 0
    if none does."""
    for length in range(1, LONGEST_PERIOD + 1):
        if np.abs(orbit[length:] - orbit[:-length]).max() <= SAME:
            return length
    return 0


def reproduce(out: Path, experiment: Experiment = Experiment()) -> list[dict[str, object]]:
    """Measure, write `chaos.png`, `chaos.svg` and `chaos.npz` to the directory `out`, and judge the
    two claims. The npz has `step_sizes`, `orbits` (in single precision), `lyapunov` and `periods`.

    Returns entries as `claims.json` holds them. Raises InputError where `out` cannot be written,
    in the end a NotWrittenError, which has the entries.
    """
    refuse_unwritable(out)
    found = measure(experiment)
    entries = judged(found, _game(experiment))
    title = ("fox2021, Remark 1: multiplicative weights, two agents on two links that "
             f"cost\n{experiment.costs[0]:g} and {experiment.costs[1]:g} per agent, both from "
             f"probability {experiment.start:g} of link 1 (nothing is random)")
    figure = chaos_figure(found.step_sizes, found.orbits, found.lyapunov,
                          found.first_doubling_closed_form, title)
    with keeping(entries, out):
        out.mkdir(parents=True, exist_ok=True)
        save_figure(figure, out / "chaos")
        save_arrays({"step_sizes": found.step_sizes, "orbits": found.orbits.astype(np.float32),
                     "lyapunov": found.lyapunov, "periods": found.periods}, out / "chaos")
    return entries


def judged(found: Chaos, game: MarkovGame) -> list[dict[str, object]]:
    """The two claims, from the numbers."""
    before = found.step_sizes < found.first_doubling_closed_form
    settles = bool((found.periods[before] == 1).all() and (found.lyapunov[before] < 0).all())
    chaotic = settles and found.first_chaotic_step > found.first_doubling_closed_form
    exponents = {"largest_lyapunov_exponent": found.largest_lyapunov,
                 "at_step": found.most_chaotic_step,
                 "first_chaotic_step": found.first_chaotic_step,
                 "chaotic_share_of_steps_beyond_the_doubling": float(
                     (found.lyapunov[~before] > CHAOTIC).mean())}
    doubling = {"closed_form": found.first_doubling_closed_form,
                "multiplier_is_-1_at": found.first_doubling_measured,
                "period_2_from_grid_step": found.first_doubling_on_grid, "grid_spacing": _spacing(
                    found)}
    gaps = {"last_step_before_the_doubling": _gap(game, found.orbits[before.sum() - 1, -1]),
            "most_chaotic_step": _gap(game, found.orbits[found.lyapunov.argmax(), -1])}
    return [_entry("chaos-remark-1",
                   "multiplicative weights settle at small steps and are chaotic at large ones, in "
                   "the two-agent two-link congestion game", "Remark 1",
                   "chaotic behaviour at large steps",
                   exponents, gaps, chaotic),
            _entry("chaos-first-doubling",
                   "the equilibrium gives way to a cycle of period 2 at the step "
                   "2/((c1 + c2) x*(1 - x*)), x* = (2 c2 - c1)/(c1 + c2)", "Remark 1",
                   "no number; the closed form is Potentia's", doubling, gaps,
                   _doubles_where_it_should(found))]


def _doubles_where_it_should(found: Chaos) -> bool:
    """At the fixed point to 1e-6, and on the grid at the first step beyond the closed form."""
    closed_form = found.first_doubling_closed_form
    return (abs(found.first_doubling_measured - closed_form) <= AGREE * closed_form
            and 0 <= found.first_doubling_on_grid - closed_form <= _spacing(found))


def _entry(name: str, claim: str, source: str, paper: str, measured: dict[str, float],
           gaps: dict[str, float],
           holds: bool) -> dict[str, object]:
    held = YES if holds else NO
    return {"id": name, "figure": "chaos", "mode": "as-written", "kind": EXACT, "claim": claim,
            "source": source,
            "paper": paper, "paper_number": None, "nash_gap": gaps,
            "measured": {key: number for key, number in measured.items() if np.isfinite(number)},
            "holds": held, "verdict": verdict_of({EXACT: held})}


def _game(experiment: Experiment) -> MarkovGame:
    return games.make("two-link-congestion", costs=experiment.costs)


def _gap(game: MarkovGame, probability: float) -> float:
    """Certified Nash gap where both agents choose link 1 with this probability."""
    return certify(game, np.tile([probability, 1 - probability], (2, 1, 1))).nash_gap


def _spacing(found: Chaos) -> float:
    return float(found.step_sizes[1] - found.step_sizes[0])


def _first(steps: np.ndarray, chosen: np.ndarray) -> float:
    return float(steps[chosen.argmax()]) if chosen.any() else float("nan")
