"""Who moves when: held against loops over one agent at a time, and against certificates."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.profile import SAME
from potentia.schedules.base import Facts

GREEDY = pt.rules.BestResponseDynamics()
INPG = pt.rules.INPG(step_size=0.1)


@pytest.fixture(scope="module")
def team():
    """Three agents, two states, common rewards: a potential game whose potential is the value."""
    rng = np.random.default_rng(3)
    rewards = np.broadcast_to(rng.uniform(size=(2, 2, 2, 2)), (3, 2, 2, 2, 2))
    transitions = rng.dirichlet(np.ones(2), size=(2, 2, 2, 2))
    return pt.MarkovGame.from_arrays(rewards, transitions, discount=0.7, initial=[0.4, 0.6])


def profiles(game, rule, schedule, count, start="random"):
    """[count + 1, N, H, A] the profiles of a run that never stops."""
    return np.array([pt.solve(game, rule, schedule=schedule, initial=start, seed=1,
                              max_iterations=k, tolerance=None).profile for k in range(count + 1)])


def who_moved(steps):
    """[count, N] whether each agent's policy changed in each iteration."""
    return np.abs(np.diff(steps, axis=0)).max(axis=(2, 3)) > 0


def test_all_at_once_is_no_schedule(team):
    plain, all_at_once = (pt.solve(team, INPG, schedule=schedule, max_iterations=50, tolerance=None)
                          for schedule in (None, pt.schedules.Simultaneous()))
    np.testing.assert_array_equal(plain.profile, all_at_once.profile)
    assert plain.settings["schedule"] == "Simultaneous"


def test_in_turns_is_one_agents_step_at_a_time(team):
    """Each step is that of an INPG of all, of which only one agent's is kept."""
    steps = profiles(team, INPG, pt.schedules.InTurns(), 5)
    for k, (before, after) in enumerate(itertools.pairwise(steps)):
        alone = pt.solve(team, INPG, initial=before, max_iterations=1, tolerance=None).profile
        expected = before.copy()
        expected[k % 3] = alone[k % 3]
        np.testing.assert_allclose(after, expected, rtol=0, atol=1e-15)
        np.testing.assert_array_equal(np.delete(after, k % 3, 0), np.delete(before, k % 3, 0))


def test_a_random_order_has_everybody_once_a_round(team):
    moved = who_moved(profiles(team, INPG, pt.schedules.RandomOrder(), 9))
    assert (moved.sum(axis=1) == 1).all()
    assert (moved.reshape(3, 3, 3).sum(axis=1) == 1).all()
    orders = {tuple(np.argmax(one, axis=1)) for one in moved.reshape(3, 3, 3)}
    assert len(orders) > 1


@pt.rules.rule
class Counting:
    """Puts 1/(2 + its own steps) on the first action."""

    def init(self, log_policy, mask, key):
        return jnp.zeros((), jnp.int64)

    def update(self, log_policy, memory, view, iteration, key):
        first = 1 / (3.0 + memory)
        policy = jnp.stack([first, 1 - first])
        return jnp.log(jnp.broadcast_to(policy, log_policy.shape)), memory + 1


def test_who_waits_keeps_memory_too(team):
    """After seven turns of three agents their memories have counted 3, 2 and 2 steps."""
    result = pt.solve(team, Counting(), schedule=pt.schedules.InTurns(), max_iterations=7,
                      tolerance=None)
    np.testing.assert_allclose(1 / result.profile[:, 0, 0] - 2, [3, 2, 2])


def test_a_turn_is_kept_until_a_best_response(team):
    """By the advantages of the game itself: who moves next is who moved last while that agent has
    an advantage, else the next who has one."""
    tolerance = 0.02
    rule = pt.rules.INPG(step_size=1.0)
    steps = profiles(team, rule, pt.schedules.UntilBestResponse(tolerance=tolerance), 40)
    holder, handed = 0, 0
    for before, moved in zip(steps, who_moved(steps), strict=False):
        told = team.evaluate(before)
        wants = np.asarray((told.q - told.v[..., None]).max(axis=(1, 2)) > tolerance)
        if not wants.any():
            break
        turn = next(agent % 3 for agent in range(holder, holder + 3) if wants[agent % 3])
        handed += turn != holder
        holder = turn
        assert moved.nonzero()[0].tolist() == [holder]
    assert handed >= 2


