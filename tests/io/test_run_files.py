"""Runs as directories: what was saved comes back bit for bit, or one line says what is wrong with
which file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jax
import numpy as np
import pytest

from potentia import games
from potentia.errors import InputError
from potentia.games.tabular.game import MarkovGame
from potentia.io.directories import cannot_write
from potentia.io.runs import is_run, load, refuse_unsavable, save
from potentia.io.seals import sealed
from potentia.result import Result, Status

SETTINGS = {"rule": "INPG", "rule.step_size": 0.1, "oracle": "Exact", "seed": 3, "tolerance": 1e-8}


def small_game(bonus: float = 0.0, sizes: object = (2, 2), weight: object = None) -> MarkovGame:
    """Two states, two agents."""
    rewards = np.arange(16.0).reshape(2, 2, 2, 2) / 7 + bonus
    return MarkovGame.from_arrays(rewards, np.array([[[0, 1], [1, 0]], [[1, 1], [0, 0]]]),
                                  discount=0.9)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> MarkovGame:
    """A game that is registered under the name "small" for one test."""
    monkeypatch.setattr(games, "module", lambda name: SimpleNamespace(build=small_game))
    return games.make("small", bonus=0.1, sizes=[2, 2])


def made_up(game: Any, runs: int | None = None, seed: int = 0) -> Result:
    """A result with random numbers in it; `runs` None for a single one."""
    rng = np.random.default_rng(seed)
    lead = () if runs is None else (runs,)
    profile = rng.dirichlet(np.ones(2), size=(*lead, 2, 2))
    history = {"policy_step": rng.random((*lead, 5)), "check_iteration": np.arange(3),
               "nash_gap": np.where(rng.random((*lead, 3)) < 0.4, np.nan, rng.random((*lead, 3)))}
    statuses = tuple(Status)[:runs] if runs is not None else Status.SMALL_STEP
    return Result(game, profile, statuses, 5 if runs is None else np.arange(runs), history,
                  dict(SETTINGS),
                  "wrong" if runs is None else tuple(f"wrong {run}" for run in range(runs)))


def assert_same(found: Result, expected: Result) -> None:
    assert found.status == expected.status
    assert type(found.status) is type(expected.status)
    assert type(found.iterations) is type(expected.iterations)
    assert found.settings == expected.settings
    assert found.message == expected.message
    assert list(found.history) == list(expected.history)
    arrays = [(found.profile, expected.profile), (found.iterations, expected.iterations),
              *((found.history[name], rows) for name, rows in expected.history.items()),
              *zip(jax.tree.leaves(found.game), jax.tree.leaves(expected.game), strict=True)]
    for array, other in arrays:
        assert np.asarray(array).dtype == np.asarray(other).dtype
        np.testing.assert_array_equal(array, other)
    assert jax.tree.structure(found.game) == jax.tree.structure(expected.game)


@pytest.mark.parametrize("runs", [None, 1, 5])
def test_every_bit_comes_back_with_a_game_of_ones_own(tmp_path: Path, runs: int | None) -> None:
    result = made_up(small_game(), runs)
    save(result, tmp_path / "deep" / "run")
    assert is_run(tmp_path / "deep" / "run")
    assert sorted(os.listdir(tmp_path / "deep" / "run")) == ["arrays.npz", "game.npz", "run.json"]
    assert_same(load(tmp_path / "deep" / "run"), result)


def test_a_named_game_is_kept_as_its_recipe(tmp_path: Path, named: MarkovGame) -> None:
    result = made_up(named)
    save(result, tmp_path / "run")
    assert sorted(os.listdir(tmp_path / "run")) == ["arrays.npz", "run.json"]
    found = load(tmp_path / "run")
    assert_same(found, result)
    assert found.game.recipe == ("small", (("bonus", 0.1), ("sizes", (2, 2))))   # pyright: ignore


def test_parameters_that_json_cannot_hold_send_the_game_to_a_file(tmp_path: Path,
                                                                  named: MarkovGame) -> None:
    for weight in (len, float("inf")):
        game = games.make("small", weight=weight)
        save(made_up(game), tmp_path / "run")
        assert (tmp_path / "run" / "game.npz").exists()
        assert_same(load(tmp_path / "run"), made_up(dataclasses.replace(game, recipe=None)))


def test_a_recipe_that_no_longer_tells_the_truth_is_not_kept(tmp_path: Path,
                                                             named: MarkovGame) -> None:
    changed = dataclasses.replace(named, discount=np.float64(0.5))
    save(made_up(changed), tmp_path / "run")
    assert_same(load(tmp_path / "run"), made_up(dataclasses.replace(changed, recipe=None)))


def test_a_run_of_a_game_that_has_changed_since_is_refused(
        tmp_path: Path, named: MarkovGame, monkeypatch: pytest.MonkeyPatch) -> None:
    save(made_up(named), tmp_path / "run")
    monkeypatch.setattr(games, "module", lambda name: SimpleNamespace(
        build=lambda bonus, sizes: small_game(bonus + 1e-6)))
    with pytest.raises(InputError,
                       match="the game 'small' built now differs from the one that was solved"):
        load(tmp_path / "run")


def test_a_game_that_is_neither_named_nor_tabular_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="only games of Potentia's classes"):
        save(made_up(SimpleNamespace(recipe=None)), tmp_path / "run")
    assert not list(tmp_path.iterdir())


def test_settings_that_are_not_finite_become_text(tmp_path: Path) -> None:
    result = made_up(small_game())
    result.settings["limit"] = float("inf")
    save(result, tmp_path / "run")
    assert load(tmp_path / "run").settings["limit"] == "inf"


def test_an_older_run_is_replaced(tmp_path: Path) -> None:
    save(made_up(small_game(), seed=1), tmp_path / "run")
    save(made_up(small_game(), seed=2), tmp_path / "run")
    assert_same(load(tmp_path / "run"), made_up(small_game(), seed=2))
    assert os.listdir(tmp_path) == ["run"]


def full_disk(*arguments: object, **options: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_failure_while_writing_leaves_the_older_run(tmp_path: Path,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    save(made_up(small_game(), seed=1), tmp_path / "run")
    monkeypatch.setattr(np, "savez_compressed", full_disk)
    with pytest.raises(InputError, match=r"cannot write .*run: No space left on device"):
        save(made_up(small_game(), seed=2), tmp_path / "run")
    assert os.listdir(tmp_path) == ["run"]
    assert_same(load(tmp_path / "run"), made_up(small_game(), seed=1))


def test_what_is_no_run_is_never_replaced(tmp_path: Path) -> None:
    save(made_up(small_game()), tmp_path / "run")
    (tmp_path / "run" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for place, message in (("run", "holds 'notes.txt'"), ("file", "is in the way")):
        for attempt in (refuse_unsavable, lambda target: save(made_up(small_game()), target)):
            with pytest.raises(InputError, match=message):
                attempt(tmp_path / place)
    assert (tmp_path / "run" / "notes.txt").read_text() == "mine"
    assert (tmp_path / "file").read_text() == "mine"


def test_a_link_to_nothing_is_named(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with (pytest.raises(InputError, match=r"cannot write .*link: it is a link to .*nowhere, which"),
          cannot_write(tmp_path / "link")):
        (tmp_path / "link").mkdir(exist_ok=True)


def test_an_unwritable_place_is_found_out_and_nothing_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot write .*is not a directory"):
        refuse_unsavable(tmp_path / "file" / "run")
    with pytest.raises(InputError, match="cannot write"):
        save(made_up(small_game()), tmp_path / "file" / "run")
    refuse_unsavable(tmp_path / "new" / "run")
    assert os.listdir(tmp_path) == ["file"]


def rewritten(run: Path, **changes: object) -> None:
    """Change the header, and seal the run again as it now is."""
    header = json.loads((run / "run.json").read_text())
    files = {name: hashlib.sha256((run / name).read_bytes()).hexdigest()
             for name in header["files"]}
    (run / "run.json").write_text(json.dumps(sealed({**header, "files": files, **changes})))


@pytest.mark.parametrize(("changes", "message"), [
    ({"version": 3, "potentia": "8.1"},
     r"newer Potentia \(8\.1\): its version is 3, and this Potentia reads up to 2"),
    ({"version": 10**400}, r"its version is 1000\d+\.\.\., and"),
    ({"version": 3, "potentia": "8\n" * 99}, r"newer Potentia \(8 8 "),
    ({"version": "1"}, "has version '1', but a whole number"),
    ({"format": "other"}, "is not a potentia run file"),
    ({"status": "fine"}, "unknown status: 'fine'"),
    ({"status": ["converged", "converged"]},
     r"arrays\.npz: iterations is int64 \(\), but shape \(2,\)"),
    ({"status": 3}, "has 'status' = 3"),
    ({"message": 3}, "has 'message' = 3"),
    ({"settings": []}, r"has 'settings' = \[\]"),
    ({"game": {"name": "nowhere", "parameters": {}, "numbers": []}},
     r"run\.json: unknown game 'nowhere'"),
    ({"game": {"name": "distancing", "parameters": {"agents": 2}, "numbers": []}},
     r"run\.json: unknown parameter"),
])
def test_a_header_that_cannot_be_followed_is_named(tmp_path: Path, changes: dict,
                                                   message: str) -> None:
    save(made_up(small_game()), tmp_path / "run")
    rewritten(tmp_path / "run", **changes)
    with pytest.raises(InputError, match=message) as caught:
        load(tmp_path / "run")
    assert "run.json" in str(caught.value) or "arrays.npz" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value).replace(str(tmp_path), "")) < 250


def test_a_result_without_a_profile_is_not_saved_and_one_of_an_older_version_has_no_message(
        tmp_path: Path) -> None:
    result = made_up(small_game())
    for profile, message in ((result.profile * 0.5,
                              r"profile\[agent=0, information state=0\] sums to 0\.5, not 1"),
                             (result.profile[:, :1],
                              r"profile has shape \(2, 1, 2\), but the game needs \(2, 2, 2\)")):
        with pytest.raises(InputError, match=message):
            save(dataclasses.replace(result, profile=profile), tmp_path / "run")
    assert not list(tmp_path.iterdir())
    save(made_up(small_game(), 2), tmp_path / "run")
    header = json.loads((tmp_path / "run" / "run.json").read_text())
    for name in ("message", "files", "seal"):
        del header[name]
    (tmp_path / "run" / "run.json").write_text(json.dumps({**header, "version": 1}))
    assert load(tmp_path / "run").message == ("", "")


@pytest.mark.parametrize("name", ["run.json", "arrays.npz", "game.npz"])
def test_a_missing_or_cut_file_is_named(tmp_path: Path, name: str) -> None:
    save(made_up(small_game()), tmp_path / "run")
    file = tmp_path / "run" / name
    whole = file.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"\x80\x04N."):
        file.write_bytes(content)
        with pytest.raises(InputError, match=name):
            load(tmp_path / "run")
    file.unlink()
    with pytest.raises(InputError, match=f"{name} does not exist"):
        load(tmp_path / "run")


def test_a_flipped_bit_in_the_arrays_is_noticed(tmp_path: Path) -> None:
    save(made_up(small_game()), tmp_path / "run")
    with np.load(tmp_path / "run" / "arrays.npz") as archive:
        arrays = dict(archive)
    np.savez(tmp_path / "run" / "arrays.npz", **arrays)  # uncompressed, so that bits are values
    content = bytearray((tmp_path / "run" / "arrays.npz").read_bytes())
    place = content.find(arrays["profile"].tobytes())
    content[place] ^= 1
    (tmp_path / "run" / "arrays.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"arrays\.npz .*damaged"):
        load(tmp_path / "run")


@pytest.mark.parametrize(("changes", "message"), [
    ({"profile": np.full((2, 2, 3), 1 / 3)},
     r"profile is float64 \(2, 2, 3\), but shape \(2, 2, 2\)"),
    ({"profile": np.full((2, 2, 2), 0.7)},
     r"profile\[agent=0, information state=0\] sums to 1.4, not 1"),
    ({"iterations": np.float64(3)}, "iterations is float64"),
    ({"iterations": np.int64(-3)}, "iterations is -3, but a count of updates was expected"),
    ({"history.check_iteration": np.array([-1.0])},
     r"history.check_iteration has -1\.0, but counts of updates were expected"),
    ({"history.policy_step": np.full(5, "a")}, "history.policy_step is <U1, but numbers were"),
    ({"profile": None}, "the array 'profile' is missing"),
])
def test_arrays_that_do_not_belong_to_the_game_are_refused(tmp_path: Path, changes: dict,
                                                           message: str) -> None:
    save(made_up(small_game()), tmp_path / "run")
    with np.load(tmp_path / "run" / "arrays.npz") as archive:
        arrays = {**dict(archive), **changes}
    np.savez(tmp_path / "run" / "arrays.npz",
             **{name: rows for name, rows in arrays.items() if rows is not None})
    rewritten(tmp_path / "run")
    with pytest.raises(InputError, match=rf"arrays\.npz: {message}"):
        load(tmp_path / "run")


def test_a_game_that_is_known_by_numbers_beyond_float64_is_another(named: MarkovGame,
                                                                   tmp_path: Path) -> None:
    save(made_up(named), tmp_path / "run")
    recipe = json.loads((tmp_path / "run" / "run.json").read_text())["game"]
    rewritten(tmp_path / "run", game={**recipe, "numbers": [10**400, *recipe["numbers"][1:]]})
    with pytest.raises(InputError, match="differs from the one that was solved"):
        load(tmp_path / "run")


@pytest.mark.parametrize("content", ["{}", '{"format": "other"}', "[]", "not JSON"])
def test_a_foreign_file_with_the_name_of_ours_is_never_replaced(tmp_path: Path,
                                                                content: str) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").write_text(content)
    refused_and_left(tmp_path / "run", "run.json")
    assert (tmp_path / "run" / "run.json").read_text() == content


def refused_and_left(place: Path, name: str) -> None:
    before = sorted(os.listdir(place))
    for attempt in (refuse_unsavable, lambda target: save(made_up(small_game()), target)):
        with pytest.raises(InputError, match=f"holds '{name}'"):
            attempt(place)
    assert sorted(os.listdir(place)) == before


@pytest.mark.parametrize("name", ["run.json", "arrays.npz", "game.npz"])
def test_directories_and_links_with_the_names_of_ours_are_never_replaced(tmp_path: Path,
                                                                         name: str) -> None:
    save(made_up(small_game()), tmp_path / "run")
    (tmp_path / "run" / name).rename(tmp_path / "elsewhere")
    (tmp_path / "run" / name).symlink_to(tmp_path / "elsewhere")
    refused_and_left(tmp_path / "run", name)
    (tmp_path / "run" / name).unlink()
    (tmp_path / "run" / name).mkdir()
    (tmp_path / "run" / name / "thesis.txt").write_text("thesis")
    refused_and_left(tmp_path / "run", name)
    assert (tmp_path / "run" / name / "thesis.txt").read_text() == "thesis"


def test_arrays_without_a_header_are_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "arrays.npz").write_text("mine")
    refused_and_left(tmp_path / "run", "arrays.npz")


def test_an_empty_directory_is_filled(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    save(made_up(small_game()), tmp_path / "run")
    assert is_run(tmp_path / "run")


def test_a_key_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    save(made_up(small_game()), tmp_path / "run")
    text = (tmp_path / "run" / "run.json").read_text()
    (tmp_path / "run" / "run.json").write_text(text.replace("{", '{"version": 1, ', 1))
    with pytest.raises(InputError, match=r"run\.json: the key 'version' is there twice"):
        load(tmp_path / "run")


def test_an_encrypted_archive_is_damage(tmp_path: Path) -> None:
    save(made_up(small_game()), tmp_path / "run")
    content = bytearray((tmp_path / "run" / "arrays.npz").read_bytes())
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.find(signature) + flags] |= 1
    (tmp_path / "run" / "arrays.npz").write_bytes(content)
    with pytest.raises(InputError, match=r"arrays\.npz .*damaged"):
        load(tmp_path / "run")


def test_only_results_are_saved_and_only_to_paths(tmp_path: Path) -> None:
    for thing, message in ((3, "save needs a Result, .* but got 3$"),
                           (small_game(), r"potentia\.io\.games\.save_game")):
        with pytest.raises(InputError, match=message):
            save(thing, tmp_path / "run")  # pyright: ignore[reportArgumentType]
    for place in (None, "", 3, "a\0b"):
        with pytest.raises(InputError, match=r"directory is .*, but the path"):
            load(place)  # pyright: ignore[reportArgumentType]
        with pytest.raises(InputError, match=r"directory is .*, but the path"):
            save(made_up(small_game()), place)  # pyright: ignore[reportArgumentType]
    assert not list(tmp_path.iterdir())
