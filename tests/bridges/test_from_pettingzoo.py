"""PettingZoo environments as simulators: what is read of them, and what is refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import potentia as pt

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from pettingzoo import AECEnv
from streets import Faulty, Masked, Street, del_, put, raised

BOTH = "red", "blue"


def joined(env, answer):
    env.agents = [*env.agents, "green"]
    return answer


def vanished(env, answer):
    env.agents = ["red"]
    return answer


def terminated(env, answer):
    return put(2, "red", True)(env, put(3, "blue", True)(env, answer))


@pytest.mark.parametrize(("wrong", "why"), [
    (raised, "street, step 1 of the episode of seed 7: step raised RuntimeError: the engine "
             "stopped"),
    (put(1, "blue", np.nan), "step 1 of the episode of seed 7, agent 'blue': the reward is nan, "
                             "not a finite number"),
    (put(1, "blue", del_), "agent 'blue': the rewards have none for it"),
    (put(1, "blue", "1"), "agent 'blue': the reward is '1', not a number"),
    (put(1, "blue", None), "agent 'blue': the reward is None, not a number"),
    (put(1, "green", 1.0), "agent 'green': the rewards have one for it, but it is none of"),
    (put(0, "red", del_), "agent 'red': the observations have none for it"),
    (put(0, "red", np.zeros(4, int)), "agent 'red': the observation array([0, 0, 0, 0]) does not"),
    (put(0, "green", np.zeros(3, int)), "agent 'green': the observations have one for it"),
    (put(2, "red", True), "agent 'red': its play is over, but that of 'blue' goes on: all must"),
    (put(3, "blue", True), "agent 'blue': its play is over, but that of 'red' goes on"),
    (put(2, "red", del_), "agent 'red': the terminations have none for it"),
    (put(3, "red", "no"), "agent 'red': the truncation is 'no', but it must be True or False"),
    (terminated, "agent 'red': it is terminated, but 'blue' only truncated"),
    (joined, "agent 'green': it joins, but is none of possible_agents"),
    (vanished, "agent 'blue': it is gone, but neither terminated nor truncated"),
    (lambda env, answer: answer[:4], "step gives 4 things, but observations, rewards, "),
    (lambda env, answer: None, "step gives None, but observations"),
    (lambda env, answer: ([], *answer[1:]), "observations is [], but a mapping from agents"),
])
def test_what_a_step_must_not_answer_is_named(wrong, why):
    sim = pt.from_pettingzoo(Faulty(wrong))
    sim.begin(np.array([7, 8], np.uint32))
    sim.advance(np.zeros((2, 2), int))
    with pytest.raises(pt.InputError) as told:
        sim.advance(np.zeros((2, 2), int))
    assert why in str(told.value)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("begin", "why"), [
    (raised, "street, reset of seed 0: reset raised RuntimeError: the engine stopped"),
    (lambda env, answer: 3, "observations is 3, but a mapping from agents was expected"),
    (put(0, "blue", del_), "agent 'blue': the observations have none for it"),
    (vanished, "agent 'blue': it is gone"),
])
def test_what_a_reset_must_not_answer_is_named(begin, why):
    with pytest.raises(pt.InputError) as told:
        pt.from_pettingzoo(Faulty(begin=begin))
    assert why in str(told.value)


class Spaced(Street):
    """With spaces of one's own, and what is seen in them."""

    def __init__(self, sights=None, actions=None, shown=None):
        super().__init__()
        self.sights, self.acts, self.shown = sights, actions, shown

    def observation_space(self, agent):
        return self.sights[agent] if self.sights else super().observation_space(agent)

    def action_space(self, agent):
        return self.acts[agent] if self.acts else super().action_space(agent)

    def seen(self):
        return self.shown if self.shown else super().seen()


def of_both(one):
    return dict.fromkeys(BOTH, one)


