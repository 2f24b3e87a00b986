"""Example 1 of arXiv 2110.10614: states, loads, moves, endings and the potential, against slow code
and by hand."""

from __future__ import annotations

import itertools

import jax
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from potentia import InputError, MarkovGame, games
from potentia.games.congestion.game import CongestionGame
from potentia.games.graphs import dag
from potentia.games.zoo.stochastic_congestion import build, configurations

# Five nodes, out-degrees 3, 1, 2 and 1: walks of one to four steps.
RAGGED = [("s", "a"), ("s", "b"), ("s", "t"), ("a", "b"), ("b", "c"), ("b", "t"), ("c", "t")]
ON_RAGGED = {"graph": RAGGED, "source": "s", "sink": "t"}


def brute_force(edges: list, n_agents: int, reward: dict, ending: str, at_sink: float) -> dict:
    """{(configuration, next nodes): (rewards, next configuration)} from the source "s" to "t", by
    plain search."""
    ahead = {node: [v for u, v in edges if u == node] for edge in edges for node in edge}
    ahead["t"] = ["s" if ending == "loop" else "t"]
    found, seen, waiting = {}, set(), [("s",) * n_agents]
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        for there in itertools.product(*(ahead[node] for node in here)):
            moves = list(zip(here, there, strict=True))
            pay = [at_sink if u == "t" else reward[u, v](moves.count((u, v))) for u, v in moves]
            found[here, there] = (pay, there)
            waiting.append(there)
    return found


def told(game: MarkovGame, names: list, edges: list, ending: str) -> dict:
    """The same dictionary read off a built game."""
    network = dag(edges, "s", "t")
    targets = game.transitions.targets[:, :, 0]
    found = {}
    for state, joint in itertools.product(range(game.n_states), range(targets.shape[1])):
        actions = np.unravel_index(joint, game.action_counts)
        if not all(game.mask[i, game.information[i, state], a] for i, a in enumerate(actions)):
            continue
        there = []
        for node, action in zip(names[state], actions, strict=True):
            following = network.successors[network.nodes.index(node), action]
            there.append(("s" if ending == "loop" else "t") if node == "t"
                         else network.nodes[following])
        found[names[state], tuple(there)] = (list(game.rewards[state, joint]),
                                             names[targets[state, joint]])
    return found


@st.composite
def networks(draw: st.DrawFn) -> list:
    """Edges of a random acyclic network on up to five nodes, with every node between "s" and
    "t"."""
    nodes = ["s", *"abc"[:draw(st.integers(0, 3))], "t"]
    pairs = list(itertools.combinations(nodes, 2))
    drawn = nx.DiGraph([pair for pair in pairs if draw(st.booleans())])
    drawn.add_edges_from(itertools.pairwise([node for node in nodes if node in drawn
                                             or node in "st"]))
    return draw(st.permutations(list(drawn.edges)))


@settings(max_examples=40, derandomize=True, deadline=None)
@given(edges=networks(), n_agents=st.integers(1, 3), ending=st.sampled_from(["absorbing", "loop"]),
       observe=st.sampled_from(["state", "own"]))
def test_built_games_are_those_of_a_plain_search(edges: list, n_agents: int, ending: str,
                                                 observe: str) -> None:
    reward = {edge: lambda load, k=k: (k + 1.5) / load - 0.25 * k for k, edge in enumerate(edges)}
    network = {"graph": edges, "source": "s", "sink": "t"}
    game = build(n_agents, ending=ending, loop_reward=-0.5, reward=reward, observe=observe,
                 **network)
    names = configurations(n_agents, ending=ending, **network)
    slow = brute_force(edges, n_agents, reward, ending, -0.5 if ending == "loop" else 0.0)
    fast = told(game, names, edges, ending)
    assert fast.keys() == slow.keys()
    for move, (pay, there) in slow.items():
        np.testing.assert_allclose(fast[move][0], pay, rtol=1e-15, atol=0)
        assert fast[move][1] == there
    assert names[int(np.argmax(game.initial))] == ("s",) * n_agents


