"""Checkpoints: whatever stops a solve, and whenever, it goes on to the same bits, and leaves no unreadable file."""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia import checkpoints, stepper, watch
from potentia.trees import tree

RNG = np.random.default_rng(7)
REWARDS = np.repeat(RNG.random((1, 3, 2, 3)), 2, axis=0)
TRANSITIONS = RNG.dirichlet(np.ones(3), size=(3, 2, 3))
GAME = pt.MarkovGame.from_arrays(REWARDS, TRANSITIONS, discount=0.8)
RULE, SAMPLED = pt.rules.INPG(step_size=0.01), pt.Sampled(episodes=4, horizon=5)
SETTINGS = {"max_iterations": 60, "tolerance": 0.0, "check_every": 7, "runs": 3, "seed": 5}


@tree
class Hoarder:
    """A rule with all that a memory may be: nested, without type of its own, small floats, keys, random steps."""

    step_size: Any

    def init(self, log_policy: Any, mask: Any, key: Any) -> dict[str, Any]:
        return {"a": (log_policy, 0.25), "b/c": jnp.ones(2, jnp.bfloat16), "key": key,
                "counts": jnp.zeros(3, jnp.int32)}

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any, key: Any) -> tuple[Any, Any]:
        logits, weight = memory["a"]
        noise = jax.random.normal(jax.random.fold_in(memory["key"], iteration), logits.shape) * memory["b/c"][0]
        logits = logits + self.step_size * (view.advantage + weight * noise)
        kept = {"a": (logits, weight * 0.99), "b/c": memory["b/c"] * 0.9, "key": jax.random.fold_in(memory["key"], 1),
                "counts": memory["counts"] + 1}
        return jax.nn.log_softmax(jnp.where(view.mask, logits, -jnp.inf), axis=-1), kept


RULES = {**{name: pt.rules.make(name, step_size=0.01) for name in pt.rules.names()},
         "hoarder": Hoarder(np.float64(0.1))}


def stop_at(iteration: int) -> Any:
    """What to tell progress to, so that the solve is interrupted at that iteration."""
    def tell(done: int, note: str) -> None:
        if done >= iteration:
            raise KeyboardInterrupt
    return tell


def assert_same(found: pt.Result, expected: pt.Result) -> None:
    """The same bits, all of them."""
    assert found.status == expected.status
    assert np.array_equal(found.iterations, expected.iterations)
    assert found.settings == expected.settings
    assert list(found.history) == list(expected.history)
    for name, rows in {**expected.history, "profile": expected.profile}.items():
        again = found.profile if name == "profile" else found.history[name]
        assert again.dtype == rows.dtype
        np.testing.assert_array_equal(again, rows, err_msg=name)


def assert_readable(directory: Path) -> None:
    """Every file is a whole one of ours, or a draft, which says so in its name."""
    for file in directory.iterdir():
        if file.suffix == ".json":
            json.loads(file.read_text())
        elif file.suffix == ".npz":
            with np.load(file) as archive:
                assert all(archive[name] is not None for name in archive.files)
        else:
            assert file.name.startswith(".")
            assert file.suffix == ".part"


@pytest.mark.parametrize(("name", "oracle"), [*((name, pt.Exact()) for name in RULES),
                                              ("inpg", SAMPLED), ("hoarder", SAMPLED)])
def test_a_solve_that_is_interrupted_goes_on_to_the_same_bits(tmp_path: Path, name: str, oracle: Any) -> None:
    asked = (GAME, RULES[name], oracle)
    whole = pt.solve(*asked, l1_accuracy=True, **SETTINGS)
    for iteration in (0, 20, 41):
        part = pt.solve(*asked, checkpoint=tmp_path, resume=True, progress=stop_at(iteration), **SETTINGS)
        assert part.status == (pt.Status.INTERRUPTED,) * 3
        assert iteration <= part.iterations.min() < 60
    assert_same(pt.solve(*asked, checkpoint=tmp_path, resume=True, l1_accuracy=True, **SETTINGS), whole)
    assert (whole.history["l1_accuracy"][:, -1] == 0).all()


