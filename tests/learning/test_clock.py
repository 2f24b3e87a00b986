"""When a run asks its game for another orientation."""

import numpy as np
import pytest

from potentia.learning import clock


def _asked_at(every: int, last: int) -> list[int]:
    """The iterations at which a run that is advanced chunk by chunk asks."""
    found, at = [], 0
    while at < last:
        at = int(clock.following(np.array([at]), every)[0])
        if clock.due(np.array([at]), every)[0]:
            found.append(at)
    return found


def test_intervals_grow_as_the_run_does():
    assert _asked_at(10, 400) == [10, 20, 30, 40, 60, 80, 120, 160, 240, 320]


@pytest.mark.parametrize("every", [1, 3, 10, 100])
def test_an_interval_is_a_fifth_to_two_fifths_of_what_was_made(every):
    made = np.arange(1, 1000 * every)
    length = clock.intervals(made, every)
    settled = made >= clock.SHARE * every
    assert (length[~settled] == every).all()
    assert (length[settled] * clock.SHARE > made[settled]).all()
    assert (length[settled] * clock.SHARE <= 2 * made[settled]).all()


def test_a_run_that_was_stopped_anywhere_asks_at_the_same_iterations():
    at = np.arange(1, 1001)
    assert [made for made in _asked_at(10, 1000) if made <= 1000] == list(at[clock.due(at, 10)])
    following = clock.following(at, 10)
    for made, then in zip(at, following, strict=True):
        assert not (clock.due(np.arange(made + 1, then), 10)).any()
