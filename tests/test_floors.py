"""Imports run downward only: each part of the package stands on a floor, and reads floors below or its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[1] / "src" / "potentia"
FILES = sorted(str(file.relative_to(SOURCE)) for file in SOURCE.rglob("*.py"))
FLOORS = {
    "errors": 0, "trees": 0, "numerics": 0, "profile": 0, "game": 0, "result": 0, "progress": 0,
    "lines": 0, "notes": 0, "fingerprint": 0, "settings": 0, "records": 0, "devices": 0,
    "agreement": 0, "interrupts": 0, "runtime": 0,
    "games": 1, "oracles": 2, "rules": 2, "io": 2,
    "stepper": 3, "contract": 3, "programs": 3, "watch": 3, "faults": 3, "parts": 3, "checkpoints": 3, "loop": 3,
    "certificates": 3, "potential": 3, "theory": 3, "welfare": 3, "equilibria": 3,
    "analysis": 4, "comparison": 4, "report": 5, "experiments": 6, "bench": 6,
    "processes": 7, "worker": 7, "cli": 7, "__main__": 7,
}
LEARNERS = ("stepper", "contract", "programs", "faults", "watch", "parts", "checkpoints", "loop")
# Pairs that the floors would allow: a certificate must owe nothing to the loop, nor a rule to an oracle, and
# reports read results, never games' insides.
STRANGERS = {*((judge, learner) for judge in ("certificates", "potential") for learner in LEARNERS),
             *((learner, "certificates") for learner in LEARNERS),
             ("watch", "checkpoints"), ("oracles", "io"), ("rules", "io"), ("io", "oracles"), ("io", "rules"),
             ("certificates", "equilibria"), ("certificates", "welfare"), ("equilibria", "loop"),
             ("report", "games"), ("oracles", "rules"), ("rules", "oracles")}
FREE = {"__init__"}                       # the public names, loaded when first used


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module of potentia that is imported anywhere in a file, inside functions too."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: relative imports hide where they go"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name for name in names if name.split(".")[0] == "potentia")


def floor_faults(name: str, source: str) -> list[str]:
    """What is wrong with the imports of the top-level part `name` of the package, whose source this is."""
    faults = []
    for module in imported(ast.parse(source)):
        part = [*module.split("."), ""][1]
        if module == "potentia.__version__" or (name == "cli" and module == "potentia"):
            continue
        if part not in FLOORS:
            faults.append(f"{name} imports {module}: no part of the package, so it hides what it needs")
        elif FLOORS[part] > FLOORS[name]:
            faults.append(f"{name} (floor {FLOORS[name]}) imports {module} (floor {FLOORS[part]})")
        elif (name, part) in STRANGERS:
            faults.append(f"{name} imports {module}, but the two must not know each other")
    return faults


@pytest.mark.parametrize("file", FILES)
def test_imports_run_downward(file: str) -> None:
    name = Path(file).parts[0].removesuffix(".py")
    if name not in FREE:
        assert name in FLOORS, f"{name} has no floor yet"
        assert floor_faults(name, (SOURCE / file).read_text()) == []


@pytest.mark.parametrize(("name", "source"), [
    ("games", "import potentia.loop"),
    ("games", "from potentia import rules"),
    ("errors", "from potentia.io import runs"),
    ("rules", "def f():\n    from potentia.loop import solve"),
    ("loop", "from potentia.certificates import equilibrium"),
    ("certificates", "from potentia import stepper"),
    ("report", "from potentia.games.tabular import MarkovGame"),
    ("loop", "import potentia as pt"),
    ("loop", "from potentia import solve"),
])
def test_an_upward_import_would_be_seen(name: str, source: str) -> None:
    assert len(floor_faults(name, source)) == 1
