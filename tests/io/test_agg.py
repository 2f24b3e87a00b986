"""Gambit's .agg files: against a count of every joint action by hand, and against pygambit."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import potentia as pt
from potentia.games.tabular.payoffs import tables_of

pygambit = pytest.importorskip("pygambit")

TWO = """#AGG
# Two agents choose between two nodes.
2
2
0
2 2
0 1
0 1
# each node's neighbours
2 0 1
2 1 0
0 35.5 -3.25
0 -10.25 95
"""
FUNCTIONS = {"0": lambda counts: sum(counts.values()),
             "1": lambda counts: int(bool(counts)),
             "2": lambda counts: max(counts, default=6),
             "3": lambda counts: min(counts, default=6),
             "10 0 [2 0 1 3]": lambda counts: sum([2, 0, 1, 3][k] * n for k, n in counts.items()),
             "11 0 [0 1 0 2]": lambda counts: int(any([0, 1, 0, 2][k] for k in counts)),
             "12 7 [1 1 4 5]": lambda counts: max(([1, 1, 4, 5][k] for k in counts), default=7),
             "13 0 [1 2 2 9]": lambda counts: min(([1, 2, 2, 9][k] for k in counts), default=0)}


def written(place: Path, text: str) -> Path:
    path = place / "game.agg"
    path.write_text(text)
    return path


def by_hand(signatures: tuple[str, str], kind: int, seed: int) -> tuple[str, np.ndarray]:
    """An action-graph game of three agents on four action nodes and two functions: its file, and
    the payoffs [N, A1, A2, A3] of every joint action, counted one after another."""
    rng = np.random.default_rng(seed)
    choices = [(0, 1, 3), (1, 2), (0, 2, 3)]
    near = [sorted(rng.choice(6, size=rng.integers(1, 5), replace=False).tolist())
            for _ in range(4)]
    near += [sorted(rng.choice(4, size=rng.integers(1, 4), replace=False).tolist())
             for _ in range(2)]
    pays: list[dict[tuple[int, ...], float]] = [{} for _ in range(4)]
    table = np.zeros((3, 3, 2, 3))
    for joint in itertools.product(*(range(len(nodes)) for nodes in choices)):
        chosen = Counter(nodes[k] for nodes, k in zip(choices, joint, strict=True))
        values = {k: chosen[k] for k in range(4)}
        for place, signature in enumerate(signatures):
            values[4 + place] = FUNCTIONS[signature](
                {k: chosen[k] for k in near[4 + place] if chosen[k]})
        for agent, k in enumerate(joint):
            node = choices[agent][k]
            seen = tuple(values[other] for other in near[node])
            paid = pays[node].setdefault(seen, round(float(rng.normal()), 3))
            table[agent, *joint] = paid
    lines = ["#AGG", "3", "4", "2", " ".join(str(len(nodes)) for nodes in choices)]
    lines += [" ".join(map(str, nodes)) for nodes in choices]
    lines += [f"{len(nodes)} " + " ".join(map(str, nodes)) for nodes in near]
    lines += ["# functions", *signatures]
    for node in range(4):
        rows = sorted(pays[node].items())
        lines += (["0 " + " ".join(str(paid) for _, paid in rows)] if kind == 0 else
                  [f"1 {len(rows)}", *(f"[{' '.join(map(str, seen))}] {paid}"
                                       for seen, paid in rows)])
    return "\n".join(lines) + "\n", table


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize("signatures", [
    ("0", "1"), ("2", "3"), ("10 0 [2 0 1 3]", "11 0 [0 1 0 2]"),
    ("12 7 [1 1 4 5]", "13 0 [1 2 2 9]")])
def test_every_joint_action_is_paid_as_by_hand_and_by_gambit(tmp_path, signatures, kind):
    for seed in range(3):
        text, table = by_hand(signatures, kind, seed)
        ours = np.stack(tables_of(pt.io.read_agg(written(tmp_path, text))))
        np.testing.assert_array_equal(ours, table)
        theirs = pygambit.read_agg(io.BytesIO(text.encode())).to_arrays()
        np.testing.assert_array_equal(np.vectorize(float)(np.stack(theirs)), table)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_lines_may_end_as_on_other_systems(tmp_path, end):
    path = tmp_path / "game.agg"
    path.write_bytes(TWO.replace("\n", end).encode())
    np.testing.assert_array_equal(tables_of(pt.io.read_agg(path)),
                                  tables_of(pt.io.read_agg(written(tmp_path, TWO))))
    path.write_bytes(TWO.replace("35.5", "x").replace("\n", end).encode())
    with pytest.raises(pt.InputError, match="line 12: 'x', but"):
        pt.io.read_agg(path)


def test_two_agents_and_two_nodes(tmp_path):
    """Configurations (1, 1) and (2, 0) in this order, the own node's count first."""
    game = pt.io.read_agg(written(tmp_path, TWO))
    assert np.stack(tables_of(game)).tolist() == [[[-3.25, 35.5], [-10.25, 95]],
                                                  [[-3.25, -10.25], [35.5, 95]]]
    assert (game.name, game.n_states, float(game.discount)) == ("game", 1, 0.0)


