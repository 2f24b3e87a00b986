"""What a sweep is asked for, and what is refused before anything is learnt."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt
from potentia.sweeps import groups, spec
from potentia.sweeps.cells import joined, parquet, read_table
from potentia.sweeps.sweep import swept


def inpg(*steps: Any) -> dict[str, Any]:
    return {"name": "inpg", "step_size": list(steps)}


SPEC = """
[sweep]
seeds = 2
max_iterations = 40

[[games]]
name = "public-goods"
n_agents = [2, 3]

[[rules]]
name = "inpg"
step_size = [0.1, 0.2]
"""


def test_a_spec_is_a_file(tmp_path: Path) -> None:
    file = tmp_path / "spec.toml"
    file.write_text(SPEC)
    found = swept(spec.read_spec(file), progress=False)
    assert len(found.table) == 8
    assert sorted(found.table["game.n_agents"].unique()) == [2, 3]


@pytest.mark.parametrize(("old", "new", "message"), [
    ('"inpg"', '"inqg"', "unknown rule 'inqg'"),
    ("step_size = [0.1, 0.2]", "step_size = []", "rule 'inpg' has an empty grid of step_size"),
    ("step_size = [0.1, 0.2]", "steps = 0.1", "steps"),
    ("step_size = [0.1, 0.2]", "step_size = [0.1, 0.1]", "two cells of the sweep are alike"),
    ("seeds = 2", "seeds = 0", "seeds is 0, but it must be at least 1"),
    ("seeds = 2", "seeds = [1, 1]", "seeds has one seed twice"),
    ("max_iterations = 40", "max_iteration = 40", "unknown setting of a sweep 'max_iteration'"),
    ("[[rules]]", "[[rule]]", "unknown table 'rule'"),
    ("[sweep]", "[sweep", "is no TOML file"),
    ('name = "public-goods"', "", "has no name"),
])
def test_a_bad_spec_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    file = tmp_path / "spec.toml"
    assert old in SPEC
    file.write_text(SPEC.replace(old, new))
    with pytest.raises(pt.InputError, match=message) as refused:
        spec.read_spec(file)
    assert str(refused.value).startswith(str(file))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(("content", "message"), [
    (SPEC.replace("seeds = 2", 'games = "x"'), "unknown setting of a sweep 'games'"),
    ("a = " + "[" * 100_000, "is nested too deeply to be read"),
    ("a = " + "1" * 5000, "is no TOML file"),
], ids=["games in [sweep]", "deep", "digits"])
def test_what_a_file_says_is_no_traceback(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "spec.toml").write_text(content)
    with pytest.raises(pt.InputError, match=message):
        spec.read_spec(tmp_path / "spec.toml")


@pytest.mark.parametrize("rules", [
    inpg(1, 1.0), [inpg(0.1), pt.rules.INPG(0.1)], inpg(0.1, np.float64(0.1)),
    [inpg(2), pt.rules.INPG(2.0)], [inpg(0.1), {"name": "inpg", "step_size": 0.1}],
], ids=["1 and 1.0", "made and named", "NumPy's", "made and whole", "twice"])
def test_what_a_table_cannot_tell_apart_is_refused(rules: object) -> None:
    with pytest.raises(pt.InputError, match="two cells of the sweep are alike: stag-hunt inpg"):
        spec.spec("stag-hunt", rules)


def test_near_numbers_are_two_cells() -> None:
    assert len(spec.spec("stag-hunt", inpg(0.1, 0.10000001)).cells) == 2


@pytest.mark.parametrize(("asked", "message"), [
    (lambda: spec.spec({"name": "public-goods", "n_agents": list(range(2, 1002))},
                       inpg(*range(1, 1001))),
     r"the sweep has 1,000,000 cells \(1000 x 1000 x 1 x 1\), but at most 10,000 are learnt"),
    (lambda: spec.spec("stag-hunt", (inpg(1 + step) for step in itertools.count())),
     "rules has more than 10,000 choices, but a sweep has at most 10,000 cells"),
    (lambda: pt.sweep_cost("stag-hunt", inpg(*range(1, 100_001))), "rules has more than 10,000"),
    (lambda: spec.spec("stag-hunt", inpg(1), seeds=range(10**9)), "seeds has more than 1,048,576"),
    (lambda: spec.spec("stag-hunt", inpg(1), seeds=itertools.count()), "seeds has more than"),
], ids=["grids", "rules", "cost", "seeds", "endless seeds"])
def test_too_many_are_counted_before_any_is_made(monkeypatch: pytest.MonkeyPatch,
                                                 asked: Callable[[], object],
                                                 message: str) -> None:
    games = pt.games.make
    monkeypatch.setattr(pt.games, "make", lambda name, **parameters: games(name))
    with pytest.raises(pt.InputError, match=message):
        asked()


@pytest.mark.parametrize(("given", "message"), [
    ({"games": 3}, "games has 3, but each is a name, a mapping with a name, or the game itself"),
    ({"games": [["x"]]}, r"games has \['x'\], but each is a name"),
    ({"games": b"abc"}, "games has b'abc', but each is a name"),
    ({"games": None}, "games has None, but each is a name"),
    ({"games": pt.rules.INPG(0.1)}, "game is a INPG, which is no game: it has no `name`"),
    ({"rules": lambda policy: policy}, "rule is a function, which is no rule"),
    ({"rules": pt.oracles.Exact()}, "rule is a Exact, which is no rule: it has no `init`"),
    ({"oracles": None}, "oracles has None"),
    ({"schedules": object()}, "schedule is a object, which is no schedule"),
    ({"seeds": b"ab"}, "seeds is b'ab', not a whole number"),
])
def test_what_is_no_game_or_rule_is_refused(tmp_path: Path, given: dict[str, Any],
                                            message: str) -> None:
    asked: dict[str, Any] = {"games": "stag-hunt", "rules": inpg(0.1)}
    with pytest.raises(pt.InputError, match=message):
        pt.sweep(**(asked | given), out=tmp_path / "out")
    assert not (tmp_path / "out").exists(), "it would be in the way of the right one"


def test_settings_are_plain_numbers() -> None:
    found = spec.spec("stag-hunt", inpg(0.1), seeds=np.array(3), max_iterations=np.int64(3),
                      tolerance=Fraction(1, 1000), step_tolerance=np.float32(0.5))
    assert found.seeds == (0, 1, 2)
    assert spec.text_of(found.asked) == spec.text_of(found.asked | {"settings": {
        "max_iterations": 3, "tolerance": 0.001, "step_tolerance": 0.5, "check_every": 100,
        "initial": "random"}})


def test_a_table_holds_what_differs_in_kind() -> None:
    """A step size that is a number here and a function there, and numbers of any size."""
    rules = [pt.rules.INPG(0.5), pt.rules.INPG(lambda iteration: 0.1),
             {"name": "inpg", "step_size": 10**30}]
    asked = spec.spec("stag-hunt", rules, seeds=2)
    found = joined([read_table(each.rows) for group in groups.groups(asked, set())
                    for each in groups.failed(group, "no")])
    steps = read_table(parquet(found))["rule.step_size"].tolist()
    assert sorted(steps)[:2] == ["0.5", "0.5"]
    assert sum("<lambda>" in step for step in steps) == 2
    assert steps.count(str(10**30)) == 2
