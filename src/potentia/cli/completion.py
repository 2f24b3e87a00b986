"""What a shell offers for names: Typer's completion asks here, and compiles nothing."""

from __future__ import annotations

from collections.abc import Iterable

import typer

# Of an analysis; to import that takes longer than a shell may.
PARTS = ("equilibrium", "potential", "theory", "welfare", "lemmas")


def games(incomplete: str) -> list[str]:
    """Registered games that begin so."""
    from potentia.games import names
    return _beginning(names(), incomplete)


def rules(incomplete: str) -> list[str]:
    """Rules that begin so."""
    from potentia.rules import names
    return _beginning(names(), incomplete)


def oracles(incomplete: str) -> list[str]:
    """Oracles that begin so."""
    from potentia.oracles import names
    return _beginning(names(), incomplete)


def simulators(incomplete: str) -> list[str]:
    """Simulators, and games to play, that begin so."""
    from potentia.simulators import names
    return _beginning([*names(), *games("")], incomplete)


def learners(incomplete: str) -> list[str]:
    """Learners that begin so, but for those that need a function, which no shell can give."""
    from potentia.learners import REGISTRY
    return _beginning(sorted(set(REGISTRY) - {"log-linear"}), incomplete)


def schedules(incomplete: str) -> list[str]:
    """Schedules that begin so."""
    from potentia.schedules import names
    return _beginning(names(), incomplete)


def papers(incomplete: str) -> list[str]:
    """Papers and parts of them that begin so."""
    from potentia.experiments.papers import words
    return _beginning(sorted({*words(), "all"}), incomplete)


def parts(incomplete: str) -> list[str]:
    """Parts of an analysis that begin so."""
    return _beginning(PARTS, incomplete)


def things(context: typer.Context, incomplete: str) -> list[str]:
    """What the command lists, by its own name."""
    listed = {"games": games, "rules": rules, "oracles": oracles, "schedules": schedules}
    return listed[context.info_name or "games"](incomplete)


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
