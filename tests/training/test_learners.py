"""What every learner holds to: each agent learns by itself, from its own play; training is the
same to the bits however it is cut, saved and loaded; gaps can be estimated by it."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia import learners
from potentia.training import programs
from potentia.training.play import episodes
from potentia.training.subject import taken

GRID = pt.simulators.make("crowded-grid", n_agents=3, size=3, horizon=6)


def features(observation: Any, action: Any) -> Any:
    return jnp.outer(jax.nn.one_hot(action, 5), jnp.append(observation, 1.0)).ravel()


GIVEN: dict[str, dict[str, Any]] = {"log-linear": {"features": features}, "npg": {"hidden": (8,)},
                                    "ppo": {"hidden": (8,)}}


@pytest.fixture(params=learners.REGISTRY)
def learner(request: pytest.FixtureRequest) -> Any:
    return learners.REGISTRY.make(request.param, {"episodes": 8, **GIVEN[request.param]})


def test_the_registry_names_every_file() -> None:
    others = {"__init__", "base", "advantages", "contract", "networks", "sizes"}
    files = {file.stem for file in Path(str(learners.__file__)).parent.glob("*.py")} - others
    assert files == learners.REGISTRY.files


def test_an_agent_learns_from_its_own_play_alone(learner: Any) -> None:
    """What the others see, earn and remember changes nothing."""
    with jax.enable_x64(False):
        simulator, facts = taken(GRID)
        state = programs.start(learner, facts, jnp.uint32(0), 1)
        memory = jax.tree.map(lambda leaf: leaf[0], state.memory)
        play = episodes(simulator, facts, partial(programs.logits_of, learner, memory),
                        jax.random.key(0), learner.episodes)
        others = dataclasses.replace(
            play, observations=play.observations.at[:, :, 1:].multiply(0.5),
            rewards=play.rewards.at[:, :, 1:].add(1.0), actions=play.actions.at[:, :, 1:].set(0))
        one, other = (programs.learnt(learner, facts, memory, own, jnp.int32(0), jax.random.key(1))
                      for own in (play, others))
    moved = [np.asarray(before[0] != after[0]).any() for before, after in zip(
        jax.tree.leaves(memory), jax.tree.leaves(one), strict=True)]
    assert any(moved)
    for mine, theirs in zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True):
        np.testing.assert_array_equal(mine[0], theirs[0])
    assert any((np.asarray(mine[1]) != np.asarray(theirs[1])).any() for mine, theirs in zip(
        jax.tree.leaves(one), jax.tree.leaves(other), strict=True))


def test_it_goes_on_to_the_same_bits_from_a_file(learner: Any, tmp_path: Path) -> None:
    whole = pt.train(GRID, learner, updates=5, runs=2)
    pt.save(pt.train(GRID, learner, updates=2, runs=2), tmp_path / "part")
    loaded = pt.load(tmp_path / "part", learner=learner)
    after = pt.train(GRID, learner, updates=3, runs=2, initial=loaded)
    np.testing.assert_array_equal(after.returns, whole.returns)
    for one, other in zip(*map(jax.tree.leaves, (after.final.memory, whole.final.memory)),
                          strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_gap_can_be_estimated_by_it(learner: Any) -> None:
    found = pt.estimate_gap(GRID, lambda seen: jnp.full((3, 5), 0.2), learner=learner, updates=3,
                            seeds=1, episodes=100, agents=[0])
    assert np.isfinite(found.gain).all()
