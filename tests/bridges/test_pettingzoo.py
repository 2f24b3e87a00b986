"""Games as environments of PettingZoo: its own tests, and returns whose means are our values."""

from __future__ import annotations

import jax
import numpy as np
import pytest

import potentia as pt
from potentia.games import REGISTRY
from slow_markov import random_arrays, random_profile

pytest.importorskip("pettingzoo")
their_tests = pytest.importorskip("pettingzoo.test")

ARRAYS = random_arrays(1, (2, 3), 3, 0.9)
MASKED = pt.MarkovGame.from_arrays(**random_arrays(2, (2, 3), 3, 0.7, masked=True),
                                   agents=["row", "column"])
STEPS = 4
WITHOUT_TABLE = {"anonymous-congestion", "braess", "networked-traffic", "performative-loop",
                 "pigou", "sioux-falls"}


def env_of(game, horizon=STEPS):
    return pt.bridges.pettingzoo.to_parallel_env(game, horizon)


@pytest.mark.filterwarnings("error")
def test_environments_pass_their_own_tests(capsys):
    game = pt.MarkovGame.from_arrays(**ARRAYS)
    their_tests.parallel_api_test(env_of(game), num_cycles=20)
    their_tests.parallel_seed_test(lambda: env_of(game), num_cycles=20)
    assert env_of(game).possible_agents == ["agent_0", "agent_1"]


@pytest.mark.filterwarnings("error::UserWarning")
def test_named_games_pass_their_tests(capsys):
    """All that have a table by themselves; in the congestion game actions differ by state."""
    masked = []
    for name in REGISTRY:
        if name in WITHOUT_TABLE:
            continue
        env = env_of(pt.games.make(name), 20)
        their_tests.parallel_api_test(env, num_cycles=20)
        seen, _ = env.reset(seed=0)
        assert all(env.observation_space(agent).contains(one) for agent, one in seen.items()), name
        masked += [name] if isinstance(seen[env.agents[0]], dict) else []
    assert masked == ["stochastic-congestion"]
    their_tests.parallel_seed_test(lambda: env_of(pt.games.make(masked[0], n_agents=3)), 10)
    assert capsys.readouterr().out.count("Passed") == len(REGISTRY) - len(WITHOUT_TABLE)


def returns_of(env, tables, episodes, seed):
    """[episodes, N] discounted returns of policies by what is seen, [H, A_i] of each agent."""
    draw, found = np.random.default_rng(seed), []
    env.reset(seed=seed)
    for _ in range(episodes):
        seen, _ = env.reset()
        total, weight = np.zeros(len(tables)), 1.0
        while env.agents:
            actions = {name: int((draw.random() >= rows[seen[name]]).sum())
                       for name, rows in zip(env.agents, tables, strict=True)}
            seen, paid, *_ = env.step(actions)
            total, weight = total + weight * np.array(list(paid.values())), weight * env.discount
        found.append(total)
    return np.array(found)


def test_mean_returns_are_our_values():
    game = pt.MarkovGame.from_arrays(**ARRAYS)
    profile = random_profile(3, np.asarray(game.mask))
    tables = [np.cumsum(profile[agent, :, :count], axis=1)[:, :-1]
              for agent, count in enumerate(game.action_counts)]
    found = returns_of(env_of(game), tables, 2000, seed=5)
    unrolled = pt.MarkovGame.from_arrays(**ARRAYS, horizon=STEPS)
    rows = np.array(unrolled.initial_profile("uniform", 0))
    rows[:, :STEPS * game.n_states] = np.tile(profile, (1, STEPS, 1))
    values = pt.certify(unrolled, rows).values
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - values) < 4 * error).all()
    assert (error < 0.05 * np.ptp(found, axis=0)).all()


