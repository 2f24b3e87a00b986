"""A sweep on a real Ray cluster of two nodes, one of whose workers is killed on the way; what was
found, as JSON. Not a test: `test_ray` runs it as a process of its own.

Ray gives every server of a machine the machine's own address, even where the loopback was asked
for; here that is undone, so that nobody else can reach them.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import ray
from ray._private import services
from ray.cluster_utils import Cluster

import potentia as pt

LOOPBACK = "127.0.0.1"
LISTENS = "0A"


def cluster_of_two() -> Cluster:
    """Two nodes of one core each."""
    services.resolve_ip_for_localhost = lambda host: host
    services.get_node_ip_address = lambda address=None: LOOPBACK
    node = {"num_cpus": 1, "node_ip_address": LOOPBACK, "object_store_memory": 80_000_000,
            "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    cluster.add_node(**node)
    ray.init(address=cluster.address, _node_ip_address=LOOPBACK, log_to_driver=False)
    return cluster


def below(process: int) -> set[int]:
    """This process and all that descend from it."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int(
                    (folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    found = {process}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def listening(processes: set[int]) -> set[str]:
    """Addresses, in hexadecimal, on which any of them listens."""
    sockets = set()
    for process in processes:
        try:
            sockets |= {os.readlink(each) for each in Path(f"/proc/{process}/fd").iterdir()}
        except OSError:
            continue
    lines = [line.split() for table in ("tcp", "tcp6")
             for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]
    return {line[1].partition(":")[0] for line in lines
            if line[3] == LISTENS and f"socket:[{line[9]}]" in sockets}


def kill_one(cells: Path, killed: list[int]) -> None:
    """Once a cell is there, kill a worker that is at another."""
    while not list(cells.glob("*.parquet")):
        time.sleep(0.01)
    while not killed:
        for process in below(os.getpid()):
            try:
                name = Path(f"/proc/{process}/cmdline").read_text()
            except OSError:
                continue
            if name.startswith("ray::learnt"):
                os.kill(process, signal.SIGKILL)
                killed.append(process)
                return
        time.sleep(0.01)


def main(out: Path, asked: dict[str, Any]) -> None:
    """Sweep what is asked for, to the folder `out`."""
    cluster = cluster_of_two()
    killed: list[int] = []
    nodes = len([node for node in ray.nodes() if node["Alive"]])
    killer = threading.Thread(target=kill_one, args=(out / "cells", killed), daemon=True)
    killer.start()
    found = pt.sweep(out=out, backend="ray", **asked)
    addresses = listening(below(os.getpid()))
    ray.shutdown()
    cluster.shutdown()
    print(json.dumps({"nodes": nodes, "killed": len(killed), "addresses": sorted(addresses),
                      "rows": len(found.table)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), json.loads(sys.argv[2]))
