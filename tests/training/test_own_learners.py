"""Learners of one's own are plain classes, held to their contract by name; and sizes that cannot
fit are refused before anything is played."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.learners import advantages

GRID = pt.simulators.make("crowded-grid", n_agents=3, size=2, horizon=4)
QUICK = pt.learners.IndependentPPO(episodes=8, hidden=(), minibatches=1, epochs=1)


class Reinforce:
    """Policy gradient with linear logits: a plain class, and no pytree."""

    def __init__(self, episodes: int = 16, step_size: float = 0.5):
        self.episodes, self.step_size = episodes, step_size

    def init(self, n_features: int, n_actions: int, key: Any) -> Any:
        return jnp.zeros((n_features, n_actions))

    def logits(self, memory: Any, features: Any) -> Any:
        whole = jnp.issubdtype(features.dtype, jnp.integer)
        return memory[features] if whole else features @ memory

    def update(self, memory: Any, play: Any, discount: Any, iteration: Any, key: Any) -> Any:
        gained, _ = advantages.generalised(play, jnp.zeros(play.observations.shape[:2]), discount,
                                           1.0)
        weight = advantages.normalised(gained, play.alive)

        def gain(memory: Any) -> Any:
            told = advantages.log_policy(self.logits(memory, play.observations[:-1]),
                                         play.legal[:-1])
            return jnp.sum(weight * advantages.of_actions(told, play.actions)) / weight.size

        return memory + self.step_size * jax.grad(gain)(memory)


@dataclasses.dataclass(frozen=True)
class Frozen(Reinforce):
    """The same as a frozen dataclass."""

    episodes: int = 16
    step_size: float = 0.5


@jax.tree_util.register_pytree_node_class
class AsTree(Reinforce):
    """The same as a pytree, whose numbers would be traced ones."""

    def tree_flatten(self) -> Any:
        return (self.episodes, self.step_size), None

    @classmethod
    def tree_unflatten(cls, _: Any, leaves: Any) -> Any:
        return cls(*leaves)


def test_a_plain_class_learns_is_estimated_kept_and_saved(tmp_path: Path) -> None:
    whole = pt.train(GRID, Reinforce(), updates=30, runs=2)
    assert whole.returns[:, -5:].mean() > whole.returns[:, :5].mean()
    for learner in (Frozen(), AsTree()):
        np.testing.assert_array_equal(pt.train(GRID, learner, updates=30, runs=2).returns,
                                      whole.returns)
    options: Any = {"runs": 2, "checkpoint": tmp_path / "kept"}
    pt.train(GRID, Reinforce(), updates=10, **options)
    after = pt.train(GRID, Reinforce(), updates=30, resume=True, **options)
    np.testing.assert_array_equal(after.returns, whole.returns)
    again = pt.load(tmp_path / "kept", learner=Reinforce())
    seen = np.zeros((3, 7))
    np.testing.assert_array_equal(again.policy(1)(seen), whole.policy(1)(seen))
    assert pt.estimate_gap(GRID, whole, learner=Reinforce(), updates=2, seeds=1,
                           episodes=30).gain.shape == (3,)


def test_what_was_changed_in_a_plain_instance_counts() -> None:
    learner = Reinforce()
    first = pt.train(GRID, learner, updates=3)
    learner.step_size = 0.0
    np.testing.assert_array_equal(pt.train(GRID, learner, updates=1).final.memory, 0)
    assert np.asarray(first.final.memory).any()


def test_it_learns_tables_and_on_the_host() -> None:
    table = pt.train(pt.games.make("stag-hunt"), Reinforce(), updates=2)
    assert table.profile.shape == (2, 1, 2)
    pytest.importorskip("pettingzoo")
    env = pt.bridges.pettingzoo.to_parallel_env(pt.games.make("stag-hunt"), 3)
    assert pt.train(pt.from_pettingzoo(env), Reinforce(), updates=2).updates == 2


def own(**members: Any) -> Any:
    return type("Own", (Reinforce,), members)()


MISFITS = [
    (Reinforce, r"learner is the class Reinforce, but an instance was expected, such as Rein"),
    (object(), "but one of pt.learners was expected, or one of your own, which has episodes, init"),
    (Reinforce(episodes=0), "Reinforce.episodes is 0, but it must be at least 1"),
    (Reinforce(episodes=2.5), "Reinforce.episodes is 2.5, not a whole number"),  # pyright: ignore
    (own(init=lambda self, n, m, key: 1 / 0), "Own.init failed: ZeroDivisionError"),
    (own(init=lambda self, n, m, key: "weights"), "Own.init failed: TypeError"),
    (own(init=lambda self, n, m, key: key), "Own.init gives a random key, which no file can hold"),
    (own(logits=lambda self, memory, seen: jnp.zeros(5)), "Own.logits gives .* were expected"),
    (own(logits=lambda self, memory, seen: jnp.zeros((*seen.shape[:-1], 5), int)),
     r"Own.logits gives .*, but real numbers \[2, 5\] were expected of 2 observations"),
    (own(logits=lambda self, memory, seen: None), "Own.logits gives None"),
    (own(update=lambda self, *given: None), "Own.update gives None, but Own.init .* must stay"),
    (own(update=lambda self, *given: jnp.zeros(3)), "shapes and types must stay"),
    (own(update=lambda self, *given: sys.exit("done")), "Own.update failed: SystemExit: done"),
]


@pytest.mark.parametrize(("learner", "says"), MISFITS)
def test_what_does_not_fit_is_named(learner: Any, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.train(GRID, learner, updates=1)
    with pytest.raises(pt.InputError, match=says):
        pt.estimate_gap(GRID, lambda seen: jnp.full((3, 5), 0.2), learner=learner, updates=1)


def test_logits_that_are_not_finite_are_told_by_step_and_agent() -> None:
    late = own(logits=lambda self, memory, seen: jnp.where(
        seen[..., :1] > 0.5, jnp.nan, Reinforce.logits(self, memory, seen)))
    found = pt.train(GRID, late, updates=2)
    assert (found.status, found.updates) == ("failed", 0)
    assert "the policy of agent" in found.message


@pytest.mark.parametrize(("options", "says"), [
    ({"runs": 10**12}, r"what agents learn needs at least .* GB \(runs=10\^12, 3 agents, "),
    ({"learner": pt.learners.IndependentPPO(hidden=(10**7, 10**7))}, "what agents learn needs"),
    ({"learner": pt.learners.IndependentNPG(hidden=(10**30,))}, "what agents learn needs"),
    ({"learner": pt.learners.IndependentPPO(episodes=10**12)},
     r"episodes=10\^12 of 4 steps need at least .* GB at once \(runs=1, 3 agents"),
    ({"learner": Reinforce(episodes=10**12)}, r"episodes=10\^12 of 4 steps need"),
    ({"simulator": pt.simulators.make("crowded-grid", horizon=10**9)},
     "episodes=32 of 1,000,000,000 steps need at least"),
    ({"simulator": pt.simulators.of_game(pt.games.make("stag-hunt"), 10**11)}, "steps need at")])
def test_what_cannot_fit_is_refused_at_once(options: dict[str, Any], says: str) -> None:
    given = {"simulator": GRID, "learner": None, **options}
    with pytest.raises(pt.InputError, match=says):
        pt.train(given.pop("simulator"), given.pop("learner"), updates=1, **given)


def test_sizes_of_an_estimate_are_refused_too() -> None:
    uniform = lambda seen: jnp.full((3, 5), 0.2)  # noqa: E731
    for options, says in (({"episodes": 10**12}, r"episodes=10\^12 of 4 steps need at least"),
                          ({"agents": 0}, "agents is 0, but their numbers were expected"),
                          ({"learner": Reinforce(10**12)}, r"episodes=10\^12 of 4 steps need")):
        with pytest.raises(pt.InputError, match=says):
            pt.estimate_gap(GRID, uniform, updates=1, **options)


@pytest.mark.parametrize(("make", "says"), [
    (lambda: pt.simulators.make("crowded-grid", n_agents=0), "n_agents is 0"),
    (lambda: pt.simulators.make("crowded-grid", n_agents=10**9), "n_agents is 1000000000, but it"),
    (lambda: pt.simulators.make("crowded-grid", size=10**9), "size is 1000000000, but it must be"),
    (lambda: pt.simulators.make("queueing", n_servers=10**12), "n_servers is 1000000000000"),
    (lambda: pt.simulators.make("road-traffic", width=10**6), "width is 1000000, but it must be"),
    (lambda: pt.learners.IndependentPPO(epochs=10**12), "epochs is 1000000000000, but it must be"),
    (lambda: pt.learners.IndependentNPG(steps=10**12), "steps is 1000000000000, but it must be")])
def test_sizes_that_nobody_can_mean_are_refused(make: Any, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        make()
