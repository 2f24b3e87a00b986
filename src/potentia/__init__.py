"""Potentia: Markov potential games. Define a game, let agents learn independently, get a
certificate."""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:                         # what `__getattr__` loads, for editors and type checkers
    from potentia import bridges as bridges
    from potentia import equilibria as equilibria
    from potentia import games as games
    from potentia import io as io
    from potentia import learners as learners
    from potentia import oracles as oracles
    from potentia import plot as plot
    from potentia import potential as potential
    from potentia import rules as rules
    from potentia import schedules as schedules
    from potentia import simulators as simulators
    from potentia import theory as theory
    from potentia import welfare as welfare
    from potentia.bridges.parallel_copies import from_pettingzoo as from_pettingzoo
    from potentia.certificates.certificate import Certificate as Certificate
    from potentia.certificates.equilibrium import certify as certify
    from potentia.errors import InputError as InputError
    from potentia.game import BestResponse as BestResponse
    from potentia.game import Evaluation as Evaluation
    from potentia.game import Game as Game
    from potentia.game import HasJointStates
    from potentia.games.congestion.game import CongestionGame as CongestionGame
    from potentia.games.estimate import cost as cost
    from potentia.games.load_driven.game import LoadGame as LoadGame
    from potentia.games.performative.game import PerformativeGame as PerformativeGame
    from potentia.games.roads import link_costs as link_costs
    from potentia.games.roads.classes import TrafficClass as TrafficClass
    from potentia.games.roads.departures import Departures as Departures
    from potentia.games.roads.game import RoutingGame as RoutingGame
    from potentia.games.symmetric.game import AnonymousGame as AnonymousGame
    from potentia.games.symmetric.game import SymmetricCongestionGame as SymmetricCongestionGame
    from potentia.games.tabular.game import MarkovGame as MarkovGame
    from potentia.learning.solver import solve as solve
    from potentia.oracles.exact import Exact as Exact
    from potentia.oracles.sampled import Sampled as Sampled
    from potentia.pages.writing import write_report as write_report
    from potentia.ranking.leaderboard import leaderboard as leaderboard
    from potentia.result import Result as Result
    from potentia.result import Status as Status
    from potentia.simulators.base import Simulator as Simulator
    from potentia.sweeps.cost import sweep_cost as sweep_cost
    from potentia.sweeps.sweep import sweep as sweep
    from potentia.training.gap import EstimatedGap as EstimatedGap
    from potentia.training.gap import estimate_gap as estimate_gap
    from potentia.training.loop import train as train
    from potentia.training.saving import load as load
    from potentia.training.saving import save as save
    from potentia.training.trained import Trained as Trained
    from potentia.welfare.comparison import compare as compare

    # So that a checker tells what a class lacks.
    _GAMES: tuple[type[Game], ...] = (CongestionGame, LoadGame, MarkovGame, PerformativeGame,
                                      RoutingGame, SymmetricCongestionGame)
    # The same of those that the sampled oracle can play.
    _SAMPLED_GAMES: tuple[type[HasJointStates], ...] = (CongestionGame, LoadGame, MarkovGame,
                                                        PerformativeGame, SymmetricCongestionGame)

__version__ = "0.1.0"

_PACKAGES = ("bridges", "equilibria", "games", "io", "learners", "oracles", "plot", "potential",
             "rules", "schedules", "simulators", "theory", "welfare")
_NAMES = {                                # public name -> module that defines it
    "AnonymousGame": "potentia.games.symmetric.game",
    "BestResponse": "potentia.game",
    "Certificate": "potentia.certificates.certificate",
    "CongestionGame": "potentia.games.congestion.game",
    "Departures": "potentia.games.roads.departures",
    "EstimatedGap": "potentia.training.gap",
    "Evaluation": "potentia.game",
    "Exact": "potentia.oracles.exact",
    "Game": "potentia.game",
    "InputError": "potentia.errors",
    "LoadGame": "potentia.games.load_driven.game",
    "MarkovGame": "potentia.games.tabular.game",
    "PerformativeGame": "potentia.games.performative.game",
    "Result": "potentia.result",
    "RoutingGame": "potentia.games.roads.game",
    "Sampled": "potentia.oracles.sampled",
    "Simulator": "potentia.simulators.base",
    "Status": "potentia.result",
    "SymmetricCongestionGame": "potentia.games.symmetric.game",
    "Trained": "potentia.training.trained",
    "TrafficClass": "potentia.games.roads.classes",
    "certify": "potentia.certificates.equilibrium",
    "compare": "potentia.welfare.comparison",
    "cost": "potentia.games.estimate",
    "leaderboard": "potentia.ranking.leaderboard",
    "estimate_gap": "potentia.training.gap",
    "from_pettingzoo": "potentia.bridges.parallel_copies",
    "load": "potentia.training.saving",
    "save": "potentia.training.saving",
    "solve": "potentia.learning.solver",
    "sweep": "potentia.sweeps.sweep",
    "sweep_cost": "potentia.sweeps.cost",
    "train": "potentia.training.loop",
    "write_report": "potentia.pages.writing",
}
_MODULES = {"link_costs": "potentia.games.roads.link_costs"}

__all__ = [*_PACKAGES, *_MODULES, *_NAMES]           # pyright: ignore[reportUnsupportedDunderAll]


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        """Public names are loaded when first used: `import potentia` alone imports neither JAX nor
        Matplotlib."""
        if name in _PACKAGES:
            return importlib.import_module(f"potentia.{name}")
        if name in _MODULES:
            return importlib.import_module(_MODULES[name])
        if name in _NAMES:
            return getattr(importlib.import_module(_NAMES[name]), name)
        if importlib.util.find_spec(f"potentia.{name}"):    # as asked by `from potentia import cli`
            raise AttributeError(f"module 'potentia' has no attribute {name!r}; there is a module "
                                 f"of that name to import")
        from potentia.errors import nearest
        raise AttributeError(f"module 'potentia' has no attribute {name!r}{nearest(name, __all__)}")


def __dir__() -> list[str]:
    return sorted(["__version__", *__all__])
