"""The same sweep on a Ray cluster of two nodes, one of which loses its worker on the way."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import ray
from ray.cluster_utils import Cluster
from ray.util.state import list_workers

import potentia as pt
from potentia.sweeps.folder import Folder

GAMES = [{"name": "public-goods", "n_agents": [2, 3, 4]}, "prisoners-dilemma"]
RULES = [{"name": "inpg", "step_size": [0.1, 0.2]}, "inpg-adaptive"]


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
    found.add_node(num_cpus=1)
    ray.init(address=found.address, log_to_driver=False)
    yield found
    ray.shutdown()
    found.shutdown()


def test_a_worker_is_lost_and_nothing_else(cluster: Cluster, tmp_path: Path,
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    alone = pt.sweep(GAMES, RULES, seeds=2, max_iterations=50, progress=False)
    kept: list[str] = []
    keep = Folder.keep
    monkeypatch.setattr(Folder, "keep", lambda self, learnt: (kept.append(learnt.digest),
                                                              keep(self, learnt)))
    killed: list[int] = []

    def kill_one() -> None:
        for _ in range(200):
            busy = [worker.pid for worker in list_workers(detail=True)
                    if worker.worker_type == "WORKER" and worker.is_alive and worker.pid]
            if busy:
                os.kill(busy[0], signal.SIGKILL)
                killed.append(busy[0])
                return
            time.sleep(0.1)

    killer = threading.Thread(target=kill_one)
    killer.start()
    found = pt.sweep(GAMES, RULES, seeds=2, max_iterations=50, progress=False, backend="ray",
                     out=tmp_path / "out")
    killer.join()
    assert len(killed) == 1
    assert len(kept) == len(set(kept)) == 12
    pd.testing.assert_frame_equal(found.table.drop(columns="seconds_per_iteration"),
                                  alone.table.drop(columns="seconds_per_iteration"))
