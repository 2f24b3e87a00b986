"""The page of claims: it is what the entries beside it say, and its story can be checked."""

import itertools
import json
from collections import Counter
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.experiments import lemmas, record, runner, story
from potentia.experiments.claims import NASH_GAP
from potentia.report.lemmas import markdown

DOCS = Path(__file__).resolve().parents[2] / "docs"
GAME = pt.games.make("stochastic-congestion-published", n_agents=4)


def entries(name):
    return json.loads((DOCS / f"{name}.json").read_text())


def told(**changed):
    """The story, with some measured numbers or verdicts of some claim put differently."""
    return story.told([{**one, **changed.get(one["id"].replace("-", "_"), {})}
                       for one in entries("claims")], record.on_record(), NASH_GAP)


def test_the_page_is_that_of_its_entries():
    titles = {name: case.title for name, case in lemmas.CASES.items()}
    page = runner.page(entries("claims"), record.RUNS, record.SEED,
                       markdown(entries("lemmas"), titles, record.SEED))
    assert (DOCS / "claims.md").read_text() == page


def test_the_story_has_ten_lines_and_follows_the_numbers():
    lines = told()
    assert len(lines) == 10
    assert lines[0].count("49 iterations [43, 54]") == 1
    fewer = {"measured": {"median": 47.0, "min": 40.0, "max": 51.0, "stopped": 0, "runs": 10,
                          "limit": 500}}
    assert "47 iterations [40, 51]" in told(fig4_inpg_iterations=fewer)[0]


def test_no_story_is_told_of_other_findings():
    assert told(fig4_nash={"verdict": "REPRODUCED"}) == []
    some = [one for one in entries("claims") if one["id"] != "chaos-remark-1"]
    assert story.told(some, record.on_record(), NASH_GAP) == []


def test_half_of_all_joint_actions_are_three_to_one_and_leave_the_gap_of_the_story():
    gaps = Counter()
    for joint in itertools.product((0, 1), repeat=4):
        profile = np.eye(2)[np.array(joint)][:, None].repeat(GAME.n_states, axis=1)
        loads = np.bincount(joint, minlength=2)
        # on the other action an agent would be one of `loads[1 - a] + 1`; 100 steps' worth of it
        expected = max(100 / (loads[1 - a] + 1) - 100 / loads[a] for a in joint)
        gap = pt.certify(GAME, profile).nash_gap
        assert gap == pytest.approx(max(expected, 0.0), abs=1e-9)
        gaps[round(gap, 2)] += 1
    assert gaps == {16.67: 8, 0.0: 6, 75.0: 2}


def test_published_values_draw_agents_to_where_play_goes_already():
    rng = np.random.default_rng(0)
    lead = np.eye(2)[[0, 0, 0, 1]][:, None]                    # three to one: no equilibrium
    profile = np.broadcast_to(0.75 * lead + 0.25 * rng.dirichlet(np.ones(2)), (4, 16, 2))
    published = pt.oracles.make("published-congestion", samples=10, horizon=20)
    weighted = np.asarray(published.evaluate(GAME, profile, jax.random.key(0)).q)
    true = np.asarray(GAME.evaluate(profile).q)
    leading = np.array([0, 0, 0, 1])

    def pull(q):
        """[N, S] how much better the leading action looks than the other."""
        at = leading[:, None, None]
        return (np.take_along_axis(q, at, 2) - np.take_along_axis(q, 1 - at, 2))[..., 0]
    assert (pull(weighted) > 1).all()
    assert (pull(true)[:3] < 0).all()
