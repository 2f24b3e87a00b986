"""The command line: what it prints, what it saves, and its exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.cli.arguments import parameters_of
from potentia.learning import device


def test_a_certificate_that_does_not_fit_loses_no_result(tell,
                                                         monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(game: object, profile: object) -> None:
        raise pt.InputError("it takes 99 MB, but this machine has 9 MB")

    monkeypatch.setattr(pt, "certify", too_large, raising=False)
    told = tell("solve", "prisoners.json", "--out", "run")
    assert told.status == 0  # the loop's own exact gap is within the tolerance
    assert "uncertified" in told.out
    assert "Not certified: it takes 99 MB, but this machine has 9 MB" in told.out
    assert pt.load("run").status is pt.Status.CONVERGED
    document = tell("solve", "prisoners.json", "--json").document()
    assert document["not_certified"] == "it takes 99 MB, but this machine has 9 MB"
    assert document["runs"][0]["certificate"] is None


def test_solve_prints_runs_and_a_certificate(tell) -> None:
    told = tell("solve", "prisoners.json", "--runs", "2", "--tolerance", "1e-6")
    assert told.status == 0
    assert told.out.count("converged") == 2
    assert "Certificate of run" in told.out
    assert "Nash gap from the initial distribution" in told.out


def test_solve_as_json_saves_what_it_tells(tell) -> None:
    told = tell("solve", "prisoners.json", "--runs", "2", "--tolerance", "1e-6", "--seed", "7",
                "--out", "deep/run",
                "--json")
    assert told.status == 0
    document = told.document()
    result = pt.load("deep/run")
    assert document["converged"] is True
    assert document["game"] == "prisoners"
    assert document["saved"] == "deep/run"
    assert document["settings"] == result.settings
    assert result.settings["seed"] == 7
    assert [run["status"] for run in document["runs"]] == list(result.status)
    assert [run["iterations"] for run in document["runs"]] == result.iterations.tolist()
    gaps = [pt.certify(result.game, profile).nash_gap for profile in result.profile]
    assert [run["certificate"]["nash_gap"] for run in document["runs"]] == gaps


def test_the_command_line_and_the_library_do_the_same(tell) -> None:
    tell("solve", "prisoners.json", "--tolerance", "1e-6", "--step-size", "0.05", "--out", "run")
    arrays = json.loads(Path("prisoners.json").read_text())
    game = pt.MarkovGame.from_arrays(arrays["rewards"], arrays["transitions"], discount=0.9,
                                     name="prisoners")
    result = pt.solve(game, pt.rules.INPG(step_size=0.05), tolerance=1e-6)
    np.testing.assert_array_equal(pt.load("run").profile, result.profile)


def test_not_converged_is_status_1(tell) -> None:
    told = tell("solve", "prisoners.json", "--max-iterations", "1", "--initial", "uniform",
                "--json")
    assert told.status == 1
    assert told.document()["converged"] is False
    assert told.document()["runs"][0]["status"] == "max_iterations"


def test_ctrl_c_saves_what_there_is(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    def pressed(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(device, "advance", pressed)
    told = tell("solve", "prisoners.json", "--tolerance", "1e-6", "--out", "run")
    assert told.status == 130
    assert "interrupted" in told.out
    assert pt.load("run").status is pt.Status.INTERRUPTED


def test_ctrl_c_leaves_a_checkpoint_that_resume_goes_on_from(
        tell, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("solve", "prisoners.json", "--tolerance", "1e-4", "--step-size", "0.01", "--runs", "2",
             "--out", "run")
    assert tell(*asked).status == 0
    expected, place = pt.load("run"), Path.cwd() / "run.checkpoint"
    advance, calls = device.advance, iter(range(100))

    def pressed(*arguments: object) -> object:
        if next(calls) == 3:
            raise KeyboardInterrupt
        return advance(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(device, "advance", pressed)
        told = tell(*asked, "--resume")
    assert told.status == 130
    assert told.err.splitlines() == [
        f"potentia: no checkpoint in {place} yet: starting from the beginning",
        f"potentia: interrupted: resume goes on from the checkpoint in {place}",
        "potentia: interrupted"]
    reached = pt.load("run").iterations[0]
    assert 0 < reached < expected.iterations[0]
    told = tell(*asked, "--resume", "--json")
    assert told.document()["converged"] is True
    assert (told.err
            == f"potentia: going on from the checkpoint in {place}, at iteration {reached}\n")
    found = pt.load("run")
    for rows, again in [(expected.profile, found.profile),
                        *((rows, found.history[name]) for name, rows in expected.history.items())]:
        np.testing.assert_array_equal(again, rows)
    assert "seed is 0 there, but 1 here" in tell(*asked, "--resume", "--seed", "1").refusal()
    assert "holds the checkpoint of an earlier solve" in tell(*asked, "--checkpoint",
                                                              "run.checkpoint").refusal()


def test_parameters_reach_game_rule_oracle_and_schedule(
        tell, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parameters_of(["a=1", "b=2.5", "c=true", "d=1,2.5,x", "e=text", "rule.f=1e-3",
                          "oracle.g=4", "h=7,", "schedule.i=.5"]) == (
        {"a": 1, "b": 2.5, "c": True, "d": (1, 2.5, "x"), "e": "text",
         "h": (7,)}, {"f": 1e-3}, {"g": 4}, {"i": 0.5})
    assert tell("solve", "distancing", "-p", "n_agent=2").refusal() == \
        "unknown parameter of distancing 'n_agent'; did you mean 'n_agents'?"
    assert "unknown parameter of inpg 'step'" in tell("solve", "prisoners.json", "-p",
                                                      "rule.step=2").refusal()
    assert "unknown parameter of exact 'episodes'" in \
        tell("solve", "prisoners.json", "-p", "oracle.episodes=2").refusal()
    assert "unknown schedule 'in-turn'; did you mean 'in-turns'?" in \
        tell("solve", "prisoners.json", "--schedule", "in-turn").refusal()
    assert "unknown parameter of in-turns 'first'" in \
        tell("solve", "prisoners.json", "--schedule", "in-turns", "-p",
             "schedule.first=1").refusal()


@pytest.mark.parametrize(("arguments", "message"), [
    (["solve", "distncing"], "unknown game 'distncing'; did you mean 'distancing'?"),
    (["solve", "prisoners.json", "--rule", "ingp"], "unknown rule 'ingp'; did you mean 'inpg'?"),
    (["solve", "prisoners.json", "--rule", ""], "unknown rule ''"),
    (["solve", "prisoners.json", "--oracle", "exakt"],
     "unknown oracle 'exakt'; did you mean 'exact'?"),
    (["solve", "missing.json"], "missing.json does not exist"),
    (["solve", "game.nfg"], "game.nfg does not exist"),
    (["solve", "game.efg"], "pt.bridges.gambit.from_pygambit(pygambit.read_efg('game.efg'))"),
    (["solve", "prisoners.json", "-p", "n=2"],
     "prisoners.json is a file, which takes no parameters (-p n)"),
    (["solve", "distancing", "-p", "n"], "parameter 'n' is not KEY=VALUE"),
    (["solve", "distancing", "-p", "game.x.y=2"], "parameter 'game.x.y=2' is not KEY=VALUE"),
    (["solve", "distancing", "-p", "n=2", "-p", "n=3"], "parameter 'n' is given twice"),
    (["solve", "distancing", "-p", "name=x"], "unknown parameter of distancing 'name'"),
    (["solve", "prisoners.json", "--step-size", "nan"], "step_size is nan, not a finite number"),
    (["solve", "prisoners.json", "--step-size", "1", "-p", "rule.step_size=2"],
     "step_size is given twice"),
    (["solve", "prisoners.json", "-p", "rule.step_size=-1"],
     "rule.step_size is -1, but it must be positive"),
    (["solve", "prisoners.json", "--schedule", "until-best-response", "-p",
      "schedule.tolerance=-1"], "schedule.tolerance is -1, but it must not be negative"),
    (["solve", "prisoners.json", "--tolerance", "-1"],
     "tolerance is -1, but it must not be negative"),
    (["solve", "prisoners.json", "--resume"],
     "--resume needs --checkpoint, the directory to go on from, or --out"),
    (["solve", "prisoners.json", "--checkpoint", "prisoners.json"],
     "prisoners.json is not a directory"),
    (["solve", "prisoners.json", "--checkpoint", "run/ck", "--out", "run"],
     "--checkpoint run/ck lies in --out run, which is replaced as a whole at the end"),
    (["solve", "prisoners.json", "--checkpoint", "ck", "--checkpoint-every", "-1"],
     "'--checkpoint-every'"),
    (["solve", "prisoners.json", "--out", "."], "so it is not a saved run and is not replaced"),
    (["solve", "prisoners.json", "--out", "prisoners.json/run"],
     "prisoners.json is not a directory"),
    (["certify", "prisoners.json", "--part", "potentail"],
     "unknown part 'potentail'; did you mean 'potential'"),
    (["certify", "prisoners.json", "--part", "equilibrium"],
     "part 'equilibrium' is about a profile, and none is"),
    (["certify", "prisoners.json", "--part", "lemmas"],
     "part 'lemmas' is about one run, and none is given"),
    (["certify", "prisoners.json", "--policies", "local"],
     "policies is 'local', but agents of prisoners see the"),
    (["certify", "prisoners.json", "--profile", "none.npy"], "none.npy does not exist"),
    (["certify", "distancing", "--profile", "defect.npy"],
     "defect.npy: profile has shape (2, 1, 2)"),
    (["certify", "prisoners.json", "--profile", "defect.npy", "--tolerance", "nan"],
     "tolerance is nan"),
    (["certify", "prisoners.json", "--profile", "defect.npy", "-p", "rule.a=1"],
     "parameters of the game only"),
    (["certify", "prisoners.json", "--profile", "defect.npy", "--tolerance", "-1"],
     "tolerance is -1, but it must"),
    (["solve", "."], ". is a directory, not a game file"),
    (["solve", ""], "unknown game ''"),
    (["certify", ""], "directory is '', but the path"),
    (["solve", "distancing", "-p", "discount=true"], "discount is True, not a number"),
    (["certify", "."], "run.json does not exist"),
    (["certify", "runs/nope"], "runs/nope does not exist"),
    (["certify", "runs/eta0.1"], ".npz, .json, .nfg, .agg can; nor does it exist"),
    (["reproduce", "fig7"], "unknown paper or figure 'fig7'; did you mean"),
    (["reproduce", "fig2", "--out", "prisoners.json"], "prisoners.json is not a directory"),
])
def test_bad_input_is_one_line_and_status_2(tell, arguments: list[str], message: str) -> None:
    before = sorted(os.listdir())
    assert message in tell(*arguments).refusal()
    assert sorted(os.listdir()) == before


def test_an_unwritable_place_is_found_out_before_the_work(tell,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.experiments import runner
    from potentia.learning import solver
    for module, name in ((solver, "solve"), (runner, "run_all")):
        monkeypatch.setattr(module,
                            name, lambda *arguments, **options: pytest.fail("the work was started"))
    tell("solve", "prisoners.json", "--out", "prisoners.json/run").refusal()
    tell("solve", "prisoners.json", "--out", ".").refusal()
    tell("reproduce", "--out", "prisoners.json/out").refusal()


@pytest.mark.parametrize("arguments", [
    ["solve"], ["slove", "x"], ["solve", "x", "--runs", "0"], ["solve", "x", "--runs", "two"],
    ["solve", "x", "--initial", "there"], ["solve", "x", "--seed", str(2**63)],
    ["reproduce", "--mode", "neither"],
    ["solve", "x", "--seed", "x"], ["solve", "x", "--nothing"], ["--nothing"], ["certify"],
])
def test_a_command_that_cannot_be_understood_is_status_2(tell, arguments: list[str]) -> None:
    assert tell(*arguments).refusal()


def test_help_and_nothing_at_all_show_the_commands(tell) -> None:
    for arguments in ([], ["--help"]):
        told = tell(*arguments)
        assert (told.status, told.err) == (0, "")
        assert "reproduce" in told.out


def test_an_interrupt_is_one_line_and_status_130(tell, monkeypatch: pytest.MonkeyPatch) -> None:
    from potentia.experiments import runner

    def pressed(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner, "reproduce", pressed)
    told = tell("reproduce", "fig2")
    assert (told.status, told.out, told.err) == (130, "", "potentia: interrupted\n")


def test_files_of_others_survive_out(tell) -> None:
    Path("mine/run.json").mkdir(parents=True)
    Path("mine/run.json/thesis.txt").write_text("thesis")
    assert "holds 'run.json'" in tell("solve", "prisoners.json", "--out", "mine").refusal()
    assert Path("mine/run.json/thesis.txt").read_text() == "thesis"



def test_the_version(tell) -> None:
    assert tell("--version").out == f"potentia {pt.__version__}\n"


@pytest.mark.parametrize("statement", ["import potentia.cli", "from potentia import cli",
                                       "import potentia"])
def test_start_up_loads_nothing_heavy(statement: str) -> None:
    heavy = "{'jax', 'matplotlib', 'scipy', 'numpy', 'optax', 'networkx', 'pandas'}"
    check = f"{statement}; import sys; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)


def test_help_loads_no_jax() -> None:
    told = subprocess.run([sys.executable, "-X", "importtime", "-m", "potentia", "--help"],
                          capture_output=True,
                          text=True, check=True)
    assert "reproduce" in told.stdout
    loaded = {line.rpartition("|")[2].strip() for line in told.stderr.splitlines()}
    assert "potentia.cli" in loaded
    assert not {"jax", "matplotlib", "numpy", "pandas"} & loaded
