"""Small PettingZoo environments as tables: the same game comes back, and what does not fit."""

from __future__ import annotations

import random
from typing import ClassVar

import numpy as np
import pytest

import potentia as pt

pytest.importorskip("pettingzoo")
from gymnasium import spaces
from gymnasium.utils import EzPickle
from streets import Faulty, Masked, Street, put

enumerated = pt.bridges.pettingzoo.enumerated


@pytest.mark.parametrize(("name", "parameters", "horizon"), [
    ("stag-hunt", {}, None), ("flat-region", {}, None), ("random-cooperative", {}, None),
    ("stochastic-congestion", {"n_agents": 3}, None), ("loop-congestion", {"n_agents": 2}, 60),
])
def test_a_game_comes_back_as_it_went(name, parameters, horizon):
    """Numbers of states, actions that exist, endings and values, at profiles drawn at random."""
    game = pt.games.make(name, **parameters)
    game = game if isinstance(game, pt.MarkovGame) else game.tabular()
    found = enumerated(pt.bridges.pettingzoo.to_parallel_env(game, horizon)).game
    assert found.n_states == game.n_states
    assert found.full_information == game.full_information
    for one in ("mask", "information", "absorbing", "initial"):
        assert (np.asarray(getattr(found, one)) == np.asarray(getattr(game, one))).all(), one
    for seed in range(3):
        profile = game.initial_profile("random", seed)
        one, other = pt.certify(game, profile), pt.certify(found, profile)
        np.testing.assert_allclose(other.values, one.values, rtol=0, atol=1e-12)
        np.testing.assert_allclose(other.per_agent, one.per_agent, rtol=0, atol=1e-9)


def test_several_beginnings_are_given_by_seeds():
    game = pt.games.make("pollution-tax")
    env = pt.bridges.pettingzoo.to_parallel_env(game, 40)
    with pytest.raises(pt.InputError, match="pollution-tax begins in different states: give seeds"):
        enumerated(env)
    begun = [env.reset(seed=seed)[0]["agent_0"] for seed in range(6)]
    found = enumerated(env, seeds=range(6)).game
    assert np.asarray(found.initial) == pytest.approx(np.bincount(begun) / 6)
    assert (np.asarray(found.rewards) == np.asarray(game.rewards)).all()


def test_an_own_environment_is_enumerated():
    found = enumerated(Street(), 0.9)
    assert found.game.names.agents == ("red", "blue")
    assert float(found.game.discount) == 0.9
    assert found.game.sweeps is not None                 # play ends, whatever is done
    assert np.asarray(found.game.absorbing).sum() == 9
    assert found.game.full_information                   # each sees all, in its own order
    assert found.observations[0].shape[1] == 10
    with pytest.raises(pt.InputError, match=r"trained is 3, but what pt\.train returned"):
        found.profile(3)


def test_masks_become_actions_that_do_not_exist():
    mask = np.asarray(enumerated(Masked("observation")).game.mask)
    assert mask[0].any(axis=0).tolist() == [True, True, True]
    assert mask[1, 0].tolist() == [False, True, False]


class Restless(Street):
    """Whose corners change by a draw from `drawn`."""

    metadata: ClassVar[dict] = {"name": "restless"}

    def __init__(self, drawn):
        super().__init__()
        self.drawn, self.generator, self.old = drawn, None, {"at": [random.Random()]}

    def reset(self, seed=None, options=None):
        self.generator = np.random.default_rng(seed)
        self.old["at"][0].seed(seed)
        return super().reset(seed)

    def step(self, actions):
        self.corners[0] = (self.corners[0] + int(2 * self.drawn(self))) % 3
        return super().step(actions)


@pytest.mark.parametrize("drawn", [
    lambda env: env.generator.random(), lambda env: env.old["at"][0].random(),
    lambda env: np.random.random(), lambda env: random.random()])
def test_chance_is_found_wherever_it_is_drawn_from(drawn):
    before = np.random.get_state()[1].tolist(), random.getstate()
    with pytest.raises(pt.InputError, match=r"restless, state \d+, joint action \(.*\): what "
                                            r"follows is random, but a table needs"):
        enumerated(Restless(drawn))
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


class Forgetful(Street):
    """Whose state tells less than what agents are paid by."""

    def __init__(self, rounds=3, ends=True):
        super().__init__(rounds)
        self.ends = ends

    def observation_space(self, agent):
        return spaces.Discrete(9)

    def seen(self):
        return dict.fromkeys(self.possible_agents, 3 * self.corners[0] + self.corners[1])

    def step(self, actions):
        seen, paid, over, cut, infos = super().step(actions)
        return (seen, paid, over, cut, infos) if self.ends else (seen, paid, cut, over, infos)


