"""Pure equilibria against pygambit and against brute force in fractions."""

from __future__ import annotations

import itertools

import numpy as np
import pygambit
import pytest

import potentia as pt
from potentia import equilibria
from potentia.errors import InputError
from slow_markov import SlowGame, random_arrays
from small_games import DILEMMA, FAR, PENNIES, static

FULL_TAIL = "by one action in any state that play can reach"


def found_by(game: pt.MarkovGame) -> set[tuple[int, ...]]:
    """The equilibria as flat tuples of actions."""
    return {tuple(actions.ravel().tolist()) for actions in equilibria.pure(game).actions}


@pytest.mark.parametrize("counts", [(2, 2), (3, 4), (2, 3, 2), (2, 2, 2, 2)])
@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_one_state_games_have_gambits_pure_equilibria(counts, discount):
    """Payoffs from -2..2, so that ties abound."""
    seen = 0
    for seed in range(8):
        payoffs = np.random.default_rng(seed).integers(-2, 3, size=(len(counts), *counts))
        theirs = pygambit.StrategicGame.from_arrays(*payoffs)
        profiles = {tuple([float(probability) for _, probability in strategy].index(1.0)
                          for strategy in profile)
                    for profile in pygambit.nash.enumpure_solve(theirs).equilibria}
        assert found_by(static(payoffs, discount)) == profiles
        seen += len(profiles)
    assert seen > 0


def slow_pure_equilibria(slow: SlowGame, mask: np.ndarray, states: list[int],
                         local: bool) -> set[tuple[int, ...]]:
    """Every pure profile [N, H] on the information states, checked in fractions against all of an
    agent's policies."""
    rows = [np.flatnonzero(row).tolist() for row in mask.reshape(-1, mask.shape[-1])]
    nash = set()
    for actions in itertools.product(*rows):
        policies = slow.policies(np.eye(mask.shape[-1])[np.reshape(actions, mask.shape[:2])])
        current = slow.values(*slow.average(policies))
        if local:
            gains = [slow.best_local_value(policies, i) - current[i] @ slow.initial
                     for i in range(len(mask))]
        else:
            gains = [max((slow.best_values(policies, i) - current[i])[states])
                     for i in range(len(mask))]
        if max(gains) <= 0:
            nash.add(actions)
    return nash


@pytest.mark.parametrize(("seed", "counts", "states", "play", "discount"), [
    (0, (2, 2), 2, "cyclic", 0.9), (1, (2, 2), 2, "cyclic", 0.5), (2, (2, 3), 2, "cyclic", 0.0),
    (3, (2, 2, 2), 2, "forward", 1.0), (4, (2, 2), 3, "ending", 1.0)])
def test_markov_games_have_the_pure_equilibria_of_brute_force(seed, counts, states, play, discount):
    arrays = random_arrays(seed, counts, states, discount, play=play, masked=play == "cyclic"
                           and len(counts) == 3)
    game = pt.MarkovGame.from_arrays(**arrays)
    # Ended play is no choice: brute force runs over the live states only, the last one apart.
    mask = np.asarray(game.mask).copy()
    mask[:, np.asarray(game.absorbing), 1:] = False
    truth = slow_pure_equilibria(SlowGame.of(arrays), mask, list(range(states)), local=False)
    found = equilibria.pure(game)
    assert found_by(game) == truth
    assert found.n_profiles == equilibria.count_pure(game) == mask.sum(axis=2).prod()
    assert found.note == (f"nobody gains more than {found.tolerance.max():.2g} {FULL_TAIL}"
                          if len(found) else
                          f"nobody gains {FULL_TAIL}")
    assert found.tolerance.max(initial=0) < 1e-11


def test_states_out_of_reach_are_neither_counted_nor_tested():
    """From the first state play stays in the first two; the third would refute some profiles."""
    arrays = random_arrays(5, (2, 2), 3, 0.9)
    arrays["transitions"][:2, ..., 2] = 0
    arrays["transitions"][:2] /= arrays["transitions"][:2].sum(axis=-1, keepdims=True)
    arrays["initial"] = np.array([1.0, 0.0, 0.0])
    game = pt.MarkovGame.from_arrays(**arrays)
    mask = np.asarray(game.mask).copy()
    mask[:, 2, 1:] = False
    assert equilibria.count_pure(game) == 16
    assert found_by(game) == slow_pure_equilibria(SlowGame.of(arrays), mask, [0, 1], local=False)


@pytest.mark.parametrize("seed", range(4))
def test_local_policies_are_compared_from_the_start(seed):
    arrays = random_arrays(seed, (2, 2), 3, 0.8, information=np.array([[0, 0, 1], [0, 1, 1]]))
    game = pt.MarkovGame.from_arrays(**arrays)
    truth = slow_pure_equilibria(SlowGame.of(arrays), np.asarray(game.mask), [], local=True)
    assert found_by(game) == truth
    assert equilibria.pure(game).note.endswith("by a deterministic policy; a mixed one may gain")