# Runs that end each at its own time; and runs that ask for the gap in vain (values are 1e12), each at its own time.
HUGE = pt.MarkovGame.from_arrays([[[1e6, 1e6 - 1]]], [[0, 0]], discount=.999999)
UNEVEN = {"ends": (GAME, pt.rules.INPG(step_size=0.05), {"tolerance": 1e-3, "runs": 4, "seed": 2, "check_every": 30}),
          "checks": (HUGE, pt.rules.INPG(step_size=1e-7),
                     {"tolerance": 1.0, "runs": 3, "max_iterations": 150, "check_every": 40})}


@pytest.fixture(scope="module")
def uneven() -> dict[str, pt.Result]:
    results = {name: pt.solve(game, rule, **settings) for name, (game, rule, settings) in UNEVEN.items()}
    assert set(results["ends"].status) == {pt.Status.CONVERGED}
    assert len(set(results["ends"].iterations)) > 1
    assert len({tuple(times) for times in results["checks"].history["check_iteration"]}) == 3
    return results


@pytest.mark.parametrize("name", UNEVEN)
def test_uneven_runs_go_on_to_the_same_bits(tmp_path: Path, name: str, uneven: dict[str, pt.Result]) -> None:
    game, rule, settings = UNEVEN[name]
    for iteration in (10, 61, int(max(uneven[name].iterations)) - 20):
        pt.solve(game, rule, checkpoint=tmp_path, resume=True, progress=stop_at(iteration), **settings)
    assert_same(pt.solve(game, rule, checkpoint=tmp_path, resume=True, **settings), uneven[name])


@pytest.mark.parametrize("limit", [1, 5, 16, 256])
def test_no_bit_depends_on_the_length_of_the_chunks(
        monkeypatch: pytest.MonkeyPatch, limit: int, uneven: dict[str, pt.Result]) -> None:
    monkeypatch.setattr(watch.Pace, "limit", property(lambda pace: limit, lambda pace, value: None), raising=False)
    for name, (game, rule, settings) in UNEVEN.items():
        assert_same(pt.solve(game, rule, **settings), uneven[name])


def test_a_profile_to_start_from_and_a_single_run(tmp_path: Path) -> None:
    settings = {**SETTINGS, "runs": 1, "initial": np.full((2, 3, 3), [[[.2, .8, 0]], [[.2, .3, .5]]])}
    whole = pt.solve(GAME, RULE, **settings)
    pt.solve(GAME, RULE, checkpoint=tmp_path, progress=stop_at(20), **settings)
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings), whole)
    settings["initial"] = settings["initial"][:, ::-1].copy()
    settings["initial"][1, 0] = [.5, .3, .2]
    with pytest.raises(pt.InputError, match="of another solve: initial is float64"):
        pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings)


def test_the_limit_may_be_raised(tmp_path: Path) -> None:
    settings = {**SETTINGS, "max_iterations": 90}
    whole = pt.solve(GAME, RULE, **settings)
    first = pt.solve(GAME, RULE, checkpoint=tmp_path, **{**settings, "max_iterations": 52})
    assert first.history["check_iteration"][0, -1] == 52
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **settings), whole)


def test_a_solve_that_has_ended_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)
    monkeypatch.setattr(stepper, "advance", lambda *_: pytest.fail("an iteration was done again"))
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


def test_ctrl_c_between_a_chunk_and_its_check_loses_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    for name in ("advance", "check"):
        inner, calls = getattr(stepper, name), iter(range(100))
        with monkeypatch.context() as patch:
            patch.setattr(stepper, name, lambda *a, f=inner, c=calls: f(*a) if next(c) < 3 else stop_at(0)(0, ""))
            pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS)
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


class Killed(BaseException):
    """What a killed process sees of what comes after: nothing."""