@pytest.mark.parametrize(("gains", "holder", "iteration", "following"), [
    ([1, 0, 1], 0, 5, 0), ([0, 0, 1], 0, 5, 2), ([1, 0, 0], 1, 5, 0), ([0, 0, 0], 1, 5, 2),
    ([0, 0, 0], 0, 0, 0), ([0, 1, 1], 0, 0, 1)])
def test_a_turn_goes_to_the_next_who_wants_it(gains, holder, iteration, following):
    advantages = jnp.asarray(gains, float)[:, None, None]
    facts = Facts(advantages=advantages, profile=jnp.ones((3, 1, 1)), movers=jnp.arange(3),
                  mask=jnp.ones((3, 1, 1), bool), counts=jnp.zeros(3, int))
    moves, memory = pt.schedules.UntilBestResponse(tolerance=0.5).move(
        jnp.asarray(holder), jnp.asarray(iteration), facts, jax.random.key(0))
    assert moves.nonzero()[0].tolist() == [following] == [int(memory)]


def test_the_largest_gain_is_the_certificates(team):
    steps = profiles(team, GREEDY, pt.schedules.CoordinatedLargestGain(), 4)
    for before, moved in zip(steps, who_moved(steps), strict=False):
        gains = pt.certify(team, before).per_agent
        if gains.max() > 1e-9:
            assert moved.nonzero()[0].tolist() == [int(np.argmax(gains))]


@pytest.mark.parametrize("seed", range(4))
def test_nash_ca_ends_within_its_bound(seed):
    """Song, Mei and Bai, arXiv 2110.04184: at most 2 (max Phi - min Phi)/epsilon moves, at a gap
    of epsilon/2. The potential of a team is its value, its extremes lie at pure profiles."""
    rng = np.random.default_rng(seed)
    table, epsilon = rng.uniform(size=(3, 3, 3)), 0.2
    game = pt.MarkovGame.from_arrays(np.broadcast_to(table, (3, 1, 3, 3, 3)),
                                     np.zeros((1, 3, 3, 3), int), discount=0.0)
    start = np.zeros((3, 1, 3))
    for agent, action in enumerate(np.unravel_index(table.argmin(), table.shape)):
        start[agent, 0, action] = 1
    result = pt.solve(game, GREEDY, initial=start, tolerance=epsilon / 2, check_every=1,
                      schedule=pt.schedules.CoordinatedLargestGain(minimum=epsilon / 2))
    assert result.status == "converged"
    assert 0 < result.iterations <= 2 * (table.max() - table.min()) / epsilon
    assert pt.certify(game, result.profile).nash_gap <= epsilon / 2


def test_nobody_moves_below_the_minimum(team):
    steps = profiles(team, GREEDY, pt.schedules.CoordinatedLargestGain(minimum=1e3), 3)
    np.testing.assert_array_equal(steps, np.broadcast_to(steps[0], steps.shape))


def soft_improvements(game, profile, temperature):
    """[N, H] by SciPy: the most of E A + tau H, less tau H of the policy."""
    from scipy.special import logsumexp, xlogy
    told = game.evaluate(profile)
    advantages = np.asarray(told.q - told.v[..., None])
    entropy = -xlogy(profile, profile).sum(axis=2)
    if temperature == 0:
        return advantages.max(axis=2)
    return temperature * (logsumexp(advantages / temperature, axis=2) - entropy)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_the_largest_improvement_moves_one_agent_at_one_state(team, temperature):
    rule = (pt.rules.SmoothedBestResponse(temperature=temperature) if temperature
            else pt.rules.BestResponseDynamics())
    schedule = pt.schedules.CoordinatedLargestImprovement(temperature=temperature)
    steps = profiles(team, rule, schedule, 4)
    for before, after in itertools.pairwise(steps):
        best = soft_improvements(team, before, temperature)
        changed = np.argwhere(np.abs(after - before).max(axis=2) > 0)
        expected = np.unravel_index(best.argmax(), best.shape)
        assert [tuple(row) for row in changed.tolist()] == [expected]