def test_actions_that_do_not_exist_are_masked_and_refused():
    env = env_of(MASKED)
    told, infos = env.reset(seed=0)
    seen = {name: each["observation"] for name, each in told.items()}
    assert env.possible_agents == ["row", "column"]
    assert env.state().tolist() == [seen["row"]]
    assert all((infos[name]["action_mask"] == told[name]["action_mask"]).all() for name in told)
    masks = {agent: np.asarray(infos[name]["action_mask"]) for agent, name in enumerate(seen)}
    for agent, mask in masks.items():
        exists = np.asarray(MASKED.mask)[agent, seen["row"], :len(mask)]
        assert mask.astype(bool).tolist() == exists.tolist()
    legal = {name: int(np.argmax(masks[agent])) for agent, name in enumerate(seen)}
    with pytest.raises(pt.InputError, match="has none of column"):
        env.step({"row": legal["row"]})
    with pytest.raises(pt.InputError, match=r"'row'.*is 9, but the actions there are"):
        env.step({**legal, "row": 9})
    env.step(legal)


def begun(seed: object = 0):
    env = env_of(pt.games.make("stag-hunt"))
    env.reset(seed=seed)
    return env


@pytest.mark.parametrize(("call", "why"), [
    (lambda: begun().step(None), "actions is None, but a mapping from agents to actions was"),
    (lambda: begun().step([0, 1]), "actions is [0, 1], but a mapping from agents to actions was"),
    *((lambda action=action: begun().step({"agent_0": 0, "agent_1": action}),
       f"actions['agent_1'] is {shown}, but the actions there are 0, 1")
      for action, shown in ((None, "None"), ("0", "'0'"), (0.5, "0.5"), (-1, "-1"),
                            ([0, 1], "[0, 1]"), (np.array([1]), "array([1])"))),
    (lambda: begun().step({"agent_0": 0, "agent_1": 0, "agent_2": 0}),
     "unknown agent in actions 'agent_2'"),
    (lambda: begun().step({"agent_0": 0, "agent_1": 0, 1: 0}), "unknown agent in actions 1"),
    (lambda: begun("a"), "seed is 'a', not a whole number"),
    (lambda: begun(1.5), "seed is 1.5, not a whole number"),
    (lambda: begun(-1), "seed is -1, but it must be at least 0"),
    (lambda: begun().action_space("nobody"), "unknown agent 'nobody'; known: agent_0, agent_1"),
    (lambda: begun().observation_space(["agent_0"]), "unknown agent ['agent_0']"),
])
def test_what_an_environment_cannot_take_is_named(call, why):
    with pytest.raises(pt.InputError) as told:
        call()
    assert why in str(told.value)


def test_an_action_may_be_any_whole_number():
    paid = [begun(np.int64(0)).step({"agent_0": action, "agent_1": 1})[1]
            for action in (1, np.int64(1), np.array(1), jax.numpy.asarray(1))]
    assert all(one == paid[0] for one in paid)


def test_play_ends_by_itself_in_states_that_are_never_left():
    env = pt.bridges.pettingzoo.to_parallel_env(
        pt.games.make("stochastic-congestion", n_agents=2))
    _, infos = env.reset(seed=1)
    ended = stopped = {}
    while env.agents:
        _, _, ended, stopped, infos = env.step(
            {name: int(np.argmax(info["action_mask"])) for name, info in infos.items()})
    assert all(ended.values())
    assert not any(stopped.values())
    with pytest.raises(pt.InputError, match="the episode is over"):
        env.step({})


def test_play_that_need_not_end_wants_a_horizon():
    with pytest.raises(pt.InputError, match="need not end: give a horizon"):
        env_of(MASKED, None)
    env = env_of(pt.games.make("stag-hunt"), None)
    env.reset(seed=0)
    env.step({"agent_0": 0, "agent_1": 0})
    assert env.agents == []


@pytest.mark.parametrize(("horizon", "ended", "stopped"), [(2, True, False), (1, False, True)])
def test_play_that_ends_at_the_last_step_is_not_cut_off(horizon, ended, stopped):
    """From 0 by 1 to 2, where play has ended."""
    game = pt.MarkovGame.from_arrays(np.zeros((1, 3, 1)), [[1], [2], [2]], discount=0.9,
                                     initial=[1, 0, 0])
    env = env_of(game, horizon)
    env.reset(seed=0)
    while env.agents:
        _, _, terminations, truncations, _ = env.step({"agent_0": 0})
    assert (terminations, truncations) == ({"agent_0": ended}, {"agent_0": stopped})