def killed_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the given step on, no file is made, flushed, renamed or deleted any more."""
    steps = iter(range(1, 10**6))
    def counted(function: Any) -> Any:
        def call(*arguments: Any, **options: Any) -> Any:
            if next(steps) >= step:
                raise Killed
            return function(*arguments, **options)
        return call
    for place, name in ((tempfile, "mkstemp"), (os, "fsync"), (Path, "replace"), (Path, "unlink")):
        monkeypatch.setattr(place, name, counted(getattr(place, name)))


def test_killed_at_every_step_of_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {**SETTINGS, "max_iterations": 16}
    whole = pt.solve(GAME, RULE, **settings)
    for step in range(1, 1000):
        place = tmp_path / str(step)
        try:
            with monkeypatch.context() as patch:
                killed_at(step, patch)
                pt.solve(GAME, RULE, checkpoint=place, checkpoint_every=0, **settings)
            break
        except Killed:
            assert_readable(place)
            assert_same(pt.solve(GAME, RULE, checkpoint=place, checkpoint_every=0, resume=True, **settings), whole)
            assert_readable(place)
            assert {file.name for file in place.iterdir()} == named(place), "drafts and old files are gone"
    assert 50 < step < 999


def named(directory: Path) -> set[str]:
    """The files of a checkpoint by its own words."""
    files = json.loads((directory / "checkpoint.json").read_text())["files"]
    return {"checkpoint.json", files["state"], *files["updates"], *files["checks"]}


# Its processes are forked from one that has imported JAX and not yet used it.
FORKED = multiprocessing.get_context("forkserver")
FORKED.set_forkserver_preload(["potentia.loop"])
LONG = {**SETTINGS, "max_iterations": 1500, "check_every": 5}


def keep_solving(directory: str) -> None:
    """In a process of its own: as many checkpoints as there are chunks."""
    pt.solve(GAME, RULE, checkpoint=directory, checkpoint_every=0, resume=True, progress=False, **LONG)


def test_killed_again_and_again(tmp_path: Path) -> None:
    whole = pt.solve(GAME, RULE, **LONG)
    rng = np.random.default_rng(11)
    seen = [0]
    for _ in range(4):
        process = FORKED.Process(target=keep_solving, args=(str(tmp_path),))
        process.start()
        while process.is_alive() and reached(tmp_path) <= seen[-1]:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.1))
        process.kill()
        process.join()
        assert process.exitcode == -9
        assert_readable(tmp_path)
        seen.append(reached(tmp_path))
    assert 0 < seen[-1] < 1500
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **LONG), whole)


def reached(directory: Path) -> int:
    """The iteration of the checkpoint, read at any moment of its being replaced."""
    path = directory / "checkpoint.json"
    return min(json.loads(path.read_text())["iterations"]) if path.exists() else 0


def solve_on_two_devices(directory: str) -> None:
    jax.config.update("jax_num_cpu_devices", 2)
    game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion", shards=2)
    asked = {"max_iterations": 40, "check_every": 7, "tolerance": 0.0, "l1_accuracy": True}
    whole = pt.solve(game, RULE, **asked)
    pt.solve(game, RULE, checkpoint=directory, progress=stop_at(20), **asked)
    assert_same(pt.solve(game, RULE, checkpoint=directory, resume=True, **asked), whole)


def test_states_over_two_devices_go_on_to_the_same_bits(tmp_path: Path) -> None:
    process = FORKED.Process(target=solve_on_two_devices, args=(str(tmp_path),))
    process.start()
    process.join()
    assert process.exitcode == 0


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint at iteration 28 of 60."""
    place = tmp_path_factory.mktemp("checkpoint") / "ck"
    pt.solve(GAME, RULE, checkpoint=place, progress=stop_at(25), **SETTINGS)
    return place


def other_game(**changes: Any) -> pt.MarkovGame:
    return pt.MarkovGame.from_arrays(**{"rewards": REWARDS, "transitions": TRANSITIONS, "discount": 0.8, **changes})


