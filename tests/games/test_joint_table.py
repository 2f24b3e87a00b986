"""What needs a table takes it from any representation: the same answers."""

import numpy as np
import pytest

import potentia as pt
from potentia.errors import InputError

PAIRS = {
    "congestion": ("stochastic-congestion", {"n_agents": 2}, "congestion"),
    "loads": ("distancing", {"n_agents": 2, "weights": (1, 2)}, "loads"),
}


@pytest.fixture(scope="module", params=PAIRS)
def pair(request):
    name, parameters, other = PAIRS[request.param]
    return [pt.games.make(name, **parameters, representation=representation)
            for representation in ("tabular", other)]


def test_one_verdict(pair):
    table, structured = (pt.potential.classify(game) for game in pair)
    assert table.verdict == structured.verdict
    assert (table.alpha_lower, structured.alpha_lower) == (0, 0) or \
        structured.alpha_lower == pytest.approx(table.alpha_lower, rel=0.5)


def test_one_welfare_and_one_mismatch(pair):
    table, structured = (pt.welfare.report(game, starts=0) for game in pair)
    assert structured.maximum_welfare == pytest.approx(table.maximum_welfare, rel=1e-12)
    coefficients = [pt.theory.report(game).mismatch_coefficient for game in pair]
    assert coefficients[1] == pytest.approx(coefficients[0], rel=1e-9)


def test_one_list_of_pure_equilibria(pair):
    table, structured = map(pt.equilibria.pure, pair)
    assert len(table) == len(structured)
    np.testing.assert_allclose(np.sort(structured.values.sum(axis=1)),
                               np.sort(table.values.sum(axis=1)), rtol=1e-12)
    climbed = pt.equilibria.ascend(pair[1], pair[1].initial_profile("uniform", None))
    certificate = pt.certify(pair[1], climbed.profile)
    assert certificate.nash_gap_lower == 0.0
    assert certificate.nash_gap <= 1e-11 * np.abs(certificate.values).max()


def test_local_policies_of_a_named_game_are_known_whatever_holds_it():
    game = pt.games.make("stochastic-congestion", n_agents=3, representation="congestion")
    assert pt.potential.classify(game, "local").verdict == "PROVEN"


def test_what_has_no_table_is_refused():
    crowd = pt.games.make("anonymous-congestion", n_agents=3)
    with pytest.raises(InputError,
                       match=r"game is a SymmetricCongestionGame, but classify needs a tabular "
                             r"game \(MarkovGame\)"):
        pt.potential.classify(crowd)
