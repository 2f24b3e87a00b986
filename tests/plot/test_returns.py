"""Learning curves of what was trained: the numbers that are drawn, over agent-steps."""

from __future__ import annotations

import dataclasses

import matplotlib as mpl
import numpy as np
import pytest

import potentia as pt
from small_games import DILEMMA

LEARNER = pt.learners.IndependentNPG(episodes=4, hidden=())


@pytest.fixture(scope="module")
def trained() -> pt.Trained:
    return pt.train(DILEMMA, LEARNER, updates=6, runs=3, progress=False)


def thick(axes, label):
    (line,) = [line for line in axes.get_lines() if line.get_label() == label]
    return np.array(line.get_data(), dtype=float)


def test_the_mean_return_is_drawn_over_agent_steps(trained):
    mpl.use("Agg")
    (axis,) = pt.plot.curves(trained)
    assert axis.get_xlabel() == "steps of all agents in play"
    assert axis.get_ylabel() == "mean return, estimated"
    assert (axis.get_xscale(), axis.get_yscale()) == ("linear", "linear")
    steps, median = thick(axis, "IndependentNPG")
    assert steps.tolist() == trained.agent_steps[0].tolist()
    assert median == pytest.approx(np.median(trained.returns.mean(axis=2), axis=0))
    words = " ".join(" ".join(text.get_text() for text in axis.figure.texts).split())
    assert "median over all runs at every number of agent-steps" in words


def test_each_agents_returns_and_several_trainings_are_told_apart(trained):
    other = dataclasses.replace(trained, learner=pt.learners.IndependentNPG(episodes=9, hidden=()))
    first, second = pt.plot.curves([trained, other], quantities=["return_0", "return_1"])
    assert second.get_ylabel() == "return of agent 1, estimated"
    assert thick(first, "episodes=4")[1] == pytest.approx(
        np.median(trained.returns[:, :, 0], axis=0))
    assert thick(second, "episodes=9")[1] == pytest.approx(
        np.median(trained.returns[:, :, 1], axis=0))
    single = dataclasses.replace(trained, runs=1, returns=trained.returns[0],
                                 agent_steps=trained.agent_steps[0])
    (axis,) = pt.plot.curves({"one": single})
    assert thick(axis, "one")[1] == pytest.approx(trained.returns[0].mean(axis=1))


def test_what_cannot_be_drawn_is_named(trained):
    solved = pt.solve(DILEMMA, pt.rules.INPG(step_size=0.1), max_iterations=2)
    with pytest.raises(pt.InputError, match=r"results\[1\] is a Result, others are Trained: draw"):
        pt.plot.curves([trained, solved])
    with pytest.raises(pt.InputError, match="unknown quantity of these runs 'return_2'"):
        pt.plot.curves(trained, quantities="return_2")
    with pytest.raises(pt.InputError, match="there is nothing to draw"):
        pt.plot.curves(dataclasses.replace(trained, returns=trained.returns[:, :0],
                                           agent_steps=trained.agent_steps[:, :0]))
