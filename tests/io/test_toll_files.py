"""Tolls and distance costs in game files: the same bits again, and files from before there were
any."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.games.roads import link_costs

LINKS = [(1, 2), (2, 3), (1, 3)]
COSTS = {"polynomial": link_costs.bpr([1.3, 2.1, 3.7], 2.0),
         "power-law": link_costs.bpr([1.3, 2.1, 3.7], 2.0, power=1.5),
         "tabulated": link_costs.tabulated([[1.1, 2.2, 3.3], [0.1, 0.1, 0.7], [2, 2, 2]])}


def game_of(kind: str, tolls: object) -> pt.RoutingGame:
    return pt.RoutingGame.from_links(LINKS, COSTS[kind], [(1, 3, 3)], weight=0.5, tolls=tolls,
                                     distance_costs=[0.0, 0.7, 0.11])


@pytest.mark.parametrize("kind", COSTS)
def test_a_game_with_tolls_is_the_same_again(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for tolls in rng.random((10, 3)):
        game = game_of(kind, tolls)
        pt.io.save_game(game, tmp_path / "tolled.npz")
        again = pt.io.load_game(tmp_path / "tolled.npz")
        assert isinstance(again, pt.RoutingGame)
        np.testing.assert_array_equal(again.tolls, tolls)
        np.testing.assert_array_equal(again.distance_costs, game.distance_costs)
        for name, array in game.costs.arrays().items():
            np.testing.assert_array_equal(again.costs.arrays()[name], array)
        profile = game.initial_profile("random", 0)
        for asked in ("expected_travel_time", "expected_cost", "toll_revenue", "relative_gap"):
            assert getattr(again, asked)(profile) == getattr(game, asked)(profile)


def rewritten(path: Path, **arrays: np.ndarray | None) -> None:
    """Put other arrays in the file's place, or none."""
    with np.load(path) as found:
        kept = {**found, **arrays}
    np.savez(path, **{name: array for name, array in kept.items() if array is not None})


def test_a_file_from_before_there_were_tolls_is_all_time(tmp_path: Path) -> None:
    path = tmp_path / "old.npz"
    game = game_of("polynomial", [0.5, 0.0, 1.0])
    pt.io.save_game(game, path)
    rewritten(path, tolls=None, distance_costs=None)
    again = pt.io.load_game(path)
    profile = game.initial_profile("uniform", None)
    assert isinstance(again, pt.RoutingGame)
    assert (again.tolls == 0).all()
    assert again.expected_travel_time(profile) == game.expected_cost(profile)


@pytest.mark.parametrize(("tolls", "message"), [
    ([9.0, 0, 0], r"tolls and distance_costs of link=0 are 9, but without load it costs 1\.8 in"),
    ([-1.0, 0, 0], r"tolls\[link=0\] is -1, but it must be finite and not negative"),
    ([1.0], r"tolls has shape \(1,\)")])
def test_tolls_that_cannot_be_are_refused(tolls: list, message: str, tmp_path: Path) -> None:
    path = tmp_path / "edited.npz"
    pt.io.save_game(game_of("polynomial", [0.5, 0.0, 1.0]), path)
    rewritten(path, tolls=np.array(tolls))
    with pytest.raises(pt.InputError, match=message):
        pt.io.load_game(path)


def test_a_run_with_tolls_is_loaded_with_them(tmp_path: Path) -> None:
    game = game_of("power-law", [0.5, 0.25, 1.0])
    result = pt.solve(game, pt.rules.AdaptiveINPG(), max_iterations=3, progress=False)
    pt.save(result, tmp_path / "run")
    again = pt.load(tmp_path / "run")
    assert again.game.toll_revenue(again.profile) == game.toll_revenue(result.profile)
    assert json.loads((tmp_path / "run" / "run.json").read_text())