def test_absent_actions_lead_nowhere_and_pay_nothing() -> None:
    game = build(2, **ON_RAGGED)
    names = configurations(2, **ON_RAGGED)
    assert game.action_counts == (3, 3)
    for state, (first, second) in enumerate(names):
        degrees = {"s": 3, "a": 1, "b": 2, "c": 1, "t": 1}
        assert game.mask[0, state].tolist() == [k < degrees[first] for k in range(3)]
        assert game.mask[1, state].tolist() == [k < degrees[second] for k in range(3)]
    state = names.index(("b", "c"))
    rewards = game.rewards[state].reshape(3, 3, 2)
    assert rewards[:2, 0].tolist() == [[1, 1], [1, 1]]           # two nodes: no edge is shared
    assert not rewards[2].any()
    assert not rewards[:, 1:].any()


@pytest.mark.parametrize(("n_agents", "layers", "width", "count"), [
    (1, 2, 2, 6), (2, 2, 2, 10), (4, 2, 2, 34), (8, 2, 2, 514), (3, 1, 3, 29), (2, 4, 2, 18)])
def test_reachable_states_are_counted_by_layer(n_agents: int, layers: int, width: int,
                                               count: int) -> None:
    game = build(n_agents, layers, width)
    assert game.n_states == count == 2 + layers * width**n_agents
    assert game.sweeps == layers + 2  # states on a walk, the last one included


def test_all_configurations_are_every_node_of_every_agent() -> None:
    game = build(4, states="all")
    names = configurations(4, states="all")
    assert game.n_states == len(set(names)) == 6**4
    assert names == sorted(names, key=lambda c: [("s", "1.1", "1.2", "2.1", "2.2", "t").index(v)
                                                 for v in c])
    assert np.flatnonzero(game.initial).tolist() == [0]
    assert game.absorbing.tolist() == [False] * 1295 + [True]


@pytest.mark.usefixtures("x64")
def test_the_whole_space_values_the_reachable_states_alike() -> None:
    some, every = build(2), build(2, states="all")
    place = [configurations(2, states="all").index(names) for names in configurations(2)]
    evaluate = jax.jit(MarkovGame.evaluate)
    profile = random_profile(every)
    whole, part = evaluate(every, profile), evaluate(some, profile[:, place])
    np.testing.assert_allclose(whole.q[:, place], part.q, rtol=0, atol=1e-14)
    np.testing.assert_allclose(whole.visitation[:, place], part.visitation, rtol=0, atol=1e-15)


