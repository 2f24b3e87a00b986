"""Gambit's files of action-graph games (.agg), read as tables of joint actions; Gambit is not
needed.

In an action-graph game an agent is paid by its action and by the counts of a few others: how many
agents chose each, or functions of these. Format: Gambit's documentation, "The action graph game
(.agg) file format"; games: Jiang, Leyton-Brown and Bhat, Games and Economic Behavior 71, 2011.
"""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np

from potentia.errors import InputError, one_line
from potentia.games.limits import LIMIT_GB, check_table, short
from potentia.games.tabular.game import MarkovGame
from potentia.io.action_graphs import WEIGHTED, Configurations, Function, Graph
from potentia.io.read import as_path, naming
from potentia.io.text_lines import read_text
from potentia.io.words import Words

WORDS = re.compile(r"[\[\]]|[^\s\[\]]+")
COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
MOST_NODES = 1_000_000


def read_agg(path: str | Path) -> MarkovGame:
    """The table of the game in an .agg file, played once: one state, discount 0. An agent's actions
    are its action nodes in the order of the file.

    Function nodes are of types 0 to 3 and 10 to 13, of action nodes alone; payoffs of types 0 and
    1. Raises InputError naming the file and the line: for a table that does not fit, and for
    weights of which Gambit's documentation and Gambit make different games.
    """
    path = as_path(path)
    text = read_text(path)
    if not re.match(r"\s*#AGG\s*$", text.split("\n", 1)[0]):
        first = one_line(text.split("\n", 1)[0], 40)
        raise InputError(f"{path}, line 1: {first!r}, but an .agg file begins with #AGG"
                         + ("; in a Bayesian game (#BAGG) agents have private types"
                            if first.startswith("#BAGG") else ""))
    words = Words(path, COMMENT.sub("", text), WORDS)
    graph = _graph(words)
    tables = _payoffs(words, graph)
    words.end("a payoff")
    words.tell_rounded()
    with naming(path):
        return MarkovGame.from_payoffs(*tables, name=path.stem)


def _graph(words: Words) -> Graph:
    """All but the payoffs."""
    n_agents = words.whole("how many players there are", 1, MOST_NODES)
    n_actions = words.whole("how many action nodes there are", 1, MOST_NODES)
    n_functions = words.whole("how many function nodes there are", 0, MOST_NODES)
    sizes = [words.whole(f"how many actions player {agent} has", 1, n_actions)
             for agent in range(n_agents)]
    _check_size(words, sizes, n_actions + n_functions)
    choices = tuple(_different(words, size, n_actions, f"an action node of player {agent}")
                    for agent, size in enumerate(sizes))
    neighbours = tuple(_neighbours(words, node, n_actions, n_functions)
                       for node in range(n_actions + n_functions))
    functions = tuple(_function(words, node, n_actions, neighbours[n_actions + node])
                      for node in range(n_functions))
    return Graph(n_actions, choices, neighbours, functions)


def _check_size(words: Words, sizes: list[int], n_nodes: int) -> None:
    """Refuse a table that does not fit, and counts of all nodes that do not, before either is
    made."""
    try:
        check_table(len(sizes), 1, sizes)
    except InputError as error:
        raise words.error(str(error)) from None
    counts = 4 * math.prod(sizes) * n_nodes
    if counts > LIMIT_GB * 1e9:
        raise words.error(f"{short(math.prod(sizes))} joint actions need the counts of "
                          f"{short(n_nodes)} nodes each, {short(counts // 10**6)} MB, but the "
                          f"limit is {LIMIT_GB * 1e3:,.0f} MB")


def _different(words: Words, count: int, n_nodes: int, what: str) -> tuple[int, ...]:
    """So many numbers of nodes, each once."""
    found: list[int] = []
    for _ in range(count):
        node = words.whole(what, 0, n_nodes - 1)
        if node in found:
            raise words.error(f"node {node} stands twice, {what}")
        found.append(node)
    return tuple(found)


