"""How long a chunk is."""

from __future__ import annotations

import time
from typing import Any

import jax
import numpy as np

from potentia.learning.device import CHUNK, RunState, Stops
from potentia.runtime.collectives import agreed

# about how long the host waits for one chunk, so that Ctrl-C and progress answer
CHUNK_SECONDS = 0.5


class ChunkSize:
    """How many iterations the next chunk may take, so that one takes about CHUNK_SECONDS."""

    def __init__(self) -> None:
        self.limit = 16          # the first chunk includes compilation, so it says little

    def timed(self, advance: Any, stops: Stops, state: RunState, reference: Any,
              until: np.ndarray) -> tuple:
        began = time.monotonic()
        state, records = jax.block_until_ready(advance(stops, state, reference, until))
        quick = time.monotonic() - began < CHUNK_SECONDS
        self.limit = agreed(min(2 * self.limit, CHUNK) if quick else max(self.limit // 2, 1))
        return state, records
