"""What selfishness costs: the best joint play against pure equilibria and against what learning
reaches; on roads, travel times against the system optimum."""

from typing import Any, Literal, overload

from potentia.errors import InputError, known_parameters
from potentia.game import Game
from potentia.games.roads.game import RoutingGame
from potentia.welfare import costs, traffic
from potentia.welfare.result import WelfareReport
from potentia.welfare.traffic import RoadReport, RoadTotals

__all__ = ["RoadReport", "RoadTotals", "WelfareReport", "report"]


@overload
def report(game: RoutingGame, profile: object, *, iterations: int = 1000,
           optimum: Literal[True] = True, progress: bool | None = None) -> RoadReport: ...
@overload
def report(game: RoutingGame, profile: object, *, iterations: int = 1000, optimum: bool,
           progress: bool | None = None) -> RoadTotals: ...
@overload
def report(game: Game, profile: object = None, *, starts: int = 20, seed: int = 0,
           limit: int | None = None) -> WelfareReport: ...
def report(game: Any, profile: object = None, **options: Any) -> RoadTotals | WelfareReport:
    """What selfishness costs in `game`.

    Of a routing game what its profile [R, 1, A] costs all, against the system optimum that agents
    who pay what they cost all learn in so many `iterations` (`traffic.report`); with
    `optimum=False` without that. Of any other,
    maximum welfare, pure equilibria and what learning reaches from `starts` random starts with that
    `seed`, beside the worth of a profile [N, H, A] (`costs.report`, which explains the rest).

    Raises InputError for what has neither, naming a wrong setting or the profile's first bad row.
    """
    told = traffic.report if isinstance(game, RoutingGame) else costs.report
    known_parameters(told, {"game": game, "profile": profile, **options}, "welfare.report")
    if isinstance(game, RoutingGame) and profile is None:
        raise InputError("welfare.report of a routing game needs a profile [R, 1, A]")
    return told(game, profile, **options)
