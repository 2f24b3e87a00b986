"""Numbers with provenance: what independent computations of the same games gave.

Sources: the experiment scripts published with Fox et al., arXiv 2110.10614, and an independent
replica of them in plain NumPy; closed forms where one is at hand.
"""

import jax
import numpy as np
import pytest

import potentia as pt


@pytest.fixture(scope="module")
def published():
    return pt.games.make("stochastic-congestion-published", n_agents=4)


def test_exact_inpg_on_the_published_game_reaches_nash_at_step_1e_2(published):
    """Replica: from random starts the gap is below 1e-3 after 100 to 250 iterations."""
    result = pt.solve(published, pt.rules.INPG(step_size=1e-2), max_iterations=300, check_every=10,
                      tolerance=1e-3,
                      runs=5)
    assert result.status == (pt.Status.CONVERGED,) * 5
    assert (np.asarray(result.iterations) >= 60).all()
    assert (np.asarray(result.iterations) <= 270).all()


def test_identical_agents_from_the_uniform_start_stay_identical(published):
    result = pt.solve(published, pt.rules.INPG(step_size=1e-2), initial="uniform",
                      max_iterations=50)
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1)
    # Agents are exchangeable: agent 0 in state 0b0001 is agent 3 in state 0b1000.
    swapped = result.profile[3][[int(f"{s:04b}"[::-1], 2) for s in range(16)]]
    np.testing.assert_allclose(result.profile[0], swapped, atol=1e-12)


def test_two_agents_with_equal_rewards_have_the_common_value_as_potential():
    """Example 1 with 1/load and n = 2 is a common-interest game."""
    game = pt.games.make("stochastic-congestion", n_agents=2)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=20, check_every=1)
    assert (np.diff(result.history["potential"]) >= 0).all()
    np.testing.assert_allclose(2 * result.history["potential"], result.history["welfare"],
                               atol=1e-12)


def test_own_position_policies_have_the_rosenthal_potential(x64):
    """dPhi = dV_i for deviations of one agent (1e-15 relative, where joint-state policies give 0.3
    to 0.6)."""
    game = pt.games.make("stochastic-congestion", n_agents=3, observe="own")
    evaluate, potential = jax.jit(pt.MarkovGame.evaluate), jax.jit(pt.MarkovGame.potential)
    for seed in range(3):
        profile = np.asarray(game.initial_profile("random", jax.random.key(seed)))
        other = np.asarray(game.initial_profile("random", jax.random.key(100 + seed)))
        for agent in range(3):
            deviating = profile.copy()
            deviating[agent] = other[agent]
            value, moved = (np.asarray(evaluate(game, p).v[agent]) for p in (profile, deviating))
            start = int(np.asarray(game.information)[agent, int(np.argmax(game.initial))])
            gain = moved[start] - value[start]
            assert abs(gain) > 1e-4
            difference = float(potential(game, deviating) - potential(game, profile))
            assert difference == pytest.approx(gain, rel=1e-10)


def test_free_flow_of_the_papers_game():
    """One agent alone: three edges at reward 1, discounted."""
    game = pt.games.make("stochastic-congestion", n_agents=1, discount=0.5)
    result = pt.solve(game, pt.rules.INPG(step_size=0.1), max_iterations=1)
    assert result.history["welfare"][-1] == pytest.approx(1 + 0.5 + 0.25, abs=1e-14)
    assert pt.certify(game, result.profile).nash_gap <= 1e-12
