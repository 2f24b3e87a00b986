"""`theory.check`: every verdict can be had, and the numbers agree with what is computed here
another way."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import potentia as pt
from potentia.games.tabular.game import MarkovGame
from potentia.result import Result
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.theory import ascent, fisher_form, limits, smoothness, trajectory
from potentia.theory.lemmas import check
from potentia.theory.verdicts import FAILS, HOLDS, NOT_APPLICABLE, UNDECIDED, LemmaReport

FAIL_AS_STATED = {"Gradient before (12)", "Footnote 2", "Appendix A", "Equation (13)",
                  "Lemma 3.5, inf"}


def common(seed: int = 0, discount: float = 0.5, factor: float = 1.0) -> MarkovGame:
    """Two agents, three states, two actions, common rewards."""
    rng = np.random.default_rng(seed)
    rewards = factor * rng.random((3, 2, 2))
    return MarkovGame.from_arrays(np.stack([rewards, rewards]),
                                  rng.dirichlet(np.ones(3), size=(3, 2, 2)),
                                  discount=discount)


def solved(game: MarkovGame, step_size: float = 0.5, **more) -> Result:
    settings = {"seed": 0, "max_iterations": 2000, "progress": False, **more}
    return pt.solve(game, pt.rules.INPG(step_size=step_size), **settings)


@pytest.fixture(scope="module")
def game() -> MarkovGame:
    return common()


@pytest.fixture(scope="module")
def result(game: MarkovGame) -> Result:
    return solved(game)


@pytest.fixture(scope="module")
def report(game: MarkovGame, result: Result) -> LemmaReport:
    return check(game, result)


def path_of(game: MarkovGame, iterations: int) -> np.ndarray:
    with float64_on_one_blas_thread():
        return trajectory.replay(game, solved(game, max_iterations=iterations, tolerance=None),
                                 None)[0]


def test_on_a_potential_game_the_lemmas_hold_and_the_known_slips_fail(report: LemmaReport,
                                                                      result: Result) -> None:
    assert {lemma.name for lemma in report if lemma.verdict == FAILS} == FAIL_AS_STATED
    assert {lemma.verdict for lemma in report if lemma.name not in FAIL_AS_STATED} == {HOLDS}
    assert all((lemma.margin >= 0) == (lemma.verdict == HOLDS) for lemma in report)
    assert report.steps == result.iterations
    assert "Lemma 3.4" in str(report)
    assert f"{report.steps} steps of size {report.step_size:.4g}; M " in str(report).splitlines()[0]


def test_multiplicative_weights_are_the_same_dynamics(game: MarkovGame,
                                                      report: LemmaReport) -> None:
    other = pt.solve(game, pt.rules.MWU(step_size=0.5), seed=0, max_iterations=2000, progress=False)
    verdicts = [[lemma.verdict for lemma in one] for one in (report, check(game, other))]
    assert verdicts[0] == verdicts[1]


def test_the_unit_of_the_rewards_does_not_matter(report: LemmaReport) -> None:
    # A power of 2, so that even the last bits agree.
    scaled = common(factor=16.0)
    other = check(scaled, solved(scaled, 0.5 / 16, tolerance=16e-8))
    assert other.step_size == pytest.approx(report.step_size, rel=1e-12)
    for one, two in zip(report, other, strict=True):
        assert (one.name, one.verdict) == (two.name, two.verdict)
    for name in ("Proposition 3.3", "Logit step"):
        assert other[name].numbers == pytest.approx(report[name].numbers, rel=1e-9)
    assert other.reward_range == pytest.approx(16 * report.reward_range)
    unit = (f"all numbers are for rewards rescaled to a range of 1: divided by "
            f"{other.reward_range:.6g}, and the step size multiplied by it")
    assert other.lines()[1] == ("unit", unit)
    assert unit in str(other).splitlines()


def test_a_wrong_potential_fails_lemma_3_2(game: MarkovGame, result: Result) -> None:
    wrong = np.array(game.stage_potential)
    wrong[0, 1] += 0.1
    report = check(game, result, stage_potential=wrong)
    assert report["Lemma 3.2"].verdict == report["Equation (7)"].verdict == FAILS
    assert report["Lemma 3.2"].margin < 0
    own = np.array(game.stage_potential).reshape(3, 2, 2)
    assert check(game, result, stage_potential=own)["Lemma 3.2"].verdict == HOLDS


def test_a_large_step_makes_the_potential_fall_at_the_step_that_is_named() -> None:
    # Both are paid more if they choose differently, and start alike: a large step takes both to the
    # same action.
    apart = np.broadcast_to(1 - np.eye(2), (2, 3, 2, 2))
    transitions = np.random.default_rng(0).dirichlet(np.ones(3), size=(3, 2, 2))
    game = MarkovGame.from_arrays(apart, transitions, discount=0.5)
    start = np.array([[[0.45, 0.55]] * 3] * 2)
    report = check(game, solved(game, 20.0, initial=start, max_iterations=100, tolerance=None),
                   initial=start)
    lemma = report["Lemma 3.4, own steps"]
    assert lemma.verdict == FAILS
    assert not lemma.covered
    assert dict(report.lines())[lemma.name].startswith(
        "FAILS, beyond the paper's hypotheses: the potential never")
    assert dict(report.lines())["Footnote 2"].startswith("FAILS: ")
    assert f"FAILS          {lemma.name}, beyond the paper's hypotheses: " in str(report)
    first = int(lemma.numbers["first fall at step"])
    assert f"from step {first} to {first + 1}" in lemma.note
    heights = [float(game.potential(solved(game, 20.0, initial=start, max_iterations=t,
                                           tolerance=None).profile))
               for t in range(first + 2)]
    assert (np.diff(heights)[:first] >= -1e-12).all()
    assert heights[first] - heights[first + 1] == pytest.approx(lemma.numbers["by"], rel=1e-9)


def test_a_run_that_cycles_fails_lemma_3_5_and_a_run_that_is_cut_off_decides_nothing(
        game: MarkovGame) -> None:
    cut = check(game, solved(game, max_iterations=3))
    assert {cut[name].verdict for name in ("Lemma 3.5", "Lemma 3.5, inf", "Lemma 3.6")} == {
        UNDECIDED}
    assert cut["Lemma 3.5"].note == (
        "the run ended before it came to rest, which is pi |A| of at most 1e-06")
    loose = solved(game, tolerance=1e-3)
    assert loose.status == "converged"
    assert check(game, loose)["Lemma 3.5"].note == cut["Lemma 3.5"].note
    swap = np.log([[[[0.3, 0.7]]], [[[0.6, 0.4]]]] * 20)
    assert limits._period(np.exp(swap)) == 2
    assert limits._period(np.exp(swap[::2])) == 0
    circling = limits._fixed(swap, 0.1, rests=False)
    assert (circling.verdict, circling.numbers["period"]) == (FAILS, 2)


def test_where_nothing_is_at_stake_nothing_fails_but_nothing_is_proven() -> None:
    game = common(factor=0.0)
    report = check(game, solved(game))
    assert report.lines()[1] == ("unit", "rewards are all alike, so that none was rescaled")
    verdicts = {lemma.name: lemma.verdict for lemma in report}
    assert FAILS not in verdicts.values()
    assert verdicts["Lemma 3.4"] == verdicts["Equation (13)"] == UNDECIDED


def test_no_step_at_all_decides_nothing(game: MarkovGame) -> None:
    report = check(game, solved(game, max_iterations=0))
    assert report["Lemma 3.2"].verdict == report["Lemma 3.4, own steps"].verdict == UNDECIDED
    assert report["Lemma 3.4"].verdict == HOLDS


def test_too_small_an_l_fails_what_rests_on_it(game: MarkovGame) -> None:
    point = path_of(game, 5)[-1]
    with float64_on_one_blas_thread():
        bent = smoothness.lemmas(game, [point], 1e-3)[0]
        assert (bent.verdict, bent.margin < 0) == (FAILS, True)
        rises = ascent.lemmas(game, [point], 1e-3)
    assert rises[2].verdict == FAILS


def test_a_limit_that_is_no_nash_policy_fails_lemma_3_6(monkeypatch) -> None:
    # Derivatives are beside the point here, and slow.
    monkeypatch.setattr(smoothness, "MOST_LOGITS", 0)
    monkeypatch.setattr(fisher_form, "MOST_NUMBERS", 0)
    game = pt.games.make("stochastic-congestion", n_agents=3, start="uniform", discount=0.5,
                         observe="own")
    result = solved(game, max_iterations=500, tolerance=None, check_every=500)
    lemma = check(game, result)["Lemma 3.6"]
    assert (lemma.verdict, lemma.covered) == (FAILS, False)
    cert = pt.certify(game, result.profile)
    assert cert.nash_gap_lower == pytest.approx(lemma.numbers["Nash gap, at least"], rel=1e-9)


def test_without_a_finite_l_its_lemmas_are_not_applicable(game: MarkovGame) -> None:
    # From state 0 play may avoid state 1 for ever, or state 2.
    transitions = np.zeros((3, 2, 2, 3))
    transitions[:, 0], transitions[:, 1] = (0.5, 0.5, 0.0), (0.5, 0.0, 0.5)
    rewards = np.array(game.stage_potential).reshape(3, 2, 2)
    avoiding = MarkovGame.from_arrays(np.stack([rewards] * 2), transitions, discount=0.5,
                                      initial=[1.0, 0.0, 0.0])
    report = check(avoiding, solved(avoiding))
    assert np.isinf(report.mismatch_coefficient)
    assert {report[name].verdict for name in ("Proposition 3.3", "Appendix A", "Lemma 3.4",
                                              "Equation (13)")} == {
        NOT_APPLICABLE}
    assert report["Lemma 3.2"].verdict == report["Lemma 3.4, own steps"].verdict == HOLDS
    with float64_on_one_blas_thread():
        along = trajectory.survey(game, path_of(game, 3))
    endless = ascent.logit_steps(dataclasses.replace(game, undiscounted=True), along, 0.1)
    assert {lemma.verdict for lemma in endless} == {NOT_APPLICABLE}


def test_a_start_on_the_boundary_is_not_in_the_interior(game: MarkovGame) -> None:
    start = np.array([[[1.0, 0.0]] * 3] * 2)
    report = check(game, solved(game, initial=start, max_iterations=10, tolerance=None),
                   initial=start)
    assert report["Lemma 3.6"].verdict == NOT_APPLICABLE


def test_the_whole_fisher_matrix_gives_the_centred_advantage(game: MarkovGame) -> None:
    point = path_of(game, 5)[-1]
    with float64_on_one_blas_thread():
        seen = trajectory.survey(game, point[None])
        direction = fisher_form.natural_gradient(game, point, seen.slope[0])
    evaluation = game.evaluate(np.exp(point))
    advantage = np.asarray(evaluation.q - evaluation.v[..., None])
    np.testing.assert_allclose(direction, (advantage - advantage.mean(-1, keepdims=True)) / 0.5,
                               atol=1e-11)


def test_the_hessian_agrees_with_differences_of_the_potential(game: MarkovGame) -> None:
    point = path_of(game, 5)[-1]
    with float64_on_one_blas_thread():
        found = smoothness.curvature(game, point, 0)

    def height(move: np.ndarray) -> float:
        weights = np.exp(point + move.reshape(point.shape))
        return float(game.potential(weights / weights.sum(-1, keepdims=True)))

    step, axes = 1e-3, np.eye(point.size)
    measured = np.array([[sum(a * b * height(step * (a * x + b * y)) for a in (1, -1)
                              for b in (1, -1)) / (4 * step**2)
                          for y in axes[:5]] for x in axes[:5]])
    np.testing.assert_allclose(found.hessian[:5, :5], measured, atol=1e-6)
    np.testing.assert_allclose(found.weights,
                               (np.asarray(game.evaluate(np.exp(point)).visitation)[..., None]
                                * np.exp(point)).ravel(), rtol=1e-12)
    assert found.from_pairs <= found.tightest() + 1e-9


def test_never_falls_names_the_first_fall_and_allows_for_rounding() -> None:
    heading = ("name", "source", "statement")
    climbing = ascent.never_falls(heading, [np.array([0.0, 1.0, 1.0 - 1e-13])], 1e-12, 0.1, 1.0)
    assert (climbing.verdict, climbing.note) == (HOLDS, "a rise below 0 is rounding")
    assert ascent.never_falls(heading, [np.arange(3.0)], 1e-12, 0.1, 1.0).note == ""
    falling = ascent.never_falls(heading, [np.array([0.0, 1.0, 2.0]),
                                           np.array([0.0, 1.0, 0.5, 0.0])], 1e-12, 0.1, 1.0)
    assert (falling.verdict, falling.numbers["first fall at step"],
            falling.numbers["falls"]) == (FAILS, 1, 2)
    assert ascent.never_falls(heading, [np.full(4, 1.0)], 1e-12, 0.1, 1.0).verdict == UNDECIDED


def test_large_games_are_undecided_with_a_reason(game: MarkovGame, result: Result,
                                                 monkeypatch) -> None:
    monkeypatch.setattr(smoothness, "MOST_LOGITS", 5)
    monkeypatch.setattr(fisher_form, "MOST_NUMBERS", 5)
    report = check(game, result)
    assert report["Proposition 3.3"].note == "12 logits, but Hessians are formed of 5 at most"
    assert report[
        "Lemma 3.2"].note == "the Fisher matrix is formed from 144 gradients; the limit is 5"
    assert report["Lemma 3.2"].verdict == report["Footnote 2"].verdict == UNDECIDED


def test_a_result_from_disk_is_checked_alike(result: Result, report: LemmaReport, tmp_path) -> None:
    pt.save(result, tmp_path / "run")
    loaded = pt.load(tmp_path / "run")
    assert str(check(loaded.game, loaded)) == str(report)
