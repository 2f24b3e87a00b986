"""Games whose arrays are not known to the last bit: what rounding explains refutes nothing, what it
does not does."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from potentia.potential import classify

STATES, COUNTS, DISCOUNT = 3, (2, 3), 0.9


def summed(seed: int, dtype: type, *, moved: bool) -> tuple[np.ndarray, np.ndarray]:
    """Rewards and transitions of a potential game: phi and a part that no own action changes,
    summed in `dtype`.

    moved: actions move the state, and the part is a shaping term h(s) - discount E h(s'); else a
        function of what others do.
    """
    rng = np.random.default_rng(seed)
    shape = (STATES, *COUNTS)
    transitions = rng.dirichlet(np.ones(STATES), shape).astype(dtype)
    phi = rng.normal(size=shape).astype(dtype)
    if moved:
        levels = rng.normal(size=(2, STATES)).astype(dtype)
        rests = [h[:, None, None] - dtype(DISCOUNT) * (transitions @ h) for h in levels]
    else:
        transitions = np.broadcast_to(transitions[:, :1, :1], transitions.shape).copy()
        rests = [rng.normal(size=(STATES, 1, 3)).astype(dtype),
                 rng.normal(size=(STATES, 2, 1)).astype(dtype)]
    return np.stack([phi + rest for rest in rests]), transitions


def game_of(rewards: np.ndarray, transitions: np.ndarray, **options: object) -> pt.MarkovGame:
    return pt.MarkovGame.from_arrays(rewards, transitions, discount=DISCOUNT, **options)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("moved", [False, True])
def test_a_potential_game_summed_in_float32_is_not_refuted(seed, moved):
    """Its four-cycles are off by 1e-7 of their gains, as those of the same arrays taken to the last
    bit show."""
    rewards, transitions = summed(seed, np.float32, moved=moved)
    kind = classify(game_of(rewards, transitions))
    assert kind.verdict == "UNKNOWN"
    assert kind.accuracy == 8 * np.finfo(np.float32).eps
    assert ("accuracy of rewards and transitions", "9.5e-07") in kind.lines()
    assert kind.alpha_lower == 0
    assert 0 < kind.alpha_upper < 1e-4
    assert 0 < kind.residual < 1e-6
    to_the_last_bit = classify(game_of(rewards, transitions, accuracy=0))
    assert to_the_last_bit.verdict == "REFUTED"
    assert "known to" not in to_the_last_bit.proof
    assert classify(game_of(rewards, transitions), accuracy=0).verdict == "REFUTED"


def test_what_is_said_of_such_a_game():
    structure, search = (classify(game_of(*summed(0, np.float32, moved=moved))).proof
                         for moved in (False, True))
    assert structure.startswith(
        "a potential game within the accuracy of the rewards, which are known to ")
    assert structure.endswith("a potential of the stage game of each state")
    assert search.startswith("the best stage potential leaves ")
    assert search.endswith(
        "no cycle is above 1e-09 beyond what rewards and transitions known to 9.5e-07 explain")


@pytest.mark.parametrize("moved", [False, True])
def test_the_accuracy_of_what_was_cast_to_float64_can_be_given(moved):
    rewards, transitions = (array.astype(np.float64)
                            for array in summed(0, np.float32, moved=moved))
    transitions /= transitions.sum(axis=-1, keepdims=True)
    assert classify(game_of(rewards, transitions)).verdict == "REFUTED"
    assert classify(game_of(rewards, transitions, accuracy=1e-6)).verdict == "UNKNOWN"
    assert classify(game_of(rewards, transitions), accuracy=1e-6).verdict == "UNKNOWN"


@pytest.mark.parametrize("moved", [False, True])
def test_what_rounding_does_not_explain_is_refuted(moved):
    rewards, transitions = summed(0, np.float32, moved=moved)
    rewards[0, 1, 0, 0] += 0.01
    kind = classify(game_of(rewards, transitions))
    assert kind.verdict == "REFUTED"
    assert kind.proof.endswith(
        "arithmetic, beyond what rewards and transitions known to 9.5e-07 explain")
    assert kind.witness.exact_total != 0
    assert kind.alpha_lower > 1e-3
    assert classify(game_of(rewards, transitions), accuracy=0.5).verdict == "UNKNOWN"


def test_a_bound_on_what_the_accuracy_explains_covers_games_within_it():
    """A cycle of the game that is meant and of one as far away as the accuracy allows differ by
    less than it says."""
    from potentia.potential import cycles
    from potentia.potential.subject import subject_of
    rng = np.random.default_rng(4)
    rewards, transitions = summed(4, np.float64, moved=True)
    accuracy = 1e-3
    off = rewards + accuracy * np.abs(rewards).max() * rng.choice([-1.0, 1.0], rewards.shape)
    nudged = transitions.copy()
    nudged[..., 0] += accuracy / 2
    nudged[..., 1] -= accuracy / 2
    meant, given = (subject_of(game_of(r, np.abs(t) / np.abs(t).sum(axis=-1, keepdims=True)), None,
                               "all", accuracy)
                    for r, t in ((rewards, transitions), (off, nudged)))
    pairs = [(cycle, cycles.measured(given, cycle.agents, cycle.policies))
             for cycle in cycles.random_cycles(meant, rng, 40)]
    shares = [abs(cycle.total - other.total) / other.rounding for cycle, other in pairs]
    assert 0.02 < max(shares) <= 1


def test_whole_numbers_in_float32_are_proven_and_refuted_as_ever():
    """Their gains are exact: nothing is left of the proof, and the refutation is far above the
    accuracy."""
    stay = np.zeros((1, 2, 2), int)
    dilemma = np.array([[[[3, 0], [5, 1]]], [[[3, 5], [0, 1]]]], np.float32)
    pennies = np.array([[[[1, -1], [-1, 1]]], [[[-1, 1], [1, -1]]]], np.float32)
    assert classify(game_of(dilemma, stay)).verdict == "PROVEN"
    assert classify(game_of(pennies, stay)).verdict == "REFUTED"


def test_the_accuracy_of_a_game_is_kept_in_its_file(tmp_path):
    from potentia.io.games import load_game, save_game
    for rewards, transitions in (summed(0, np.float32, moved=True),
                                 summed(0, np.float64, moved=True)):
        game = game_of(rewards, transitions)
        save_game(game, tmp_path / "game.npz")
        assert load_game(tmp_path / "game.npz").accuracy == game.accuracy


@pytest.mark.parametrize(("value", "message"), [
    (-1e-9, r"accuracy is -1e-09, but it must lie in \[0, 1\)"),
    (1, r"accuracy is 1, but it must lie in \[0, 1\)"),
    ("low", "accuracy is 'low', not a number")])
def test_an_accuracy_that_is_none_is_refused(value, message):
    arrays = summed(0, np.float64, moved=False)
    with pytest.raises(pt.InputError, match=message):
        game_of(*arrays, accuracy=value)
    with pytest.raises(pt.InputError, match=message):
        classify(game_of(*arrays), accuracy=value)
