"""Iterations by size, against loops in NumPy over payoffs and over binomial crowds."""

import numpy as np
import pytest
from scipy.special import softmax
from scipy.stats import binom

from potentia.experiments import record
from potentia.experiments.papers import paper
from potentia.experiments.scaling import NEVER, Scaling, Series, exponent, iterations

SIZES = (2, 3)
STEP, REGRET = 0.5, 0.2
STATEMENTS = {one.id: one for one in paper("alatur2024").statements}


def start(size):
    return np.array([0.2, *[0.8 / (size - 1)] * (size - 1)])


def scaling(regret):
    return Scaling("load-balancing", SIZES,
                   lambda size: {"n_agents": 2, "speeds": (4, *[1] * (size - 1))}, start, regret,
                   60, {"x": Series("inpg", lambda size: {"step_size": STEP / size})})


def gaps_of_two_jobs(policy, step, updates):
    """The largest gain before every update, both jobs alike: a machine of speed 4, others of 1."""
    slow, gaps = 1 / np.array([4.0, *[1.0] * (len(policy) - 1)]), []
    for _ in range(updates):
        q = -slow * (1 + policy)
        gaps.append(q.max() - policy @ q)
        policy = softmax(np.log(policy) + step * q)
    return np.array(gaps)


def gaps_of_a_bar(n_agents, step, updates):
    """The largest gain before every update, all alike, nine in ten going at first: 1/2 at home, 1
    if no more than half of all go, 0 in a crowd."""
    logit, gaps = np.log(9.0), []
    for _ in range(updates):
        go = 1 / (1 + np.exp(-logit))
        gain = binom.cdf(n_agents // 2 - 1, n_agents - 1, go) - 0.5
        gaps.append(max(gain * (1 - go), -gain * go))
        logit += step * gain
    return np.array(gaps)


def test_iterations_are_those_of_a_loop_in_numpy():
    found = scaling(REGRET).measured(0)
    counts = []
    for size in SIZES:
        gaps = gaps_of_two_jobs(start(size), STEP / size, 60)
        counts.append(next(t for t in range(1, 61) if gaps[:t].mean() <= REGRET))
    assert min(counts) > 5
    assert found.numbers == pytest.approx({
        "x iterations (2)": counts[0], "x iterations (3)": counts[1],
        "x exponent": np.log(counts[1] / counts[0]) / np.log(1.5)})
    last = [gaps_of_two_jobs(start(size), STEP / size, 61)[-1] for size in SIZES]
    assert found.nash_gap == pytest.approx({"x at the end": max(last)}, rel=1e-9)


def test_there_is_no_exponent_where_a_size_never_arrives():
    assert scaling(1e-9).measured(0).numbers == {"x iterations (2)": NEVER,
                                                 "x iterations (3)": NEVER}


def test_counts_and_exponents():
    gaps = np.array([3.0, 1.0, 1.0, 1.0, 4.0])
    assert [iterations(gaps, regret) for regret in (3.0, 2.0, 1.5, 1.4)] == [1, 2, 4, NEVER]
    assert exponent((1, 4, 16), (3, 24, 192)) == pytest.approx(1.5)


@pytest.mark.parametrize("n_agents", [2, 8, 64])
def test_agents_on_record(n_agents):
    numbers = record.on_record()["alatur-agents"]["numbers"]
    for label, step in (("KL", 4 / np.sqrt(n_agents)), ("KL at step 4", 4.0)):
        gaps = gaps_of_a_bar(n_agents, step, 500)
        assert numbers[f"{label} iterations ({n_agents})"][0] == iterations(gaps, 0.02)


@pytest.mark.parametrize("n_actions", [2, 8, 64])
def test_actions_on_record(n_actions):
    starts = {"uniform": np.full(n_actions, 1 / n_actions),
              "likely": np.array([0.5, *[0.5 / (n_actions - 1)] * (n_actions - 1)])}
    for word, policy in starts.items():
        numbers = record.on_record()[f"alatur-actions-{word}"]["numbers"]
        gaps = gaps_of_two_jobs(policy, 0.1, 2_000)
        assert numbers[f"KL iterations ({n_actions})"][0] == iterations(gaps, 0.04)


@pytest.mark.parametrize(("claim", "holds", "fails"), [
    ("alatur-agents", (-1.0, 0.5, 0.55), (0.56, 1.0)),
    ("alatur-actions-likely", (-0.1, 0.1), (-0.11, 0.11)),
    ("alatur-actions-uniform", (-0.1, 0.1), (-0.11, 0.11))])
def test_each_claim_can_fail(claim, holds, fails):
    statement = STATEMENTS[claim]
    assert all(statement.holds({"KL exponent": number}) for number in holds)
    assert not any(statement.holds({"KL exponent": number}) for number in fails)
