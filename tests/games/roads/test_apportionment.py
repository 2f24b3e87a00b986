"""Whole agents by largest remainders."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potentia.errors import InputError
from potentia.games.roads.apportionment import enough, finer, keeping_all, misplaced, rounded

PARTS = st.lists(st.floats(0, 1e6, allow_subnormal=False), min_size=1,
                 max_size=30).filter(lambda parts: sum(parts) > 0)


@given(PARTS, st.integers(1, 10_000))
def test_counts_keep_to_their_quota_and_sum_to_the_agents(parts: list[float],
                                                          n_agents: int) -> None:
    counts = rounded(parts, n_agents)
    share = np.array(parts) / sum(parts) * n_agents
    assert counts.sum() == n_agents
    assert (counts >= np.floor(share * (1 - 1e-12))).all()
    assert (counts <= np.ceil(share * (1 + 1e-12))).all()
    assert 0 <= misplaced(parts, counts) <= 1


@given(st.lists(st.integers(0, 50), min_size=1, max_size=40).filter(any), st.integers(1, 7))
def test_demand_that_divides_loses_nothing(hundreds: list[int], times: int) -> None:
    counts = rounded([part * 100.0 for part in hundreds], times * sum(hundreds))
    np.testing.assert_array_equal(counts, np.array(hundreds) * times)
    assert misplaced(hundreds, counts) == pytest.approx(0, abs=1e-15)


@given(PARTS, st.integers(1, 10_000))
def test_who_has_more_gets_no_fewer(parts: list[float], n_agents: int) -> None:
    earlier_last = sorted(range(len(parts)), key=lambda part: (parts[part], -part))
    assert (np.diff(rounded(parts, n_agents)[earlier_last]) >= 0).all()


@given(st.lists(st.integers(1, 50), min_size=2, max_size=40), st.floats(1e-9, 1e9))
def test_a_unit_of_demand_loses_nothing_either(agents: list[int], unit: float) -> None:
    """Demand in units that no float holds exactly: its shares miss whole numbers by rounding
    alone."""
    np.testing.assert_array_equal(rounded([unit * count for count in agents], sum(agents)), agents)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30), st.integers(0, 10_000))
def test_nobody_is_left_without(parts: list[float], more: int) -> None:
    counts = keeping_all(parts, len(parts) + more)
    assert counts.sum() == len(parts) + more
    assert counts.min() >= 1
    plain = rounded(parts, len(parts) + more)
    assert plain.min() == 0 or (counts == plain).all()


@pytest.mark.parametrize(("parts", "n_agents"), [
    ([1800.0, 1806.0], 3606),                     # whole trips, as many agents
    ([999.0, 1.0], 1000), ([998.0, 1.0], 1998),   # the fewest, and twice as many as too few
    ([2.6, 0.4], 1500), ([1.0], 1000), ([1e-9], 1000), ([1e-310], 1000),
    ([1000.0, 0.01], 50_001),                     # half an agent for the least, rounded up
    ([1000.25, 1000.25, 1000.5], 3001),           # little is moved
    ([1e6, 1e-9], 10**6),                         # one for each, though 10^9 round it to nothing
    ([3e12], 3 * 10**12)])                        # more trips than that
def test_agents_are_enough_for_every_part(parts: list[float], n_agents: int) -> None:
    assert enough(parts, fewest=1000, most=10**9, lost=0.005) == n_agents


def test_each_part_has_an_agent_if_there_may_be_so_many() -> None:
    parts = [1e-3] * 60 + [3.0]
    assert enough(parts, fewest=10, most=61, lost=0.005) == 61
    assert enough(parts, fewest=10, most=60, lost=0.005) == 60
    assert enough(parts, fewest=10, most=2, lost=0.005) == 3


@pytest.mark.parametrize(("parts", "n_agents", "found"), [
    ([1800.0, 600.0], 3, 4), ([1800.0, 600.0], 4, 8),     # three to one
    ([7.5, 2.5], 3, 20), ([1.5, 0.25], 10, 18),           # twice, and ten times 1.75
    ([1000.0, 1e-9], 5, None)])                           # the least would have no agent
def test_finer_agents_divide_the_demand(parts: list[float], n_agents: int,
                                        found: int | None) -> None:
    assert finer(parts, n_agents, most=10**9, lost=0.03) == found


def test_equal_remainders_go_to_the_first() -> None:
    assert rounded([1, 1, 1], 4).tolist() == [2, 1, 1]


@pytest.mark.parametrize(("parts", "n_agents", "message"), [
    ([1, -1], 3, r"demand\[1\] is -1"), ([1, np.nan], 3, r"demand\[1\] is nan"),
    ([0, 0], 3, "demand is 0 everywhere"),
    ([1], 10**30, "n_agents is 10+, but it must be at most"), ([1], True, "n_agents is True"),
    ([1], 0, "n_agents is 0"), ([1], 1.5, "n_agents is 1.5, not a whole number")])
def test_what_is_no_demand(parts: list, n_agents: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        rounded(parts, n_agents)           # pyright: ignore[reportArgumentType]
