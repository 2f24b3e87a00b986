"""The paper's lemmas along a real run: which hold, with what margin, and which fail, with the
numbers.

Fox, McAleer, Overman and Panageas, arXiv 2110.10614: Lemma 3.2, Proposition 3.3, Lemmas 3.4 to 3.6,
equations (7), (12) and (13), Appendix A. They speak of rewards of range 1 and of a potential:
rewards and potential are divided by one factor common to all agents, and the step size is
multiplied by it, which leaves the run as it is.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from potentia.errors import InputError, shown
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.result import Result
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.theory import ascent, fisher_form, limits, smoothness, steps, trajectory
from potentia.theory.mismatch import mismatch
from potentia.theory.verdicts import Lemma, LemmaReport

POINTS = 5            # iterates at which derivatives are taken
# stage potential and step size, per range of the rewards: far from where squares overflow
LARGEST = 1e100


def check(game: Game, result: Result, *, stage_potential: object = None,
          initial: object = None) -> LemmaReport:
    """Check each lemma along the run that `result` came from.

    game: a tabular potential game. result: of `solve(game, INPG(step_size))` or MWU, exact, one
        run.
    stage_potential: [S, A1, ..., AN] (or [S, J]) rewards whose value function is the potential; the
        game's own if omitted.
    initial: [N, H, A], the start of a run that was given one.

    Where rewards are all alike nothing is rescaled. Raises InputError for a game without a
    potential, for results of other rules, oracles or games, for several runs, and for numbers
    beyond float64.
    """
    game = as_table(game, "the lemmas are checked on")
    game = dataclasses.replace(game, stage_potential=_stage(game, stage_potential))
    with float64_on_one_blas_thread():
        path, rule = trajectory.replay(game, result, initial)
        range_ = steps.reward_range(game)
        factor = range_ or 1.0
        step = float(rule.step_size) * factor
        if step > LARGEST:
            raise InputError(f"result's step size is {float(rule.step_size):.3g} at rewards of "
                             f"range {factor:.3g}, but the lemmas are checked up to {LARGEST:g} at "
                             f"a range of 1")
        unit = dataclasses.replace(game, rewards=np.asarray(game.rewards) / factor,
                                   stage_potential=_rescaled(np.asarray(game.stage_potential),
                                                             factor))
        return _report(unit, path, step, range_)


def _rescaled(stage: np.ndarray, factor: float) -> np.ndarray:
    """The stage potential for rewards of range 1."""
    with np.errstate(over="ignore"):
        rescaled = stage / factor
    if (largest := float(np.abs(rescaled).max())) > LARGEST:
        raise InputError(f"stage_potential reaches {largest:.3g} times the range of the rewards, "
                         f"but the lemmas are checked up to {LARGEST:g}")
    return rescaled


def _stage(game: MarkovGame, value: object) -> np.ndarray:
    """The stage potential [S, J]."""
    if value is None:
        if game.stage_potential is None:
            raise InputError("game has no stage potential, and the lemmas are about the potential: "
                             "give stage_potential=pt.potential.classify(game).stage_potential, "
                             "which is None unless PROVEN")
        value = game.stage_potential
    shape = np.shape(game.rewards)[:2]
    stage = _real(value)
    if stage.shape not in (shape, (shape[0], *game.action_counts)):
        raise InputError(f"stage_potential has shape {stage.shape}, but it must be {shape} [S, J] "
                         f"or {(shape[0], *game.action_counts)} [S, A1, ..., AN]")
    if not np.isfinite(stage).all():
        raise InputError("stage_potential holds a number that is not finite")
    return stage.reshape(shape)


def _real(value: object) -> np.ndarray:
    """As float64; NumPy would read text as numbers, drop imaginary parts and look under a mask."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise InputError("stage_potential is not an array of numbers") from None
    if array.dtype.kind not in "biuf" or isinstance(value, np.ma.MaskedArray):
        raise InputError(f"stage_potential is {shown(value)}, not an array of numbers")
    return array.astype(np.float64)


def _report(game: MarkovGame, path: np.ndarray, step: float, range_: float) -> LemmaReport:
    coefficient = mismatch(game).coefficient
    stated = steps.smoothness(game, coefficient)
    along = trajectory.survey(game, path)
    points = [path[t] for t in fisher_form.evenly(np.arange(len(path)), POINTS)]
    found = [*fisher_form.lemmas(game, path, along, step, POINTS),
             *smoothness.lemmas(game, points, stated),
             *ascent.lemmas(game, points, stated), *ascent.logit_steps(game, along, step)]
    of_run = [ascent.along_run(game, along, step, stated), *limits.lemmas(game, path, along)]
    sighted = bool(game.full_information)
    return LemmaReport((*_marked(found, sighted), *_marked(of_run, sighted and step * stated < 1)),
                       range_, step,
                       stated, coefficient, len(path) - 1)


def _marked(lemmas: list[Lemma], covered: bool) -> list[Lemma]:
    return [dataclasses.replace(lemma, covered=covered) for lemma in lemmas]