@pytest.mark.parametrize(("changes", "message"), [
    ({"seed": 6}, "is of another solve: seed is 5 there, but 6 here"),
    ({"runs": 2}, "runs is 3 there, but 2 here"),
    ({"tolerance": 1e-3}, r"tolerance is 0\.0 there, but 0\.001 here"),
    ({"step_tolerance": 0.0}, r"step_tolerance is None there, but 0\.0 here"),
    ({"check_every": 8}, "check_every is 7 there, but 8 here"),
    ({"initial": "uniform"}, "initial is 'random' there, but 'uniform' here"),
    ({"initial": np.full((2, 3, 3), [[[.5, .5, 0]], [[.2, .3, .5]]])}, "initial is 'random' there, but float64"),
    ({"rule": pt.rules.INPG(step_size=0.02)}, r"rule\.step_size is 0\.01 there, but 0\.02 here"),
    ({"rule": pt.rules.MWU(step_size=0.01)}, r"rule is potentia\.rules\.inpg\.INPG there, but potentia\.rules\.mwu\."),
    ({"oracle": SAMPLED}, r"oracle is potentia\.oracles\.exact\.Exact there, but potentia\.oracles\.sampled\."),
    ({"game": other_game(rewards=REWARDS + 1e-15)},
     r"game\.rewards is float64 \(3, 6, 2\), SHA-256 \w+\.\.\. there, but float64 \(3, 6, 2\), SHA-256 \w+\.\.\. here"),
    ({"game": other_game(discount=0.81)}, r"game\.discount is 0\.8 there, but 0\.81 here"),
    ({"game": other_game(name="other")}, r"game\.name is 'game' there, but 'other' here"),
    ({"max_iterations": 27}, "is at iteration 28, past max_iterations = 27"),
    ({"resume": False}, "ck holds the checkpoint of an earlier solve: resume it, or give another directory"),
])
def test_a_checkpoint_of_another_solve_is_refused_by_name(stopped: Path, changes: dict, message: str) -> None:
    asked = {"game": GAME, "rule": RULE, "checkpoint": stopped, "resume": True, **SETTINGS, **changes}
    before = {file.name: file.read_bytes() for file in stopped.iterdir()}
    with pytest.raises(pt.InputError, match=message) as caught:
        pt.solve(**asked)
    assert_one_line(caught.value)
    assert {file.name: file.read_bytes() for file in stopped.iterdir()} == before


def assert_one_line(error: BaseException) -> None:
    assert "\n" not in str(error)
    assert len(str(error)) < 400


@pytest.mark.parametrize(("settings", "message"), [
    ({"resume": True}, "resume needs checkpoint, the directory to go on from"),
    ({"checkpoint": ""}, "checkpoint is '', but the path of a file or directory is needed"),
    ({"checkpoint": 3}, "checkpoint is 3, but the path"),
    ({"checkpoint": "ck", "checkpoint_every": -1}, "checkpoint_every is -1, but it must not be negative"),
    ({"checkpoint": "ck", "checkpoint_every": float("nan")}, "checkpoint_every is nan, not a finite number"),
    ({"checkpoint": "file"}, "cannot write .*file is not a directory"),
    ({"checkpoint": "file/ck"}, "cannot write .*file is not a directory"),
])
def test_bad_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict, message: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("mine")
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, **{**SETTINGS, **settings})
    assert os.listdir() == ["file"]


