"""Assign traffic by AequilibraE's bi-conjugate Frank-Wolfe, and print JSON.

    PYTHON benchmarks/peers/aequilibrae_run.py FILE GAP

PYTHON is that of an environment with aequilibrae; nothing of Potentia is imported. FILE is an npz
archive: links [m, 2] of nodes, free_flow_time, capacity, b, power [m], demand [k, 3] of origin,
destination, vehicles, and n_zones; zones are nodes 1 to n_zones, crossed only if `crossed` is 1.
GAP is the relative gap to reach, on all cores.

The document: seconds (of the assignment alone), iterations, gap, flow [m], version.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from importlib.metadata import version

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

MOST = 5_000              # iterations


def graph_of(given: dict[str, np.ndarray]) -> Graph:
    """The network as AequilibraE takes it."""
    links = given["links"]
    network = pd.DataFrame({
        "link_id": np.arange(1, len(links) + 1), "a_node": links[:, 0], "b_node": links[:, 1],
        "direction": 1,
        "free_flow_time": np.maximum(given["free_flow_time"], 1e-9), "capacity": given["capacity"],
        "b": given["b"],
        "power": given["power"]})
    graph = Graph()
    graph.network, graph.mode = network, "c"
    graph.prepare_graph(np.arange(1, int(given["n_zones"]) + 1))
    graph.set_graph("free_flow_time")
    graph.set_skimming(["free_flow_time"])
    graph.set_blocked_centroid_flows(not bool(given["crossed"]))
    return graph


def matrix_of(given: dict[str, np.ndarray]) -> AequilibraeMatrix:
    """The demand as AequilibraE takes it."""
    zones = int(given["n_zones"])
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, zones + 1)
    trips = np.zeros((zones, zones))
    trips[given["demand"][:, 0].astype(int) - 1, given["demand"][:, 1].astype(int)
          - 1] = given["demand"][:, 2]
    matrix.matrix["trips"][:, :] = trips
    matrix.computational_view(["trips"])
    return matrix


def main() -> None:
    with np.load(sys.argv[1], allow_pickle=False) as archive:
        given = dict(archive)
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("cars", graph_of(given), matrix_of(given))])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.set_cores(os.cpu_count())
    assignment.max_iter, assignment.rgap_target = MOST, float(sys.argv[2])
    began = time.perf_counter()
    assignment.execute()
    seconds = time.perf_counter() - began
    flow = assignment.results()["trips_ab"].to_numpy()
    told = assignment.assignment
    found = {"seconds": seconds, "iterations": int(told.iter), "gap": float(told.rgap),
             "flow": flow.tolist(),
             "version": version("aequilibrae")}
    print(json.dumps(found), file=OUT)


if __name__ == "__main__":
    # Its progress goes to standard output as well.
    OUT = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        main()
