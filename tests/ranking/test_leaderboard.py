"""Leaderboards, held against brute force on small tables, where some runs never get there."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

import potentia as pt
from potentia.ranking import statistics
from potentia.ranking.leaderboard import Leaderboard

NEVER = np.inf
LEVELS = (1e-2, 1e-4, 1e-6)


def table(times: dict[tuple[str, str, float], list[float]], **more: Any) -> pd.DataFrame:
    """A sweep's table of runs that came to every level at these iterations: by game, rule and
    step size."""
    rows = [{"game": game, "rule": rule, "oracle": "exact", "schedule": "simultaneous",
             "rule.step_size": step, "seed": seed, "seconds_per_iteration": 0.5,
             "status": "max_iterations" if at == NEVER else "converged"}
            | {f"iterations_to_{level:g}": np.nan if at == NEVER else at for level in LEVELS}
            for (game, rule, step), each in times.items() for seed, at in enumerate(each)]
    return pd.DataFrame(rows).assign(**more)


TIMES = {("g", "a", 0.1): [10, 20, 30, NEVER], ("g", "a", 1.0): [5, NEVER, NEVER, NEVER],
         ("g", "b", 0.1): [40, 40, 40, 40], ("h", "a", 0.1): [NEVER] * 4,
         ("h", "a", 1.0): [8, 8, 2, 2], ("h", "b", 0.1): [5, 5, 5, 5]}
TUNED = {"a": {"g": [10, 20, 30, NEVER], "h": [8, 8, 2, 2]},      # by the medians, 25 and 5
         "b": {"g": [40] * 4, "h": [5] * 4}}


def spoilt(column: str, value: Any) -> pd.DataFrame:
    """The table with another value in its second row."""
    found = table(TIMES)
    return found.assign(**{column: [*found[column][:1], value, *found[column][2:]]})


def board(**more: Any) -> Leaderboard:
    return pt.leaderboard(table(TIMES), **more)


def test_each_rule_stands_by_its_best_setting() -> None:
    found = board().standings()
    rows = list(found[["game", "rank", "rule", "setting", "of", "runs", "never", "median"]]
                .itertuples(index=False, name=None))
    assert rows == [("g", 1, "a", "step_size=0.1", 2, 4, 1, 25.0),
                    ("g", 2, "b", "step_size=0.1", 1, 4, 0, 40.0),
                    ("h", 1, "a", "step_size=1", 2, 4, 0, 5.0),       # 5 and 5: a rank is shared
                    ("h", 1, "b", "step_size=0.1", 1, 4, 0, 5.0)]


def test_a_notebook_shows_what_is_printed() -> None:
    found = board()
    assert repr(found) == "<Leaderboard of 2 rules on 2 games>"
    title, _, *rows = str(found).splitlines()
    shown = found._repr_html_()
    assert title.removesuffix(":") in shown
    for row in rows[:2]:
        for cell in row.split()[:3]:
            assert f">{cell}</td>" in shown


def test_a_setting_that_was_chosen_is_named_beside() -> None:
    """The best one differs by game in the first table; on one game alone it is named."""
    _, heads, *rows = str(board()).splitlines()
    assert heads.split()[-1] == "setting"
    told = {row.split()[1]: row.split("  ")[-1].strip() for row in rows[:2]}
    assert told == {"a": "best of 2, by game", "b": "-"}
    alone = board()
    alone = dataclasses.replace(alone, runs=alone.runs[alone.runs["game"] == "g"])
    assert "step_size=0.1, best of 2" in str(alone)
    assert "setting" not in str(board(tuned=False))


def test_each_setting_stands_for_itself() -> None:
    found = board(tuned=False).standings()
    own = found[found["game"] == "g"]
    assert list(zip(own["rule"], own["rank"], own["median"], strict=True)) == [
        ("a(step_size=0.1)", 1, 25.0), ("b(step_size=0.1)", 2, 40.0),
        ("a(step_size=1)", 3, NEVER)]


def test_a_run_that_never_came_is_in_every_statistic() -> None:
    """Dropped, the one run of four that got there would make the rule the fastest."""
    times = {("g", "lucky", 1.0): [1, NEVER, NEVER, NEVER], ("g", "sure", 1.0): [9, 9, 9, 9]}
    found = pt.leaderboard(table(times))
    assert found.standings()[["rule", "rank", "never", "median"]].to_numpy().tolist() == [
        ["sure", 1, 0, 9.0], ["lucky", 2, 3, NEVER]]
    first = found.overall().iloc[0]
    assert (first["rule"], first["score"], first["never"]) == ("sure", 1.0, 0)
    assert found.improvement()["probability"].tolist() == [0.75]
    nobody = pt.leaderboard(table({key: [NEVER] * 4 for key in times}))
    assert nobody.overall()["score"].tolist() == [0.0, 0.0]
    assert nobody.overall()["first"].tolist() == [0, 0]
    assert nobody.standings()["rank"].tolist() == [1, 1]
    assert nobody.improvement()["probability"].tolist() == [0.5]


def test_profiles_and_scores_are_counts() -> None:
    best = {"g": 25.0, "h": 5.0}
    found, overall = board().profiles(), board().overall()
    for rule, games in TUNED.items():
        ratios = {game: [max(at / best[game], 1.0) for at in each] for game, each in games.items()}
        score = np.mean([np.mean([max(0.0, 1 - np.log(ratio) / np.log(1000)) for ratio in each])
                         for each in ratios.values()])
        (row,) = overall[overall["rule"] == rule].to_dict("records")
        assert row["score"] == pytest.approx(score, abs=1e-12)
        assert row["low"] <= score <= row["high"]
        profile = found[found["rule"] == rule]
        for within, share in zip(profile["ratio"], profile["share"], strict=True):
            counted = [np.mean([at / best[game] <= within for at in each])
                       for game, each in games.items()]
            assert share == pytest.approx(np.mean(counted))
        assert row["within_2"] == pytest.approx(
            np.mean([np.mean([ratio <= 2 for ratio in each]) for each in ratios.values()]))
        assert (profile["low"] <= profile["share"] + 1e-12).all()


def test_the_probability_of_improvement_counts_pairs() -> None:
    (row,) = board().improvement().to_dict("records")
    one, other = TUNED[row["rule"]], TUNED[row["over"]]
    counted = [np.mean([1.0 if x < y else 0.5 if x == y else 0.0
                        for x, y in itertools.product(one[game], other[game])]) for game in one]
    assert row["probability"] == pytest.approx(np.mean(counted))
    assert row["low"] <= row["probability"] <= row["high"]


def test_an_interval_is_that_of_all_resamples() -> None:
    """Of three runs there are 27 resamples, whose medians can be counted: 1 in 7, 3 in 13, never in
    7 of 27. So an interval of 95 % goes from 1 to never."""
    low, high = statistics.interval(statistics.median, [np.array([1.0, 3.0, NEVER])])
    assert (low, high) == (1.0, NEVER)
    low, high = statistics.interval(statistics.median, [np.array([1.0, 2.0, 3.0, 4.0, 5.0] * 20)])
    assert (low, high) == (3.0, 3.0) or 2.0 <= low <= 3.0 <= high <= 4.0
    assert np.isnan(statistics.interval(statistics.median, [np.array([1.0])])).all()


def test_time_is_iterations_by_their_pace() -> None:
    asked = table(TIMES)
    asked.loc[asked["rule"] == "b", "seconds_per_iteration"] = 0.05
    found = pt.leaderboard(asked).standings(1e-2, "seconds")
    assert list(zip(found["game"], found["rule"], found["rank"], found["median"], strict=True)) == [
        ("g", "b", 1, 2.0), ("g", "a", 2, 12.5), ("h", "b", 1, 0.25), ("h", "a", 2, 2.5)]


@pytest.mark.parametrize("order", [slice(None, None, -1), slice(4, None), slice(None, None, 2)])
def test_rows_may_have_any_labels(order: slice) -> None:
    """Turned round, filtered, or put under each other, a table counts by its rows."""
    asked = table(TIMES)
    asked["seconds_per_iteration"] = np.linspace(0.1, 5, len(asked))
    part = asked.iloc[order]
    alike = part.assign(seed=part["seed"] + 9)
    for by in ("iterations", "seconds"):
        told = pt.leaderboard(part).standings(by=by)
        pd.testing.assert_frame_equal(told, pt.leaderboard(
            part.reset_index(drop=True)).standings(by=by))
        both = pt.leaderboard(pd.concat([part, alike])).standings(by=by)
        assert both["runs"].tolist() == [2 * runs for runs in told["runs"]]
    (row, *_) = part.to_dict("records")
    times = part[(part["game"] == row["game"]) & (part["rule"] == row["rule"])
                 & (part["rule.step_size"] == row["rule.step_size"])]
    medians = (times["iterations_to_0.01"].fillna(np.inf) * times["seconds_per_iteration"]).median()
    found = pt.leaderboard(part, tuned=False).standings(0.01, "seconds")
    name = f"{row['rule']}(step_size={row['rule.step_size']:g})"
    assert found[(found["game"] == row["game"]) & (found["rule"] == name)][
        "median"].tolist() == pytest.approx([medians])


def test_numbers_may_be_held_as_objects() -> None:
    told = board().overall(by="seconds")
    held = table(TIMES).astype(object)
    pd.testing.assert_frame_equal(pt.leaderboard(held).overall(by="seconds"), told)
    held = held.where(held.notna(), None)
    pd.testing.assert_frame_equal(pt.leaderboard(held).overall(by="seconds"), told)
    nullable = table(TIMES).convert_dtypes()
    pd.testing.assert_frame_equal(pt.leaderboard(nullable).overall(by="seconds"), told)


def test_settings_are_told_in_full() -> None:
    times = {("g", "a", 0.1): [1], ("g", "a", 0.10000001): [2], ("g", "a", 3.0): [4]}
    assert pt.leaderboard(table(times), tuned=False).rules == [
        "a(step_size=0.1)", "a(step_size=0.10000001)", "a(step_size=3)"]


@pytest.mark.parametrize("status", ["failed", "inconsistent", "unverified", "nonfinite",
                                    "not_a_profile", "interrupted"])
def test_no_status_flatters(status: str) -> None:
    """What was said of the gap on the way counts for nothing then."""
    asked = table(TIMES)
    asked.loc[asked["rule"] == "b", "status"] = status
    found = pt.leaderboard(asked).standings()
    assert found[found["rule"] == "b"]["never"].tolist() == [4, 4]


def test_a_level_below_the_tolerance_is_not_told() -> None:
    asked = table(TIMES).assign(**{"iterations_to_1e-06": np.nan})
    found = pt.leaderboard(asked)
    assert found.levels == (1e-2, 1e-4)
    assert found.notes[0].startswith("Nothing is said of a gap of 1e-06: runs converged before it")
    with pytest.raises(pt.InputError, match=r"level is 1e-06, but the table tells 0.01, 0.0001"):
        found.standings(1e-6)


def test_where_a_rule_was_not_run_it_never_came() -> None:
    asked = table({key: each for key, each in TIMES.items() if key[:2] != ("h", "b")})
    found = pt.leaderboard(asked)
    assert found.notes == ("b was not run on h, and counts as never there.",)
    (row,) = found.standings().query("game == 'h' and rule == 'b'").to_dict("records")
    assert (row["rank"], row["never"], row["median"]) == (2, 1, NEVER)


def test_oracles_compete_where_there_are_several() -> None:
    asked = pd.concat([table(TIMES), table(TIMES, oracle="sampled", **{"oracle.episodes": 8})],
                      ignore_index=True)
    assert pt.leaderboard(asked).rules == [
        "a exact", "b exact", "a sampled(episodes=8)", "b sampled(episodes=8)"]


@pytest.mark.parametrize(("asked", "message"), [
    (table(TIMES).drop(columns="status"), "table has no column 'status'"),
    (table(TIMES).drop(columns="iterations_to_0.0001"),
     "table has no column 'iterations_to_0.0001'"),
    (table(TIMES).head(0), "table has no runs"),
    (pd.concat([table(TIMES)] * 2, ignore_index=True),
     "table has two runs of a on g with the same seed and setting"),
    ([1, 2], r"table is \[1, 2\], but the table of a sweep is needed"),
    (table(TIMES).assign(**{f"iterations_to_{level:g}": np.nan for level in LEVELS}),
     "it ranks nothing: sweep with a smaller tolerance"),
    (table(TIMES, status="failed", message="no\nmemory"),
     "all 24 runs of the table failed, so that it ranks nothing: no memory"),
    (table(TIMES, status="failed", message=""), r"so that it ranks nothing$"),
    (table(TIMES, iterations_to_foo=1.0), "a column 'iterations_to_foo', but what"),
    (table(TIMES, **{"iterations_to_1e-2": 1.0}), "a column 'iterations_to_1e-2', but what"),
    (table(TIMES).assign(x=1).rename(columns={"x": 5}), "a column 5, whose name is no text"),
    (table(TIMES).assign(x=1).rename(columns={"x": "seed"}), "has the column 'seed' twice"),
    (spoilt("status", "great"), "unknown status in the table of a sweep 'great'"),
    (spoilt("status", "CONVERGED"), "unknown status in the table of a sweep 'CONVERGED'"),
    (spoilt("rule", np.nan), "table has rule nan in its row 1, but a name is expected"),
    (spoilt("oracle", 3), "table has oracle 3 in its row 1"),
    (spoilt("game", None), "table has game (None|nan) in its row 1"),
    (spoilt("seed", "one"), "table has seed 'one' in its row 1, but a whole number is expected"),
    (spoilt("seed", 0.5), "table has seed 0.5 in its row 1"),
    (spoilt("iterations_to_0.01", "soon"), "iterations_to_0.01 'soon' in its row 1"),
    (spoilt("iterations_to_0.01", -5), "iterations_to_0.01 -5.0 in its row 1"),
    (spoilt("iterations_to_1e-06", np.inf), "iterations_to_1e-06 inf in its row 1"),
    (spoilt("iterations_to_1e-06", 20.5), "iterations_to_1e-06 20.5 in its row 1"),
    (spoilt("iterations_to_1e-06", 1), "to_1e-06 1 in its row 1, where iterations_to_0.0001 is 20"),
    (spoilt("iterations_to_0.01", None), "where iterations_to_0.01 is nan"),
    *((spoilt("seconds_per_iteration", pace), f"seconds_per_iteration '?{pace}'? in its row 1")
      for pace in (0.0, -1.0, np.nan, np.inf, "fast")),
])
def test_what_is_no_table_of_a_sweep_is_refused(asked: object, message: str) -> None:
    with pytest.raises(pt.InputError, match=message):
        pt.leaderboard(asked)


def test_a_sweep_gives_its_leaderboard() -> None:
    swept = pt.sweep(["stag-hunt", "chicken"],
                     [{"name": "inpg", "step_size": [0.5, 2.0]}, "regret-matching"], seeds=3,
                     max_iterations=60, check_every=20, tolerance=1e-7, progress=False)
    found = pt.leaderboard(swept.table)
    assert (found.games, found.rules) == (["stag-hunt", "chicken"], ["inpg", "regret-matching"])
    row = found.standings(1e-2).query("game == 'chicken' and rule == 'inpg'").iloc[0]
    runs = swept.table.query("game == 'chicken' and rule == 'inpg'")
    medians = runs.fillna({"iterations_to_0.01": np.inf}).groupby("rule.step_size")[
        "iterations_to_0.01"].median()
    assert row["median"] == medians.min()
    assert str(found).startswith("To a gap of 0.0001, by iterations:\nrank")
