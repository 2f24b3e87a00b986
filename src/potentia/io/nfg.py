"""Gambit's files of strategic games (.nfg), by payoffs and by outcomes; Gambit is not needed.

Format: Gambit's documentation, "The strategic game (.nfg) file format". In the order of the
payoffs, the first agent's action changes first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from potentia.console.text import counted, there_are
from potentia.errors import InputError, known_name, shown
from potentia.games.joint_table import as_table
from potentia.games.limits import check_table
from potentia.games.tabular.game import MarkovGame
from potentia.games.tabular.payoffs import tables_of
from potentia.io.atomic import write_text
from potentia.io.directories import cannot_write
from potentia.io.read import as_path, naming
from potentia.io.text_lines import read_text
from potentia.io.words import Words
from potentia.names import from_labels, labels_of

WORDS = re.compile(r'"(?:[^"\\]|\\.)*"|[{},]|[^\s{},"]+|"', re.DOTALL)
VERSIONS = ("payoffs", "outcomes")


def read_nfg(path: str | Path) -> MarkovGame:
    """The game in a .nfg file of either version, played once: one state, discount 0.

    Labels are the names of agents and actions, unless they are but 1, 2, ..., or one is empty.
    Fractions and decimals become the nearest float64; that this is another number is noted. Raises
    InputError naming the file and the line, and what was expected there; labels must differ.
    """
    path = as_path(path)
    words = Words(path, read_text(path), WORDS)
    title, players = _prologue(words)
    strategies = _strategies(words, len(players))
    counts = tuple(own if isinstance(own, int) else len(own) for own in strategies)
    if words.ahead.startswith('"'):
        _quoted(words, "a comment")
    try:
        check_table(len(counts), 1, counts)
    except InputError as error:
        raise words.error(str(error)) from None
    body = _outcomes if words.ahead == "{" else _payoffs
    payoffs = body(words, counts)
    words.tell_rounded()
    with naming(path):
        agents = from_labels([players])
        return MarkovGame.from_payoffs(
            *(payoffs[:, agent].reshape(counts, order="F") for agent in range(len(counts))),
            name=" ".join(title.splitlines()) or path.stem, agents=agents and agents[0],
            actions=from_labels([own if isinstance(own, list) else labels_of((), own)
                                 for own in strategies]))


def write_nfg(game: object, path: str | Path, version: str = "payoffs") -> None:
    """Write a game that is played once as a .nfg file, which appears whole or not at all.

    version: "payoffs" lists those of each joint action; "outcomes" numbers the joint payoffs, and
    says of each joint action which it leads to. Reading gives the same bits back, whichever it is.

    Agents and actions without names are called 1, 2, .... Raises InputError for a game that is not
    played once, or has no table, and where `path` cannot be written.
    """
    path = as_path(path)
    known_name(version, VERSIONS, "version")
    table = as_table(game, "a .nfg file holds")
    payoffs = np.stack([one.ravel(order="F") for one in tables_of(table)], axis=1)
    counts = table.action_counts
    players = _braced(map(_label, labels_of(table.names.agents, len(counts))))
    actions = table.names.actions or ((),) * len(counts)
    labels = "\n".join(_braced(map(_label, labels_of(own, count)))
                       for own, count in zip(actions, counts, strict=True))
    body = _by_payoffs(payoffs) if version == "payoffs" else _by_outcomes(payoffs)
    with cannot_write(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, f"NFG 1 R {_label(table.name)} {players}\n{{\n{labels}\n}}\n\n{body}")


def _prologue(words: Words) -> tuple[str, list[str]]:
    """The title, and the names of the players."""
    words.expect("NFG", "as every .nfg file begins")
    words.expect("1", "the version of the format")
    if words.take() not in ("R", "D"):
        raise words.error("after 'NFG 1' neither R nor D, but R was expected")
    title = _quoted(words, "the title of the game")
    return title, _labels(words, "a player")


def _strategies(words: Words, n_agents: int) -> list[int | list[str]]:
    """How many strategies each player has, or their labels."""
    words.expect("{", "the list of the players' strategies")
    found: list[int | list[str]] = []
    while words.ahead not in ("}", ""):
        found.append(_labels(words, "a strategy") if words.ahead == "{"
                     else words.whole("how many strategies a player has", 1))
    words.expect("}", "the end of the list of the players' strategies")
    if len(found) != n_agents:
        raise words.error(f"strategies of {counted(len(found), 'player')}, but there "
                          f"{'is' if n_agents == 1 else 'are'} {n_agents}")
    return found


def _payoffs(words: Words, counts: tuple[int, ...]) -> np.ndarray:
    """[J, N] payoffs, joint actions in the order of the file."""
    sizes = " x ".join(map(str, counts))
    found = words.numbers(int(np.prod(counts)) * len(counts),
                          f"payoffs of {len(counts)} players with {sizes} strategies")
    words.end("a payoff")
    return found.reshape(-1, len(counts))


def _outcomes(words: Words, counts: tuple[int, ...]) -> np.ndarray:
    """[J, N] payoffs, by the number of each joint action's outcome; number 0 pays nothing."""
    words.expect("{", "the list of outcomes")
    paid = [np.zeros(len(counts))]
    while words.ahead not in ("}", ""):
        paid.append(_outcome(words, len(counts)))
    words.expect("}", "the end of the list of outcomes")
    which = [words.whole(f"the number of an outcome: joint action {place + 1:,} of "
                         f"{np.prod(counts):,}", 0, len(paid) - 1)
             for place in range(int(np.prod(counts)))]
    words.end("the number of an outcome")
    return np.stack(paid)[which]