@pytest.mark.parametrize(("old", "new", "why"), [
    ("#AGG", "AGG", "line 1: 'AGG', but an .agg file begins with #AGG"),
    ("#AGG", "#BAGG", "in a Bayesian game (#BAGG) agents have private types"),
    ("2\n2\n0\n2 2", "2\n2\n0\n2 3", "line 6: 3, but a whole number from 1 to 2"),
    ("2\n2\n0\n2 2\n0 1", "2\n2\n0\n2 2\n0 0", "line 7: node 0 stands twice"),
    ("\n0 1\n0 1", "\n0 1\n0 2", "line 8: 2, but a whole number from 0 to 1"),
    ("2 1 0", "2 1 7", "line 11: 7, but a whole number from 0 to 1"),
    ("-3.25", "nan", "line 12: 'nan', but a finite number"),
    ("-10.25 95\n", "-10.25\n", "line 13: the file ends after 1 of 2 payoffs of action node 1"),
    ("-10.25 95", "-10.25 95 7", "line 13: '7' follows a payoff, the last of the file"),
    ("0 35.5", "2 35.5", "line 12: the payoffs of action node 0 are of type 2, but types 0 and 1"),
    ("0 35.5 -3.25", "1 1 [1 1] 3", "action node 0 has no payoff at [2, 0], which can be"),
    ("0 35.5 -3.25", "1 2 [1 1] 3 [1 1] 4", "the configuration [1, 1] of action node 0 stands"),
    ("0 35.5 -3.25", "1 2 [1] 3", "line 12: 1 counts, but action node 0 has 2 neighbours"),
    ("0 35.5 -3.25", "1 2 [1 1 3", "line 13"),
    ("\n2\n2\n0\n2 2\n", "\n40\n2\n0\n" + "2 " * 40, "line 6: n_agents=40 needs a table of at "),
    ("\n2\n2\n0\n2 2\n", "\n2\n1000000\n0\n200 200\n",
     "line 6: 40,000 joint actions need the counts of 1,000,000 nodes each, 160,000 MB"),
])
def test_damage_is_one_line_with_its_place(tmp_path, old, new, why):
    assert old in TWO
    path = written(tmp_path, TWO.replace(old, new, 1))
    with pytest.raises(pt.InputError) as told:
        pt.io.read_agg(path)
    assert str(told.value).startswith(f"{path}, line ")
    assert why in str(told.value)


@pytest.mark.parametrize(("signature", "why"), [
    ("4", "function node 2 is of type 4, but types are 0 to 3 and 10 to 13"),
    ("11 -1 [1 1]", "-1, but a whole number from 0 to 1000000000"),
    ("10 1 [1 1]", "has the default 1, which Gambit adds for each player"),
    ("12 0 [2 1]", "weights of which Gambit and its documentation make different games"),
    ("13 1 [1 2]", "weights of which Gambit and its documentation make different games"),
])
def test_functions_that_are_not_agreed_upon_are_refused(tmp_path, signature, why):
    text = TWO.replace("\n2\n2\n0\n", "\n2\n2\n1\n")
    text = text.replace("2 1 0\n", f"2 1 0\n2 0 1\n{signature}\n")
    with pytest.raises(pt.InputError, match="line 13") as told:
        pt.io.read_agg(written(tmp_path, text))
    assert why in str(told.value)


def test_functions_of_functions_are_refused(tmp_path):
    text = TWO.replace("\n2\n2\n0\n", "\n2\n2\n1\n").replace("2 1 0\n", "2 1 0\n1 2\n0\n")
    with pytest.raises(pt.InputError, match="line 12: function node 2 has the function node 2"):
        pt.io.read_agg(written(tmp_path, text))