def test_a_temperature_may_fall(team):
    """As published by Guo et al., arXiv 2305.12553, with the same function for both."""
    def falling(k):
        return 0.05 * 0.9 ** (k + 1)

    result = pt.solve(team, pt.rules.SmoothedBestResponse(temperature=falling),
                      schedule=pt.schedules.CoordinatedLargestImprovement(temperature=falling),
                      max_iterations=300, tolerance=1e-6)
    assert result.status == "converged"
    assert pt.certify(team, result.profile).nash_gap <= 1e-6


@pytest.mark.parametrize("schedule", ["in-turns", "random-order"])
def test_sequential_best_responses_end_at_a_pure_nash_profile(team, schedule):
    result = pt.solve(team, GREEDY, schedule=pt.schedules.make(schedule))
    assert result.status == "converged"
    assert set(np.unique(result.profile)) == {0.0, 1.0}
    assert pt.certify(team, result.profile).nash_gap < 1e-12


def test_regret_matching_plus_in_turns_where_all_at_once_goes_round():
    """Two agents who want to meet: at once they change places for ever."""
    game = pt.MarkovGame.from_arrays(np.broadcast_to(np.eye(2), (2, 1, 2, 2)),
                                     np.zeros((1, 2, 2), int), discount=0.0)
    apart = np.array([[[1.0, 0.0]], [[0.0, 1.0]]])
    at_once = pt.solve(game, GREEDY, initial=apart, max_iterations=100)
    assert at_once.status == "max_iterations"
    for rule in (GREEDY, pt.rules.RegretMatchingPlus()):
        in_turns = pt.solve(game, rule, initial=apart, schedule=pt.schedules.InTurns())
        assert in_turns.status == "converged"
        assert pt.certify(game, in_turns.profile).nash_gap < 1e-7


def test_a_step_is_small_only_after_a_whole_round(team):
    """At a Nash profile nothing moves; all three have to have had their turn."""
    nash = pt.solve(team, GREEDY, schedule=pt.schedules.InTurns()).profile
    for schedule, iterations in ((None, 1), (pt.schedules.InTurns(), 3)):
        result = pt.solve(team, GREEDY, initial=nash, schedule=schedule, tolerance=None,
                          step_tolerance=0.0)
        assert (result.status, result.iterations) == ("small_step", iterations)


def test_an_interrupted_schedule_goes_on_to_the_same_bits(team, tmp_path):
    settings = {"schedule": pt.schedules.RandomOrder(), "tolerance": None}
    whole = pt.solve(team, INPG, max_iterations=40, **settings)
    pt.solve(team, INPG, max_iterations=17, checkpoint=tmp_path, **settings)
    resumed = pt.solve(team, INPG, max_iterations=40, checkpoint=tmp_path, resume=True, **settings)
    np.testing.assert_array_equal(whole.profile, resumed.profile)
    with pytest.raises(pt.InputError, match="schedule is RandomOrder there, but InTurns here"):
        pt.solve(team, INPG, max_iterations=40, checkpoint=tmp_path, resume=True, tolerance=None,
                 schedule=pt.schedules.InTurns())


def test_runs_do_not_share_turns(team):
    """Run k is the same however many go with it."""
    many = pt.solve(team, INPG, schedule=pt.schedules.RandomOrder(), runs=3, max_iterations=9,
                    tolerance=None)
    one = pt.solve(team, INPG, schedule=pt.schedules.RandomOrder(), runs=1, max_iterations=9,
                   tolerance=None)
    np.testing.assert_array_equal(many.profile[0], one.profile)