def test_a_state_that_does_not_tell_what_follows_is_refused_and_helped_by_a_key():
    with pytest.raises(pt.InputError, match="what follows is not always the same, by chance or by"):
        enumerated(Forgetful())
    found = enumerated(Forgetful(), key=lambda env: (*env.corners, env.round))
    assert found.game.n_states == enumerated(Street()).game.n_states
    uniform = pt.certify(found.game, found.game.initial_profile("uniform", 0))
    other = enumerated(Street()).game
    assert uniform.values == pytest.approx(
        pt.certify(other, other.initial_profile("uniform", 0)).values, abs=1e-12)


def test_where_episodes_are_cut_off_the_game_goes_on_unless_that_ends_it():
    """Nine pairs of corners, come to within two steps; three cut off after one."""
    assert enumerated(Forgetful(9, ends=False)).game.sweeps is None
    with pytest.raises(pt.InputError, match=r"state \d: it is only come to where episodes are cut"):
        enumerated(Forgetful(1, ends=False))
    once = enumerated(Forgetful(1, ends=False), truncation_ends=True,
                      key=lambda env: (*env.corners, env.round)).game
    assert once.sweeps == 2
    with pytest.raises(pt.InputError, match="cut off there, and elsewhere go on from the same"):
        enumerated(Forgetful(3, ends=False), truncation_ends=True)


class Real(Street):
    """Who see real numbers."""

    def observation_space(self, agent):
        return spaces.Dict({"at": spaces.Tuple([spaces.Box(0, 9, (3,))])})

    def seen(self):
        return {agent: {"at": (own,)} for agent, own in super().seen().items()}




@pytest.mark.parametrize(("env", "options", "why"), [
    (Real(), {}, "agent 'red': observations are real numbers, Box(0.0, 9.0, (3,), float32), and "
                 "there is no state(): give key"),
    (Street(9), {"limit": 20}, "street has more than 20 states: raise limit, or train in it"),
    (Street(), {"limit": 0}, "limit is 0, but it must be at least 1"),
    (Street(), {"key": 3}, "key is 3, but a function of the environment was expected"),
    (Street(), {"key": lambda env: env.corners}, "key gives [0, 0], but an array, or numbers and"),
    (Street(), {"key": lambda env: env.nothing}, "street: key raised AttributeError"),
    (Street(), {"key": lambda env: 0}, "met before, but agents are told something else there"),
    (Street(), {"seeds": []}, "seeds is [], but some whole numbers were expected"),
    (Street(), {"seeds": 3}, "seeds is 3, but some whole numbers were expected"),
    (Street(), {"seeds": [0, -1]}, "seeds[1] is -1, but it must be at least 0"),
    (Street(), {"truncation_ends": 1}, "truncation_ends is 1, but it must be True or False"),
    (Faulty(put(2, "red", True)), {}, "joint action (0, 0), agent 'red': its play is over, but"),
    (3, {}, "env is 3, which has no possible_agents"),
])
def test_what_does_not_fit_is_named(env, options, why):
    with pytest.raises(pt.InputError) as told:
        enumerated(env, **options)
    assert why in str(told.value)


def test_real_numbers_do_with_a_key():
    found = enumerated(Real(), key=lambda env: np.array([*env.corners, env.round]))
    assert found.game.n_states == enumerated(Street()).game.n_states


class Anew(EzPickle, Street):
    """Whose copies gymnasium makes by the arguments, so that they stand at the beginning."""

    def __init__(self, rounds=3):
        EzPickle.__init__(self, rounds)
        Street.__init__(self, rounds)


class Around(Street):
    """What wraps such a one."""

    def __init__(self):
        super().__init__()
        self.inner = Anew()

    def reset(self, seed=None, options=None):
        self.agents = self.possible_agents
        return self.inner.reset(seed)

    def step(self, actions):
        answer = self.inner.step(actions)
        self.agents = self.inner.agents
        return answer


@pytest.mark.parametrize("env", [Anew(), Around()])
def test_copies_stand_where_the_environment_stands(env):
    found, expected = enumerated(env).game, enumerated(Street()).game
    assert (np.asarray(found.rewards) == np.asarray(expected.rewards)).all()
    assert found.n_states == expected.n_states


def test_what_cannot_be_copied_as_it_stands_is_refused():
    class Held(Street):
        def __deepcopy__(self, memo):
            raise TypeError("a window cannot be copied")
    with pytest.raises(pt.InputError, match=r"cannot be copied as it stands \(a window cannot"):
        enumerated(Held)