@pytest.mark.parametrize(("env", "why"), [
    (Spaced(actions=of_both(spaces.Box(-1, 1, (2,)))),
     "street, agent 'red': its action space Box(-1.0, 1.0, (2,), float32) is continuous"),
    (Spaced(actions=of_both(spaces.MultiDiscrete([2, 2]))),
     "its action space is MultiDiscrete([2 2]), but a Discrete one was expected"),
    (Spaced(sights=of_both(spaces.Sequence(spaces.Discrete(2)))),
     "street, agent 'red': its observation space Sequence(Discrete(2), stack=False) cannot be"),
    (Spaced(sights=of_both(3)), "its observation space is 3, but one of gymnasium.spaces"),
    (Spaced(sights=of_both(spaces.Box(0, 1, (2,))), shown=of_both(np.zeros((3, 1)))),
     "reset of seed 0, agent 'red': the observation is float64 of shape [3, 1], but its space"),
    (Spaced(sights=of_both(spaces.Box(0, 1, (2,))), shown=of_both([0.0, np.inf])),
     "agent 'red': the observation holds inf, not finite numbers"),
    (Spaced(sights=of_both(spaces.Discrete(3)), shown=of_both(3)),
     "agent 'red': the observation is 3, but its space is Discrete(3)"),
    (Spaced(sights=of_both(spaces.Discrete(3)), shown=of_both(0.5)),
     "agent 'red': the observation is 0.5"),
    (Spaced(sights=of_both(spaces.Discrete(3)), shown=of_both([[0], [0, 1]])),
     "agent 'red': the observation is [[0], [0, 1]], but its space is Discrete(3)"),
    (Spaced(sights=of_both(spaces.Box(0, 1, (2,))), shown=of_both([[0.0], [0.0, 1.0]])),
     "agent 'red': the observation is object of shape [0], but its space is Box"),
    (Spaced(sights=of_both(spaces.Box(0, 1, (2,))), shown=of_both([0.0, 1.5])),
     "agent 'red': the observation [0.0, 1.5] lies outside its space Box(0.0, 1.0, (2,)"),
    (Spaced(sights=of_both(spaces.MultiDiscrete([3, 3])), shown=of_both(np.array([3, 0]))),
     "agent 'red': the observation array([3, 0]) lies outside its space MultiDiscrete([3 3])"),
    (Spaced(sights=of_both(spaces.MultiBinary(2)), shown=of_both(np.array([2, 0]))),
     "agent 'red': the observation array([2, 0]) lies outside its space MultiBinary(2)"),
    (Spaced(sights=of_both(spaces.Dict({"in": spaces.Tuple((spaces.Discrete(3),))})),
            shown=of_both({"in": (-1,)})), "agent 'red': the observation {'in': (-1,)} lies out"),
    (3, "env is 3, which has no possible_agents: a pettingzoo.ParallelEnv was expected"),
    (lambda: 3, "env is 3, which has no possible_agents"),
    (lambda: 1 / 0, "env makes no environment: ZeroDivisionError"),
    (pytest, "which has no possible_agents"),
    (AECEnv(), "agents move in turns: give pettingzoo.utils.aec_to_parallel(env)"),
])
def test_what_is_no_environment_to_learn_in_is_refused(env, why):
    with pytest.raises(pt.InputError) as told:
        pt.from_pettingzoo(env, horizon=3)
    assert why in str(told.value)


def test_what_cannot_be_copied_is_made_by_a_function():
    class Held(Street):
        def __deepcopy__(self, memo):
            raise TypeError("a window cannot be copied")
    with pytest.raises(pt.InputError, match=r"cannot be copied \(a window.*give a function"):
        pt.from_pettingzoo(Held())
    assert pt.from_pettingzoo(Held).action_counts == (3, 2)


@pytest.mark.parametrize(("given", "why"), [
    ({"horizon": 0}, "horizon is 0, but it must be at least 1"),
    ({"horizon": 3, "discount": 1.5}, "discount is 1.5, but it must be at most 1"),
    ({}, "street does not tell how long an episode is: give a horizon"),
])
def test_a_horizon_and_a_discount_are_checked(given, why):
    class Endless(Street):
        def __init__(self):
            super().__init__()
            del self.max_cycles

        def observation_space(self, agent):
            return spaces.MultiDiscrete([3, 3, 4])
    with pytest.raises(pt.InputError, match=why):
        pt.from_pettingzoo(Endless, **given)


def test_observations_are_flattened_and_the_shorter_filled_with_0():
    kinds = {"red": spaces.Dict({"at": spaces.Box(0, 9, (2, 1)), "kind": spaces.Discrete(3)}),
             "blue": spaces.Tuple((spaces.MultiBinary(2), spaces.Discrete(2, start=5)))}
    sim = pt.from_pettingzoo(Spaced(kinds, shown={
        "red": {"at": np.array([[7.0], [8.0]]), "kind": 1}, "blue": (np.array([1, 0]), 6)}))
    assert (sim.observation_shape, sim.n_observations, sim.masked) == ((5,), 0, False)
    assert sim.begin(np.zeros(1, np.uint32)).observations.tolist() == [
        [[7, 8, 0, 1, 0], [1, 0, 0, 1, 0]]]


def test_discrete_observations_and_actions_are_numbered_from_0():
    sim = pt.from_pettingzoo(Spaced(of_both(spaces.Discrete(4, start=10)),
                                    of_both(spaces.Discrete(2, start=1)), of_both(12)))
    assert (sim.observation_shape, sim.n_observations) == ((), 4)
    assert sim.begin(np.zeros(1, np.uint32)).observations.tolist() == [[2, 2]]
    sim.advance(np.array([[0, 1]]))
    assert sim._copies[0].corners == [1, 2]          # actions 1 (on) and 2 (back)


@pytest.mark.parametrize("where", ["observation", "infos"])
def test_masks_tell_which_actions_exist(where):
    sim = pt.from_pettingzoo(Masked(where))
    assert sim.masked
    assert sim.begin(np.zeros(2, np.uint32)).legal.tolist() == 2 * [
        [[True, True, True], [False, True, False]]]


