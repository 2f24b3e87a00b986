"""`theory.check`: what it refuses, each in one line."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.result import Result
from potentia.theory import trajectory
from potentia.theory.lemmas import check
from slow_markov import random_arrays


def solved(game: MarkovGame, step_size: float = 0.5) -> Result:
    return pt.solve(game, pt.rules.INPG(step_size=step_size), max_iterations=20, progress=False)


@pytest.fixture(scope="module")
def game() -> MarkovGame:
    """Common interest: two agents, three states, two actions."""
    arrays = random_arrays(0, (2, 2), 3, 0.5)
    arrays["rewards"] = np.stack([arrays["rewards"][0]] * 2)
    return MarkovGame.from_arrays(**arrays)


@pytest.fixture(scope="module")
def result(game: MarkovGame) -> Result:
    return solved(game)


def other_settings(result: Result, **more) -> Result:
    return dataclasses.replace(result, settings={**result.settings, **more})


@pytest.mark.parametrize(("change", "message"), [
    ({"rule": "IPG"}, "result is of the rule IPG, but the lemmas are about INPG and MWU"),
    ({"schedule": "InTurns"}, "result is of the schedule InTurns, but the lemmas are about agents"),
    ({"oracle": "Sampled"},
     "result is of the oracle Sampled, but the lemmas are about exact advantages (Exact)"),
    ({"initial": "given"},
     "result started from a profile of its own, which it does not keep; give it as initial="),
    ({"seed": "x"}, "result's seed is 'x', not a whole number"),
    ({"seed": 2**63}, f"result's seed is {2**63}, but it must be below 2**63"),
    ({"rule.step_size": None}, "step_size is None, not a number"),
    ({"seed": 1},
     "from the one that its settings give on this game: it is of another game or start, or was "
     "altered"),
])
def test_results_that_are_refused(game: MarkovGame, result: Result, change: dict,
                                  message: str) -> None:
    with pytest.raises(InputError) as error:
        check(game, other_settings(result, **change))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_rule_without_a_step_size_is_named(game: MarkovGame, result: Result) -> None:
    settings = {**result.settings, "rule": "RegretMatching"}
    del settings["rule.step_size"]
    with pytest.raises(InputError, match="result is of the rule RegretMatching, but the lemmas"):
        check(game, dataclasses.replace(result, settings=settings))


def test_what_else_is_refused(game: MarkovGame, result: Result, monkeypatch) -> None:
    bare = dataclasses.replace(game, stage_potential=None)
    with pytest.raises(InputError, match=r"game has no stage potential, .*pt\.potential\.classify"):
        check(bare, result)
    with pytest.raises(InputError,
                       match=r"stage_potential has shape \(2,\), but it must be \(3, 4\) \[S, J\] "
                             r"or "):
        check(game, result, stage_potential=[1.0, 2.0])
    with pytest.raises(InputError, match="stage_potential holds a number that is not finite"):
        check(game, result, stage_potential=np.full((3, 4), np.nan))
    with pytest.raises(InputError,
                       match="game is a str, but the lemmas are checked on a tabular game"):
        check("game", result)  # pyright: ignore[reportArgumentType]
    with pytest.raises(InputError,
                       match="result holds 2 runs, but the lemmas are checked along one; solve "
                             "with "):
        check(game, dataclasses.replace(result, status=(result.status,) * 2))
    monkeypatch.setattr(trajectory, "MOST_STEPS", 3)
    with pytest.raises(InputError, match="iterations, but the lemmas are checked along 3 at most"):
        check(game, result)


@pytest.mark.parametrize(("change", "message"), [
    ({"settings": {"rule": "INPG"}},
     "result's settings lack oracle, rule.step_size, initial, seed, and the run is "),
    ({"settings": []}, "result's settings are a list, not a dict"),
    ({"iterations": -5}, "result's iterations is -5, but it must be at least 0"),
    ({"iterations": None}, "result's iterations is None, not a whole number"),
    ({"profile": None},
     "result's profile has shape (), but the game needs (2, 3, 2) [N, H, A]: it is of another "
     "game"),
    ({"profile": np.full((2, 10, 2), 0.5)},
     "result's profile has shape (2, 10, 2), but the game needs (2, 3, 2)"),
    ({"profile": np.full((2, 3, 2), np.nan)},
     "result's profile differs by nan from the one that its settings give"),
])
def test_altered_results_are_refused(game: MarkovGame, result: Result, change: dict,
                                     message: str) -> None:
    with pytest.raises(InputError) as error:
        check(game, dataclasses.replace(result, **change))
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("other", ["x", None, Result])
def test_what_is_no_result_is_refused(game: MarkovGame, other: object) -> None:
    with pytest.raises(InputError, match=r"result is a .*, but it must be what solve gives"):
        check(game, other)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("stage", ["x", [[1.0, 2.0], [1.0]], np.full((3, 4), 1j),
                                   np.full((3, 4), "1"), [[10**400]],
                                   np.ma.masked_array(np.ones((3, 4)),
                                                      np.eye(3, 4, dtype=bool)), len])
def test_stage_potentials_that_are_no_numbers_are_refused(game: MarkovGame, result: Result,
                                                          stage: object) -> None:
    with pytest.raises(InputError,
                       match=r"^stage_potential is .*not an array of numbers$") as error:
        check(game, result, stage_potential=stage)
    assert "\n" not in str(error.value)


def test_numbers_beyond_float64_are_refused(game: MarkovGame, result: Result) -> None:
    for largest in (1e308, 1e200):
        with pytest.raises(InputError,
                           match=r"stage_potential reaches .* times the range of the rewards, but "
                                 r""):
            check(game, result, stage_potential=np.full((3, 4), largest))
    with pytest.raises(InputError, match="stage_potential holds a number that is not finite"):
        check(dataclasses.replace(game, stage_potential=np.full((3, 4), np.nan)), result)
    with pytest.raises(InputError, match=r"stage_potential has shape \(2, 4\), but it must be"):
        check(dataclasses.replace(game, stage_potential=np.zeros((2, 4))), result)
    with pytest.raises(InputError, match=r"result's step size is 1e\+300 at rewards of range "):
        check(game, solved(game, 1e300))
    with pytest.raises(InputError,
                       match="initial is given, but result started from 'random': leave it out"):
        check(game, result, initial=result.profile)
