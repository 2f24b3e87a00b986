"""Games of a user's own: what they return is checked, and no run converges on what is no profile or
no gap."""

from __future__ import annotations

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt
from potentia.game import BestResponse, Evaluation
from potentia.runtime.pytree import tree

RULE = pt.rules.INPG(step_size=0.1)
FIRST = np.array([[[0.3, 0.7]]])


@dataclasses.dataclass(frozen=True)
class Bandit:
    """One agent chooses between two rewards, once, at discount 0."""

    rewards: Any
    short: float = 0.0               # added to gains
    error: float = 0.0
    drawn: float = 1.0               # what random starts sum to

    name = "bandit"
    n_agents = 1
    full_information = undiscounted = False
    scale = np.float64(1.0)
    mask = np.ones((1, 1, 2), bool)

    def evaluate(self, profile: Any) -> Any:
        return Evaluation(q=jnp.asarray(self.rewards)[None, None], v=profile @ self.rewards,
                          visitation=jnp.ones((1, 1)))

    def best_response(self, profile: Any) -> Any:
        current = profile[0] @ self.rewards
        gain = jnp.max(self.rewards) - current + self.short
        return BestResponse(value=gain + current, current=current, gain=gain, worst_gain=gain,
                            error=jnp.full(1, self.error))

    def potential(self, profile: Any) -> None:
        return None

    def welfare(self, profile: Any) -> Any:
        return profile[0, 0] @ self.rewards

    def initial_profile(self, start: object, key: Any) -> Any:
        return jnp.asarray(FIRST) * self.drawn

    def tabular(self) -> pt.MarkovGame:
        return pt.MarkovGame.from_arrays(np.asarray(self.rewards)[None, None],
                                         np.zeros((1, 2), int), discount=0.0)


GAME, TABULAR = Bandit(np.array([1.0, 2.0])), Bandit.tabular


def test_a_right_game_is_solved() -> None:
    result = pt.solve(GAME, RULE, tolerance=1e-6, max_iterations=1000)
    assert result.status is pt.Status.CONVERGED
    np.testing.assert_allclose(result.profile, [[[0, 1]]], atol=1e-6)


@pytest.mark.parametrize(("game", "status", "message"), [
    (dataclasses.replace(GAME, short=-10.0), pt.Status.INCONSISTENT,
     "Bandit.best_response gave agent 0 a gain of -9.7 with an error of 0, but no best response is "
     "worth less"),
    (dataclasses.replace(GAME, short=np.nan), pt.Status.NONFINITE,
     "Bandit.best_response gave agent 0 a gain of nan"),
    (dataclasses.replace(GAME, error=-5.0), pt.Status.INCONSISTENT, "with an error of -5"),
    (dataclasses.replace(GAME, rewards=np.array([1.0, -np.inf])), pt.Status.NONFINITE,
     "Bandit.evaluate gave q[agent=0, information state=0, action=1] = -inf"),
])
def test_no_run_converges_on_a_gap_that_is_none(game: Any, status: pt.Status, message: str) -> None:
    result = pt.solve(game, RULE, tolerance=1e-3, initial=FIRST, max_iterations=20)
    assert result.status is status
    assert message in result.message


def test_a_start_that_is_no_profile_is_refused() -> None:
    game = dataclasses.replace(GAME, drawn=0.5)
    with pytest.raises(pt.InputError,
                       match=r"Bandit\.initial_profile\('random'\): profile\[agent=0, .* sums to "
                             r"0\.5"):
        pt.solve(game, RULE, tolerance=100.0)


