"""Logs: what is read is what was added; blocks stay few, and bringing files up to date does not
become dear."""

from __future__ import annotations

import dataclasses
import itertools
import math
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from potentia.learning.checkpoint import store
from potentia.learning.checkpoint.store import CheckpointStore
from potentia.learning.device import RunState
from potentia.learning.history import Log
from potentia.learning.host import SolveState


@given(added=st.lists(st.lists(st.integers(0, 3), max_size=9), max_size=60))
def test_a_log_gives_back_what_was_added(added: list[list[int]]) -> None:
    log, expected = Log(), [[], [], [], []]
    for k, run in enumerate(added):
        before, values = log, np.column_stack([np.arange(len(run)) + 100 * k, np.full(len(run), k)])
        blocks = before.blocks
        log = log.with_rows(np.array(run, int), values.astype(float))
        assert before.blocks == blocks, "a log never changes"
        for one, row in zip(run, values, strict=True):
            expected[one].append(row)
    rows = max(map(len, expected))
    table = log.table(4, 2)
    assert table.shape == (2, 4, rows)
    assert log.counts(4).tolist() == [len(each) for each in expected]
    for run, each in enumerate(expected):
        np.testing.assert_array_equal(table[:, run, :len(each)], np.reshape(each, (-1, 2)).T)
        assert np.isnan(table[:, run, len(each):]).all()
    sizes = [len(block.run) for block in log.blocks]
    assert all(old >= 2 * new for old, new in itertools.pairwise(sizes))


def bytes_written(directory: Path, checkpoints_made: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """By so many checkpoints of 5 chunks of 100 rows each."""
    written, write = [], store.write_bytes
    with monkeypatch.context() as patch, jax.enable_x64(True):
        patch.setattr(store, "write_bytes",
                      lambda path, content: written.append(len(content)) or write(path, content))
        checkpoints = CheckpointStore(directory, 0.0, False, {})
        state = RunState(jnp.zeros((1, 1, 1, 1)), None, jax.random.key(0)[None], jnp.zeros(1, int),
                         jnp.zeros(1, int))
        solve_state = SolveState(state, (None,), np.zeros(1), np.zeros(1), np.zeros(1))
        for k in range(5 * checkpoints_made):
            updates = solve_state.updates.with_rows(np.zeros(100, int), np.full((100, 2), float(k)))
            solve_state = dataclasses.replace(solve_state, updates=updates)
            if k % 5 == 4:
                assert checkpoints.write(solve_state)
                assert len(list(directory.iterdir())) <= 3 + math.log2(k + 1)
    return sum(written)


def test_the_cost_of_a_checkpoint_does_not_grow_with_the_run(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("few", "many"):
        (tmp_path / name).mkdir()
    few = bytes_written(tmp_path / "few", 10, monkeypatch)
    many = bytes_written(tmp_path / "many", 80, monkeypatch)
    assert many < 8 * 1.7 * few  # rewriting all of it every time would be 64 times as much
