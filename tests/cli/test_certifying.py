"""`potentia certify`: a page about a game, a profile or a saved run, and its exit status."""

from __future__ import annotations

import pytest


def test_a_saved_run_is_not_a_game(tell) -> None:
    tell("solve", "prisoners.json", "--tolerance", "1e-4", "--out", "run")
    assert "run is a saved run, not a game; potentia certify run" in tell("solve", "run").refusal()


def test_certify_a_profile(tell) -> None:
    only = ("--part", "equilibrium")
    assert tell("certify", "prisoners.json", "--profile", "defect.npy", *only).status == 0
    told = tell("certify", "prisoners.json", "--profile", "cooperate.json", "--json", *only)
    assert told.status == 1
    document = told.document()
    assert document["within_tolerance"] is False
    # Defecting against one who always cooperates gains 5 - 3 for ever: 2 / (1 - 0.9).
    assert document["certificates"][0]["nash_gap"] == pytest.approx(20, abs=1e-9)
    assert tell("certify", "prisoners.json", "--profile", "cooperate.json", "--tolerance", "21",
                *only).status == 0


def test_certify_a_game_prints_one_page(tell) -> None:
    told = tell("certify", "prisoners.json", "--starts", "2")
    assert told.status == 0
    for title in ("Is it a Markov potential game?", "What does Theorem 3.1 promise?",
                  "What does selfishness cost?"):
        assert f"{title} (" in told.out
    assert "How far from a Nash" not in told.out
    assert "PROVEN" in told.out
    assert not any(line.endswith(" ") for line in told.out.splitlines())
    few = tell("certify", "prisoners.json", "--starts", "0", "--part", "welfare", "--limit", "3")
    assert "not counted: 4 pure profiles, but the limit is 3" in few.out


def test_certify_a_game_for_programs(tell) -> None:
    document = tell("certify", "prisoners.json", "--starts", "2", "--json").document()
    assert document["within_tolerance"] is None
    assert document["potential"]["verdict"] == "PROVEN"
    assert document["theory"]["mismatch_coefficient"] == pytest.approx(1)
    # Both cooperate for ever: (3 + 3) / (1 - 0.9); both defect: 2 / (1 - 0.9).
    assert document["welfare"]["maximum_welfare"] == pytest.approx(60)
    assert document["welfare"]["price_of_anarchy"] == pytest.approx(3)
    assert all(document[part]["seconds"] >= 0 for part in ("potential", "theory", "welfare"))


def test_a_refuted_game_is_status_1(tell) -> None:
    told = tell("certify", "stochastic-congestion", "-p", "n_agents=3", "--part", "potential",
                "--json")
    assert told.status == 1
    assert told.document()["potential"]["verdict"] == "REFUTED"
    assert len(told.document()["potential"]["witness"]["profiles"]) == 4
    local = tell("certify", "stochastic-congestion", "-p", "n_agents=3", "--part", "potential",
                 "--policies", "local")
    assert local.status == 0
    assert "Rosenthal" in local.out


def test_certify_a_run(tell) -> None:
    tell("solve", "prisoners.json", "--runs", "2", "--tolerance", "1e-4", "--out", "run")
    told = tell("certify", "run", "--tolerance", "1e-4", "--part", "equilibrium", "--part",
                "potential")
    assert told.status == 0
    assert [f", run {run}\n" in told.out for run in range(3)] == [True, True, False]
    assert told.out.count("Is it a Markov potential game?") == 1, "of the game itself once"
    assert len(tell("certify", "run", "--json", "--part",
                    "equilibrium").document()["certificates"]) == 2
    assert "is a run, which has its own game" in tell("certify", "run", "--profile",
                                                      "defect.npy").refusal()
    assert tell("certify", "run", "--part", "lemmas").refusal() == \
        "part 'lemmas' is about one run, and 2 are given: save one alone, with --runs 1"


def test_certify_one_run_checks_the_lemmas(tell) -> None:
    tell("solve", "prisoners.json", "--tolerance", "1e-6", "--out", "run")
    document = tell("certify", "run", "--part", "lemmas", "--json").document()
    verdicts = {lemma["name"]: lemma["verdict"] for lemma in document["lemmas"]["lemmas"]}
    assert verdicts["Lemma 3.2"] == "HOLDS"
