"""Every rule on every game with every oracle: the result is a profile, and it says what it is."""

import dataclasses
import importlib
import pkgutil

import jax
import numpy as np
import pytest

import potentia as pt
from potentia import games as representations
from potentia.certificates.equilibrium import PROBLEMS
from potentia.games.roads.data import RoadData
from registered_rules import SOLVED, made

SMALL = {  # the smallest interesting parameters of each registered game, by name
    "anonymous-congestion": {"n_agents": 2},
    "battle-of-the-sexes": {},
    "braess": {"n_agents": 6},
    "chicken": {},
    "constrained-grid": {"size": 3, "horizon": 2},
    "coordination": {},
    "distancing": {"n_agents": 2},
    "el-farol": {"n_agents": 2, "capacity": 1},
    "energy-demand-response": {},
    "facility-congestion": {"n_agents": 2, "weights": (1, 2)},
    "flat-region": {},
    "load-balancing": {"n_agents": 2},
    "loop-congestion": {"n_agents": 2},
    "markov-routing": {"n_agents": 2, "representation": "loads"},
    "matching-pennies": {},
    "networked-traffic": {"agents_each": 1, "horizon": 3},
    "performative-loop": {"n_agents": 2},
    "perturbed-team": {"n_agents": 2},
    "pigou": {"n_agents": 2, "policies": "agent"},
    "pollution-tax": {},
    "prisoners-dilemma": {},
    "public-goods": {"n_agents": 2},
    "random-cooperative": {"actions": (2, 2)},
    "random-general-sum": {"n_states": 2},
    "random-potential": {"n_states": 2, "alpha": 0.1},
    "rock-paper-scissors": {},
    "sioux-falls": {"n_agents": 50, "policies": "destination"},
    "stag-hunt": {},
    "stochastic-congestion": {"n_agents": 2},
    "stochastic-congestion tableless": {"n_agents": 2, "layers": 1, "representation": "congestion"},
    "stochastic-congestion-published": {"n_agents": 2},
    "two-link-congestion": {},
}
# without joint states that play could be sampled through
ROADS = {"braess", "networked-traffic", "pigou", "sioux-falls"}
# that do not discount, where nothing stops at a geometric time
UNDISCOUNTED = {"constrained-grid"}
# by destination, whose gaps bound what a price-taker would gain from above only
PRICE_TAKING = {"sioux-falls"}
ORACLES = {                                      # the games that each oracle can serve
    "exact": set(SMALL),
    "one-sample": set(SMALL) - ROADS,
    "price-taking": ROADS,
    "rollouts": set(SMALL) - ROADS - UNDISCOUNTED,
    "sampled": set(SMALL) - ROADS,
    "soft": set(SMALL) - ROADS - {"anonymous-congestion"},
    "trajectory": set(SMALL) - ROADS - {"anonymous-congestion"},
    "published-congestion": {"stochastic-congestion-published"},
    "published-distancing": {"distancing"},
}
# Games that others of their representation stand for: to a rule they are views (`test_views.py`).
ALIKE = {"battle-of-the-sexes", "chicken", "constrained-grid", "coordination", "el-farol",
         "energy-demand-response", "facility-congestion", "flat-region", "load-balancing",
         "loop-congestion", "matching-pennies", "networked-traffic", "perturbed-team",
         "pollution-tax", "prisoners-dilemma", "public-goods", "random-cooperative",
         "random-general-sum", "random-potential", "rock-paper-scissors", "stag-hunt"}
PARAMETERS = {"one-sample": {"horizon": 4, "explore": 0.1},
              "rollouts": {"episodes": 3, "cap": 4},
              "sampled": {"episodes": 3, "horizon": 4},
              "trajectory": {"steps": 4, "explore": 0.1},
              "published-congestion": {"samples": 2, "horizon": 3},
              "published-distancing": {"samples": 2, "horizon": 3}}
PACKAGES = [module.name for module in pkgutil.iter_modules(representations.__path__)
            if module.ispkg and module.name != "zoo"]
RUNS = 3                                         # as many as no game has agents
# Soft values are a view like any other: one rule stands for those that learn from them.
LEARNERS = dict.fromkeys(ORACLES, SOLVED) | {"soft": ("inpg-entropy",)}
CASES = [(rule, game, oracle) for oracle in ORACLES for rule in LEARNERS[oracle]
         for game in sorted(ORACLES[oracle] - ALIKE)]