def altered(content: bytes) -> list[bytes]:
    """Cut, empty, foreign, and with one byte changed in many places."""
    places = np.linspace(0, len(content) - 1, 40).astype(int)
    flipped = [content[:k] + bytes([content[k] ^ 1]) + content[k + 1:] for k in places]
    return [content[: len(content) // 2], content[:-1], b"", b"{}", b"[]", b"\x80\x04N.", *flipped]


def resumed(place: Path) -> pt.Result | pt.InputError:
    try:
        return pt.solve(GAME, RULE, checkpoint=place, resume=True, **SETTINGS)
    except pt.InputError as error:
        return error


def test_a_damaged_file_is_refused_in_one_line_or_harmless(stopped: Path, tmp_path: Path) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    refused = 0
    for name in sorted(named(stopped)):
        for content in (None, *altered((stopped / name).read_bytes())):
            place = tmp_path / "ck"
            shutil.rmtree(place, ignore_errors=True)
            shutil.copytree(stopped, place)
            (place / name).unlink() if content is None else (place / name).write_bytes(content)
            outcome = resumed(place)
            if isinstance(outcome, pt.InputError):
                assert_one_line(outcome)
                assert "ck" in str(outcome)
                refused += 1
            else:                     # a letter of what is for people only; or none was there, so it began afresh
                assert name == "checkpoint.json"
                assert_same(outcome, whole)
    assert refused > 200


@pytest.mark.parametrize(("changes", "message"), [
    ({"version": 2, "potentia": "8.1"}, r"checkpoint\.json was written by a newer Potentia \(8\.1\)"),
    ({"format": "other"}, r"checkpoint\.json is not a potentia checkpoint file"),
    ({"statuses": ["fine", None, None]}, "does not say how this solve stands"),
    ({"statuses": [None]}, "does not say how this solve stands"),
    ({"files": 3}, "does not say how this solve stands"),
    ({"asked": 3}, "has 'asked' = 3"),
])
def test_a_header_that_cannot_be_followed(stopped: Path, tmp_path: Path, changes: dict, message: str) -> None:
    shutil.copytree(stopped, tmp_path / "ck")
    path = tmp_path / "ck" / "checkpoint.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    with pytest.raises(pt.InputError, match=message):
        pt.solve(GAME, RULE, checkpoint=tmp_path / "ck", resume=True, **SETTINGS)


def test_a_file_elsewhere_is_not_followed_and_a_lost_block_is_noticed(stopped: Path, tmp_path: Path) -> None:
    shutil.copytree(stopped, tmp_path / "ck")
    path = tmp_path / "ck" / "checkpoint.json"
    header = json.loads(path.read_text())
    for files in ({**header["files"], "state": "../ck/" + header["files"]["state"]},
                  {**header["files"], "updates": header["files"]["updates"][1:]},
                  {**header["files"], "state": header["files"]["checks"][0]}):
        path.write_text(json.dumps({**header, "files": files}))
        with pytest.raises(pt.InputError, match="does not say how this solve stands"):
            pt.solve(GAME, RULE, checkpoint=tmp_path / "ck", resume=True, **SETTINGS)


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    names = ("notes.txt", "state-of-the-art.npz", ".checkpoint.json.swp", "checks.npz")
    mine = {name: tmp_path / name for name in names}
    for file in mine.values():
        file.write_text("mine")
    pt.solve(GAME, RULE, checkpoint=tmp_path, checkpoint_every=0, **SETTINGS)
    assert all(file.read_text() == "mine" for file in mine.values())
    assert {file.name for file in tmp_path.iterdir()} == named(tmp_path) | set(mine)


def test_a_full_disk_ends_no_solve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                   caplog: pytest.LogCaptureFixture) -> None:
    whole = pt.solve(GAME, RULE, **SETTINGS)
    pt.solve(GAME, RULE, checkpoint=tmp_path, progress=stop_at(20), **SETTINGS)
    kept = named(tmp_path)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, checkpoint_every=0, resume=True, **SETTINGS), whole)
    assert "no checkpoint at iteration 35: cannot write" in caplog.text
    assert named(tmp_path) == kept
    assert_same(pt.solve(GAME, RULE, checkpoint=tmp_path, resume=True, **SETTINGS), whole)


def test_two_solves_cannot_share_a_directory(tmp_path: Path) -> None:
    with (checkpoints.opened(tmp_path, 60.0, False, dict),
          pytest.raises(pt.InputError, match="another process keeps checkpoints in")):
        pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)
    pt.solve(GAME, RULE, checkpoint=tmp_path, **SETTINGS)


def test_it_is_said_where_a_solve_begins(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    told, place = [], tmp_path / "ck"

    def tell(done: int, note: str) -> None:
        told.append(done)
        stop_at(20)(done, note)

    caplog.set_level(logging.INFO, "potentia")
    pt.solve(GAME, RULE, checkpoint=place, resume=True, progress=tell, **SETTINGS)
    assert [record.message for record in caplog.records] == [
        f"no checkpoint in {place} yet: starting from the beginning",
        f"interrupted: resume goes on from the checkpoint in {place}"]
    pt.solve(GAME, RULE, checkpoint=place, resume=True, progress=lambda done, note: told.append(done), **SETTINGS)
    assert caplog.records[-1].message == f"going on from the checkpoint in {place}, at iteration 21"
    assert told == [0, 0, 7, 14, 21, 21, 28, 35, 42, 49, 56]


def test_checkpoints_keep_to_their_interval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = [], checkpoints.Keeper._write
    monkeypatch.setattr(checkpoints.Keeper, "_write", lambda *a: written.append(1) or write(*a))
    pt.solve(GAME, RULE, checkpoint=tmp_path / "rarely", checkpoint_every=3600, **SETTINGS)
    assert len(written) == 1
    pt.solve(GAME, RULE, checkpoint=tmp_path / "always", checkpoint_every=0, **SETTINGS)
    assert len(written) > 10
