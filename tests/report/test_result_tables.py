"""A result as a frame, as labelled arrays, as a row for each run, and as it is printed."""

from __future__ import annotations

import builtins
import dataclasses
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

import potentia as pt
from small_games import DILEMMA


@pytest.fixture(scope="module")
def several() -> pt.Result:
    """Three runs, the first of which ends early: it starts near the equilibrium."""
    start = np.stack([np.array([[[2e-8, 1 - 2e-8]]] * 2), np.full((2, 1, 2), 0.5),
                      np.array([[[0.6, 0.4]], [[0.9, 0.1]]])])
    return pt.solve(DILEMMA, pt.rules.INPG(step_size=0.02), initial=start, runs=3,
                    max_iterations=20, tolerance=1e-7, l1_accuracy=True, record_every=2,
                    snapshots=4)


@pytest.fixture(scope="module")
def one() -> pt.Result:
    return pt.solve(DILEMMA, pt.rules.INPG(step_size=0.02), initial="uniform", max_iterations=3)


def rows(table: pd.DataFrame) -> Iterator[tuple[int, int, str, float]]:
    """Run, iteration, quantity and value of each row."""
    columns = (table[name].tolist() for name in ("run", "iteration", "quantity", "value"))
    return zip(*columns, strict=True)


def test_a_frame_has_a_row_for_each_number(several: pt.Result) -> None:
    table, history = several.to_dataframe(), several.history
    assert list(table.columns) == ["run", "iteration", "quantity", "value"]
    assert set(table.quantity) == set(history) - {"iteration", "check_iteration"}
    expected = {}
    for name in set(table.quantity):
        at = history["iteration" if name in ("policy_step", "advantage", "l1_accuracy")
                     else "check_iteration"]
        at = np.column_stack([at, several.iterations])       # of the final profile
        for run in range(3):
            for k, value in enumerate(history[name][run]):
                if not np.isnan(value):
                    expected[run, int(at[run, k]), name] = value
    found = {(run, at, name): value for run, at, name, value in rows(table)}
    assert found == expected
    assert len(table) == len(expected)


def test_rows_end_where_a_run_ended(several: pt.Result) -> None:
    table = several.to_dataframe()
    assert several.statuses[0] is pt.Status.CONVERGED
    last = table[table.quantity == "nash_gap"].groupby("run").iteration.max()
    np.testing.assert_array_equal(last, several.iterations)
    assert last[0] < last[1] == 20


def test_a_single_run_is_run_0(one: pt.Result) -> None:
    table = one.to_dataframe()
    assert set(table.run) == {0}
    steps = table[table.quantity == "policy_step"]
    np.testing.assert_array_equal(steps.value, one.history["policy_step"])
    np.testing.assert_array_equal(steps.iteration, [0, 1, 2])


def test_a_result_without_updates_has_its_checks() -> None:
    table = pt.solve(DILEMMA, pt.rules.INPG(step_size=0.02), max_iterations=0).to_dataframe()
    assert "nash_gap" in set(table.quantity)
    assert set(table.iteration) == {0}


def test_labelled_arrays_hold_the_same(several: pt.Result) -> None:
    found = several.to_xarray()
    for run, at, name, value in rows(several.to_dataframe()):
        axis = ("iteration" if name in ("policy_step", "advantage", "l1_accuracy")
                else "check_iteration")
        assert float(found[name].sel({"run": run, axis: at})) == value
    count = sum(int(found[name].notnull().sum()) for name in found.data_vars
                if {"iteration", "check_iteration"} & set(found[name].dims))
    assert count == len(several.to_dataframe())
    np.testing.assert_array_equal(found.profile, several.profiles)
    assert several.snapshots is not None
    np.testing.assert_array_equal(found.snapshots, several.snapshots.profile)
    assert found.sizes["run"] == 3
    assert found.attrs["rule.step_size"] == 0.02
    assert list(found.status.values) == list(map(str, several.statuses))


def test_a_single_run_has_the_dimension_run(one: pt.Result) -> None:
    assert one.to_xarray().sizes["run"] == 1


def test_xarray_is_asked_for_in_one_line(
        one: pt.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    brought = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "xarray":
            raise ImportError(name)
        return brought(name, *rest)     # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(pt.InputError, match=r"needs xarray.*pip install 'potentia\[xarray\]'$"):
        one.to_xarray()


def test_a_summary_has_what_the_certificate_says(several: pt.Result) -> None:
    table = several.summary()
    assert list(table.index) == [0, 1, 2]
    assert list(table.status) == ["converged", "max_iterations", "max_iterations"]
    for run, profile in enumerate(several.profiles):
        certificate = pt.certify(DILEMMA, profile)
        assert table.nash_gap[run] == certificate.nash_gap
        assert table.nash_gap_lower[run] == certificate.nash_gap_lower
        assert table.certificate[run] == certificate.method
        both = profile[:, 0]
        paid = np.array([[[3, 0], [5, 1]], [[3, 5], [0, 1]]]) * both[0][:, None] * both[1]
        assert table.welfare[run] == pytest.approx(10 * paid.sum(), rel=1e-12)


def test_a_summary_says_why_there_is_no_certificate(one: pt.Result) -> None:
    class Alone:
        """A game that answers but has no table."""

        name = "alone"

        def welfare(self, profile: object) -> float:
            return 7.0

    row = dataclasses.replace(one, game=Alone()).summary().loc[0]   # pyright: ignore
    assert np.isnan(row.nash_gap)
    assert row.welfare == 7.0
    assert row.certificate.startswith("none: game is a Alone")


def test_one_run_prints_a_line_that_ends_with_its_gap(one: pt.Result) -> None:
    gap = one.history["nash_gap"][-1]
    assert str(one) == repr(one)
    assert str(one).endswith(f"max_iterations after 3 iterations; Nash gap {gap:.3g}>")


def test_several_runs_print_a_table_that_ends_with_the_gaps(several: pt.Result) -> None:
    lines = str(several).splitlines()
    assert lines[1].split() == ["run", "status", "iterations", "Nash", "gap"]
    assert [line.split()[1] for line in lines[2:5]] == list(several.statuses)
    last = several.history["nash_gap"]
    ends = [row[~np.isnan(row)][-1] for row in last]
    assert [line.split()[3] for line in lines[2:5]] == [f"{gap:.3g}" for gap in ends]
    assert lines[5:] == [f"Nash gap {min(ends):.3g} to {max(ends):.3g}"]
    assert len(repr(several).splitlines()) == 1
    assert "3 runs, 1 converged, 2 max_iterations" in repr(several)


def test_a_hundred_runs_print_twenty_rows(one: pt.Result) -> None:
    many = dataclasses.replace(one, status=(one.statuses[0],) * 100, iterations=np.full(100, 3),
                               message="", history={"nash_gap": np.full((100, 1), 0.25)})
    lines = str(many).splitlines()
    assert len(lines) == 2 + 20 + 2
    assert lines[-2:] == ["... 80 more runs: summary() has all", "Nash gap 0.25"]


def test_an_unknown_gap_is_called_unknown(one: pt.Result) -> None:
    nothing = dataclasses.replace(one, history={"nash_gap": np.array([np.nan])})
    assert str(nothing).endswith("Nash gap unknown>")
    assert np.isnan(nothing.last("potential")).all()
