"""What a solve has recorded so far.

A `Log` holds rows of numbers, each of one run, in blocks. It never changes: adding rows gives
another log, so that whoever holds one, an interrupt or a checkpoint, holds it whole. New rows join
the blocks before them as long as those are not twice as large. So n rows make at most log2(n) + 1
blocks, a row is copied O(log n) times, and to bring files up to date is to write the blocks that
are new.
"""

from __future__ import annotations

import dataclasses

import numpy as np


@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """n rows of K numbers: run [n] int32, whose row it is; values [n, K] float64."""

    run: np.ndarray
    values: np.ndarray


@dataclasses.dataclass(frozen=True)
class Log:
    """Rows in the order in which they were added."""

    blocks: tuple[Block, ...] = ()

    def with_rows(self, run: np.ndarray, values: np.ndarray) -> Log:
        """The log with these rows at its end: run [n], values [n, K]."""
        if len(run) == 0:
            return self
        kept, joined, size = list(self.blocks), [Block(run.astype(np.int32), values)], len(run)
        while kept and len(kept[-1].run) < 2 * size:
            joined.insert(0, kept.pop())
            size += len(joined[0].run)
        return Log((*kept, Block(np.concatenate([block.run for block in joined]),
                                 np.concatenate([block.values for block in joined]))))

    def counts(self, runs: int) -> np.ndarray:
        """[runs] how many rows each run has."""
        return sum((np.bincount(block.run, minlength=runs) for block in self.blocks),
                   np.zeros(runs, np.int64))

    def table(self, runs: int, width: int) -> np.ndarray:
        """[K, runs, T] with K = `width` and T the most rows of any run; NaN after a run's own last
        row."""
        counts = self.counts(runs)
        table = np.full((width, runs, int(counts.max(initial=0))), np.nan)
        ends = np.zeros(runs, np.int64)
        for block in self.blocks:
            # NumPy sorts small whole numbers in one pass over them.
            order = np.argsort(block.run.astype(np.min_scalar_type(runs)), kind="stable")
            found = np.bincount(block.run, minlength=runs)
            for run, rows in enumerate(np.split(block.values[order], np.cumsum(found)[:-1])):
                table[:, run, ends[run]:ends[run] + len(rows)] = rows.T
            ends += found
        return table
