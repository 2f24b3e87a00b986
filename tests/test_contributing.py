"""The recipes of CONTRIBUTING.md, each tried: the code there runs as it stands, and what it makes
is certified."""

from __future__ import annotations

import re
import sys
import types
from pathlib import Path

import jax
import numpy as np
import pytest

import potentia as pt
from potentia import experiments
from potentia.certificates import equilibrium
from potentia.experiments import record, runner

TEXT = (Path(__file__).resolve().parents[1] / "CONTRIBUTING.md").read_text()


def recipe(title: str) -> dict:
    """What the one block of code under that title defines."""
    section = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    (block,) = re.findall(r"^```python\n(.*?)^```$", section, flags=re.MULTILINE | re.DOTALL)
    module = types.ModuleType("contributed_" + title.split()[-1])
    sys.modules[module.__name__] = module                # where dataclasses look names up
    exec(compile(block, f"CONTRIBUTING.md: {title}", "exec"), vars(module))
    return vars(module)


def test_a_schedule_lets_everybody_move():
    schedule = recipe("A schedule")["OddAndEven"]()
    result = pt.solve(pt.games.make("two-link-congestion"), pt.rules.BestResponseDynamics(),
                      schedule=schedule)
    assert result.status is pt.Status.CONVERGED


@pytest.fixture(scope="module")
def ring():
    return recipe("A representation")


def test_a_rule_learns():
    rule = recipe("A rule")["SignINPG"](step_size=0.3)
    result = pt.solve(pt.games.make("two-link-congestion"), rule, initial="random", seed=1,
                      tolerance=1e-6)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(result.game, result.profile).nash_gap <= 1e-6


def test_a_named_game_has_its_equilibria():
    game = recipe("A named game")["build"]()
    assert len(pt.equilibria.pure(game)) == 2
    with pytest.raises(pt.InputError, match="stag is -1, but it must be positive"):
        recipe("A named game")["build"](stag=-1)


def test_a_representation_agrees_with_its_table(ring):
    game, table = ring["game"], ring["game"].tabular()
    profile = game.initial_profile("random", jax.random.key(3))
    for own, other in ((game.evaluate(profile), table.evaluate(profile)),
                       (game.best_response(profile), table.best_response(profile))):
        for name in ("q", "v", "visitation", "value", "current", "gain"):
            if hasattr(own, name):
                np.testing.assert_allclose(getattr(own, name), getattr(other, name), atol=1e-12,
                                           err_msg=name)
    np.testing.assert_allclose(game.welfare(profile), table.welfare(profile), atol=1e-12)


def test_a_representation_is_solved_and_certified_by_its_table(ring):
    result = pt.solve(ring["game"], pt.rules.INPG(step_size=0.3), initial="random", seed=2,
                      tolerance=1e-8)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(ring["game"], result.profile).nash_gap <= 1e-8


def test_a_format_is_read_and_its_faults_are_named(tmp_path):
    read, path = recipe("A file format")["read_matrix_game"], tmp_path / "game.txt"
    path.write_text("2 0\n1 1\n")
    np.testing.assert_array_equal(read(path).rewards[0, :, 0], [2, 0, 1, 1])
    path.write_text("2 0\n1\n")
    with pytest.raises(pt.InputError,
                       match=r"game\.txt, line 2: 1 rewards, but there are 2 actions"):
        read(path)


def test_a_certificate_bounds_the_gap_without_the_table(ring, monkeypatch):
    monkeypatch.setitem(equilibrium.PROBLEMS, ring["RingGame"], recipe("A certificate")["problems"])
    game = ring["game"]
    profile = np.asarray(game.initial_profile("random", jax.random.key(3)))
    gap = pt.certify(game.tabular(), profile).nash_gap
    monkeypatch.delattr(ring["RingGame"], "tabular")
    certificate = pt.certify(game, profile)
    assert certificate.nash_gap_lower <= gap * (1 + 1e-12)
    np.testing.assert_allclose(certificate.nash_gap, gap, rtol=1e-12)


def test_a_paper_is_reproduced_and_can_be_put_on_record(monkeypatch, tmp_path):
    whole = recipe("A paper")["PAPER"]
    monkeypatch.setattr(runner, "paper", lambda name: whole)
    monkeypatch.setattr(runner, "chosen", lambda asked: {whole.name: list(whole.parts)})
    entries = runner.reproduce([whole.name], tmp_path, progress=False)
    assert [one["verdict"] for one in entries] == ["REPRODUCED"] * 2
    assert entries[1]["nash_gap"] == pytest.approx({"linear at the end": 0.0}, abs=1e-3)
    assert record.differences(entries, record.recorded(entries)) == []
    assert "arXiv" in whole.title                      # as `test_papers.py` asks of every paper
    assert "palaiopanos-linear" in (tmp_path / "claims.md").read_text()


def test_every_measure_is_named():
    section = TEXT.partition("\n## A paper\n")[2]
    named = set(re.findall(r"^\| `(\w+)\.(\w+)`", section, flags=re.MULTILINE))
    folder = Path(str(experiments.__file__)).parent
    assert named == {(file.stem, cls) for file in folder.glob("*.py") for cls in re.findall(
        r"^class (\w+)[^\n]*:(?:(?!^class ).)*?\n    def measured\(self", file.read_text(),
        flags=re.MULTILINE | re.DOTALL)} - {("statements", "Measure")}


def test_what_is_added_is_counted_and_listed():
    things = [line.removeprefix("## ") for line in TEXT.splitlines() if line.startswith("## ")][:-1]
    assert TEXT.partition(" things are added")[0].endswith("\nSeven")
    assert len(things) == 7
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    (listed,) = re.findall(r"has recipes for ([^.]*)\.", readme)
    assert " ".join(listed.split()).replace(" and ", ", ").replace(",,", ",").split(", ") == [
        thing[0].lower() + thing[1:].replace("named ", "") for thing in things]
