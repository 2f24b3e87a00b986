"""Simulators of one's own on the host: what they say of themselves, and what they answer, is held
to their contract by name, step, copy and agent."""

from __future__ import annotations

import sys
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.simulators import Stepped

QUICK = pt.learners.IndependentPPO(episodes=4, hidden=(), minibatches=1, epochs=1)


class Walk:
    """Two agents who see three numbers, and are paid 1 for their first action."""

    name = "walk"
    action_counts = (2, 3)
    horizon = 3
    discount = 0.9
    observation_shape: Any = (3,)
    n_observations: Any = 0
    masked: Any = True

    def __init__(self, wrong: Any = None, at: int = 1):
        self.wrong, self.at, self.step = wrong, at, -1

    def begin(self, seeds: Any) -> Any:
        self.step, self.copies = -1, len(seeds)
        return self.told(np.zeros((self.copies, 2)))

    def advance(self, actions: Any) -> Any:
        self.step += 1
        return self.told(np.asarray(actions == 0, float))

    def told(self, rewards: Any) -> Any:
        found = Stepped(self.seen(), rewards, np.zeros(self.copies, bool),
                        np.zeros(self.copies, bool), np.ones((self.copies, 2, 3), bool))
        return self.wrong(found) if self.wrong and self.step == self.at else found

    def seen(self) -> Any:
        return np.zeros((self.copies, 2, 3))


class Numbered(Walk):
    """The same with one of four things to see."""

    observation_shape: Any = ()
    n_observations: Any = 4

    def seen(self) -> Any:
        return np.full((self.copies, 2), 3)


def put(part: str, at: Any, value: Any) -> Any:
    def change(answer: Any) -> Any:
        given = np.array(getattr(answer, part))
        given[at] = value
        return answer._replace(**{part: given})
    return change


def instead(part: str, value: Any) -> Any:
    return lambda answer: answer._replace(**{part: value})


def stop(answer: Any) -> Any:
    sys.exit("the engine stopped")


def broken(answer: Any) -> Any:
    raise KeyError("fuel")


ANSWERS = [
    (put("rewards", (2, 1), np.nan), "copy 2, agent 1: the reward is nan, not a finite number"),
    (put("rewards", (2, 1), 1e300), "copy 2, agent 1: the reward is inf, not a finite number"),
    (put("observations", (3, 0, 2), np.inf), "copy 3, agent 0: the observation holds"),
    (put("legal", (1, 1), False), "copy 1, agent 1: no action exists"),
    (instead("rewards", np.zeros((4, 3))), r"rewards have shape [4, 3], but [4, 2] was expected"),
    (instead("rewards", [[0, 1], [0]]), "rewards are [[0, 1], [0]], but real numbers [4, 2]"),
    (instead("rewards", np.zeros((4, 2), complex)), "but real numbers [4, 2] were expected"),
    (instead("observations", np.zeros((4, 2, 5))), "observations have shape [4, 2, 5], but [4, 2,"),
    (instead("observations", None), "observations are None, but real numbers [4, 2, 3]"),
    (instead("ended", np.zeros(4)), "but truth values [4] were expected"),
    (instead("cut", np.full(4, 2)), "but truth values [4] were expected"),
    (instead("legal", np.ones((4, 2), bool)), "legal have shape [4, 2], but [4, 2, 3]"),
    (lambda answer: list(answer), "but Stepped(observations, rewards, ended, cut, legal)"),
    (lambda answer: answer[:2], "but Stepped(observations, rewards, ended, cut, legal)"),
    (stop, "failed: SystemExit: the engine stopped"),
    (broken, "failed: KeyError: 'fuel'"),
]


@pytest.mark.parametrize(("wrong", "says"), ANSWERS)
def test_an_answer_that_does_not_fit_is_named(wrong: Any, says: str) -> None:
    found = pt.train(Walk(wrong), QUICK, updates=2)
    assert (found.status, found.updates) == ("failed", 0)
    assert found.message.startswith("walk.advance, step 1")
    assert says in found.message
    with pytest.raises(pt.InputError) as raised:
        pt.estimate_gap(Walk(wrong), lambda seen: jnp.full((2, 3), 1 / 2) * jnp.array(
            [[1, 1, 0], [1, 1, 0]]), learner=QUICK, updates=1, seeds=1)
    assert says in str(raised.value)


@pytest.mark.parametrize(("wrong", "says"), [
    (put("ended", 1, True), "walk.begin, copy 1: its episode is over before its first step"),
    (put("observations", (0, 1, 0), np.nan), "walk.begin, copy 0, agent 1: the observation holds"),
])
def test_a_beginning_that_does_not_fit_is_named(wrong: Any, says: str) -> None:
    found = pt.train(Walk(wrong, at=-1), QUICK, updates=2)
    assert (found.status, found.updates) == ("failed", 0)
    assert says in found.message


def test_whole_numbers_out_of_range_are_named() -> None:
    found = pt.train(Numbered(put("observations", (2, 0), 4), at=2), QUICK, updates=2)
    assert ("walk.advance, step 2, copy 2, agent 0: the observation is 4, but it must be from 0 to "
            "3") in found.message
    found = pt.train(Numbered(instead("observations", np.zeros((4, 2)))), QUICK, updates=2)
    assert "observations are float64, but whole numbers from 0 to 3" in found.message


def test_what_comes_after_a_game_need_not_fit() -> None:
    """Copy 0 ends at step 1; nobody may do anything there any more."""
    def over(answer: Any) -> Any:
        legal = answer.legal.copy()
        legal[0] = False
        return answer._replace(ended=np.arange(4) == 0, legal=legal)
    found = pt.train(Walk(over), QUICK, updates=2)
    assert (found.status, found.updates) == ("max_updates", 2)
    as_lists = pt.train(Walk(lambda answer: Stepped(*(part.tolist() for part in answer)), at=0),
                        QUICK, updates=1)
    assert as_lists.updates == 1


@pytest.mark.parametrize(("members", "says"), [
    ({"action_counts": (2, 0)}, r"action_counts\[1\]"), ({"horizon": 0}, "walk.horizon is 0"),
    ({"discount": 2}, "walk.discount is 2"), ({"n_observations": -1}, "walk.n_observations is -1"),
    ({"n_observations": 4}, r"walk.observation_shape is \(3,\), but \(\) was expected"),
    ({"observation_shape": 3}, "walk.observation_shape is 3, but a tuple"),
    ({"observation_shape": (0,)}, r"walk.observation_shape\[0\] is 0"),
    ({"masked": 1}, "walk.masked is 1")])
def test_what_it_says_of_itself_is_checked(members: Any, says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        pt.train(type("Own", (Walk,), members)(), QUICK, updates=1)


def test_a_policy_that_gives_no_numbers_plays_no_action() -> None:
    """The copies are never asked to do action -1."""
    asked = []

    class Asked(Walk):
        def advance(self, actions: Any) -> Any:
            asked.append(actions.min())
            return super().advance(actions)

    with pytest.raises(pt.InputError, match="profile, step 1: what it gives agent 1 are no"):
        pt.estimate_gap(Asked(put("observations", (0, 1, 0), 9.0), at=0), lambda seen: jnp.where(
            seen[:, :1] == 9.0, jnp.nan, jnp.array([[0.5, 0.5, 0.0]] * 2)), learner=QUICK,
            updates=1, seeds=1)
    assert min(asked) >= 0
