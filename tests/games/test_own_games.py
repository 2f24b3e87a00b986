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


class Liar(Bandit):
    """Its best response never gains."""

    def best_response(self, profile: Any) -> Any:
        zero = jnp.zeros(1)
        return BestResponse(value=zero, current=zero, gain=zero, worst_gain=zero, error=zero)


def test_a_game_that_lies_about_its_gap_is_found_out_by_its_table() -> None:
    result = pt.solve(Liar(np.array([1.0, 2.0])), RULE, tolerance=1e-6, initial=FIRST,
                      max_iterations=3)
    assert result.status is pt.Status.INCONSISTENT
    assert ("Liar.best_response says that the gap is within the tolerance of 1e-06, but by "
            "Liar.tabular agent 0 gains 0.3") in result.message
    assert pt.certify(result.game, result.profile).nash_gap > 0.29


@pytest.mark.parametrize(("tabular", "message"), [
    (None, "a Other has no tabular(), by which alone certify could say so too"),
    (lambda self: None, "Other.tabular returned a NoneType, but a MarkovGame was expected"),
    (lambda self: 1 / 0, "Other.tabular failed: ZeroDivisionError: division by zero"),
    (lambda self: pt.MarkovGame.from_arrays([[[1.0, 2, 3]]], [[0, 0, 0]], discount=0.0),
     r"Other.tabular has a mask of shape (1, 1, 3), but it must be the game's own, (1, 1, 2)"),
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
