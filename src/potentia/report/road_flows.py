"""What flows where: the links with most vehicles and the fullest, and all as CSV, GeoJSON or GMNS.

Only links and numbers are read; coordinates of nodes are (x, y) by node number.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from potentia.console.text import visible
from potentia.report.terminal import show_table

SHOWN, FULLEST = 8, 5      # links in the table, and below it
LONGITUDE_LATITUDE = 4326  # the EPSG code of what GeoJSON means where it says nothing
# What programs that read GMNS networks call the columns of link_performance.csv, as DTALite does.
GMNS = {"link_id": "id", "from_node_id": "from", "to_node_id": "to", "volume": "flow",
        "capacity": "capacity", "doc": "volume_over_capacity", "fftt": "free_flow_time",
        "travel_time": "time", "length": "length", "toll": "toll"}
Coordinates = Mapping[int, tuple[float, float]]


@dataclasses.dataclass(frozen=True)
class Marked:
    """Links, from and to by the numbers of nodes, that are taken away, that are tolled anew, and
    that are built."""

    shut: tuple[tuple[int, int], ...] = ()
    tolled: tuple[tuple[int, int], ...] = ()
    built: tuple[tuple[int, int], ...] = ()


NOTHING = Marked()


@dataclasses.dataclass(frozen=True)
class LinkFlows:
    """links: [links, 2] nodes by their numbers. table: what is told of each link, [links] by name:
    id, from, to, flow, capacity, free_flow_time, volume_over_capacity, length, time, cost, toll;
    NaN where nothing is known; with classes also flow_NAME of each, in passenger-car units, and
    toll_revenue. alone: [links] time of a lone agent. unit: what flows count."""

    links: np.ndarray
    table: Mapping[str, Sequence | np.ndarray]
    alone: np.ndarray
    unit: str = "vehicles"

    def column(self, name: str) -> np.ndarray:
        """[links] of numbers."""
        return np.asarray(self.table[name], dtype=np.float64)

    @property
    def flow(self) -> np.ndarray:
        """[links] expected flow."""
        return self.column("flow")

    @property
    def revenue(self) -> np.ndarray:
        """[links] what vehicles are expected to pay in tolls together."""
        known = "toll_revenue" in self.table
        return self.column("toll_revenue") if known else self.flow * self.column("toll")

    @property
    def ends(self) -> list[tuple[int | str, int | str]]:
        """From and to of each link, by the names of the nodes where they have any."""
        return list(zip(self.table["from"], self.table["to"], strict=True))

    @property
    def has_capacities(self) -> bool:
        """Whether any capacity is known that is one: files that put capacities into the costs give
        1 for each, which would put roads at thousands of times their capacity."""
        capacity = self.column("capacity")
        return bool((np.isfinite(capacity) & (capacity != 1.0)).any())

    @property
    def filled(self) -> np.ndarray:
        """[links] volume over capacity, NaN where no capacity is known."""
        return self.column("volume_over_capacity")

    @property
    def crowding(self) -> np.ndarray:
        """[links] time over that of a lone agent, at least 1."""
        time = self.column("time")
        return np.where(self.alone > 0, np.maximum(
            time / np.where(self.alone > 0, self.alone, 1.0), 1.0), 1.0)


def show_links(flows: LinkFlows) -> None:
    """Print the links with the largest flows, and which are the fullest: those that pictures have
    darkest, where capacities are known."""
    most = np.argsort(-flows.flow, kind="stable")[:SHOWN]
    print(f"The links with most {flows.unit} ({len(most)} of {len(flows.links):,}):")
    cost, time, toll, filled = map(flows.column, ("cost", "time", "toll", "volume_over_capacity"))
    extra = {"of capacity": filled} if flows.has_capacities else {}
    paid = {"cost paid": cost} if (cost != time).any() else {}
    if toll.any():
        paid["toll revenue"] = flows.revenue
    ends = flows.ends
    show_table(("link", flows.unit, *extra, "time", "times the free road's", *paid), (
        ("{} -> {}".format(*ends[k]), f"{flows.flow[k]:,.1f}",
         *("" if math.isnan(column[k]) else f"{column[k]:.2f}" for column in extra.values()),
         f"{time[k]:.4g}", f"{flows.crowding[k]:.2f}",
         *(f"{column[k]:.4g}" for column in paid.values())) for k in most))
    if flows.has_capacities:
        known = np.flatnonzero(np.isfinite(filled))
        fullest = known[np.argsort(-filled[known], kind="stable")][:FULLEST]
        print("The fullest links, by volume over capacity: " + ", ".join(
            f"{visible(str(ends[k][0]))} -> {visible(str(ends[k][1]))} ({filled[k]:.2f})"
            for k in fullest))


def as_csv(flows: LinkFlows) -> bytes:
    """A row for each link, the columns of its table; numbers to their last bit, and cells empty
    where nothing is known."""
    return _written(flows, {name: name for name in flows.table})


def as_gmns(flows: LinkFlows) -> bytes:
    """The same as link_performance.csv, which goes with the link.csv of a GMNS network: volumes in
    vehicles, times in the unit of the network's; what is paid is left out but for tolls."""
    return _written(flows, GMNS)


def _written(flows: LinkFlows, columns: Mapping[str, str]) -> bytes:
    """The table as CSV; columns: ours by the names in the file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(["" if row[name] is None else row[name] for name in columns.values()]
                     for row in rows(flows))
    return text.getvalue().encode()


def rows(flows: LinkFlows) -> list[dict[str, Any]]:
    """What is told of each link, by name; None where nothing is known."""
    cells = {name: np.asarray(column).tolist() if isinstance(column, np.ndarray) else column
             for name, column in flows.table.items()}
    return [{name: None if isinstance(column[k], float) and math.isnan(column[k]) else column[k]
             for name, column in cells.items()} for k in range(len(flows.links))]


def as_geojson(flows: LinkFlows, coordinates: Coordinates, epsg: int) -> bytes:
    """A FeatureCollection with a LineString for each link, and what the CSV says of it as
    properties.

    epsg: the code of the coordinates' reference system. Longitudes and latitudes (4326) make a file
    of RFC 7946; others are named in the member "crs" of the specification of 2008, which programs
    for geographic information read.
    """
    features = [{"type": "Feature", "id": row["id"],
                 "geometry": {"type": "LineString",
                              "coordinates": [list(coordinates[int(node)]) for node in link]},
                 "properties": row} for link, row in zip(flows.links, rows(flows), strict=True)]
    system = {} if epsg == LONGITUDE_LATITUDE else {
        "crs": {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}}
    return json.dumps({"type": "FeatureCollection", **system, "features": features},
                      indent=1).encode()
