"""Claims of single numbers: the numbers, against code that shares nothing with what computes them,
and against those that were computed elsewhere."""

import itertools

import numpy as np
import pytest
from scipy.special import softmax

import potentia as pt
from potentia.experiments import statements
from potentia.experiments.courses import Course, Read
from potentia.experiments.papers import paper
from potentia.experiments.potentials import least_alpha, pure_values
from potentia.experiments.statements import Measured, Statement

PAYOFFS = np.random.RandomState(10).uniform(size=(3, 4, 5))


@pytest.fixture(scope="module")
def sun():
    return entry(paper("sun2023").statements[0])["measured"]


@pytest.fixture(scope="module")
def zhang():
    return {one.id: entry(one) for one in paper("zhang2022").statements if one.id != "zhang-flat"}


def entry(statement):
    found = {label: measure.measured(0) for label, measure in statement.measures.items()}
    return statements.judged(statement, found, "x")


@pytest.mark.parametrize(("name", "number"), [        # computed elsewhere, to the digits given
    ("INPG gap after 1,000 updates", 1.4470e-5),
    ("INPG cumulated gap of 1,000 updates", 37.6616),
    ("INPG cumulated gap of 10,000 updates", 37.6631),
    ("Q-ascent cumulated gap of 10,000 updates", 16.1694),
    ("softmax PG cumulated gap of 10,000 updates", 191.642),
    ("softmax PG cumulated gap of 20,000 updates", 207.27),
    ("barrier gap after 10,000 updates", 0.0440)])
def test_numbers_of_the_random_cooperative_game(sun, name, number):
    digits = len(f"{number:.10g}".split("e")[0].replace(".", "").lstrip("0"))
    assert sun[name] == pytest.approx(number, rel=10.0 ** (1 - digits))


@pytest.mark.parametrize(("claim", "name", "number", "share"), [
    ("zhang-flat-long", "INPG gap last above 0.001 after", 24_419, 1e-4),
    ("zhang-flat-long", "INPG gap after 20,000 updates", 0.04, 1e-6),
    ("zhang-flat-long", "INPG potential after 20,000 updates", 0.16, 1e-6),
    ("zhang-flat-long", "INPG potential after 30,000 updates", 0.20, 1e-6),
    ("zhang-barrier", "barrier potential after 600 updates", 0.1910, 1e-3),
    ("zhang-barrier", "barrier gap after 600 updates", 5.752e-3, 2e-3),
    ("zhang-softmax", "softmax PG potential after 5,000 updates", 0.16, 1e-3),
    ("zhang-softmax", "softmax PG potential after 20,000 updates", 0.20, 1e-3)])
def test_numbers_of_the_flat_region(zhang, claim, name, number, share):
    assert zhang[claim]["measured"][name] == pytest.approx(number, rel=share)
    assert zhang[claim]["holds"] == "yes"


def test_a_course_is_that_of_a_loop_in_numpy():
    reads = (Read("sum", "sum gap", 7), Read("largest", "gap", 7), Read("value", "value", 7),
             Read("cumulated", "cumulated sum gap", 7),
             Read("last", "last above", level=0.05), Read("never", "last above", level=9.0))
    course = Course("random-cooperative", {}, "inpg", {"step_size": 0.5}, "uniform", 9, reads)
    policies, gains, values = [np.full(n, 1 / n) for n in PAYOFFS.shape], [], []
    for _ in range(10):
        q = [np.einsum("abc,a,b,c->" + "abc"[i], PAYOFFS,
                       *[np.ones_like(p) if i == k else p for k, p in enumerate(policies)])
             for i in range(3)]
        values.append(policies[0] @ q[0])
        gains.append([row.max() - values[-1] for row in q])
        policies = [softmax(np.log(p) + 0.5 * row) for p, row in zip(policies, q, strict=True)]
    gains, largest = np.array(gains), np.max(gains, axis=1)
    assert course.measured(0).numbers == pytest.approx({
        "sum": gains[7].sum(), "largest": largest[7], "value": values[7],
        "cumulated": gains[:7].sum(), "last": np.flatnonzero(largest > 0.05)[-1], "never": -1.0})


