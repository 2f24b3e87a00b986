"""What `MarkovGame.from_arrays` refuses, with the culprit named, and that what it accepts means the
same."""

from __future__ import annotations

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.sparse as sp

from potentia import InputError, MarkovGame
from potentia.games.tabular.transitions import DenseTransitions, SparseTransitions

N, S, COUNTS = 2, 3, (2, 3)
SHAPE = (S, *COUNTS)


def arrays() -> dict:
    """A valid game of two agents, three states and 2 x 3 actions, fresh for each test to spoil."""
    rng = np.random.default_rng(1)
    transitions = rng.random((*SHAPE, S))
    transitions /= transitions.sum(-1, keepdims=True)
    return {"rewards": rng.normal(size=(N, *SHAPE)), "transitions": transitions, "discount": 0.9,
            "mask": np.ones((N, S, 3)), "initial": np.array([0.2, 0.3, 0.5])}


def build(**fields: object) -> MarkovGame:
    return MarkovGame.from_arrays(**{**arrays(), **fields})


def spoiled(name: str, place: tuple, value: float) -> dict:
    array = arrays()[name].copy()
    array[place] = value
    return {name: array}


def index(value: float = 0, dtype: type = np.int64) -> np.ndarray:
    target = np.zeros(SHAPE, dtype)
    target[2, 1, 0] = value
    return target


ONE_EACH = np.arange(S) * np.ones((N, 1), int)

