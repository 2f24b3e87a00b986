"""A checkpoint goes on in what it was learnt in: another simulator or table is refused, although
policies would fit, and what differs is named."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import potentia as pt

QUICK = pt.learners.IndependentPPO(episodes=4, hidden=(), minibatches=1, epochs=1)
QUEUE = {"n_agents": 2, "n_servers": 2, "horizon": 4}


def resumed(simulator: Any, folder: Path, learner: Any = QUICK) -> Any:
    return pt.train(simulator, learner, updates=2, checkpoint=folder, resume=True)


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    pt.train(pt.simulators.make("queueing", **QUEUE), QUICK, updates=1, checkpoint=tmp_path / "q")
    return tmp_path / "q"


@pytest.mark.parametrize(("other", "says"), [
    ({"arrival": 0.1}, "another simulator: its arrival is 0.8, not 0.1"),
    ({"n_agents": 3}, "another simulator: its n_agents is 2, not 3")])
def test_another_parameter_of_a_simulator_is_named(queue: Path, other: dict[str, Any],
                                                   says: str) -> None:
    with pytest.raises(pt.InputError, match=says):
        resumed(pt.simulators.make("queueing", **{**QUEUE, **other}), queue)
    assert pt.load(queue).updates == 1
    assert resumed(pt.simulators.make("queueing", **QUEUE), queue).updates == 2


def test_another_simulator_or_learner_is_named_in_short(queue: Path) -> None:
    with pytest.raises(pt.InputError, match=r"another simulator: queueing, not crowded-grid$"):
        resumed(pt.simulators.make("crowded-grid", n_agents=2, size=2, horizon=4), queue)
    with pytest.raises(pt.InputError, match=r"another simulator: queueing, not a game's table$"):
        resumed(pt.games.make("stag-hunt"), queue)
    with pytest.raises(pt.InputError, match=r"learner: IndependentPPO, not IndependentNPG$"):
        resumed(pt.simulators.make("queueing", **QUEUE), queue, pt.learners.IndependentNPG())


def test_another_table_of_the_same_name_is_refused(tmp_path: Path) -> None:
    pt.train(pt.games.make("stag-hunt"), QUICK, updates=1, checkpoint=tmp_path)
    with pytest.raises(pt.InputError, match="another game stag-hunt: its rewards are others"):
        resumed(pt.games.make("stag-hunt", stag=40.0), tmp_path)
    horizon = pt.load(tmp_path).facts.horizon
    with pytest.raises(pt.InputError, match=f"simulator: its horizon is {horizon}, not 5"):
        resumed(pt.simulators.of_game(pt.games.make("stag-hunt"), horizon=5), tmp_path)
    assert resumed(pt.games.make("stag-hunt"), tmp_path).updates == 2


def test_another_table_by_its_transitions_is_refused(tmp_path: Path) -> None:
    rewards, stay = np.zeros((1, 2, 1)), np.array([[0], [1]])
    made = [pt.MarkovGame.from_arrays(rewards, moves, discount=0.5, name="two")
            for moves in (stay, 1 - stay)]
    pt.train(pt.simulators.of_game(made[0], horizon=3), QUICK, updates=1, checkpoint=tmp_path)
    with pytest.raises(pt.InputError, match="another game two: its transitions are others"):
        resumed(pt.simulators.of_game(made[1], horizon=3), tmp_path)


@dataclasses.dataclass
class Own:
    """Pays what it is told to."""

    pays: float = 1.0
    horizon: int = 2
    action_counts = (2, 2)
    discount = 0.9

    def reset(self, key: Any) -> Any:
        return np.zeros(())

    def step(self, state: Any, actions: Any, key: Any) -> Any:
        return state, self.pays * actions, False

    def observe(self, state: Any) -> Any:
        return np.zeros((2, 1))


def test_a_simulator_of_ones_own_may_be_mended_but_must_fit(tmp_path: Path) -> None:
    pt.train(Own(), QUICK, updates=1, checkpoint=tmp_path)
    with pytest.raises(pt.InputError, match=r"another simulator: its horizon is 2, not 3$"):
        resumed(Own(horizon=3), tmp_path)
    assert resumed(Own(pays=2.0), tmp_path).updates == 2
