"""Files: runs, games and profiles, as JSON and npz; road networks, as TNTP and CSV. Nothing is ever
pickled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from potentia.registry import loaded

if TYPE_CHECKING:
    from potentia.io.games import load_game as load_game
    from potentia.io.games import save_game as save_game
    from potentia.io.published_flows import read_tntp_flows as read_tntp_flows
    from potentia.io.road_games import from_networkx as from_networkx
    from potentia.io.road_games import read_csv as read_csv
    from potentia.io.road_games import read_tntp as read_tntp

_NAMES = {"read_tntp": "road_games", "read_csv": "road_games", "from_networkx": "road_games",
          "read_tntp_flows": "published_flows",
          "load_game": "games",
          "save_game": "games"}


if not TYPE_CHECKING:                     # a checker would take any name for granted
    def __getattr__(name: str) -> Any:
        return loaded(__name__, _NAMES, name)


def __dir__() -> list[str]:
    return sorted(_NAMES)
