"""Commands on Gambit's files."""

from __future__ import annotations

from pathlib import Path

DILEMMA = 'NFG 1 R "dilemma" { "a" "b" } { 2 2 } 3 3 5 0 0 5 1/3 1/3'


def test_a_game_file_of_gambits_is_solved_and_certified(tell):
    Path("game.nfg").write_text(DILEMMA)
    solved = tell("solve", "game.nfg", "--rule", "best-response", "--max-iterations", "3", "--json")
    assert solved.status == 0           # converged
    assert "such as 1/3" in solved.err
    judged = tell("certify", "game.nfg", "--profile", "defect.npy", "--part", "equilibrium",
                  "--json")
    assert judged.status == 0
    assert judged.document()["equilibrium"]["nash_gap"] <= 1e-6