def test_values_are_the_games_own_and_chunks_do_not_matter(monkeypatch):
    game = pt.games.make("stochastic-congestion", n_agents=4, observe="own")
    whole = equilibria.pure(game)
    monkeypatch.setattr("potentia.equilibria.decision_game.CHUNK_NUMBERS", 5000)
    parts = equilibria.pure(game)
    np.testing.assert_array_equal(whole.actions, parts.actions)
    np.testing.assert_allclose(whole.values, parts.values, rtol=1e-13)
    assert (whole.note
            == f"nobody gains more than {whole.tolerance.max():.2g} from the initial distribution")
    assert whole.tolerance.shape == whole.values.shape
    assert 0 < whole.tolerance.max() < 1e-12
    assert len(whole) > 0
    for number in (0, len(whole) - 1):
        certificate = pt.certify(game, whole.profile(number))
        np.testing.assert_allclose(whole.values[number], certificate.values, rtol=1e-12)
        assert certificate.nash_gap <= 1e-12
    np.testing.assert_allclose(whole.welfare, whole.values.sum(axis=1))


def test_a_reward_that_is_never_paid_hides_no_gain():
    found = equilibria.pure(static([FAR, FAR]))
    np.testing.assert_array_equal(found.actions, [[[0], [0]]])
    assert found.tolerance.max() < 1e-14
    assert found.note == f"nobody gains more than {found.tolerance.max():.2g} {FULL_TAIL}"


def huge(discount: float) -> pt.MarkovGame:
    return static(np.random.default_rng(0).uniform(0.9, 1, size=(2, 2, 2)) * 1.7e308, discount)


@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_values_that_overflow_are_refused_without_a_warning(discount):
    with pytest.raises(InputError,
                       match=r"^values of pure profiles overflow float64: the rewards are too "
                             r"large$"):
        equilibria.pure(huge(discount))


def test_indifferent_agents_make_everything_an_equilibrium():
    arrays = random_arrays(0, (2, 2), 3, 0.95)
    arrays["rewards"] = np.full_like(arrays["rewards"], 1 / 3)
    found = equilibria.pure(pt.MarkovGame.from_arrays(**arrays))
    assert len(found) == found.n_profiles == 64
    np.testing.assert_allclose(found.values, 1 / 3 / 0.05)


def test_a_game_that_is_over_has_one_pure_profile():
    game = pt.MarkovGame.from_arrays(np.zeros((2, 1, 2, 2)), np.zeros((1, 2, 2), int), discount=1.0)
    found = equilibria.pure(game)
    assert (len(found), equilibria.count_pure(game)) == (1, 1)
    np.testing.assert_array_equal(found.values, [[0.0, 0.0]])


@pytest.mark.parametrize(("n_agents", "count"), [(3, "134,217,728"), (8, r"about 10\^617")])
def test_refuses_too_many_with_their_number(n_agents, count):
    """Three agents on the paper's network: 27 binary choices where play goes on. Eight on the
    published: 8 x 256."""
    name = "stochastic-congestion" if n_agents == 3 else "stochastic-congestion-published"
    game = pt.games.make(name, n_agents=n_agents)
    assert equilibria.count_pure(game) == (2**27 if n_agents == 3 else 2**2048)
    with pytest.raises(InputError, match=f"^pure profiles: {count}, but the limit is 1,000,000$"):
        equilibria.pure(game)


def test_refuses_play_that_never_ends_in_float64():
    endless = [[[1, 1e-17], [1, 1e-17]], [[0, 1], [0, 1]]]
    game = pt.MarkovGame.from_arrays([[[1.0, 1.0], [0.0, 0.0]]], endless, discount=1.0,
                                     initial=[1.0, 0.0])
    with pytest.raises(InputError, match="play lasts too long"):
        equilibria.pure(game)


def test_pure_equilibria_print_the_first_few():
    found = equilibria.pure(DILEMMA)
    assert str(found).splitlines() == [
        f"{'pure equilibria:':<40}1 of 4 pure profiles, of welfare (sum of the agents' values) 20",
        f"{'':<40}{found.note}", f"{'number 0:':<40}values 10, 10; actions 1, 1"]
    assert str(equilibria.pure(PENNIES)).splitlines()[0] == \
        f"{'pure equilibria:':<40}0 of 4 pure profiles: any equilibrium is mixed"
    many = str(equilibria.pure(pt.games.make("stochastic-congestion", n_agents=2))).splitlines()
    assert (len(many), many[-1]) == (11, f"{'':<40}... (32 in all)")


