"""Solves to be stopped, and what must hold of what they leave behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import potentia as pt
from potentia.runtime.pytree import tree
from registered_rules import SOLVED, made

RNG = np.random.default_rng(7)
REWARDS = np.repeat(RNG.random((1, 3, 2, 3)), 2, axis=0)
TRANSITIONS = RNG.dirichlet(np.ones(3), size=(3, 2, 3))
GAME = pt.MarkovGame.from_arrays(REWARDS, TRANSITIONS, discount=0.8)
RULE, SAMPLED = pt.rules.INPG(step_size=0.01), pt.Sampled(episodes=4, horizon=5)
TRAJECTORY = pt.oracles.Trajectory(steps=6, explore=0.1)
SETTINGS = {"max_iterations": 60, "tolerance": 0.0, "check_every": 7, "runs": 3, "seed": 5}


@tree
class Hoarder:
    """A rule with all that a memory may be: nested, without type of its own, small floats, keys,
    random steps."""

    step_size: Any

    def init(self, log_policy: Any, mask: Any, key: Any) -> dict[str, Any]:
        return {"a": (log_policy, 0.25), "b/c": jnp.ones(2, jnp.bfloat16), "key": key,
                "counts": jnp.zeros(3, jnp.int32)}

    def update(self, log_policy: Any, memory: Any, view: Any, iteration: Any,
               key: Any) -> tuple[Any, Any]:
        logits, weight = memory["a"]
        noise = (jax.random.normal(jax.random.fold_in(memory["key"], iteration),
                                   logits.shape) * memory["b/c"][0])
        logits = logits + self.step_size * (view.advantage + weight * noise)
        kept = {"a": (logits, weight * 0.99), "b/c": memory["b/c"] * 0.9,
                "key": jax.random.fold_in(memory["key"], 1),
                "counts": memory["counts"] + 1}
        return jax.nn.log_softmax(jnp.where(view.mask, logits, -jnp.inf), axis=-1), kept


RULES = {**{name: made(name, 0.01) for name in SOLVED},
         "hoarder": Hoarder(np.float64(0.1))}


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


def named(directory: Path) -> set[str]:
    """The files of a checkpoint by its own words."""
    files = json.loads((directory / "checkpoint.json").read_text())["files"]
    return {"checkpoint.json", files["state"], *files["updates"], *files["checks"]}
