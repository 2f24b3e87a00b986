"""Schedules of a user's own: none goes for another, and what they return is checked."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import potentia as pt

INPG = pt.rules.INPG(step_size=0.1)


@pytest.fixture(scope="module")
def game():
    return pt.games.make("stochastic-congestion", n_agents=3)


@dataclasses.dataclass(frozen=True)
class Memory:
    """A class of a user's own in a schedule's memory."""

    last: jax.Array


@pt.schedules.schedule
class Every:
    """One mover, a step further each time."""

    step: int = 1

    def init(self, n_movers, key):
        return Memory(jnp.full((), -self.step, jnp.int64))

    def move(self, memory, iteration, facts, key):
        turn = (memory.last + self.step) % facts.n_movers
        return jnp.arange(facts.n_movers) == turn, Memory(turn)


def test_a_schedule_of_ones_own_is_the_one_it_repeats(game):
    own, ours = (pt.solve(game, INPG, schedule=schedule, max_iterations=20, tolerance=None)
                 for schedule in (Every(), pt.schedules.InTurns()))
    np.testing.assert_array_equal(own.profile, ours.profile)
    assert own.settings["schedule"] == "Every"
    assert own.settings["schedule.step"] == 1


def who_moved(start, after):
    """Agents whose policies differ by more than the logarithm of a given start does."""
    return np.flatnonzero(np.abs(after - start).max(axis=(1, 2)) > 1e-9).tolist()


def defined(first):
    """A class of the same name and fields each time, which begins with another mover."""
    @pt.schedules.schedule
    class Again:
        scale: float = 1.0

        def init(self, n_movers, key):
            return ()

        def move(self, memory, iteration, facts, key):
            return jnp.arange(facts.n_movers) == (iteration + first) % facts.n_movers, memory
    return Again()


def test_a_schedule_defined_anew_is_another(game):
    start = np.asarray(game.initial_profile("random", 0))
    for first in (0, 1, 2, 0):
        after = pt.solve(game, INPG, initial=start, schedule=defined(first), max_iterations=1,
                         tolerance=None).profile
        assert who_moved(start, after) == [first]


def test_it_goes_with_a_rule_of_ones_own_and_is_resumed(game, tmp_path):
    @pt.rules.rule
    class Scaled:
        step: float = 0.1

        def init(self, log_policy, mask, key):
            return jnp.zeros(())

        def update(self, log_policy, memory, view, iteration, key):
            moved = log_policy + self.step * view.scale * view.advantage
            return jax.nn.log_softmax(jnp.where(view.mask, moved, -jnp.inf)), memory + 1

    settings = {"schedule": Every(), "tolerance": None}
    whole = pt.solve(game, Scaled(), max_iterations=12, **settings)
    pt.solve(game, Scaled(), max_iterations=5, checkpoint=tmp_path, **settings)
    resumed = pt.solve(game, Scaled(), max_iterations=12, checkpoint=tmp_path, resume=True,
                       **settings)
    np.testing.assert_array_equal(whole.profile, resumed.profile)


def returning(found):
    """A schedule whose `move` gives what `found` makes of its arguments."""
    @pt.schedules.schedule
    class Own:
        def init(self, n_movers, key):
            return jnp.zeros(())

        def move(self, memory, iteration, facts, key):
            return found(memory, iteration, facts)
    return Own()


@pytest.mark.parametrize(("found", "said"), [
    (lambda memory, iteration, facts: jnp.ones(3, bool),
     r"Own.move returned bool \(3,\), but \(moves, memory\) was expected"),
    (lambda memory, iteration, facts: (jnp.ones(3), memory),
     r"Own.move returned moves as float64 \(3,\), but bool \(3,\) was expected, or \(3, "),
    (lambda memory, iteration, facts: (jnp.ones(2, bool), memory), r"moves as bool \(2,\)"),
    (lambda memory, iteration, facts: (jnp.ones(3, bool), jnp.zeros(2)),
     "Own.move returned the memory 'value' as float64"),
    (lambda memory, iteration, facts: (jnp.ones(3, bool), (memory,)),
     "Own.move returned a memory of another structure than Own.init: arrays named "),
    (lambda memory, iteration, facts: (jnp.arange(3) < 2, memory),
     "Own never lets mover 2 move: not in 30,000 iterations"),
    (lambda memory, iteration, facts: (facts.missing, memory),
     "Own.move failed: AttributeError"),
])
def test_what_breaks_the_contract_is_named_before_the_first_iteration(game, found, said):
    with pytest.raises(pt.InputError, match=said):
        pt.solve(game, INPG, schedule=returning(found), max_iterations=3)


def test_a_coordinator_of_ones_own_gets_exact_gains(game):
    @pt.schedules.schedule
    class Richest:
        needs_gains = True

        def init(self, n_movers, key):
            return ()

        def move(self, memory, iteration, facts, key):
            return jnp.arange(facts.n_movers) == jnp.argmax(facts.gains), memory

    start = np.asarray(game.initial_profile("random", 3))
    after = pt.solve(game, INPG, initial=start, schedule=Richest(), max_iterations=1,
                     tolerance=None).profile
    (moved,) = who_moved(start, after)
    assert moved == np.argmax(pt.certify(game, start).per_agent)
    with pytest.raises(pt.InputError, match="Richest compares what agents would gain"):
        pt.solve(game, INPG, pt.Sampled(), schedule=Richest())


def test_a_schedule_that_rarely_lets_somebody_move_is_let_through(game):
    @pt.schedules.schedule
    class Rarely:
        def init(self, n_movers, key):
            return ()

        def move(self, memory, iteration, facts, key):
            return jax.random.uniform(key, (facts.n_movers,)) < 0.01, memory

    result = pt.solve(game, INPG, schedule=Rarely(), max_iterations=5, tolerance=None)
    assert result.iterations == 5
