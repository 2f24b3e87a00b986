"""`potentia train`: what is learnt by playing is told, drawn and kept, whatever ends it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.training import programs

SMALL = ("train", "stag-hunt", "-p", "learner.episodes=8", "-p", "learner.hidden=4,4")
ALL = {"training.json", "arrays.npz", "game.npz", "returns.png"}


def names(folder: str) -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


def test_it_tells_and_saves_what_was_trained(tell) -> None:
    told = tell(*SMALL, "--updates", "3", "--runs", "2", "--seed", "4", "--out", "run")
    assert told.status == 0
    assert "max_updates after 3 updates" in told.out
    assert told.out.endswith("Saved in run\n")
    assert names("run") == ALL
    assert Path("run/returns.png").read_bytes().startswith(b"\x89PNG")
    saved, learner = pt.load("run"), pt.learners.IndependentPPO(episodes=8, hidden=(4, 4))
    again = pt.train(pt.games.make("stag-hunt"), learner, updates=3, runs=2, seed=4)
    np.testing.assert_array_equal(saved.returns, again.returns)
    np.testing.assert_array_equal(saved.profile, again.profile)


def test_json_holds_the_gap_that_is_kept_beside(tell) -> None:
    document = tell(*SMALL, "--learner", "npg", "--updates", "1", "--gap", "--gap-updates", "1",
                    "--out", "run", "--json").document()
    assert document["learner"] == "IndependentNPG"
    assert np.shape(document["returns"]) == (1, 2)
    assert document["estimated_gap"]["note"] == "a lower bound found by learning; no certificate"
    assert names("run") == ALL | {"gap.json"}
    assert json.loads(Path("run/gap.json").read_text()) == document["estimated_gap"]
    assert document["saved"] == "run"


def test_resumed_it_is_the_longer_training_to_the_bits(tell) -> None:
    tell(*SMALL, "--updates", "5", "--out", "whole")
    assert tell(*SMALL, "--updates", "2", "--resume", "--out", "part").status == 0
    assert tell(*SMALL, "--updates", "5", "--resume", "--out", "part").status == 0
    np.testing.assert_array_equal(pt.load("part").returns, pt.load("whole").returns)
    assert names("part") == ALL
    assert "holds what was learnt before: --resume goes on from it" in tell(
        *SMALL, "--updates", "5", "--out", "part").refusal()
    assert "its episodes is 8, not 4" in tell("train", "stag-hunt", "-p", "learner.episodes=4",
                                              "--resume", "--out", "part").refusal()


def test_ctrl_c_keeps_what_was_learnt(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, advance = [], programs.advance

    def pressed(*given):
        calls.append(1)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return advance(*given)

    monkeypatch.setattr(programs, "advance", pressed)
    told = tell(*SMALL, "--updates", "40", "--keep-every", "8", "--gap", "--out", "run")
    assert told.status == 130
    assert "interrupted after 8 updates" in told.out
    assert "estimated Nash gap" not in told.out
    assert pt.load("run").updates == 8
    assert names("run") == ALL
    monkeypatch.undo()


def test_simulators_and_game_files_are_trained_in(tell) -> None:
    grid = ("train", "crowded-grid", "-p", "n_agents=2", "-p", "size=2", "-p", "horizon=4",
            "-p", "learner.episodes=4", "--updates", "1")
    assert "crowded-grid, 2 agents" in tell(*grid).out
    assert tell("train", "prisoners.json", "-p", "learner.episodes=4", "--updates", "0", "--out",
                "none").status == 0
    assert names("none") == ALL - {"returns.png"}


@pytest.mark.parametrize(("arguments", "message"), [
    (["crowded-gird"], "unknown simulator or game 'crowded-gird'; did you mean 'crowded-grid'?"),
    (["stag-hunt", "--learner", "pppo"], "unknown learner 'pppo'; did you mean 'ppo'?"),
    (["stag-hunt", "--learner", "log-linear"], "unknown learner 'log-linear'; known: npg, ppo"),
    (["stag-hunt", "-p", "learner.clip=-1"], "learner.clip is -1, but it must be positive"),
    (["stag-hunt", "-p", "learner.clipp=1"], "unknown parameter of ppo 'clipp'; did you mean"),
    (["crowded-grid", "-p", "agents=3"], "unknown parameter of crowded-grid 'agents'; did you"),
    (["stag-hunt", "-p", "rule.x=1"], "parameter 'rule.x=1' is not KEY=VALUE or learner.KEY=VALUE"),
    (["stag-hunt", "--resume"], "--resume needs --out, the directory to go on from"),
    (["stag-hunt", "--seed", str(2**40)], "seed is 1099511627776"),
    (["sioux-falls"], "game has no horizon: its loads are of all trips"),
    (["nothing.json"], "nothing.json"),
    (["prisoners.json", "--out", "defect.npy"], "defect.npy is in the way")])
def test_bad_input_is_one_line_and_writes_nothing(tell, arguments: list[str],
                                                  message: str) -> None:
    before = set(Path.cwd().iterdir())
    assert message in tell("train", *arguments).refusal()
    assert set(Path.cwd().iterdir()) == before