@pytest.mark.parametrize(("method", "answer", "message"), [
    ("evaluate", lambda self, profile: None,
     r"Other\.evaluate returned None, but an Evaluation was expected"),
    ("best_response", lambda self, profile: jnp.zeros(1),
     r"Other\.best_response returned float64 \(1,\), but a Best"),
    ("best_response", lambda self, profile: dataclasses.replace(
        Bandit.best_response(self, profile), gain=jnp.zeros((1, 2))),
     r"Other\.best_response returned gain as float64 \(1, 2\), but float64 \(1,\) was expected"),
    ("welfare", None, "game is a Other, which is no game: it has no `welfare`"),
    ("welfare", lambda self, profile: profile,
     r"Other\.welfare returned its value as float64 \(1, 1, 2\), but float64"),
    ("potential", lambda self, profile: 1 / 0, "Other.potential failed: ZeroDivisionError"),
    ("initial_profile", lambda self, start, key: 1 / 0,
     "Other.initial_profile failed: ZeroDivisionError"),
    ("mask", np.full((1, 1, 2), 0.5),
     r"Other\.mask is float64 \(1, 1, 2\), but it must be bool \[N, H, A\]"),
    ("scale", "large", "Other.scale is 'large', not a number"),
    ("n_agents", "two", "Other.n_agents is 'two', not a whole number"),
    ("n_agents", 0, "Other.n_agents is 0, but it must be at least 1"),
    ("undiscounted", 3, "Other.undiscounted is 3, but it must be True or False"),
    ("full_information", property(lambda self: 1 / 0),
     "Other failed: ZeroDivisionError: division by zero"),
    ("scale", property(lambda self: self.nowhere),
     "game is a Other, which is no game: it has no `scale`"),
    ("name", 7, "Other.name is 7, but it must be a text"),
])
def test_what_breaks_the_contract_is_refused(method: str, answer: Any, message: str) -> None:
    other = dataclasses.dataclass(frozen=True)(type("Other", (Bandit,), {method: answer}))
    with pytest.raises(pt.InputError, match=message):
        pt.solve(other(np.array([1.0, 2.0])), RULE, max_iterations=0)


TABLE = {"rewards": np.array([[[1.0, 2.0]]]), "transitions": np.zeros((1, 2), int), "discount": 0.0}


def test_a_class_derived_from_ours_is_solved_and_confirmed_by_its_arrays() -> None:
    @tree
    class Named(pt.MarkovGame):
        pass

    result = pt.solve(Named.from_arrays(**TABLE), RULE, tolerance=1e-6, max_iterations=1000)
    assert result.status is pt.Status.CONVERGED
    assert pt.certify(result.game, result).nash_gap <= 1e-6
    with pytest.raises(pt.InputError, match="Plain derives from MarkovGame but is no pytree"):
        pt.solve(type("Plain", (pt.MarkovGame,), {}).from_arrays(**TABLE), RULE)


def test_a_table_that_is_none_is_not_certified() -> None:
    for tabular in (lambda self: self, lambda self: None):
        other = type("Other", (Bandit,), {"tabular": tabular})(np.array([1.0, 2.0]))
        with pytest.raises(pt.InputError, match=r"Other\.tabular returned a .*, but a MarkovGame"):
            pt.certify(other, FIRST)


PRISONERS = {"rewards": np.array([[[[3.0, 0.0], [5.0, 1.0]]], [[[3.0, 5.0], [0.0, 1.0]]]]),
             "transitions": np.zeros((1, 2, 2), int), "discount": 0.0}


def no_gain(self: Any, profile: Any) -> Any:
    zero = jnp.zeros(2)
    return BestResponse(value=zero[:, None], current=zero[:, None], gain=zero, worst_gain=zero,
                        error=zero)


@pytest.mark.parametrize("table", [
    lambda self: pt.MarkovGame.from_arrays(**{**PRISONERS, "rewards": 0 * PRISONERS["rewards"]}),
    lambda self: self,
])
def test_a_derived_class_that_lies_twice_is_found_out_by_its_arrays(table: Any) -> None:
    """What it says is not asked where certify reads its arrays."""
    liar = tree(type("Lying", (pt.MarkovGame,), {"best_response": no_gain, "tabular": table}))
    result = pt.solve(liar.from_arrays(**PRISONERS), RULE, tolerance=1e-6, initial="uniform")
    assert result.status is pt.Status.INCONSISTENT
    assert pt.certify(result.game, result).nash_gap_lower > 0.7


