"""Files: runs, games and profiles, as JSON and npz; road networks, as TNTP and CSV; Gambit's .nfg
and .agg. Nothing is ever pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import loaded

if TYPE_CHECKING:
    from potentia.io.agg import read_agg as read_agg
    from potentia.io.games import load_game as load_game
    from potentia.io.games import save_game as save_game
    from potentia.io.gmns import read_gmns as read_gmns
    from potentia.io.nfg import read_nfg as read_nfg
    from potentia.io.nfg import write_nfg as write_nfg
    from potentia.io.published_flows import read_tntp_flows as read_tntp_flows
    from potentia.io.road_games import from_networkx as from_networkx
    from potentia.io.road_games import read_csv as read_csv
    from potentia.io.road_games import read_tntp as read_tntp
    from potentia.io.scenarios import read_scenarios as read_scenarios

_NAMES = {"read_tntp": "road_games", "read_csv": "road_games", "from_networkx": "road_games",
          "read_gmns": "gmns",
          "read_tntp_flows": "published_flows",
          "load_game": "games",
          "read_scenarios": "scenarios",
          "read_nfg": "nfg", "write_nfg": "nfg", "read_agg": "agg",
          "save_game": "games"}


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return loaded(__name__, _NAMES, name)


def __dir__() -> list[str]:
    return sorted(_NAMES)