def _outcome(words: Words, n_agents: int) -> np.ndarray:
    """[N] payoffs of the next outcome; commas may stand between them."""
    words.expect("{", "an outcome")
    _quoted(words, "the label of an outcome")
    found = []
    while words.ahead not in ("}", ""):
        found.append(words.numbers(1, "payoffs of an outcome")[0])
        if words.ahead == ",":
            words.take()
    words.expect("}", "the end of an outcome")
    if len(found) != n_agents:
        raise words.error(f"an outcome with {counted(len(found), 'payoff')}, but "
                          f"{there_are(n_agents, 'player')}")
    return np.array(found)


def _labels(words: Words, what: str) -> list[str]:
    """The labels in braces of players or strategies; empty ones may stand several times."""
    words.expect("{", f"the list of labels, each of {what}")
    found: list[str] = []
    seen: set[str] = set()
    while words.ahead not in ("}", ""):
        label = _quoted(words, f"the label of {what}")
        if label and label in seen:
            raise words.error(f"{shown(label)} is the label of {what} twice")
        seen.add(label)
        found.append(label)
    words.expect("}", f"the end of the list of labels, each of {what}")
    if not found:
        raise words.error(f"there is not {what}, but there must be one")
    return found


def _quoted(words: Words, what: str) -> str:
    """The text in quotes that comes next."""
    word = words.take()
    if len(word) < 2 or word[0] != '"':
        told = "a quote that is not closed" if word == '"' else shown(word) if word else "the end"
        raise words.error(f"{told}, but text in quotes was expected, {what}")
    return re.sub(r"\\(.)", r"\1", word[1:-1], flags=re.DOTALL)


def _by_payoffs(payoffs: np.ndarray) -> str:
    return "\n".join(" ".join(map(_number, row)) for row in payoffs.tolist()) + "\n"


def _by_outcomes(payoffs: np.ndarray) -> str:
    """Joint payoffs are told apart by their bits, so that -0.0 and 0.0 are two."""
    number: dict[bytes, int] = {}
    which = [number.setdefault(row.tobytes(), len(number) + 1) for row in payoffs]
    rows = (np.frombuffer(bits, payoffs.dtype).tolist() for bits in number)
    outcomes = (f"{{ {_label(str(place))} {', '.join(map(_number, row))} }}"
                for place, row in enumerate(rows, 1))
    return "{\n" + "\n".join(outcomes) + "\n}\n" + " ".join(map(str, which)) + "\n"


def _braced(texts: Iterable[str]) -> str:
    return f"{{ {' '.join(texts)} }}"


def _label(text: str) -> str:
    """In quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _number(value: float) -> str:
    """The shortest text that reads as the same float64."""
    text = repr(value)
    return text.removesuffix(".0") if value else text