@pytest.mark.parametrize(("fact", "message"), [
    ({"reorient_every": 0}, "reorient_every is 0, but it must be at least 1"),
    ({"reorient_every": "often"}, "reorient_every is 'often', not a whole number"),
    ({"shards": "2"}, "shards is '2', not a whole number"),
])
def test_what_a_game_can_do_besides_is_checked(fact: dict, message: str) -> None:
    nothing = {name: lambda self, *arguments: None
               for name in ("oriented", "holding", "reoriented", "partition")}
    other = type("Other", (Bandit,), {"usable": Bandit.mask, "orientation": None,
                                      "reorient_every": None, "shards": 1, **nothing, **fact})
    with pytest.raises(pt.InputError, match=f"Other.{message}"):
        pt.solve(other(np.array([1.0, 2.0])), RULE)


@pytest.mark.parametrize("drawn", [None, np.float32(FIRST), FIRST[0]])
def test_a_random_start_is_held_to_the_contract_too(drawn: Any) -> None:
    def start(self: Any, start: object, key: Any) -> Any:
        return jnp.asarray(FIRST) if start == "uniform" else drawn

    other = type("Other", (Bandit,), {"initial_profile": start})(np.array([1.0, 2.0]))
    with pytest.raises(pt.InputError, match=r"Other\.initial_profile returned a profile as"):
        pt.solve(other, RULE, initial="random")


class Liar(Bandit):
    """Its best response never gains."""

    def best_response(self, profile: Any) -> Any:
        zero = jnp.zeros(1)
        return BestResponse(value=zero, current=zero, gain=zero, worst_gain=zero, error=zero)


def test_a_game_that_lies_about_its_gap_is_found_out_by_its_table() -> None:
    result = pt.solve(Liar(np.array([1.0, 2.0])), RULE, tolerance=1e-6, initial=FIRST,
                      max_iterations=3)
    assert result.status is pt.Status.INCONSISTENT
    assert ("Liar.best_response says that the gap is within the tolerance of 1e-06, but certify "
            "finds that agent 0 gains 0.29") in result.message
    assert pt.certify(result.game, result.profile).nash_gap > 0.29


@pytest.mark.parametrize(("tabular", "message"), [
    (None, "game is a Other, but certify needs a game of one of Potentia's classes, or one whose"),
    (lambda self: None, "Other.tabular returned a NoneType, but a MarkovGame was expected"),
    (lambda self: 1 / 0, "Other.tabular failed: ZeroDivisionError: division by zero"),
    (lambda self: pt.MarkovGame.from_arrays([[[1.0, 2, 3]]], [[0, 0, 0]], discount=0.0),
     "profile has shape (1, 1, 2), but the game needs (1, 1, 3)"),
])
def test_a_gap_that_nothing_confirms_is_unverified(tabular: Any, message: str) -> None:
    members = {"tabular": tabular} if tabular else {}
    kind = type("Other", (Bandit,), members)
    if tabular is None:
        del Bandit.tabular
    try:
        result = pt.solve(dataclasses.dataclass(frozen=True)(kind)(np.array([1.0, 2.0])), RULE,
                          tolerance=1e-3,
                          max_iterations=1000)
    finally:
        Bandit.tabular = TABULAR
    assert result.status is pt.Status.UNVERIFIED
    assert message in result.message


def test_the_sampled_oracle_names_what_a_game_lacks() -> None:
    states = {"information": np.zeros((1, 1), int), "initial": np.ones(1), "n_states": 1,
              "action_counts": (2,), "discount": 0.0, "absorbing": np.zeros(1, bool)}
    game = type("Stately", (Bandit,), states)(np.array([1.0, 2.0]))
    with pytest.raises(pt.InputError, match="a Stately has no separable, no sweeps, "
                                            "no reward_bound, no simulate: use the exact oracle"):
        pt.solve(game, RULE, pt.Sampled(episodes=2))


@pytest.mark.parametrize(("module", "message"), [
    ("mine", "only games of Potentia's classes can; save the game that its tabular"),
    ("potentia.games.bandit.game", "its class has no line in KINDS of potentia.io.structured_")])
def test_a_game_without_a_file_is_told_whose_it_is(module: str, message: str, tmp_path) -> None:
    game = type("Filed", (Bandit,), {"__module__": module})(np.array([1.0, 2.0]))
    with pytest.raises(pt.InputError, match=message):
        pt.io.save_game(game, tmp_path / "game.npz")
    assert not list(tmp_path.iterdir())
