"""Everything that can be said of a game, part by part."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.analysis import PARTS, Asked, analyse


@pytest.fixture(scope="module")
def game():
    return pt.games.make("stochastic-congestion", n_agents=2, discount=0.9)


def names(parts) -> list[str]:
    return [part.name for part in parts]


def test_without_a_profile_there_is_no_equilibrium_part(game):
    parts = analyse(game, asked=Asked(starts=1))
    assert names(parts) == ["potential", "theory", "welfare"]
    assert all(part.report is not None and part.seconds > 0 and part.lines() for part in parts)


def test_only_what_was_asked_for(game):
    profile = game.initial_profile("uniform", None)
    both = analyse(game, profile, asked=Asked(parts=("potential", "equilibrium")))
    assert names(both) == ["equilibrium", "potential"]
    assert names(analyse(game, asked=Asked(parts=("theory",)))) == ["theory"]


def test_a_part_without_its_subject_is_refused(game):
    several = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1, runs=3)
    for name, result, why in (("equilibrium", None,
                               "a profile, and none is given: add --profile FILE, or name a saved "
                                                    "run"),
                              ("lemmas", None,
                               "one run, and none is given: name the directory of a saved one"),
                              ("lemmas", several,
                               "one run, and 3 are given: save one alone, with --runs 1")):
        with pytest.raises(pt.InputError) as caught:
            analyse(game, None, result, Asked(parts=("potential", name)))
        assert str(caught.value) == f"part {name!r} is about {why}"
    whole = analyse(game, several.profile[0], several, Asked(starts=0))
    assert names(whole) == ["equilibrium", "potential", "theory", "welfare"]


def test_the_seconds_of_a_part_hold_all_that_it_took(game, monkeypatch):
    import time

    from potentia import analysis
    slow = analysis.classify
    monkeypatch.setattr(analysis, "classify", lambda *given, **named: (time.sleep(0.2),
                                                                       slow(*given, **named))[1])
    part, = analyse(game, asked=Asked(parts=("theory",)))
    assert part.seconds >= 0.2


def test_a_part_that_is_too_large_says_so_and_the_others_go_on(game, monkeypatch):
    def too_large(*arguments, **named):
        raise pt.InputError("it would take 10 years")
    monkeypatch.setattr("potentia.theory.report", too_large)
    parts = {part.name: part for part in analyse(game, asked=Asked(starts=0))}
    assert parts["theory"].report is None
    assert parts["theory"].lines() == [("not computed", "it would take 10 years")]
    assert parts["welfare"].report.maximum_welfare > 0


def test_a_wrong_profile_is_refused_not_reported(game):
    with pytest.raises(pt.InputError, match="profile has shape"):
        analyse(game, np.ones((2, 1, 2)))


def test_local_policies_are_meant_by_every_part():
    game = pt.games.make("stochastic-congestion", n_agents=3, discount=0.9)
    parts = {part.name: part.report
             for part in analyse(game, asked=Asked(policies="local", starts=0))}
    assert parts["potential"].verdict == "PROVEN"
    assert parts["theory"].step_size == 0
    assert "sees the state" in parts["welfare"].maximum_note


def test_the_lemmas_need_a_potential():
    game = pt.games.make("stochastic-congestion", n_agents=3, discount=0.9)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=3)
    part, = analyse(game, result.profile, result, Asked(parts=("lemmas",)))
    assert part.lines() == [("not computed", "NOT APPLICABLE: the game is no potential game")]


def test_unknown_parts_are_refused(game):
    assert PARTS[0] == "equilibrium"
    with pytest.raises(pt.InputError, match="unknown part 'potentail'; did you mean 'potential'"):
        analyse(game, asked=Asked(parts=("potentail",)))
