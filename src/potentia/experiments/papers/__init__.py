"""Papers whose claims are judged: one file each, with nothing but data."""

from __future__ import annotations

from collections.abc import Iterable

from potentia.errors import known_name
from potentia.experiments.paper import Paper
from potentia.registry import Registry

REGISTRY = Registry("paper", "potentia.experiments.papers", {
    "fox2021": "fox2021",
    "sun2023": "sun2023",
    "zhang2022": "zhang2022",
    "jordan2024": "jordan2024",
    "guo2023": "guo2023",
    "song2021": "song2021",
    "maheshwari2022": "maheshwari2022",
    "zhou2023": "zhou2023",
    "alatur2024": "alatur2024",
    "sahitaj2025": "sahitaj2025",
    "ding2022": "ding2022",
})


def paper(name: str) -> Paper:
    """The paper of that name. Raises InputError for an unknown one, with the nearest known."""
    return REGISTRY.module(name).PAPER


def words() -> dict[str, str]:
    """Every word for a part -> the name of its paper, in the order in which they are reproduced."""
    return {part: name for name in REGISTRY for part in paper(name).parts}


def chosen(asked: Iterable[str]) -> dict[str, list[str]]:
    """Paper -> its parts that are asked for, by the names of papers, of parts, or all.

    Raises InputError for an unknown word, with the nearest known one.
    """
    asked, parts = set(asked), words()
    for word in sorted(asked):
        known_name(word, {*REGISTRY, *parts, "all"}, "paper or figure")
    wanted = [part for part, name in parts.items() if asked & {part, name, "all"}]
    return {name: [part for part in wanted if parts[part] == name]
            for name in REGISTRY if any(parts[part] == name for part in wanted)}
