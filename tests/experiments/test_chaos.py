"""Multiplicative weights at large steps: closed forms, known maps, and verdicts that can say no."""

from __future__ import annotations

import dataclasses
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.experiments import chaos
from potentia.experiments.chaos import Experiment
from potentia.report.claims import Section, markdown
from potentia.rules.base import View

COSTS = (1.0, 1.4)
REST = math.log(3)  # the equilibrium of COSTS, x = 3/4, as z = log x - log(1 - x)
SMALL = Experiment(count=70, transient=1500, kept=500)


@pytest.fixture(scope="module")
def found() -> chaos.Chaos:
    return chaos.measure()


@pytest.fixture(scope="module")
def game() -> pt.MarkovGame:
    return pt.games.make("two-link-congestion", costs=COSTS)


def by_hand(step: float, x: float, costs: tuple[float, float] = COSTS) -> float:
    """One update of the probability of link 1, from expected costs."""
    first, second = x * math.exp(-step * costs[0] * (1 + x)), (1 - x) * math.exp(
        -step * costs[1] * (2 - x))
    return first / (first + second)


@pytest.mark.parametrize("rule", ["mwu", "inpg"])
def test_the_map_is_multiplicative_weights_on_expected_costs(game: pt.MarkovGame, rule: str,
                                                             x64: None) -> None:
    for step, x in ((0.3, 0.2), (4.0, 0.9), (9.0, 0.5), (13.0, 0.01)):
        z, _ = chaos.multiplier(game, pt.rules.make(rule, step_size=step),
                                jnp.asarray(math.log(x / (1 - x))))
        assert float(jax.nn.sigmoid(z)) == pytest.approx(by_hand(step, x), rel=1e-11)


@pytest.mark.parametrize(("step", "iterations"), [(3.0, 60), (5.0, 60), (9.0, 12)])
def test_solve_plays_the_same_orbit_and_keeps_the_agents_alike(game: pt.MarkovGame, step: float,
                                                               iterations: int,
                                                               x64: None) -> None:
    rule = pt.rules.make("mwu", step_size=step)
    result = pt.solve(game, rule, initial=np.tile([0.3, 0.7], (2, 1, 1)), max_iterations=iterations,
                      tolerance=None,
                      check_every=iterations)
    z = jnp.asarray(math.log(0.3 / 0.7))
    for _ in range(iterations):
        z, _ = chaos.multiplier(game, rule, z)
    assert result.profile[0].tobytes() == result.profile[1].tobytes()
    np.testing.assert_allclose(result.profile[0, 0, 0], jax.nn.sigmoid(z), rtol=1e-9)


def test_both_multipliers_at_the_equilibrium(game: pt.MarkovGame, x64: None) -> None:
    step = 3.0
    rule = pt.rules.make("mwu", step_size=step)

    def both(z: jax.Array) -> jax.Array:
        log_profile = jax.nn.log_softmax(jnp.stack([z, jnp.zeros(2)], axis=-1))[:, None]
        seen = game.evaluate(jnp.exp(log_profile))
        rows = [rule.update(log_profile[i], None,
                            View(q=seen.q[i], v=seen.v[i], visitation=seen.visitation[i],
                                 mask=jnp.ones((1, 2),
                                                                     bool), scale=jnp.asarray(1.0)),
                            0, 0)[0]
                for i in range(2)]
        return jnp.stack([row[0, 0] - row[0, 1] for row in rows])

    eigenvalues = np.sort(np.linalg.eigvals(jax.jit(jax.jacfwd(both))(jnp.full(2, REST))).real)
    pull = step * 2.4 * 0.75 * 0.25
    np.testing.assert_allclose(eigenvalues, [1 - pull, 1 + pull], rtol=1e-12)
    alike = chaos.multiplier(game, rule, jnp.asarray(REST))
    np.testing.assert_allclose(alike, [REST, 1 - pull], rtol=1e-12)


@pytest.mark.parametrize(("costs", "equilibrium", "doubling"), [
    ((1.0, 1.4), 0.75, 40 / 9), ((0.25, 0.35), 0.75, 160 / 9), ((1.0, 1.0), 0.5, 4.0),
    ((1.4, 1.0), 0.25, 40 / 9)])