def _neighbours(words: Words, node: int, n_actions: int, n_functions: int) -> tuple[int, ...]:
    """The nodes whose counts matter to this one."""
    is_function, n_nodes = node >= n_actions, n_actions + n_functions
    count = words.whole(f"how many neighbours node {node} has", int(is_function), n_nodes)
    found = _different(words, count, n_nodes, f"a neighbour of node {node}")
    if is_function and max(found) >= n_actions:
        raise words.error(f"function node {node} has the function node {max(found)} as its "
                          f"neighbour, but only functions of action nodes can be read")
    return found


def _function(words: Words, node: int, n_actions: int, neighbours: tuple[int, ...]) -> Function:
    kind = words.whole(f"the type of function node {n_actions + node}", 0)
    if kind not in (0, 1, 2, 3, 10, 11, 12, 13):
        raise words.error(f"function node {n_actions + node} is of type {kind}, but types are 0 to "
                          f"3 and 10 to 13")
    if kind < WEIGHTED:
        return Function(kind)
    least = 0 if kind == 11 else -10**9
    default = words.whole("the default value of a function", least, 10**9)
    words.expect("[", "the weights of a function")
    weights = tuple(words.whole("a function's weight of an action node", least, 10**9)
                    for _ in range(n_actions))
    words.expect("]", "the end of the weights of a function")
    _check_agreed(words, n_actions + node, kind, default, [weights[k] for k in sorted(neighbours)])
    return Function(kind, default, weights)


def _check_agreed(words: Words, node: int, kind: int, default: int, weights: list[int]) -> None:
    """Refuse what Gambit's documentation and Gambit (16, 17) compute differently.

    Gambit adds the default of a sum once for each player, takes the largest or least weight where
    the documentation has that of the highest or lowest node, and takes a weight that is the default
    for none.
    """
    if kind == 10 and default:
        raise words.error(f"function node {node} has the default {default}, which Gambit adds for "
                          f"each player and its documentation once: a sum can be read without one")
    if kind in (12, 13) and (default in weights or weights != sorted(weights)):
        raise words.error(f"function node {node} has weights of which Gambit and its documentation "
                          f"make different games: they can be read where they rise with the number "
                          f"of the node, and none is the default")


def _payoffs(words: Words, graph: Graph) -> list[np.ndarray]:
    """[A1, ..., AN] payoffs of each agent."""
    tables = [np.zeros(graph.counts) for _ in graph.choices]
    flat = [table.ravel() for table in tables]
    counted = Configurations(graph)
    for node in range(graph.n_actions):
        kind = words.whole(f"the type of the payoffs of action node {node}", 0)
        configurations, where = counted.of(node)
        if kind == 0:
            paid = words.numbers(len(configurations), f"payoffs of action node {node}")
        elif kind == 1:
            paid = _mapped(words, node, configurations)
        else:
            raise words.error(f"the payoffs of action node {node} are of type {kind}, but types 0 "
                              f"and 1 can be read")
        for agent, (rows, which) in where.items():
            flat[agent][rows] = paid[which]
    return tables


def _mapped(words: Words, node: int, configurations: np.ndarray) -> np.ndarray:
    """[K] payoffs that stand beside their configurations [K, neighbours]."""
    found: dict[tuple[int, ...], float] = {}
    for _ in range(words.whole(f"how many payoffs action node {node} has", 0)):
        words.expect("[", f"a configuration of action node {node}")
        counts = []
        while words.ahead not in ("]", ""):
            counts.append(words.whole(f"a count of a configuration of action node {node}", -10**18))
        words.expect("]", f"the end of a configuration of action node {node}")
        if len(counts) != configurations.shape[1]:
            raise words.error(f"{len(counts)} counts, but action node {node} has "
                              f"{configurations.shape[1]} neighbours")
        if tuple(counts) in found:
            raise words.error(f"the configuration {counts} of action node {node} stands twice")
        found[tuple(counts)] = float(words.numbers(1, f"payoffs of action node {node}")[0])
    for counts in configurations.tolist():
        if tuple(counts) not in found:
            raise words.error(f"action node {node} has no payoff at {counts}, which can be")
    return np.array([found[tuple(counts)] for counts in configurations.tolist()])
