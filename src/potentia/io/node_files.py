"""Where nodes lie: from a file of nodes, TNTP or GMNS, or from points in GeoJSON (RFC 7946)."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from potentia.errors import InputError, shown
from potentia.games.roads.node_places import FARTHEST
from potentia.io import gmns_nodes, tntp
from potentia.io.road_nodes import WHOLE, note_strangers
from potentia.io.text_lines import Line, read_lines

IDS = ("id", "node", "node_id", "name")      # properties that may call a node, the first there is
EXPECTED = (f"points with the node in a property, {', '.join(IDS[:-1])} or {IDS[-1]}, were "
            f"expected, or a node file of TNTP or GMNS")


def read_places(path: object, names: Sequence[str] = ()) -> dict[int, tuple[float, float]]:
    """Where each node lies, (x, y) by its number, by what the file begins with.

    names: of the nodes 1, 2, ..., by which the file calls them, if they are not called by numbers.
    Others are told of and ignored then. Raises InputError naming the file, the line or the feature,
    and what was expected.
    """
    lines = read_lines(path)
    if lines[0].text.startswith(("{", "[")):
        return _of_geojson(lines, names)
    reader = gmns_nodes if gmns_nodes.is_node_file(lines[0].text) else tntp
    return reader.read_nodes(path, names)


def _of_geojson(lines: list[Line], names: Sequence[str]) -> dict[int, tuple[float, float]]:
    path = lines[0].path
    try:
        told = json.loads("\n".join(line.whole_text for line in lines))
    except (ValueError, RecursionError):
        raise InputError(f"{path} looks like GeoJSON, but it is no JSON: {EXPECTED}") from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not features:
        raise InputError(f"{path} is JSON without features: {EXPECTED}")
    numbers = {name: number for number, name in enumerate(names, 1)}
    places: dict[int, tuple[float, float]] = {}
    strangers = []
    for count, feature in enumerate(features, 1):
        where = f"{path}, feature {count}"
        node, place = _called(feature, where), _place(feature, where)
        number = numbers.get(node) if names else _number(node, where)
        if number is None:
            strangers.append(node)
        elif number in places:
            raise InputError(f"{where}: node {node} is there twice")
        else:
            places[number] = place
    note_strangers(path, strangers)
    return places


def _called(feature: Any, where: str) -> str:
    """What the feature calls its node."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    known = {str(name).lower(): value for name, value in (properties or {}).items()} if isinstance(
        properties, dict | None) else {}
    told = [known[name] for name in IDS if known.get(name) is not None]
    node = [*told, feature.get("id") if isinstance(feature, dict) else None][0]
    if isinstance(node, float) and node.is_integer():
        node = int(node)
    if isinstance(node, bool) or not isinstance(node, int | str):
        raise InputError(f"{where} does not say which node it is: {EXPECTED}")
    return str(node)


def _number(node: str, where: str) -> int:
    if not WHOLE.fullmatch(node):
        raise InputError(f"{where}: node is {shown(node)}, but a whole number was expected")
    return int(node)


def _place(feature: Any, where: str) -> tuple[float, float]:
    """Where the point of a feature lies."""
    shape = feature.get("geometry")
    at = shape.get("coordinates") if isinstance(shape, dict) and shape.get(
        "type") == "Point" else None
    if not isinstance(at, list) or len(at) < 2:
        raise InputError(f"{where} is no point: {EXPECTED}")
    for value in at[:2]:
        if (isinstance(value, bool) or not isinstance(value, int | float)
                or not math.isfinite(value) or abs(value) > FARTHEST):
            raise InputError(f"{where}: a coordinate is {shown(value)}, but numbers of at most "
                             f"{FARTHEST:g} in size were expected: [x, y]")
    return float(at[0]), float(at[1])
