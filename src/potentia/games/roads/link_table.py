"""What is told of each link of a network at a profile, column by column."""

from __future__ import annotations

import numpy as np

from potentia.games.roads import charges, compiled
from potentia.games.roads.cost_kinds import on_host
from potentia.games.roads.data import RoadData
from potentia.games.roads.held import with_profile
from potentia.games.roads.node_names import called
from potentia.runtime.float64 import float64_on_one_blas_thread

Column = np.ndarray | list


def columns(game: RoadData, profile: object) -> dict[str, Column]:
    """[roads] each, by name, at `profile` [R, 1, A]: id, from and to (names where nodes have any);
    flow, expected vehicles; capacity, in vehicles; free_flow_time, without any load;
    volume_over_capacity; length; time and cost of a vehicle at mean flows; and what of the cost is
    toll. NaN where nothing is known.

    With a horizon the flow is that of all steps together; time and cost are means over its
    vehicles, or over the steps where there are none; the volume is that of the busiest step.
    With classes, flow_NAME is what each has of the flow, in passenger-car units like the flow
    itself, and toll_revenue what all pay in tolls.
    """
    steps, roads = load_by_step(game, profile), slice(game.n_roads)
    flow = steps.sum(axis=0)
    untolled = charges.taken_off(game)
    cost, time = (_mean(at_mean_flows(each, steps), steps) for each in (game, untolled))
    volume = steps.max(axis=0) / game.capacities
    ends = [[called(game.node_names, node) for node in side] for side in game.road_links.T]
    of_links = {"flow": flow, "capacity": game.capacities,
                "free_flow_time": free_flow_times(untolled), "volume_over_capacity": volume,
                "length": game.lengths, "time": time, "cost": cost,
                "toll": np.array(game.tolls, dtype=np.float64), **_of_classes(game, profile)}
    return {"id": list(game.link_ids[roads]), "from": ends[0], "to": ends[1],
            **{name: column[roads] for name, column in of_links.items()}}


def _of_classes(game: RoadData, profile: object) -> dict[str, np.ndarray]:
    """Columns that there are with classes only; each agent pays a toll once, whatever it weighs."""
    if game.classes is None:
        return {}
    flows = by_class(game, profile)
    agents = sum(flow / weight for flow, weight in zip(
        flows.values(), np.asarray(game.classes.weight), strict=True))
    return {**{f"flow_{name}": flow for name, flow in flows.items()},
            "toll_revenue": np.asarray(game.tolls * agents, np.float64)}


def by_class(game: RoadData, profile: object) -> dict[str, np.ndarray]:
    """[links] expected vehicles of each class, by its name; at all steps together."""
    if game.classes is None:
        return {}
    with float64_on_one_blas_thread():
        agents = np.asarray(compiled.agents_by_class(*with_profile(game, profile)))
    links = agents.reshape(len(agents), -1, len(game.links)).sum(axis=1)
    vehicles = float(game.weight) * np.asarray(game.classes.weight)
    return dict(zip(game.classes.names, vehicles[:, None] * links, strict=True))


def load_by_step(game: RoadData, profile: object) -> np.ndarray:
    """[steps, links] expected vehicles; one step without a horizon."""
    held, policy = with_profile(game, profile)
    with float64_on_one_blas_thread():
        mean = np.asarray(compiled.mean_loads(held, policy))
    return (float(game.weight) * mean).reshape(-1, len(game.links))


def at_mean_flows(game: RoadData, steps: np.ndarray) -> np.ndarray:
    """[steps, links] what each link costs at these loads of vehicles."""
    return on_host(game.costs, steps.T).T


def free_flow_times(untolled: RoadData) -> np.ndarray:
    """[links] time without any load, of a game without charges; NaN where a function knows none."""
    found = on_host(untolled.costs, np.zeros(len(untolled.links)))
    return np.where(np.isfinite(found), found, np.nan)


def lone_times(game: RoadData) -> np.ndarray:
    """[roads] time of a lone agent."""
    untolled = charges.taken_off(game)
    return on_host(untolled.costs, np.full(len(game.links), float(game.weight)))[:game.n_roads]


def _mean(values: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """[links] means of values by step over the vehicles; over the steps where there are none."""
    weights = np.where(steps.sum(axis=0) > 0, steps, 1.0)
    return (values * weights).sum(axis=0) / weights.sum(axis=0)