def test_gains_count_where_play_comes_and_nowhere_else():
    """The second state is never reached and its agent errs there; the start is at rest."""
    game = pt.MarkovGame.from_arrays([[[1.0, 0.0], [0.0, 1.0]]], np.array([[0, 0], [1, 1]]),
                                     discount=0.5,
                                     initial=[1.0, 0.0])
    ascent = equilibria.ascend(game, np.array([[[1.0, 0.0], [1.0, 0.0]]]))
    assert (ascent.status, ascent.path) == ("NASH", ())
    both = pt.MarkovGame.from_arrays([[[1.0, 0.0], [0.0, 1.0]]], np.array([[0, 0], [1, 1]]),
                                     discount=0.5)
    assert equilibria.ascend(both, np.array([[[1.0, 0.0], [1.0, 0.0]]])).path == (0,)


def test_what_lumping_cannot_certify_is_not_called_nash():
    """Two states that look alike, and only a mixed policy is best (Singh, Jaakkola and Jordan, ICML
    1994)."""
    game = pt.MarkovGame.from_arrays([[[1.0, -1.0], [-1.0, 1.0]]], np.array([[1, 0], [1, 0]]),
                                     discount=0.75,
                                     initial=[0.5, 0.5], information=np.zeros((1, 2), int))
    ascent = equilibria.ascend(game, np.array([[[1.0, 0.0]]]))
    assert ascent.status == "UNPROVEN"
    assert ascent.gap >= 3


@pytest.mark.parametrize(("call", "message"), [
    (lambda: equilibria.ascend(DILEMMA, np.full((2, 1, 2), 0.6)),
     r"profile\[agent=0, information state=0\] sums"),
    (lambda: equilibria.ascend(DILEMMA, np.full((2, 1, 2), 0.5), limit=-1), r"limit is -1"),
    (lambda: equilibria.ascend("distancing", None),
     r"game is a str, but ascend needs a tabular game"),
    (lambda: equilibria.pure("distancing"),
     r"game is a str, but pure equilibria need a tabular game"),
    (lambda: equilibria.pure(DILEMMA, limit=3), r"pure profiles: 4, but the limit is 3"),
    (lambda: equilibria.pure(DILEMMA, limit=0.5), r"limit is 0\.5, not a whole number"),
    (lambda: equilibria.pure(DILEMMA).profile(99),
     r"number is 99, but there are 1 equilibria, counted from 0"),
    (lambda: equilibria.pure(DILEMMA).profile("a"),
     r"number is 'a', not a whole number"),  # pyright: ignore
    (lambda: equilibria.pure(DILEMMA).profile(-1), r"number is -1, but it must be at least 0"),
])
def test_refuses_in_one_line(call, message):
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def settled(reward: list[float], initial: list[float], **options: object) -> pt.MarkovGame:
    """Two agents, two states that no action leaves, with these rewards."""
    rewards = np.broadcast_to(np.asarray(reward, float)[:, None, None], (2, 2, 2, 2))
    stay = np.broadcast_to(np.arange(2)[:, None, None], (2, 2, 2))
    return pt.MarkovGame.from_arrays(rewards, stay, discount=0.9, initial=initial, **options)


@pytest.mark.parametrize("discount", [0.0, 0.9])
def test_a_game_that_pays_nothing_is_no_end_of_play(discount):
    """All four profiles are equilibria of the one-state game of zeros, as they are of that of
    threes."""
    nothing = static(np.zeros((2, 2, 2)), discount)
    assert found_by(nothing) == set(itertools.product(range(2), repeat=2))
    assert equilibria.pure(nothing).values.tolist() == [[0.0, 0.0]] * 4
    assert found_by(static(np.full((2, 2, 2), 3.0), discount)) == found_by(nothing)


@pytest.mark.parametrize(("reward", "initial", "count"), [
    ([0.0, 0.0], [1.0, 0.0], 4), ([0.0, 0.0], [0.5, 0.5], 16), ([3.0, 0.0], [0.5, 0.5], 16),
    ([3.0, 0.0], [0.0, 1.0], 4)])
def test_states_in_which_play_can_only_begin_are_games_of_their_own(reward, initial, count):
    found = equilibria.pure(settled(reward, initial))
    assert len(found) == found.n_profiles == count
    assert len({actions.tobytes() for actions in found.actions}) == count


def test_play_that_comes_to_an_absorbing_state_has_ended_there():
    """The second state is a start too, but the first leads to it."""
    rewards = np.broadcast_to(np.array([1.0, 0.0])[:, None, None], (2, 2, 2, 2))
    for discount, count in ((0.9, 4), (0.0, 16)):
        game = pt.MarkovGame.from_arrays(rewards, np.ones((2, 2, 2), int), discount=discount)
        assert equilibria.count_pure(game) == len(equilibria.pure(game)) == count