def test_the_first_doubling_is_where_the_closed_form_says(costs: tuple, equilibrium: float,
                                                          doubling: float) -> None:
    assert chaos.first_doubling(costs) == pytest.approx(doubling, rel=1e-14)
    grid = Experiment(costs, least=doubling / 2, greatest=2 * doubling, count=2, transient=0,
                      kept=64)
    found = chaos.measure(grid)
    assert found.equilibrium == pytest.approx(equilibrium, rel=1e-10)
    assert found.first_doubling_measured == pytest.approx(doubling, rel=1e-6)


def test_below_the_doubling_orbits_settle_and_just_above_they_alternate(found: chaos.Chaos) -> None:
    before = found.step_sizes < found.first_doubling_closed_form
    assert before.sum() > 100
    assert (found.periods[before] == 1).all()
    np.testing.assert_allclose(found.orbits[before, -1], 0.75, atol=1e-5)
    after = found.step_sizes[before.sum()]
    assert found.first_doubling_on_grid == after
    assert (found.periods[before.sum():][:50] == 2).all()


def test_doublings_go_on_to_chaos_and_chaos_means_a_positive_exponent(found: chaos.Chaos) -> None:
    first = {period: found.step_sizes[np.argmax(found.periods == period)]
             for period in (1, 2, 4, 8)}
    assert list(first.values()) == sorted(first.values())
    assert first[8] < found.first_chaotic_step < 6.5
    assert found.largest_lyapunov > 0.4
    chaotic = found.lyapunov > chaos.CHAOTIC
    assert (found.periods[chaotic] == 0).mean() > 0.99
    assert (found.lyapunov[found.periods > 0] < chaos.CHAOTIC).all()


def test_at_an_equilibrium_of_three_quarters_the_largest_steps_have_period_four(
        found: chaos.Chaos) -> None:
    # Bielawski et al., arXiv 2411.01495 (abstract): at k/n and a large enough step, period n
    # attracts almost all.
    assert (found.periods[found.step_sizes > 12.5] == 4).all()


def test_orbits_average_to_the_equilibrium_chaotic_or_not(found: chaos.Chaos) -> None:
    # Chotibut et al., arXiv 1807.06831: z moves by -eta (c1 + c2)(x - x*), and stays bounded.
    drift = np.abs(found.orbits.mean(axis=1) - 0.75)
    assert drift.max() < 0.01


def test_at_a_stable_fixed_point_the_exponent_is_the_logarithm_of_the_multiplier(
        game: pt.MarkovGame, x64: None) -> None:
    steps = np.array([0.5, 1.0, 2.0, 3.0, 4.0])
    iterates, exponents = chaos.iterate(game, pt.rules.MWU(jnp.asarray(steps)), 0.0, 3000, 500)
    np.testing.assert_allclose(iterates[:, -1], REST, rtol=1e-9)
    np.testing.assert_allclose(exponents, np.log(np.abs(1 - steps * 0.45)), atol=1e-6)


def test_the_exponent_of_a_cycle_is_the_mean_over_its_points(game: pt.MarkovGame,
                                                             found: chaos.Chaos) -> None:
    place = int(np.argmin(np.abs(found.step_sizes - 5.5)))
    step, cycle = found.step_sizes[place], found.orbits[place, -2:]
    expected = np.mean(np.log(np.abs(1 - step * 2.4 * cycle * (1 - cycle))))
    assert found.lyapunov[place] == pytest.approx(expected, abs=1e-6)


def test_equal_links_know_period_two_and_never_chaos() -> None:
    found = chaos.measure(Experiment((1.0, 1.0), least=1.03, greatest=60.0, count=200))
    beyond = found.step_sizes > 4
    assert (found.periods[~beyond] == 1).all()
    assert (found.periods[beyond] == 2).all()
    assert found.lyapunov.max() < chaos.CHAOTIC
    assert math.isnan(found.first_chaotic_step)
    first, second = chaos.judged(found, pt.games.make("two-link-congestion", costs=(1, 1)))
    assert (first["holds"], first["verdict"]) == ("no", "NOT REPRODUCED")
    assert "first_chaotic_step" not in first["measured"]
    assert second["holds"] == "yes"