def test_loads_of_the_papers_network_by_hand() -> None:
    game = build(3)
    names = configurations(3)
    assert names[0] == ("s", "s", "s")
    assert names[1:3] == [("1.1", "1.1", "1.1"), ("1.1", "1.1", "1.2")]
    assert names[-1] == ("t", "t", "t")
    start = game.rewards[0].reshape(2, 2, 2, 3)
    np.testing.assert_allclose(start[0, 0, 0], [1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(start[0, 1, 0], [1 / 2, 1, 1 / 2])
    # At ("1.1", "1.1", "1.2") the third agent shares a next node with others, but never an edge.
    apart = game.rewards[2].reshape(2, 2, 2, 3)
    np.testing.assert_allclose(apart[0, 0, 0], [1 / 2, 1 / 2, 1])
    np.testing.assert_allclose(apart[0, 1, 1], [1, 1, 1])
    before_last = game.rewards[names.index(("2.1", "2.1", "2.2"))].reshape(2, 2, 2, 3)
    np.testing.assert_allclose(before_last[0, 0, 0], [1 / 2, 1 / 2, 1])
    assert not before_last.reshape(8, 3)[1:].any()


def random_profile(game: MarkovGame, seed: int = 0) -> np.ndarray:
    weights = np.random.default_rng(seed).random(game.mask.shape) * game.mask
    return weights / weights.sum(axis=-1, keepdims=True)


def values(game: MarkovGame, profile: np.ndarray) -> np.ndarray:
    """[N] values from the initial distribution, of policies that see the state."""
    return np.asarray(jax.jit(MarkovGame.evaluate)(game, profile).v) @ game.initial


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("discount", [None, 0.5, 1])
def test_value_of_two_uniform_agents_by_hand(discount: float | None) -> None:
    game = build(2, discount=discount)
    gamma = 0.99 if discount is None else discount
    # They share an edge with probability 1/2 at s, 1/4 in the first layer and 1/2 (surely, if
    # together) in the last.
    expected = 0.75 + gamma * 0.875 + gamma**2 * 0.75
    uniform = game.mask / game.mask.sum(axis=-1, keepdims=True)
    np.testing.assert_allclose(values(game, uniform), [expected, expected], rtol=1e-14)


@pytest.mark.usefixtures("x64")
def test_value_of_one_agent_on_the_loop_by_hand() -> None:
    game = build(1, ending="loop", loop_reward=5.0, discount=0.9)
    assert game.sweeps is None
    assert not game.absorbing.any()
    expected = (1 + 0.9 + 0.9**2 + 5 * 0.9**3) / (1 - 0.9**4)
    np.testing.assert_allclose(values(game, random_profile(game)), [expected], rtol=1e-14)


def test_the_loop_takes_agents_back_alone() -> None:
    game = build(3, ending="loop", loop_reward=7.0, reward_scale=2.0)
    last = game.n_states - 1
    np.testing.assert_array_equal(game.rewards[last, 0], [7, 7, 7])       # whatever the load
    assert game.transitions.targets[last, 0, 0] == 0
    assert game.mask[:, last].tolist() == [[True, False]] * 3
    np.testing.assert_allclose(game.rewards[0, 0], 2 / 3)  # the scale is the edges' alone


def test_the_absorbing_end_waits_for_the_last_agent() -> None:
    game, names = build(2, **ON_RAGGED), configurations(2, **ON_RAGGED)
    assert [name for name, ends in zip(names, game.absorbing, strict=True) if ends] == [("t", "t")]
    early = names.index(("t", "c"))
    np.testing.assert_array_equal(game.rewards[early, 0], [0, 1])
    assert game.sweeps == 5                                               # s a b c t


def test_play_ends_at_discount_1() -> None:
    assert build(3, discount=1).undiscounted
    assert build(2, discount=1, states="all", start="uniform", **ON_RAGGED).undiscounted


def test_starts() -> None:
    uniform = build(2, start="uniform").initial
    np.testing.assert_array_equal(uniform, [1 / 9] * 9 + [0])
    np.testing.assert_array_equal(build(2, start="uniform", ending="loop").initial, [1 / 10] * 10)
    np.testing.assert_array_equal(build(2, start="uniform", states="all").initial[:-1],
                                  [1 / 35] * 35)
    given_start = np.eye(10)[3]
    np.testing.assert_array_equal(build(2, start=given_start).initial, given_start)


def test_rewards_by_load_and_by_edge() -> None:
    table = build(2, reward=[50, 15], reward_scale=0.1).rewards[0].reshape(2, 2, 2)
    np.testing.assert_allclose(table, [[[1.5, 1.5], [5, 5]], [[5, 5], [1.5, 1.5]]])
    np.testing.assert_array_equal(build(3).rewards, build(3, reward=lambda load: 1 / load).rewards)
    by_edge = {edge: np.array([k, -k]) for k, edge in enumerate(RAGGED)}
    start = build(2, reward=by_edge, **ON_RAGGED).rewards[0].reshape(3, 3, 2)
    assert start[:, :, 0].tolist() == [[0, 0, 0], [1, -1, 1], [2, 2, -2]]
    assert start[:, :, 1].tolist() == [[0, 1, 2], [0, -1, 2], [0, 1, -2]]


def test_agents_may_see_their_own_node_only() -> None:
    game, names = build(3, observe="own"), configurations(3)
    nodes = ("s", "1.1", "1.2", "2.1", "2.2", "t")
    assert [tuple(nodes[h] for h in column) for column in game.information.T] == names
    assert game.mask.shape == (3, 6, 2)
    assert game.mask[0].tolist() == [[True, True]] * 3 + [[True, False]] * 3
    assert game.separable
    assert not game.full_information


@pytest.mark.parametrize("start", ["source", "uniform"])
def test_own_nodes_are_separable_from_the_source_only(start: str) -> None:
    assert build(2, observe="own", start=start).separable == (start == "source")


def test_nodes_that_do_not_tell_the_time_are_not_separable() -> None:
    assert not build(2, observe="own", ending="loop", **ON_RAGGED).separable


POTENTIAL = {
    "the paper's": {}, "uniform start": {"start": "uniform"},
    "loop": {"ending": "loop", "loop_reward": 0.3},
    "discount 1": {"discount": 1}, "loop on all": {"ending": "loop", "states": "all", **ON_RAGGED},
    "ragged": {"reward": {edge: lambda load, k=k: k - load**1.5 for k, edge in enumerate(RAGGED)},
               **ON_RAGGED}}


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize("case", POTENTIAL)
def test_the_rosenthal_sum_is_an_exact_potential_of_own_node_policies(case: str) -> None:
    game = build(3, observe="own", **POTENTIAL[case])
    seeing = build(3, **POTENTIAL[case])  # the same game with values by state
    here, there = random_profile(game, 1), random_profile(game, 2)
    potential = jax.jit(MarkovGame.potential)

    def outcome(profile: np.ndarray) -> np.ndarray:
        """Values of the three agents, then the potential."""
        by_state = np.stack([profile[i, game.information[i]] for i in range(3)])
        return np.append(values(seeing, by_state), potential(game, profile))

    for agent in range(3):
        moved = here.copy()
        moved[agent] = there[agent]
        change = outcome(moved) - outcome(here)
        assert abs(change[agent]) > 1e-4
        assert change[-1] == pytest.approx(change[agent],
                                           abs=1e-12 * (1 + np.abs(outcome(here)).max()))


def test_policies_of_the_state_carry_no_potential_but_for_two_agents_with_common_rewards() -> None:
    assert build(3).stage_potential is None
    game = build(2)
    np.testing.assert_array_equal(game.stage_potential, game.rewards[:, :, 0])
    assert build(2, reward=[1.0, 0.2], **ON_RAGGED).stage_potential is None


FLAT = (1, 1, 1, 1)
REFUSED = {
    "no agents": ({"n_agents": 0}, r"n_agents is 0, but it must be at least 1"),
    "half an agent": ({"n_agents": 2.5}, r"n_agents is 2\.5, not a whole number"),
    "no layers": ({"layers": 0}, r"layers is 0"),
    "no width": ({"width": 0}, r"width is 0"),
    "an unknown ending": ({"ending": "lop"}, r"unknown ending 'lop'; did you mean 'loop'\?"),
    "an endless game at discount 1": ({"ending": "loop", "discount": 1},
                                      r"discount is 1, but with ending='loop' play never ends"),
    "a discount above 1": ({"discount": 1.5}, r"discount is 1\.5, but it must lie in \[0, 1\]"),
    "an infinite reward on the loop": ({"ending": "loop", "loop_reward": np.inf},
                                       r"loop_reward is inf"),
    "a scale of 0": ({"reward_scale": 0}, r"reward_scale is 0, but it must be positive"),
    "rewards for too few loads": ({"reward": [1, 0.5]},
                                  r"reward has length 2, but it needs a value for each load "
                                  r"1\.\.4"),
    "a reward that is not finite": ({"reward": lambda load: 1 / (3 - load) if load != 3
                                     else np.inf},
                                    r"reward at load 3 is inf, not a finite number"),
    "a reward that is no number": ({"reward": [1, 2, "x", 4]},
                                   r"reward at load 3 is 'x', not a number"),
    "a reward as text": ({"reward": "1/load"},
                         r"reward is '1/load', but it must be a function of the load"),
    "one reward": ({"reward": 3.0}, r"reward is 3\.0, but it must be a function of the load"),
    "an edge without reward": ({"reward": dict.fromkeys(RAGGED[1:], FLAT), **ON_RAGGED},
                               r"reward says nothing of the edge 's' -> 'a'"),
    "rewards for no edge": ({"reward": {("s", "c"): FLAT}, **ON_RAGGED},
                            r"reward names the edge 's' -> 'c', which the graph does not have"),
    "a bad reward of one edge": ({"reward": {**dict.fromkeys(RAGGED, FLAT), ("b", "c"): [1]},
                                  **ON_RAGGED},
                                 r"reward\['b' -> 'c'\] has length 1, but"),
    "an unknown start": ({"start": "sink"}, r"unknown start 'sink'"),
    "a start of the wrong length": ({"start": [1.0]},
                                    r"initial has shape \(1,\), but it must be \(34,\)"),
    "unknown states": ({"states": "some"}, r"unknown states 'some'; known: all, reachable"),
    "unknown information": ({"observe": "owl"}, r"unknown observe 'owl'; did you mean 'own'\?"),
    "a graph without a source": ({"graph": RAGGED, "sink": "t"}, r"graph needs source="),
    "a source without a graph": ({"source": "s"},
                                 r"source and sink name nodes of graph=, but no graph is given"),
    "a cycle": ({**ON_RAGGED, "graph": [*RAGGED, ("c", "a")]},
                r"graph has the cycle 'a' -> 'b' -> 'c' -> 'a'"),
    "a table of too many states": ({"n_agents": 13, "representation": "tabular"},
                                   r"n_agents=13 needs a table of at least 16,386 states x 8,192 "
                                   r"joint actions, 16,108 "
                                   r"MB, but the limit is 2,000 MB; representation='congestion' "
                                   r"needs no table$"),
    "a table of all configurations": ({"n_agents": 8, "states": "all", "representation": "tabular"},
                                      r"1,679,616 states x 256 joint actions"),
    "a table of too many joint actions": ({"n_agents": 60, "representation": "tabular"},
                                          r"10\^18 states x 10\^18 joint actions"),
    "a table of local policies": ({"n_agents": 12, "observe": "own"}, r"the limit is 2,000 MB$"),
    "a table of more axes than there are": ({"n_agents": 10**6, "representation": "tabular"},
                                            r"^n_agents is 1,000,000, .* cannot be listed; "
                                            r"'anonymous-congestion'"),
    "more states than memory": ({"n_agents": 60},
                                r"^60 agents have 10\^18 joint states, .* 'anonymous-congestion'"),
    "a table of 63 axes": ({"n_agents": 63, "representation": "tabular"},
                           r"n_agents is 63, but .* at most 62; representation='congestion'"),
    "a million agents": ({"n_agents": 10**6},
                         r"^n_agents is 1,000,000, .* cannot be listed; 'anonymous-congestion'"),
    "an unknown representation": ({"representation": "table"},
                                  r"^unknown representation 'table'; did you mean 'tabular'\?$"),
    "local policies without a table": ({"observe": "own", "representation": "congestion"},
                                       r"^observe='own' needs representation='tabular': in a "
                                       r"congestion game agents"),
    "more configurations than numbers": ({"n_agents": 62, "layers": 40, "width": 1},
                                         r"62 agents on 42 nodes have more configurations than can "
                                         r"be numbered"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_parameters_are_refused_by_name(case: str) -> None:
    parameters, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        build(**parameters)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("n_agents", "given", "kind"), [
    (6, {}, MarkovGame), (7, {}, CongestionGame),
    (2, {"representation": "congestion"}, CongestionGame),
    (7, {"representation": "tabular"}, MarkovGame), (7, {"observe": "own"}, MarkovGame),
    (5, {"states": "all"}, CongestionGame), (10, {}, CongestionGame),
    (2, {"shards": 2}, CongestionGame)])
def test_small_games_are_tables_and_large_ones_are_not(n_agents: int, given: dict,
                                                       kind: type) -> None:
    game = build(n_agents, **given)
    assert type(game) is kind
    count = len(game.codes) if isinstance(game, CongestionGame) else game.n_states
    assert count == (6**n_agents if "states" in given else 2 + 2 * 2**n_agents)


def test_the_registry_builds_it() -> None:
    game = games.make("stochastic-congestion", n_agents=3)
    assert game.name == "stochastic-congestion"
    assert game.recipe == ("stochastic-congestion", (("n_agents", 3),))


@pytest.mark.parametrize(("reward", "message"), [
    (np.array(1.0),
     r"^reward is array\(1\.\), but it must be a function of the load or a sequence"),
    (b"12", r"^reward is b'12', but it must be a function"),
    (lambda load: 1 / (load - 1), r"^reward at load 1 cannot be computed: ZeroDivisionError: "),
    (lambda: 1, r"^reward at load 1 cannot be computed: TypeError: "),
    (lambda load: None, r"^reward at load 1 is None, not a number"),
    (lambda load: "1", r"^reward at load 1 is '1', not a number"),
    ({("s", "t"): lambda load: [][load]},
     r"^reward\['s' -> 't'\] at load 1 cannot be computed: IndexError"),
])
def test_a_reward_that_is_no_number_is_named(reward: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        build(2, reward=reward, graph=[("s", "t")], source="s", sink="t")