@pytest.mark.parametrize(("claim", "alpha"), [
    ("guo-alpha-0.5", 0.1046), ("guo-alpha-0.9", 0.1353), ("guo-alpha-0.99", 0.1433)])
def test_alphas_of_the_perturbed_team(claim, alpha):
    statement, = [one for one in paper("guo2023").statements if one.id == claim]
    found = entry(statement)
    assert found["measured"]["alpha at least"] == pytest.approx(alpha, abs=5e-5)
    assert found["verdict"] == "NOT REPRODUCED"
    assert statement.holds({"alpha at least": statement.number})


def test_values_of_pure_profiles_and_the_least_alpha_over_them():
    team = pt.games.make("perturbed-team", n_agents=3, epsilon=0.1, discount=0.9)
    values = pure_values(team)
    assert values.shape == (3, 4, 4, 4)
    profile = np.eye(2)[[[0, 1], [1, 1], [1, 0]]]               # policies 1, 3 and 2 of the list
    np.testing.assert_allclose(values[:, 1, 3, 2], pt.certify(team, profile).values, rtol=1e-12)
    rng = np.random.default_rng(0)
    phi = rng.random((4, 4))
    own = np.stack([phi + rng.random((1, 4)), phi + rng.random((4, 1))])
    assert least_alpha(own) == pytest.approx(0, abs=1e-9)
    pennies = np.array([[1.0, -1.0], [-1.0, 1.0]])
    # The gains round its one cycle add up to 8, which four changes have to share.
    assert least_alpha(np.stack([pennies, -pennies])) == pytest.approx(2.0)


@pytest.mark.parametrize("claim", ["jordan-energy", "jordan-pollution"])
def test_games_that_are_called_potential_games_and_are_not(claim):
    statement, = [one for one in paper("jordan2024").statements if one.id == claim]
    found = entry(statement)
    assert (found["holds"], found["measured"]["refuted"]) == ("no", 1)
    assert found["measured"]["alpha at least"] > 4.5
    assert statement.holds({"refuted": 0.0})


def test_a_cycle_of_pure_policies_says_more_of_energy_demand_response():
    measure = paper("jordan2024").statements[0].measures["cycle"]
    # 91.878 is the sum that the zoo's test finds by a linear solve of its own
    assert measure.measured(0).numbers["alpha at least"] == pytest.approx(91.878 / 4, abs=1e-3)


def test_an_entry_carries_names_tolerances_and_reason():
    statement = Statement("x", "c", "s", "p", {"a": paper, "": paper}, lambda found: False,
                          reason="So it is.", tolerances={"a n": 0.5})
    found = statements.judged(statement, {"a": Measured({"n": 1.0}, {"g": 2.0}),
                                          "": Measured({"m": 3.0}, {})}, "word")
    assert found["measured"] == {"a n": 1.0, "m": 3.0}
    assert found["nash_gap"] == {"a g": 2.0}
    assert found["tolerance"] == {"a n": 0.5, "m": 1e-6}
    assert (found["figure"], found["reason"], found["verdict"]) == (
        "word", "So it is.", "NOT REPRODUCED")


def test_every_claim_can_fail():
    for name in ("sun2023", "zhang2022"):
        for statement in paper(name).statements:
            wrong = dict.fromkeys(entry_names(statement), 1.0)
            assert not statement.holds({**wrong, "INPG cumulated gap of 20,000 updates": 2.0,
                                        "barrier potential after 600 updates": 0.0}), statement.id


def entry_names(statement):
    return list(itertools.chain.from_iterable(
        [f"{label} {read.name}" for read in measure.reads]
        for label, measure in statement.measures.items()))
