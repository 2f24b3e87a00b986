"""Roads as they are, or as they shall be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from potentia.games.roads.link_costs import Costs
from potentia.games.roads.link_facts import LinkFacts
from potentia.games.roads.node_names import Names


class Plan(NamedTuple):
    """links: [links, 2] nodes from and to. costs: of their time. tolls, distance_costs: [links].
    facts: what else is known of them."""

    links: np.ndarray
    costs: Costs
    tolls: np.ndarray
    distance_costs: np.ndarray
    node_names: Names
    facts: LinkFacts
