"""Game files: every bit comes back, and a bad file is named with what is wrong in it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.transitions import DenseTransitions, SparseTransitions
from potentia.io.games import load_game, read_game, read_json_game, save_game

PRISONERS = {"rewards": [[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]], "transitions": [[[0, 0], [0, 0]]],
             "discount": 0.9}


def assert_same(found: object, expected: object) -> None:
    """Both pytrees hold the same structure, types and bits."""
    leaves, structure = jax.tree.flatten(found)
    others, other_structure = jax.tree.flatten(expected)
    assert structure == other_structure
    for leaf, other in zip(leaves, others, strict=True):
        assert np.asarray(leaf).dtype == np.asarray(other).dtype
        np.testing.assert_array_equal(leaf, other)


def drawn_game(seed: int, kind: str, *, masked: bool = False, informed: bool = False,
               horizon: int | None = None, common: bool = False,
               staged: bool = False) -> MarkovGame:
    """A random game with 2 agents of 2 and 3 actions and 5 states."""
    rng = np.random.default_rng(seed)
    rewards = rng.normal(size=(2, 5, 2, 3))
    if common:
        rewards[1] = rewards[0]
    probabilities = rng.dirichlet(np.full(5, 0.3 if kind == "dense" else 0.02), size=(5, 2, 3))
    probabilities[probabilities < (0 if kind == "dense" else 0.3)] = 0
    probabilities /= probabilities.sum(axis=-1, keepdims=True)
    transitions = probabilities if kind != "index" else rng.integers(5, size=(5, 2, 3))
    mask = None
    if masked:
        mask = rng.random((2, 5, 3)) < 0.6
        mask[:, :, 0] = True
    information = np.array([[0, 1, 1, 2, 0], [0, 1, 2, 3, 4]]) if informed and not masked else None
    return MarkovGame.from_arrays(
        rewards, transitions, discount=rng.uniform(0, 1) if horizon is None else 1.0,
        initial=rng.dirichlet(np.ones(5)), mask=mask, information=information, horizon=horizon,
        stage_potential=rng.normal(size=(5, 2, 3)) if staged else None, name=f"drawn {seed}")


@settings(max_examples=40, deadline=None, derandomize=True, database=None)
@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["index", "sparse", "dense"]),
       masked=st.booleans(),
       informed=st.booleans(), common=st.booleans(), staged=st.booleans())
def test_every_bit_comes_back(tmp_path_factory: pytest.TempPathFactory, seed: int, kind: str,
                              masked: bool,
                              informed: bool, common: bool, staged: bool) -> None:
    game = drawn_game(seed, kind, masked=masked, informed=informed, common=common, staged=staged)
    path = tmp_path_factory.mktemp("game") / "game.npz"
    save_game(game, path)
    assert_same(load_game(path), game)


@pytest.mark.parametrize("informed", [False, True])
def test_a_game_with_a_horizon_comes_back(tmp_path: Path, informed: bool) -> None:
    game = drawn_game(3, "dense", horizon=3, informed=informed)
    save_game(game, tmp_path / "game.npz")
    assert_same(load_game(tmp_path / "game.npz"), game)


def test_a_masked_game_with_a_horizon_comes_back_where_actions_exist(tmp_path: Path) -> None:
    game = drawn_game(4, "index", horizon=3, masked=True)
    save_game(game, tmp_path / "game.npz")
    found = load_game(tmp_path / "game.npz")
    playable = game.mask[0][:, :2, None] & game.mask[1][:, None, :]
    assert isinstance(game.transitions, SparseTransitions)
    assert isinstance(found.transitions, SparseTransitions)
    targets = game.transitions.targets.reshape(16, 2, 3)
    np.testing.assert_array_equal(found.transitions.targets.reshape(16, 2, 3)[playable],
                                  targets[playable])
    assert_same(dataclasses.replace(found, transitions=game.transitions), game)


def test_the_three_kinds_are_really_drawn() -> None:
    index, sparse, dense = (drawn_game(1, kind).transitions
                            for kind in ("index", "sparse", "dense"))
    assert isinstance(index, SparseTransitions)
    assert index.probabilities is None
    assert isinstance(sparse, SparseTransitions)
    assert sparse.probabilities is not None
    assert isinstance(dense, DenseTransitions)


def test_the_recipe_is_not_kept_in_a_file(tmp_path: Path) -> None:
    game = dataclasses.replace(drawn_game(1, "index"), recipe=("somewhere", ()))
    save_game(game, tmp_path / "game.npz")
    assert load_game(tmp_path / "game.npz").recipe is None


def test_a_hand_written_game_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prisoners.json"
    path.write_text(json.dumps({**PRISONERS, "initial": [1.0], "information": [[0], [0]],
                                "mask": None}))
    expected = MarkovGame.from_arrays(np.array(PRISONERS["rewards"]),
                                      np.array(PRISONERS["transitions"]),
                                      discount=0.9, initial=[1.0], information=[
                                          [0], [0]], name="prisoners")
    assert_same(read_game(path), expected)
    path.write_text(json.dumps({**PRISONERS, "horizon": 4, "discount": 1, "name": "four rounds"}))
    assert read_game(path).n_states == 5
    assert read_game(path).name == "four rounds"


@pytest.mark.parametrize(("change", "message"), [
    ({"transitions": [[[0, 0], [0, 1]]]},
     r"transitions\[state=0, actions=\(1, 1\)\] is 1, but states run from 0 to 0"),
    ({"rewards": [[[[3, 0], [5]]], [[[3, 5], [0, 1]]]]}, "rewards is not an array"),
    ({"discount": 1.5}, "discount is 1.5"),
    ({"discont": 0.9}, "unknown field 'discont'; did you mean 'discount'"),
    ({"name": 3}, "'name' is 3, not text"),
    ({"initial": [0.5]}, "initial sums to 0.5, not 1"),
])
def test_a_bad_field_is_named_with_the_file(tmp_path: Path, change: dict, message: str) -> None:
    path = tmp_path / "game.json"
    path.write_text(json.dumps({**PRISONERS, **change}))
    with pytest.raises(InputError, match=rf"game\.json: .*{message}"):
        read_json_game(path)


@pytest.mark.parametrize(("text", "message"), [
    ("{", "is not valid JSON: .*line 1 column 2"),
    ("[1, 2]", "a game is a JSON object"),
    ('{"rewards": 1}', "the field 'transitions' is missing"),
    ("[" * 100_000, "nested too deeply"),
    ("\x00\xff", "is not valid JSON"),
])
def test_a_file_that_is_no_game_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "game.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(InputError, match=message) as caught:
        read_json_game(path)
    assert "game.json" in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_unknown_kind_of_file_lists_what_can_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"game\.txt .*\.npz, \.json"):
        read_game(tmp_path / "game.txt")


def edited(path: Path, **changes: np.ndarray | None) -> None:
    """Change arrays of an npz file, or take them out (None)."""
    with np.load(path) as archive:
        arrays = {**dict(archive), **changes}
    np.savez(path, **{name: array for name, array in arrays.items() if array is not None})


@pytest.mark.parametrize(("change", "message"), [
    ({"rewards": None}, "the array 'rewards' is missing"),
    ({"transitions": None}, "the array 'transitions.data' is missing"),
    ({"transitions": np.full((5, 2, 3), 7)}, r"transitions\[state=0, actions=\(0, 0\)\] is 7"),
    ({"initial": np.full(5, 0.3)}, "initial sums to 1.5, not 1"),
    ({"reward": np.zeros(3)}, "unknown array 'reward'; did you mean 'rewards'"),
    ({"header": None}, 'its header has no "format": "potentia game"'),
    ({"header": np.array("{}")}, 'its header has no "format": "potentia game"'),
    ({"header": np.array(json.dumps({"format": "potentia game", "version": 1, "name": "x"}))},
     "has no 'discount'"),
    ({"header": np.array(json.dumps({"format": "potentia game", "version": 9, "potentia": "7.0"}))},
     r"newer Potentia \(7.0\): its version is 9"),
    ({"header": np.array(json.dumps({"format": "potentia game", "version": True}))},
     "has version True"),
])
def test_an_edited_npz_is_checked_like_arrays(tmp_path: Path, change: dict, message: str) -> None:
    path = tmp_path / "game.npz"
    save_game(drawn_game(1, "index"), path)
    edited(path, **change)
    with pytest.raises(InputError, match=message) as caught:
        load_game(path)
    assert "game.npz" in str(caught.value)


def test_a_broken_sparse_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "game.npz"
    save_game(drawn_game(1, "sparse"), path)
    edited(path, **{"transitions.indptr": np.arange(4)})
    with pytest.raises(InputError, match="are no sparse matrix"):
        load_game(path)


def test_damage_anywhere_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "game.npz"
    save_game(drawn_game(1, "sparse"), path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"game\.npz"):
            load_game(path)


class Trap:
    """Pickles to a call that leaves a mark."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> tuple:
        return Path.touch, (self.mark,)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "game.npz"
    save_game(drawn_game(1, "index"), path)
    edited(path, rewards=np.array([Trap(tmp_path / "sprung")], dtype=object))
    with pytest.raises(InputError, match="not an npz archive of numbers"):
        load_game(path)
    assert not (tmp_path / "sprung").exists()


def test_what_is_no_game_of_ours_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only games of Potentia's classes"):
        save_game(object(), tmp_path / "game.npz")  # pyright: ignore[reportArgumentType]
    assert not list(tmp_path.iterdir())
