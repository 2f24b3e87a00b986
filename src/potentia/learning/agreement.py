"""Whether rule, oracle and game go together, asked before the first iteration."""

from __future__ import annotations

from typing import Any

from potentia.errors import InputError
from potentia.game import Game
from potentia.learning.contract import called
from potentia.oracles.base import GivesSoftValues, Oracle
from potentia.rules.base import LimitedByScale, NeedsSoftValues, Rule


def refuse_other_values(rule: Rule, oracle: Oracle) -> None:
    """Raise InputError naming both if the rule learns from values that the oracle does not give."""
    if not isinstance(rule, NeedsSoftValues):
        return
    needed, name = rule.needs_temperature, type(rule).__name__
    if not isinstance(oracle, GivesSoftValues):
        raise InputError(f"{name} learns from soft values, which {type(oracle).__name__} does not "
                         f"give: use the oracle Soft(temperature={needed:g})")
    if needed != oracle.gives_temperature:
        raise InputError(f"{name} has the temperature {needed:g}, but {type(oracle).__name__} "
                         f"gives values of the temperature {oracle.gives_temperature:g}")


def refuse_other_scale(thing: Any, game: Game) -> None:
    """Raise InputError naming a parameter of a rule that is out of range at the game's discount."""
    if isinstance(thing, LimitedByScale):
        called(thing, "check_scale", float(game.scale))
