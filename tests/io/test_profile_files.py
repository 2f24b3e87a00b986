"""Profile files: npy and JSON say the same, and a bad one is named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.io.profiles import read_profile

PROFILE = np.array([[[0.25, 0.75]], [[1.0, 0.0]]])


@pytest.fixture(scope="module")
def game() -> MarkovGame:
    return MarkovGame.from_arrays(np.zeros((2, 1, 2, 2)), np.zeros((1, 2, 2), int), discount=0.5)


def test_both_kinds_say_the_same(tmp_path: Path, game: MarkovGame) -> None:
    np.save(tmp_path / "p.npy", PROFILE)
    (tmp_path / "p.json").write_text(json.dumps(PROFILE.tolist()))
    for name in ("p.npy", "p.json"):
        np.testing.assert_array_equal(read_profile(tmp_path / name, game), PROFILE)


@pytest.mark.parametrize(("name", "content", "message"), [
    ("p.json", "[[[0.5, 0.6]], [[1, 0]]]",
     r"p\.json: profile\[agent=0, information state=0\] sums to 1.1, not 1"),
    ("p.json", "[[[0.5, 0.5]]]",
     r"p\.json: profile has shape \(1, 1, 2\), but the game needs \(2, 1, 2\)"),
    ("p.json", '{"a": 1}', r"p\.json: there is no agent 'a': they have no names here"),
    ("p.json", "[[1], 2]", r"p\.json: the policy of agent 1 has the action 2, but they are"),
    ("p.json", "3", r"p\.json: profile has shape \(\)"),
    ("p.json", '[[["0.25", "0.75"]], [["1", "0"]]]',
     r"p\.json: profile is not an array of numbers"),
    ("p.json", f"[[[1{'0' * 400}, 0]], [[1, 0]]]",
     r"p\.json: profile holds a number that is too large"),
    ("p.json", '[[[{"a": 1, "a": 2}, 0]], [[1, 0]]]', r"p\.json: the key 'a' is there twice"),
    ("p.npy", "text", r"p\.npy is not an npy file"),
    ("p.csv", "1,2", r"p\.csv is no kind of profile file .*\.npy, \.json"),
])
def test_a_bad_profile_is_named(tmp_path: Path, game: MarkovGame, name: str, content: str,
                                message: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=message):
        read_profile(tmp_path / name, game)


def test_complex_numbers_are_no_profile(tmp_path: Path, game: MarkovGame) -> None:
    np.save(tmp_path / "p.npy", PROFILE + 0.5j)
    with pytest.raises(InputError, match=r"p\.npy: profile is not an array of numbers"):
        read_profile(tmp_path / "p.npy", game)


def test_an_archive_is_not_a_profile(tmp_path: Path, game: MarkovGame) -> None:
    np.savez(tmp_path / "p.npz", PROFILE)
    (tmp_path / "p.npz").rename(tmp_path / "p.npy")
    with pytest.raises(InputError, match="an archive of arrays"):
        read_profile(tmp_path / "p.npy", game)


def test_a_profile_of_roads_may_use_links_that_another_bush_holds(tmp_path: Path) -> None:
    """What was learnt on a later bush is refused by nobody."""
    links = [(1, 2), (2, 3), (1, 3), (3, 2), (2, 4), (3, 4)]
    game = pt.RoutingGame.from_links(links, pt.link_costs.polynomial([[1.0]] * 6), [(1, 4, 1)])
    profile = np.array(game.initial_profile("uniform", 0))
    row, action = np.argwhere(game.rows.usable & ~np.asarray(game.mask[:, 0]))[0]
    profile[row] = 0
    profile[row, 0, action] = 1
    back = game.rows.following[row, action]
    profile[back] = 0
    profile[back, 0, np.flatnonzero(game.rows.following[back] == len(profile))[0]] = 1
    np.save(tmp_path / "learnt.npy", profile)
    np.testing.assert_array_equal(read_profile(tmp_path / "learnt.npy", game), profile)