def test_rows_of_one_mover_move_as_one(x64):
    """On roads a type moves at all its nodes; by destination all who go there do."""
    game = pt.games.make("sioux-falls", n_agents=600, policies="destination")
    start = np.asarray(game.initial_profile("random", 0))
    result = pt.solve(game, pt.rules.INPG(step_size=0.05), initial=start, max_iterations=1,
                      schedule=pt.schedules.InTurns(), tolerance=None)
    moved = np.flatnonzero(np.abs(result.profile - start).max(axis=(1, 2)) > SAME)
    assert len(moved) > 1
    assert set(np.asarray(game.movers)[moved]) == {0}
    response = game.best_response(start)
    towards = np.asarray(game.trips.destination)
    gains = np.asarray(game.mover_gains(response))
    assert game.n_movers == len(gains) == len(set(towards))
    expected = [response.gain[towards == node].max() for node in np.unique(towards)]
    np.testing.assert_allclose(np.sort(gains), np.sort(expected))


def test_types_on_roads_take_turns():
    game = pt.games.make("pigou", n_agents=10, policies="agent")
    result = pt.solve(game, GREEDY, schedule=pt.schedules.CoordinatedLargestGain())
    assert pt.certify(game, result.profile).nash_gap < 1e-9


def test_facts_of_rows_are_joined_by_mover():
    advantages = jnp.array([[[0.0, 3.0]], [[1.0, 0.0]], [[0.0, 2.0]]])
    facts = Facts(advantages=advantages, profile=advantages, mask=advantages > 0,
                  movers=jnp.array([0, 1, 0]), counts=jnp.zeros(2, int))
    np.testing.assert_array_equal(facts.largest, [3.0, 1.0])


def test_what_is_no_schedule_is_refused(team):
    with pytest.raises(pt.InputError, match="schedule is the text 'in-turns'; give the"):
        pt.solve(team, INPG, schedule="in-turns")
    with pytest.raises(pt.InputError, match="schedule is the class InTurns; give an instance"):
        pt.solve(team, INPG, schedule=pt.schedules.InTurns)
    with pytest.raises(pt.InputError, match="is a INPG, which is no schedule: it has no `move`"):
        pt.solve(team, INPG, schedule=INPG)


@pytest.mark.parametrize("name", ["coordinated-largest-gain", "coordinated-largest-improvement"])
def test_a_coordinator_is_refused_where_values_are_estimated(team, name):
    with pytest.raises(pt.InputError, match="Sampled does not tell exactly: it goes with"):
        pt.solve(team, INPG, pt.Sampled(), schedule=pt.schedules.make(name))


def test_one_state_of_a_type_on_roads_does_not_move_alone():
    game = pt.games.make("sioux-falls", n_agents=50, policies="destination")
    with pytest.raises(pt.InputError, match="several rows of a profile move as one"):
        pt.solve(game, INPG, schedule=pt.schedules.CoordinatedLargestImprovement())


def test_in_turns_goes_with_an_oracle_that_estimates(team):
    result = pt.solve(team, INPG, pt.Sampled(episodes=4), schedule=pt.schedules.InTurns(),
                      max_iterations=6)
    assert result.iterations == 6


@pytest.mark.parametrize(("make", "said"), [
    (lambda: pt.schedules.UntilBestResponse(tolerance=-1.0), "tolerance is -1"),
    (lambda: pt.schedules.CoordinatedLargestGain(minimum=float("nan")), "minimum is nan"),
    (lambda: pt.schedules.CoordinatedLargestImprovement(temperature="warm"), "temperature is"),
])
def test_bad_parameters_are_named(make, said):
    with pytest.raises(pt.InputError, match=said):
        make()


def test_a_function_that_goes_wrong_is_named_with_its_iteration(team):
    schedule = pt.schedules.CoordinatedLargestImprovement(
        temperature=lambda k: jnp.where(k == 70, jnp.nan, 0.1))
    with pytest.raises(pt.InputError, match=r"temperature is nan, .*, in iteration 70"):
        pt.solve(team, INPG, schedule=schedule, max_iterations=100)


def test_the_order_of_a_round_depends_on_the_seed(team):
    orders = {tuple(np.argmax(who_moved(np.array([
        pt.solve(team, INPG, schedule=pt.schedules.RandomOrder(), initial="uniform", seed=seed,
                 max_iterations=k, tolerance=None).profile for k in range(4)])), axis=1))
        for seed in range(5)}
    assert len(orders) > 1
    assert jax.config.read("jax_enable_x64") is False
