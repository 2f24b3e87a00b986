"""What a type checker sees in a user's file: the public names have types, and what is missing of an
interface is told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pages import PAGES, blocks

USER = '''
from typing import assert_type

import jax
import numpy as np
import optax

import potentia as pt

game = pt.MarkovGame.from_arrays(np.zeros((1, 1, 2)), np.zeros((1, 2), int), discount=0.9)
assert_type(game, pt.MarkovGame)
rule = pt.rules.INPG(step_size=0.1)
assert_type(rule.step_size, float | jax.Array)
pt.rules.INPG(step_size=optax.exponential_decay(0.1, 100, 0.5))
pt.rules.LogBarrierINPG(lambda t: 0.1 / (1 + t), barrier=optax.constant_schedule(1e-3))
result = pt.solve(game, rule, pt.Exact(), tolerance=1e-6)
assert_type(result, pt.Result)
assert_type(result.profile, np.ndarray)
certificate = pt.certify(game, result.profile)
assert_type(certificate, pt.Certificate)
assert_type(certificate.nash_gap, float)
assert_type(pt.rules.names(), list[str])
roads = pt.io.read_tntp("net.tntp", "trips.tntp", n_agents=3)
assert_type(roads, pt.RoutingGame)
kind = pt.potential.classify(game)
print(kind.alpha_upper, pt.theory.report(game, kind), pt.welfare.report(game))
print(pt.equilibria.pure(game))
pt.save(result, "run")


def every_class_is_a_game(loads: pt.LoadGame, walks: pt.CongestionGame, roads: pt.RoutingGame,
                          crowd: pt.SymmetricCongestionGame,
                          deployed: pt.PerformativeGame) -> None:
    assert_type(deployed.induced(result.profile), pt.MarkovGame)
    for each in (loads, walks, roads, crowd, deployed):
        pt.certify(each, pt.solve(each, rule, pt.Sampled(episodes=3)))
        pt.io.save_game(each, "game.npz")


class NoUpdate:
    def init(self, log_policy, mask, key):
        return ()


pt.solve(game, NoUpdate())              # ERROR
pt.slove(game, rule)                    # ERROR
result.profiel                          # ERROR
pt.rules.INPG(step="large")             # ERROR
pt.rules.INPG(step_size="large")        # ERROR
pt.rules.INPG(step_size=lambda: 0.1)    # ERROR
if kind:                                # ERROR
    pass
'''


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """What pyright finds wrong with the user's file and the pages' blocks, by file and line."""
    file = tmp_path_factory.mktemp("user") / "user.py"
    file.write_text(USER)
    for page in PAGES:                           # not the guides, whose calls are of the same kinds
        if "guides" in page:
            continue
        for number, block in enumerate(blocks(page, "python")):
            (file.parent / f"{Path(page).stem}_{number}.py").write_text(block)
    run = subprocess.run([sys.executable, "-m", "pyright", "--outputjson", "--pythonpath",
                          sys.executable, "."],
                         cwd=file.parent, capture_output=True, text=True, check=False)
    if not run.stdout.startswith("{"):
        pytest.skip(f"pyright cannot run here: {run.stderr.strip().splitlines()[-1:]}")
    found = json.loads(run.stdout)["generalDiagnostics"]
    return {(Path(entry["file"]).name, entry["range"]["start"]["line"]): entry["message"]
            for entry in found if entry["severity"] == "error"}


def test_a_users_file_has_types_and_its_errors_are_found(
        faults: dict[tuple[str, int], str]) -> None:
    expected = {("user.py", number) for number, line in enumerate(USER.splitlines())
                if line.endswith("# ERROR")}
    assert set(faults) == expected, faults


def test_what_is_missing_of_a_rule_is_named(faults: dict[tuple[str, int], str]) -> None:
    assert any('"update" is not present' in message for message in faults.values())


def test_the_package_says_that_it_is_typed() -> None:
    import potentia
    assert (Path(potentia.__file__).parent / "py.typed").exists()
