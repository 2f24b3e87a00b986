"""Links as people write them: FROM-TO by the nodes, or by an id."""

from __future__ import annotations

import re

from potentia.errors import InputError
from potentia.games.roads.data import RoadData
from potentia.games.roads.link_facts import LinkId, known_ids

Ends = tuple[int | str, int | str]
NUMBERS = re.compile(r"(-?\d+)-(-?\d+)")


def link_called(game: RoadData, text: str) -> LinkId | None:
    """The id of a link that is called so, unless a link leads from and to such nodes."""
    called = {str(link): link for link in game.link_ids}
    ends = ends_in(game, text)
    there = [(game.node_names[a - 1], game.node_names[b - 1]) if game.node_names else (a, b)
             for a, b in game.links.tolist()]
    return None if ends in there else called.get(text)


def ends_in(game: RoadData, text: str) -> Ends | None:
    """From and to, between which there is a "-"; names of nodes may hold others."""
    if not game.node_names:
        found = NUMBERS.fullmatch(text)
        return None if found is None else (int(found[1]), int(found[2]))
    parts = text.split("-")
    splits = [("-".join(parts[:k]), "-".join(parts[k:])) for k in range(1, len(parts))]
    return max(splits, key=lambda ends: sum(end in game.node_names for end in ends), default=None)


def refuse_id(game: RoadData, text: str) -> None:
    """Refuse what can only be an id, and is none."""
    if text.isdecimal() or (text and isinstance(game.link_ids[0], str)):
        raise InputError(f"there is no link {text}, by its id or as FROM-TO"
                         f"{known_ids(game.link_ids, text)}")