CASES += [("inpg", game, "exact") for game in sorted(ALIKE)]
CASES += [(rule, "two-link-congestion", "exact") for rule in pt.rules.names()
          if rule not in {*SOLVED, *LEARNERS["soft"]}]


def small(label):
    """A game of the table without its name, which is part of what is compiled: games of the same
    shapes then share it."""
    game = pt.games.make(label.split()[0], **SMALL[label])
    return dataclasses.replace(game, name="game", recipe=None)


def test_every_registered_game_and_oracle_is_in_the_table():
    known = {label.split()[0] for label in SMALL}
    assert set(pt.games.names()) - known == set(), \
        "add a line for each to SMALL in tests/conformance/test_conformance.py"
    assert known - set(pt.games.names()) == set(), \
        "no such game: tests/test_package.py says which line is missing in REGISTRY"
    assert set(ORACLES) == set(pt.oracles.names())


def test_every_class_of_games_is_in_the_table(games):
    """Whose best responses and files the tests below then hold against the certificate."""
    modules = [importlib.import_module(f"potentia.games.{name}.game") for name in PACKAGES]
    classes = {cls for module in modules for cls in vars(module).values() if isinstance(cls, type)
               and cls.__module__ == module.__name__ and hasattr(cls, "evaluate")}
    assert {type(game) for game in games.values()} == classes


@pytest.mark.parametrize("package", PACKAGES)
def test_every_representation_has_a_certificate_of_its_own(package):
    """By its data class: one without is certified by its table, which hides that it has none."""
    assert f"potentia.games.{package}.data" in {data.__module__ for data in (*PROBLEMS, RoadData)}


@pytest.mark.parametrize("game", SMALL)
def test_best_responses_lie_within_the_certificate(game, games, starts):
    response = games[game].best_response(starts[game])
    certificate = pt.certify(games[game], np.asarray(starts[game]))
    gain, error = np.asarray(response.gain), np.asarray(response.error)
    slack = 1e-12 * (1 + np.abs(certificate.values).max())
    assert (gain >= -error).all()
    assert (gain + error >= certificate.per_agent_lower - slack).all()
    if game not in PRICE_TAKING:
        assert (gain <= certificate.per_agent + error + slack).all()


@pytest.mark.parametrize("game", SMALL)
def test_every_game_has_a_file(game, games, tmp_path):
    pt.io.save_game(games[game], tmp_path / "game.npz")
    read = pt.io.load_game(tmp_path / "game.npz")
    assert type(read) is type(games[game])
    for ours, theirs in zip(jax.tree.leaves(games[game]), jax.tree.leaves(read), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.fixture(scope="module")
def games():
    return {label: small(label) for label in SMALL}


@pytest.fixture(scope="module")
def starts(games):
    """A random profile of each game, drawn once: the draw takes as long to compile as many a
    rule."""
    return {name: game.initial_profile("random", jax.random.key(0)) for name, game in games.items()}


@pytest.mark.parametrize("game", SMALL)
def test_random_starts_are_profiles_and_differ(game, games):
    result = pt.solve(games[game], pt.rules.INPG(step_size=1e-3), initial="random",
                      max_iterations=0, runs=RUNS)
    mask = np.asarray(games[game].mask)
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1, atol=1e-12)
    assert ((result.profile > 0) == mask).all()
    assert not np.allclose(result.profile[0], result.profile[1])


@pytest.mark.parametrize(("rule", "game", "oracle"), CASES)
def test_conformance(rule, game, oracle, games, starts):
    result = pt.solve(games[game], made(rule, 1e-3),
                      pt.oracles.make(oracle, **PARAMETERS.get(oracle, {})), initial=starts[game],
                      max_iterations=5,
                      runs=RUNS, check_every=5)
    mask = np.asarray(games[game].mask)
    assert result.profile.shape == (RUNS, *mask.shape)
    assert result.profile.dtype == np.float64
    np.testing.assert_allclose(result.profile.sum(axis=-1), 1, atol=1e-12)
    assert (result.profile >= 0).all()
    assert (result.profile[:, ~mask] == 0).all()
    # Five steps of the others may lead from a random profile to a pure equilibrium.
    ends = {pt.Status.MAX_ITERATIONS, pt.Status.SMALL_STEP}
    assert set(result.status) <= (ends if rule in SOLVED else ends | {pt.Status.CONVERGED})
    assert (result.history["nash_gap"][:, 0] > -1e-9).all()
    assert result.history["policy_step"].shape[0] == RUNS
    first = result.history["nash_gap"][:, 0]
    assert np.isfinite(first).all()
