"""The runner, on trials cut short and small: files, shapes, errors."""

import dataclasses
import json

import numpy as np
import pytest

import potentia as pt
from potentia.experiments import runner
from potentia.experiments.papers.fox2021 import PAPER, TRIALS
from potentia.experiments.verdicts import EXACT


@pytest.fixture
def short(monkeypatch):
    # Two agents serve: that the trials' own games fit their oracles is a test by itself.
    cut = {name: dataclasses.replace(trial, game_parameters={"n_agents": 2}, cap=4, check_every=2)
           for name, trial in TRIALS.items()}
    monkeypatch.setattr(runner, "paper", lambda name: dataclasses.replace(PAPER, trials=cut))


def test_a_figure_in_both_modes(short, tmp_path):
    out = tmp_path / "deep" / "out"
    entries = runner.reproduce(["fig4"], out, ["as-published", "as-written"], runs=2, seed=0,
                               progress=False)
    assert sorted(path.name for path in out.iterdir()) == ["claims.json", "claims.md", "fig4.npz",
                                                           "fig4.png", "fig4.svg"]
    assert json.loads((out / "claims.json").read_text()) == entries
    assert (out / "fig4.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "<svg" in (out / "fig4.svg").read_text()
    assert "fox2021, Figure 4 (2 runs a trial, seed 0)" in (out / "fig4.svg").read_text()
    with np.load(out / "fig4.npz") as curves:
        assert curves["as written, sampled/IPG/l1_accuracy"].shape == (2, 5)
    iterations = [e for e in entries if e["id"] == "fig4-inpg-iterations"]
    assert [e["mode"] for e in iterations] == ["as-published", "as-written", "as-written"]
    assert iterations[0]["measured"]["max"] == 4
    assert iterations[0]["measured"]["stopped"] == 0
    assert iterations[0]["verdict"] == "NOT REPRODUCED"       # four iterations are no convergence


@pytest.mark.parametrize("name", TRIALS)
def test_every_trial_can_be_set_up(name):
    trial = TRIALS[name]
    game = pt.games.make(trial.game, **trial.game_parameters)
    oracle = pt.oracles.make(trial.oracle, **trial.oracle_parameters)
    assert f"congestion-{game.n_agents}-" in name or game.n_agents == 8
    assert pt.rules.make(trial.rule, **trial.rule_parameters).step_size == 1e-4
    if trial.kind != EXACT:
        oracle.check(game)


def test_studies_join_the_claims(monkeypatch, tmp_path):
    claim = {"id": "chaos-x", "figure": "chaos", "mode": "as-written", "kind": "as written, exact",
             "claim": "it is so",
             "source": "Remark 1", "paper": "so", "paper_number": None, "measured": {
                 "step": 2.5}, "nash_gap": {},
             "holds": "yes", "verdict": "REPRODUCED"}
    lemma = {**claim, "id": "lemma:Lemma 0", "figure": "lemmas", "found": "HOLDS"}

    def lemmas(out, seed):
        (out / "lemmas.md").write_text(f"## Lemmas, seed {seed}\n")
        return [lemma]
    monkeypatch.setattr(runner, "STUDIES", {"chaos": lambda out, seed: [claim], "lemmas": lemmas})
    claim, lemma = ({"paper_name": "fox2021", **entry} for entry in (claim, lemma))
    assert runner.reproduce(["chaos", "lemmas"], tmp_path, seed=3, progress=False) == [claim, lemma]
    assert json.loads((tmp_path / "claims.json").read_text()) == [claim]
    page = (tmp_path / "claims.md").read_text()
    assert "chaos-x" in page
    assert page.endswith("## Lemmas, seed 3\n")
    assert runner.reproduce(["lemmas"], tmp_path, progress=False) == [lemma]
    assert (tmp_path / "claims.md").read_text() == page    # lemmas alone leave claims as they are


@pytest.mark.parametrize(("arguments", "message"), [
    ({"asked": ["fig44"]}, "unknown paper or figure 'fig44'; did you mean 'fig4'"),
    ({"asked": ["fig4"], "modes": ["published"]},
     "unknown mode 'published'; did you mean 'as-published'"),
    ({"asked": ["fig4"], "runs": 0}, "runs is 0"),
])
def test_bad_input_is_named_before_anything_is_written(arguments, message, tmp_path):
    with pytest.raises(pt.InputError, match=message):
        runner.reproduce(out=tmp_path / "out", **arguments)
    assert not (tmp_path / "out").exists()


def test_an_unwritable_folder_is_found_out_first(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(pt.InputError, match=r"cannot write .*file"):
        runner.reproduce(["fig4"], tmp_path / "file" / "out")
