"""What is learnt: a rule on a game with an oracle, by their registered names."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from potentia import games, oracles, rules
from potentia.game import Game
from potentia.oracles.base import Oracle
from potentia.rules.base import Rule


@dataclasses.dataclass(frozen=True)
class Setting:
    """A rule on a game with an oracle.

    game, rule, oracle: registered names and parameters.
    """

    game: str
    game_parameters: Mapping[str, Any]
    rule: str
    rule_parameters: Mapping[str, Any]
    oracle: str
    oracle_parameters: Mapping[str, Any]

    def made(self) -> tuple[Game, Rule, Oracle]:
        """Game, rule and oracle, as `pt.solve` takes them."""
        return (games.make(self.game, **self.game_parameters),
                rules.make(self.rule, **self.rule_parameters),
                oracles.make(self.oracle, **self.oracle_parameters))