def test_infos_may_tell_the_mask_of_one_agent_alone():
    sim = pt.from_pettingzoo(Masked("infos", free=["red"]))
    assert sim.masked
    assert sim.begin(np.zeros(1, np.uint32)).legal.tolist() == [
        [[True, True, True], [False, True, False]]]


@pytest.mark.parametrize(("mask", "why"), [
    ((0, 0), "agent 'blue': its action_mask leaves it no action"),
    ((1, 1, 1), "agent 'blue': its action_mask is array"),
    ((1, -1), r"agent 'blue': its action_mask is array\(\[ 1, -1\].*\), but 0 or 1 for each of 2"),
])
def test_masks_that_do_not_fit_are_refused(mask, why):
    with pytest.raises(pt.InputError, match=why):
        pt.from_pettingzoo(Masked("observation", mask))


@pytest.mark.parametrize("mask", [[[1], [1, 0]], "11", np.array([1, 0.5]), [1, np.nan]])
def test_masks_of_odd_kinds_are_refused(mask):
    class Odd(Masked):
        def masks(self):
            return {"red": np.ones(3, np.int8), "blue": mask}

        def observation_space(self, agent):
            return Street.observation_space(self, agent)
    with pytest.raises(pt.InputError, match=r"agent 'blue': its action_mask is .*, but 0 or 1 "):
        pt.from_pettingzoo(Odd("infos"))


@pytest.mark.parametrize(("where", "why"), [("infos", "its infos have no action_mask"),
                                            ("observation", "the observation is {'observation'")])
def test_a_mask_that_is_none_is_none(where, why):
    class Without(Masked):
        told = False

        def masks(self):
            return {**super().masks(), **({"blue": None} if self.told else {})}
    sim = pt.from_pettingzoo(Without(where))
    sim._copies[0].told = True
    with pytest.raises(pt.InputError, match=f"agent 'blue': {why}"):
        sim.begin(np.zeros(1, np.uint32))


def test_numbers_are_in_a_space_whatever_their_type():
    seen = {"at": [0, 1], "kind": np.array(2, np.uint8)}
    sim = pt.from_pettingzoo(Spaced(of_both(spaces.Dict(
        {"at": spaces.Box(0, 1, (2,)), "kind": spaces.Discrete(3)})), shown=of_both(seen)))
    assert sim.begin(np.zeros(1, np.uint32)).observations.tolist() == [2 * [[0, 1, 0, 0, 1]]]
    rounded = of_both(np.array([1.000001, -1e-7]))
    assert pt.from_pettingzoo(Spaced(of_both(spaces.Box(0, 1, (2,))), shown=rounded)).horizon == 3


def test_a_reset_may_tell_observations_alone():
    assert pt.from_pettingzoo(Faulty(begin=lambda env, answer: answer[0])).horizon == 3


def test_an_instance_is_copied_and_never_played_and_a_function_called():
    env = Street()
    before = copy.deepcopy(vars(env))
    sim = pt.from_pettingzoo(env)
    sim.begin(np.arange(3, dtype=np.uint32))
    sim.advance(np.zeros((3, 2), int))
    assert vars(env) == before
    made = []
    sim = pt.from_pettingzoo(lambda: made.append(Street()) or made[-1])
    sim.begin(np.arange(3, dtype=np.uint32))
    sim.begin(np.arange(2, dtype=np.uint32))
    assert len(made) == 3
    rounds = iter([3, 3, 4])
    sim = pt.from_pettingzoo(lambda: Street(next(rounds)))
    with pytest.raises(pt.InputError, match="makes environments whose agents or spaces differ"):
        sim.begin(np.arange(3, dtype=np.uint32))


def test_each_episode_begins_by_its_own_seed():
    told = []

    class Told(Street):
        def reset(self, seed=None, options=None):
            told.append(seed)
            return super().reset()
    sim = pt.from_pettingzoo(Told)
    sim.begin(np.array([5, 2**32 - 1], np.uint32))
    sim.begin(np.array([6], np.uint32))
    assert told == [0, 5, 2**32 - 1, 6]
    assert all(type(seed) is int for seed in told)


def test_what_ended_and_what_was_cut_off_is_told_apart_and_stays():
    def cut(env, answer):
        return (*answer[:3], of_both(True), answer[4])
    ended = pt.from_pettingzoo(Street(1))
    stopped = pt.from_pettingzoo(Faulty(cut))
    for sim in (ended, stopped):
        sim.begin(np.zeros(2, np.uint32))
    only = ended.advance(np.ones((2, 2), int))
    assert (only.ended.tolist(), only.cut.tolist()) == ([True, True], [False, False])
    first = stopped.advance(np.ones((2, 2), int))
    assert not (first.ended | first.cut).any()
    second = stopped.advance(np.ones((2, 2), int))
    assert second.rewards.tolist() == [[1.5, 1.5]] * 2
    assert second.cut.all()
    assert not second.ended.any()
    third = stopped.advance(np.ones((2, 2), int))
    assert (third.observations == second.observations).all()
