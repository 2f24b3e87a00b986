"""What is certified is said in words, and no more than that."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.console.bounds import above
from potentia.pages.certified import Judged, certificate_blocks, ended, judged, verdict
from potentia.result import Status

PRISONERS = [[3, 0], [5, 1]], [[3, 5], [0, 1]]


def result_at(*profiles: list[list[float]], tolerance: float | None = 1e-6) -> pt.Result:
    game = pt.MarkovGame.from_payoffs(*PRISONERS)
    found = np.array(profiles)[:, :, None]
    return pt.Result(game, found, (Status.MAX_ITERATIONS,) * len(found), np.zeros(len(found), int),
                     {}, {"tolerance": tolerance})


BOTH, NEITHER = [[1.0, 0.0], [1.0, 0.0]], [[0.0, 1.0], [0.0, 1.0]]


def test_the_gap_is_that_of_the_matrix() -> None:
    said = verdict(judged(result_at(BOTH), None))
    assert said == ("Certified: no agent can gain more than 2.01 by changing its own policy "
                    "alone, and one of them can gain 1.99. That is more than the Nash gap "
                    "of 1e-06 that learning aimed at.")


def test_several_runs_are_told_by_the_worst_and_the_best() -> None:
    found = judged(result_at(BOTH, NEITHER), None)
    said = verdict(found)
    assert "in none of 2 runs can an agent gain more than 2" in said
    assert "1 of them are within the Nash gap of 1e-06" in said
    table = str(certificate_blocks(found, 0)[2])
    assert "Run by run" in table
    assert "No tolerance" in verdict(judged(result_at(BOTH, tolerance=None), None))


def test_a_share_is_told_of_roads() -> None:
    game = pt.games.make("braess")
    result = pt.Result(game, np.asarray(game.initial_profile("uniform", 0)),
                       Status.MAX_ITERATIONS, 0, {}, {"relative_tolerance": 1e-9})
    certificate = pt.certify(game, result.profile)
    said = verdict(judged(result, None))
    share = above(certificate.relative_gap or 0.0, ".3g")
    assert f"at most a share of {share} of what they pay" in said
    assert "more than the relative gap of 1e-09" in said


def test_time_that_is_up_is_told_and_what_was_certified_stays(
        monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    from potentia.pages import certified
    right, asked = certified.certify, []

    def slow(game: pt.Game, profile: object) -> pt.Certificate:
        asked.append(profile)
        if len(asked) > 1:
            time.sleep(5)
        return right(game, profile)

    monkeypatch.setattr(certified, "certify", slow)
    found = judged(result_at(BOTH, NEITHER), 0.3)
    assert len(found.certificates) == 1
    assert "Of 1 run nothing is certified" in verdict(found)
    assert "may take 0.3 s" in str(certificate_blocks(found, 0))
    assert "Nothing is certified: why" in verdict(Judged(found.result, ["why"]))


@pytest.mark.parametrize(("statuses", "iterations", "said"), [
    ("converged", [1], "The run converged after 1 iteration."),
    ("max_iterations", [1200], "The run ended as max_iterations after 1,200 iterations."),
    ("converged converged", [5, 9], "All 2 runs converged after 5 to 9 iterations."),
    ("small_step small_step", [0, 0], "All 2 runs ended as small_step after 0 iterations."),
    ("converged max_iterations converged", [5, 9, 9],
     "3 runs ended, 2 as converged, 1 as max_iterations, after 5 to 9 iterations.")])
def test_how_runs_ended_is_a_sentence(statuses: str, iterations: list[int], said: str) -> None:
    found = tuple(map(Status, statuses.split()))
    result = pt.Result(result_at(BOTH).game, np.array([BOTH] * len(found))[:, :, None], found,
                       np.array(iterations), {}, {})
    assert ended(result) == said
