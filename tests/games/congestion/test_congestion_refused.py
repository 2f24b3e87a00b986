"""What a congestion game is refused for: each fault is named in one line."""

from __future__ import annotations

import numpy as np
import pytest

import potentia as pt
from networks import padded, pays
from potentia.errors import InputError

MOVES = padded([[1, 2], [2], [2]])
REWARDS = pays(MOVES, 2, 0)
BACK = padded([[1, 1], [0]])
REFUSED = {
    "moves as text": ({"moves": "0 1"}, r"^moves holds <U3, not whole numbers$"),
    "moves of different lengths": ({"moves": [[1, 2], [2], [2]]},
                                   r"^moves is not an array: .*inhomogeneous"),
    "moves in halves": ({"moves": MOVES / 2}, r"^moves holds float64, not whole numbers$"),
    "a list of moves": ({"moves": [0, 1]},
                        r"^moves has shape \(2,\), but it must be a table \[V, A\]$"),
    "no moves": ({"moves": np.zeros((0, 2), int)}, r"^moves has shape \(0, 2\)"),
    "a node past the table": ({"moves": [[1, 3], [2, -1], [2, -1]]},
                              r"^moves\[node=0, move=1\] is 3, but there are nodes 0 to 2$"),
    "a node below none": ({"moves": [[1, 2], [-2, -1], [2, -1]]},
                          r"^moves\[node=1, move=0\] is -2, but there are"),
    "a hole": ({"moves": [[-1, 2], [2, -1], [2, -1]]},
               r"^moves\[node=0, move=0\] is -1, but another move comes"),
    "a dead end": ({"moves": [[1, 2], [-1, -1], [2, -1]]},
                   r"^node 1 has no move; an end has one, to itself$"),
    "no agents": ({"n_agents": 0}, r"^n_agents is 0, but it must be at least 1$"),
    "no parts": ({"shards": 0}, r"^shards is 0, but it must be at least 1$"),
    "rewards for one agent": ({"rewards": REWARDS[..., :1]},
                              r"^rewards has shape \(3, 2, 1\), but it must be \(3, 2, 2\), by "
                              r"node, move and load$"),
    "rewards as text": ({"rewards": "1/load"}, r"^rewards holds <U6, not real numbers$"),
    "a reward of nan": ({"rewards": np.where(np.arange(2) == 1, np.nan, REWARDS)},
                        r"^rewards\[node=0, move=0\] at load 2 is nan, not finite$"),
    "too large a discount": ({"discount": 1.5}, r"^discount is 1\.5, but it must lie in \[0, 1\]$"),
    "an endless walk": ({"moves": [[1, 2], [0, -1], [2, -1]]},
                        r"^discount is 1, but play need not end: the network has a cycle; give a "
                        r"discount below 1$"),
    "an endless round": ({"moves": BACK, "rewards": pays(BACK, 2, 0)},
                         r"^discount is 1, but play need not end"),
    "an end that pays": ({"rewards": np.ones((3, 2, 2))}, r"^discount is 1, but play need not end"),
    "a start past the table": ({"start": [0, 3]},
                               r"^start\[0\] puts agent 1 on node 3, but there are nodes 0 to 2$"),
    "starts past the table": ({"start": [[0, 1], [-1, 0]]},
                              r"^start\[1\] puts agent 0 on node -1, but there are"),
    "a start for one": ({
        "start": [0]}, r"^start has shape \(1, 1\), but it must be one node for each of 2 agents$"),
    "starts of different lengths": ({"start": [[0, 0], [1]]},
                                    r"^start is not an array: .*inhomogeneous"),
    "a start by name": ({"start": "source"}, r"^start holds <U6, not whole numbers$"),
    "unknown states": ({"states": "al"}, r"^unknown states 'al'; did you mean 'all'\?$"),
    "an initial by name": ({"initial": "uniform"}, r"^initial holds <U7, not real numbers$"),
    "too short an initial": ({"initial": [1.0]},
                             r"^initial has shape \(1,\), but it must be \(5,\) \[S\]$"),
    "a negative initial": ({"initial": [2.0, -1.0, 0.0, 0.0, 0.0]},
                           r"^initial\[state=1\] is -1, but prob"),
    "half an initial": ({"initial": lambda nodes: np.eye(5)[0] / 2},
                        r"^initial sums to 0\.5, not 1$"),
    "too many states": ({"n_agents": 60, "rewards": np.zeros((3, 2, 60))},
                        r"^60 agents have 10\^\d+ joint states, whose profiles and values need "
                        r"10\^\d+ MB, but this "
                        r"machine has [\d,]+ MB; 'anonymous-congestion' fits identical agents that "
                        r"play alike$"),
    "too large codes": ({"n_agents": 62, "moves": [[1, -1], [2, -1], [2, -1]],
                         "rewards": np.zeros((3, 2, 62))},
                        r"^62 agents on 3 nodes have more configurations than can be numbered$"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_named_in_one_line(case):
    changed, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as caught:
        pt.CongestionGame.from_network(**{"moves": MOVES, "rewards": REWARDS, "n_agents": 2,
                                          "discount": 1.0,
                                          **changed})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: pt.games.make("stochastic-congestion", n_agents=10**21),
     r"n_agents is 10\^21, but joint states"),
    (lambda: pt.games.make("stochastic-congestion", width=10**6),
     r"2 layers of 1,000,000 nodes have 10\^12 edges"),
    (lambda: pt.games.make("stochastic-congestion", layers=10**8),
     r"000 layers of 2 nodes have 400,000,000 edges"),
    (lambda: pt.games.make("stochastic-congestion", n_agents=8, shards=10**7),
     r"shards is 10,000,000, but states are"),
    (lambda: pt.games.make("anonymous-congestion", n_agents=4, width=10**10),
     r"width is 10,000,000,000, but count"),
    (lambda: pt.games.make("anonymous-congestion", n_agents=4, width=1000),
     r"which need 10\^\d+ MB"),
    (lambda: pt.LoadGame.from_loads(np.ones((1, 600, 600)), lambda state, counts: 0, discount=0.9,
                                    n_agents=600),
     r"10\^\d+ count vectors, which need 10\^\d+ MB"),
])
def test_what_is_too_large_by_far_is_refused_in_numbers_that_can_be_read(make, message):
    with pytest.raises(InputError, match=message):
        make()


def test_an_initial_distribution_that_cannot_be_computed_is_named():
    rewards = np.ones((*MOVES.shape, 2))
    with pytest.raises(InputError, match="initial cannot be computed: ZeroDivisionError"):
        pt.CongestionGame.from_network(MOVES, rewards, n_agents=2, discount=0.9,
                                       initial=lambda nodes: 1 / 0)