REFUSED = {
    "rewards without an axis for each agent": (
        {"rewards": np.zeros((2, 3, 2))},
        r"rewards has shape \(2, 3, 2\).*one action axis for each of the N ag"),
    "rewards empty": ({"rewards": np.zeros((2, 0, 2, 3))}, r"rewards has shape \(2, 0, 2, 3\)"),
    "rewards of text": ({"rewards": np.full((N, *SHAPE), "x")},
                        r"rewards holds <U1, not real numbers"),
    "rewards complex": ({"rewards": np.zeros((N, *SHAPE), complex)}, r"rewards holds complex128"),
    "rewards ragged": ({"rewards": [[1.0], [1.0, 2.0]]}, r"rewards is not an array"),
    "rewards NaN": (spoiled("rewards", (1, 2, 1, 0), np.nan),
                    r"rewards\[agent=1, state=2, actions=\(1, 0\)\] is nan, not a finite number"),
    "rewards infinite": (spoiled("rewards", (0, 1, 0, 2), -np.inf),
                         r"rewards\[agent=0, state=1, actions=\(0, 2\)\] is -inf, not a finite "
                         r"number \(where an "
                         r"action does not exist, say so by mask\)$"),
    "probabilities short": (spoiled("transitions", (2, 1, 2), [0.5, 0.2, 0.28]),
                            r"transitions\[state=2, actions=\(1, 2\)\] sums to 0\.98, not 1"),
    "probability negative": (spoiled("transitions", (0, 1, 1), [0.5, 0.7, -0.2]),
                             r"transitions\[state=0, actions=\(1, 1\), next=2\] is -0\.2, which is "
                             r"negative"),
    "probability NaN": (spoiled("transitions", (1, 0, 1, 2), np.nan),
                        r"transitions\[state=1, actions=\(0, 1\), next=2\] is nan, which is not "
                        r"finite"),
    "transitions of the wrong shape": ({"transitions": np.ones((3, 3, 2, 3))},
                                       r"transitions has shape \(3, 3, 2, 3\), but it must be \(3, "
                                       r"2, 3\) "),
    "sparse transitions of the wrong shape": ({"transitions": sp.csr_array((6, 3))},
                                              r"transitions has shape \(6, 3\), but it must be "
                                              r"\(18, 3\)"),
    "sparse transitions complex": ({"transitions": sp.csr_array((18, 3), dtype=complex)},
                                   r"transitions holds complex128"),
    "sparse row empty": ({"transitions": sp.csr_array((18, 3))},
                         r"transitions\[state=0, actions=\(0, 0\)\] sums to 0, not 1"),
    "index too large": ({"transitions": index(3)},
                        r"transitions\[state=2, actions=\(1, 0\)\] is 3, but states run from 0 to "
                        r"2"),
    "index negative": ({"transitions": index(-1)},
                       r"transitions\[state=2, actions=\(1, 0\)\] is -1"),
    "index not an integer": ({"transitions": index(0, float)},
                             r"next-state indices, but they hold float64"),
    "index of booleans": ({"transitions": index(0, bool)},
                          r"next-state indices, but they hold bool"),
    "discount above 1": ({"discount": 1.01}, r"discount is 1\.01, but it must lie in \[0, 1\]"),
    "discount negative": ({"discount": -0.1}, r"discount is -0\.1"),
    "discount NaN": ({"discount": np.nan}, r"discount is nan, not a finite number"),
    "discount of text": ({"discount": "high"}, r"discount is 'high', not a number"),
    "initial of the wrong length": ({"initial": [0.5, 0.5]},
                                    r"initial has shape \(2,\), but it must be \(3,\)"),
    "initial short": ({"initial": [0.5, 0.2, 0.2]}, r"initial sums to 0\.9, not 1"),
    "initial negative": ({"initial": [0.5, -0.5, 1.0]}, r"initial\[state=1\] is -0\.5"),
    "initial NaN": ({"initial": [0.5, 0.5, np.nan]}, r"initial\[state=2\] is nan"),
    "mask of the wrong shape": ({"mask": np.ones((N, S, 2))},
                                r"mask has shape \(2, 3, 2\), but it must be \(2, 3, 3\)"),
    "mask with a fraction": (spoiled("mask", (1, 0, 2), 0.5),
                             r"mask\[agent=1, state=0, action=2\] is 0\.5"),
    "mask with NaN": (spoiled("mask", (1, 0, 2), np.nan),
                      r"mask\[agent=1, state=0, action=2\] is nan"),
    "agent without an action": (spoiled("mask", (1, 2), 0),
                                r"mask\[agent=1, state=2\] allows no action"),
    "agent with only an action it has not": (spoiled("mask", (0, 1), [0, 0, 1]),
                                             r"mask\[agent=0, state=1\] allows no action"),
    "information of the wrong shape": ({"information": [0, 0, 1]},
                                       r"information has shape \(3,\), but it must be \(2, 3\)"),
    "information negative": ({"information": ONE_EACH - 1},
                             r"information\[agent=0, state=0\] is -1"),
    "information out of range": ({"information": ONE_EACH * 10**9},
                                 r"information\[agent=0, state=1\] is 1000000000, but .* from 0 to "
                                 r"2"),
    "information not whole": ({"information": ONE_EACH / 2},
                              r"information holds float64, not indices"),
    "information against the mask": (
        {**spoiled("mask", (1, 2, 0), 0), "information": np.zeros((N, S), int)},
        r"mask\[agent=1, state=[02]\] differs from that of another state with the same information "
        r"0"),
    "horizon 0": ({"horizon": 0}, r"horizon is 0, but it must be at least 1"),
    "horizon a fraction": ({"horizon": 2.5}, r"horizon is 2\.5, not a whole number"),
    "stage potential of the wrong shape": ({"stage_potential": np.zeros((S, 3, 2))},
                                           r"stage_potential has shape \(3, 3, 2\), but it must be "
                                           r"\(3, 2, 3\)"),
    "stage potential NaN": ({"stage_potential": np.where(index(1) == 1, np.nan, 0.0)},
                            r"stage_potential\[state=2, actions=\(1, 0\)\] is nan"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_arrays_are_refused_by_name(case: str) -> None:
    fields, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        build(**fields)
    assert "\n" not in str(caught.value)


def test_the_valid_game_is_accepted() -> None:
    game = build()
    assert (game.n_agents, game.n_states, game.action_counts) == (N, S, COUNTS)
    assert game.full_information
    assert not game.absorbing.any()
    # Agent 0 has two actions, agent 1 three: the mask is ragged even if none is given.
    assert game.mask[0].tolist() == [[True, True, False]] * S
    assert game.mask[1].all()


# At discount 1: state 2 is the end; agents leave state 0 for it unless both pick action 1.
LEAVE = np.array([[[2, 2], [2, 0]], [[2, 2], [2, 2]], [[2, 2], [2, 2]]])


def undiscounted(transitions: np.ndarray, rewards: np.ndarray | None = None,
                 **fields: object) -> MarkovGame:
    rewards = np.zeros((2, *transitions.shape[:3])) if rewards is None else rewards
    return MarkovGame.from_arrays(rewards, transitions, discount=1, **fields)


def test_discount_1_refuses_an_endless_play_that_needs_collusion() -> None:
    with pytest.raises(InputError,
                       match=r"discount is 1, but play need not end: from state 0 the joint action "
                                         r"\(1, 1\)"):
        undiscounted(LEAVE)


def test_discount_1_refuses_a_cycle_of_two_states() -> None:
    swap = LEAVE.copy()
    swap[0, 1, 1], swap[1, 1, 1] = 1, 0
    with pytest.raises(InputError,
                       match=r"play need not end: from state 0 the joint action \(1, 1\)"):
        undiscounted(swap)


def test_discount_1_refuses_an_end_that_pays() -> None:
    rewards = np.zeros((2, 3, 2, 2))
    rewards[1, 2, 0, 1] = 1e-9
    ends = LEAVE.copy()
    ends[0, 1, 1] = 2
    with pytest.raises(InputError, match="play need not end"):
        undiscounted(ends, rewards)


def test_discount_1_accepts_what_ends_surely_or_with_a_probability_at_every_step() -> None:
    ends = LEAVE.copy()
    ends[0, 1, 1] = 2
    assert undiscounted(ends).undiscounted
    probability = np.eye(3)[LEAVE]
    probability[0, 1, 1] = [0.999, 0.0, 0.001]
    assert undiscounted(probability).sweeps is None


def test_discount_1_ignores_masked_ways_to_stay() -> None:
    mask = np.ones((2, 3, 2))
    mask[1, 0, 1] = 0
    assert undiscounted(LEAVE, mask=mask).sweeps == 2


def test_masked_joint_actions_are_ignored_whatever_they_hold() -> None:
    mask = arrays()["mask"]
    mask[1, 1, 2] = 0
    clean = build(mask=mask)
    fields = arrays()
    fields["rewards"][:, 1, :, 2] = np.nan
    fields["transitions"][1, :, 2] = np.nan
    spoilt = build(**{**fields, "mask": mask})
    for one, other in zip(jax.tree.leaves(clean), jax.tree.leaves(spoilt), strict=True):
        np.testing.assert_array_equal(one, other)
    assert np.isfinite(spoilt.rewards).all()


def test_masked_next_states_may_be_out_of_range() -> None:
    mask = np.ones((N, S, 3))
    mask[0, 2, 1] = 0
    game = build(transitions=index(-7), mask=mask)
    assert np.asarray(game.transitions.targets).min() == 0


def test_the_users_arrays_stay_as_they_were() -> None:
    fields = arrays()
    table = sp.csr_array(fields["transitions"].reshape(-1, S))
    # Entries out of order and an explicit zero, which a careless reader would tidy in place.
    data, indices = table.data.reshape(-1, S)[:, ::-1].copy(), table.indices.reshape(
        -1, S)[:, ::-1].copy()
    data[0] = [0.4, 0.6, 0.0]
    given = sp.csr_array((data.ravel(), indices.ravel(), table.indptr), shape=table.shape)
    kept = given.copy()
    build(**{**fields, "transitions": given})
    for name in ("data", "indices", "indptr"):
        np.testing.assert_array_equal(getattr(given, name), getattr(kept, name))
    for name, array in arrays().items():
        np.testing.assert_array_equal(fields[name], array)


@jax.jit
def evaluated(game: MarkovGame, profile: np.ndarray) -> tuple:
    return game.evaluate(profile), game.best_response(profile), game.welfare(profile)


def random_profile(game: MarkovGame, seed: int = 0) -> np.ndarray:
    weights = np.random.default_rng(seed).random(game.mask.shape) * game.mask
    return weights / weights.sum(axis=-1, keepdims=True)


def assert_same_answers(games: list[MarkovGame]) -> None:
    profile = random_profile(games[0])
    answers = [jax.tree.leaves(evaluated(game, profile)) for game in games]
    for other in answers[1:]:
        for one, two in zip(answers[0], other, strict=True):
            np.testing.assert_allclose(one, two, rtol=1e-13, atol=1e-13)


@pytest.mark.usefixtures("x64")
def test_index_one_hot_and_sparse_transitions_are_one_game() -> None:
    target = np.random.default_rng(2).integers(0, S, SHAPE)
    one_hot = np.eye(S)[target]
    assert_same_answers([build(transitions=value) for value in
                         (target, target.astype(np.uint8), one_hot,
                          sp.coo_array(one_hot.reshape(-1, S)))])


@pytest.mark.usefixtures("x64")
def test_sparse_and_dense_tables_answer_alike() -> None:
    game = build()
    assert isinstance(game.transitions, DenseTransitions)
    dense = arrays()["transitions"].reshape(S, -1, S)
    sparse = SparseTransitions(np.broadcast_to(np.arange(S, dtype=np.int32), dense.shape), dense)
    assert_same_answers([game, dataclasses.replace(game, transitions=sparse),
                         build(transitions=sp.csr_array(dense.reshape(-1, S)))])


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("discount", [0.9, 1.0])
@pytest.mark.parametrize("steps", [1, 4])
def test_horizon_is_backward_induction(discount: float, steps: int) -> None:
    fields = arrays()
    game = build(discount=discount, horizon=steps)
    profile = random_profile(game)
    told = jax.jit(type(game).evaluate)(game, profile)
    value, probability = np.zeros((S, N)), fields["initial"]
    visits = []
    for step in range(steps):
        rows = slice(step * S, step * S + S)
        joint = profile[0, rows, :2, None] * profile[1, rows, None, :]
        visits.append(discount**step * (1 - discount if discount < 1 else 1) * probability)
        probability = np.einsum("s,sab,sabt->t", probability, joint, fields["transitions"])
    for step in reversed(range(steps)):
        rows = slice(step * S, step * S + S)
        first, second = profile[0, rows, :2], profile[1, rows]
        table = np.moveaxis(fields["rewards"], 0, -1) + discount * fields["transitions"] @ value
        q = [np.einsum("sabn,sb->san", table, second)[..., 0],
             np.einsum("sabn,sa->sbn", table, first)[..., 1]]
        value = np.stack([(q[0] * first).sum(1), (q[1] * second).sum(1)], axis=1)
        np.testing.assert_allclose(told.v[:, rows], value.T, rtol=0, atol=1e-14)
        np.testing.assert_allclose(told.q[0, rows, :2], q[0], rtol=0, atol=1e-14)
        np.testing.assert_allclose(told.q[1, rows], q[1], rtol=0, atol=1e-14)
        np.testing.assert_allclose(told.visitation[0, rows], visits[step], rtol=0, atol=1e-14)
    assert np.asarray(told.v)[:, -1].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(told.visitation[:, -1], discount**steps, atol=1e-14)


@pytest.mark.usefixtures("x64")
def test_horizon_keeps_masks_information_and_potential_at_every_time() -> None:
    mask, seen = np.ones((N, S, 3)), np.array([[0, 0, 1], [0, 1, 2]])
    mask[0, 2, 1] = 0
    stage = np.arange(S * 6.0).reshape(SHAPE)
    game = build(horizon=2, mask=mask, information=seen, stage_potential=stage)
    assert game.information.tolist() == [[0, 0, 1, 3, 3, 4, 6], [0, 1, 2, 3, 4, 5, 6]]
    assert game.mask[0, :, 1].tolist() == [True, False, False, True, False, False, False]
    np.testing.assert_array_equal(game.stage_potential[:3], game.stage_potential[3:6])
    assert game.stage_potential[0].tolist() == stage[0].ravel().tolist()
    assert not game.stage_potential[6].any()


def test_horizon_counts_information_past_the_users_small_integers() -> None:
    game = build(horizon=100, information=ONE_EACH.astype(np.uint8))
    assert game.information[0].tolist() == list(range(100 * S + 1))


def test_common_rewards_are_their_own_stage_potential() -> None:
    shared = arrays()["rewards"][[0, 0]]
    np.testing.assert_array_equal(build(rewards=shared).stage_potential, shared[0].reshape(S, -1))
    assert build().stage_potential is None


NARROW = [np.float32, np.float16, jnp.bfloat16]


@pytest.mark.parametrize("dtype", NARROW)
@pytest.mark.parametrize("sparse", [False, True])
def test_distributions_of_a_narrow_type_are_normalised(dtype: type, sparse: bool) -> None:
    rng = np.random.default_rng(1)
    rows, start = (rng.dirichlet(np.ones(5), size).astype(dtype) for size in ((5, 2, 2), ()))
    assert np.abs(rows.astype(np.float64).sum(axis=-1) - 1).max() > 1e-9
    given = sp.csr_array(rows.reshape(-1, 5)) if sparse and dtype == np.float32 else rows
    game = MarkovGame.from_arrays(rng.normal(size=(2, 5, 2, 2)).astype(dtype), given, discount=0.9,
                                  initial=start)
    np.testing.assert_allclose(game.transitions.csr().sum(axis=1), 1, rtol=1e-15)
    assert game.initial.sum() == pytest.approx(1, abs=1e-15)
    with pytest.raises(InputError, match=r"transitions.* sums to .*, not 1"):
        MarkovGame.from_arrays(np.zeros((2, 5, 2, 2)), rows.astype(np.float64), discount=0.9)
    with pytest.raises(InputError, match=r"initial sums to .*, not 1"):
        MarkovGame.from_arrays(np.zeros((2, 5, 2, 2)), given, discount=0.9,
                               initial=(0.9 * start).astype(dtype))
    rows[2, 1, 0] = (rows[2, 1, 0] * 0.9).astype(dtype)
    with pytest.raises(InputError,
                       match=r"transitions\[state=2, actions=\(1, 0\)\] sums to .*, not 1"):
        MarkovGame.from_arrays(np.zeros((2, 5, 2, 2)), rows, discount=0.9)