@pytest.mark.parametrize(("cycle", "expected"), [
    ([0.3], 1), ([0.2, 0.7], 2), ([0.2, 0.7, 0.2, 0.8], 4), (np.arange(16) / 16, 16),
    (np.arange(17) / 17, 0)])
def test_periods(cycle: list, expected: int) -> None:
    assert chaos.period(np.resize(cycle, 64)) == expected


@pytest.mark.parametrize(("changes", "remark", "doubling"), [
    ({}, "yes", "yes"),
    ({"lyapunov": -1.0, "first_chaotic_step": math.nan, "largest_lyapunov": -1.0}, "no", "yes"),
    ({"periods": 0, "first_doubling_on_grid": math.nan}, "no", "no"),
    ({"first_doubling_measured": 4.5}, "yes", "no"),
    ({"first_doubling_on_grid": 4.5}, "yes", "no"),
    ({"first_doubling_on_grid": 4.4}, "yes", "no")])
def test_verdicts_follow_the_numbers(found: chaos.Chaos, game: pt.MarkovGame, changes: dict,
                                     remark: str,
                                     doubling: str) -> None:
    filled = {name: np.full_like(getattr(found, name), value) if name in ("lyapunov", "periods")
              else value
              for name, value in changes.items()}
    entries = chaos.judged(dataclasses.replace(found, **filled), game)
    assert [entry["holds"] for entry in entries] == [remark, doubling]


def test_reproduce_writes_the_figure_and_the_page_shows_every_number(tmp_path) -> None:
    entries = chaos.reproduce(tmp_path / "out", SMALL)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "chaos.npz", "chaos.png", "chaos.svg"]
    with np.load(tmp_path / "out" / "chaos.npz", allow_pickle=False) as kept:
        again = chaos.measure(SMALL)
        for name in ("step_sizes", "lyapunov", "periods"):
            np.testing.assert_array_equal(kept[name], getattr(again, name))
        np.testing.assert_allclose(kept["orbits"], again.orbits, atol=1e-7)
    assert (tmp_path / "out" / "chaos.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    svg = (tmp_path / "out" / "chaos.svg").read_text()
    assert "<svg" in svg
    assert "fox2021, Remark 1" in svg
    assert [(e["id"], e["holds"], e["verdict"]) for e in entries] == [
        ("chaos-remark-1", "yes", "REPRODUCED"), ("chaos-first-doubling", "yes", "REPRODUCED")]
    gaps = entries[0]["nash_gap"]
    assert gaps["last_step_before_the_doubling"] < 1e-4 < 0.01 < gaps["most_chaotic_step"]
    page = markdown([Section("fox2021", "words", "", entries)], [])
    assert "closed form 4.44444; multiplier is -1 at 4.44444; period 2 from grid step" in page
    assert "most chaotic step 0." in page


@pytest.mark.parametrize(("parameters", "message"), [
    ({"costs": (1, 3)}, r"costs is \(1, 3\), but each must be below twice the other"),
    ({"costs": (2, 1)}, r"costs is \(2, 1\), but each must be below twice the other"),
    ({"costs": (1, -1)}, r"costs\[1\] is -1, but it must be positive"),
    ({"least": 0}, "least is 0, but it must be positive"),
    ({"greatest": 1.5}, r"greatest is 1\.5, but it must lie above least, 2"),
    ({"greatest": 4},
     r"step sizes run from 2 to 4, but they must enclose the first period doubling, 4\.44444"),
    ({"start": 1}, "start is 1, but it must lie strictly between 0 and 1"),
    ({"count": 1}, "count is 1, but it must be at least 2"),
    ({"transient": -1}, "transient is -1, but it must be at least 0"),
    ({"kept": 63}, "kept is 63, but it must be at least 64")])
def test_bad_experiments_are_refused_by_name(parameters: dict, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        chaos.measure(Experiment(**parameters))
