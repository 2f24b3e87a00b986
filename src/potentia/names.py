"""What a game's agents, actions and states are called; by number where nobody named them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from potentia.errors import InputError, one_line, printable, shown

SHOWN = 40               # characters of a name in a message or table


@dataclasses.dataclass(frozen=True)
class Names:
    """Names of a game's agents, actions and states. Each may be left out, and is () then.

    agents: [N]. actions: of each agent [A_i]. states: [S].
    """

    agents: tuple[str, ...] = ()
    actions: tuple[tuple[str, ...], ...] = ()
    states: tuple[str, ...] = ()

    def agent(self, number: int) -> str:
        """What messages and tables call the agent: "agent 0", or its name."""
        return _called("agent", self.agents, number)

    def action(self, agent: int, number: int) -> str:
        """The action's name, or its number."""
        own = self.actions[agent] if self.actions else ()
        return one_line(own[number], SHOWN) if number < len(own) else str(number)

    def state(self, number: int) -> str:
        """What messages and tables call the state: "state 0", or its name."""
        return _called("state", self.states, number)

    def place(self, agent: int, state: int) -> str:
        """Where a row of a profile [N, H, A] stands."""
        who = one_line(self.agents[agent], SHOWN) if self.agents else agent
        where = one_line(self.states[state], SHOWN) if self.states else state
        return f"agent={who}, information state={where}"

    def __bool__(self) -> bool:
        """Whether anything is named."""
        return bool(self.agents or self.actions or self.states)


NONE = Names()


@runtime_checkable
class Named(Protocol):
    """A game whose agents, actions or states may have names."""

    @property
    def names(self) -> Names: ...
    @property
    def mask(self) -> Any: ...


def names_of(game: object) -> Names:
    """What a game calls what the axes [N, H, A] of a profile count: states only where all agents
    see them."""
    if not isinstance(game, Named):
        return NONE
    if len(game.names.states) in (0, np.shape(game.mask)[1]):
        return game.names
    return dataclasses.replace(game.names, states=())


def names_from(agents: object, actions: object, states: object, counts: Sequence[int],
               n_states: int) -> Names:
    """Names as users give them, checked.

    agents: N texts, or None. actions: a list of A_i texts for each agent; one list if all agents
    share it; a mapping from agents' names to lists; or None. states: S texts, or None. counts:
    [N] numbers of actions.

    Raises InputError for another number of names, a name twice, and what is no text on one line.
    """
    who = _texts(agents, len(counts), "agents")
    return Names(who, _actions(actions, who, counts), _texts(states, n_states, "states"))


def from_labels(labels: Sequence[Sequence[str]]) -> list[list[str]] | None:
    """Other tools' labels, a list for each of several, as names that `names_from` takes; None where
    they are but 1, 2, ..., which such tools call what nobody named, or one is empty.

    Blanks between words become one. Raises InputError for two labels of a list that nothing else
    tells apart.
    """
    for own in labels:
        refuse_alike(own, "there are")
    plain = [[_plain(label) for label in own] for own in labels]
    counts = [list(map(str, range(1, len(own) + 1))) for own in plain]
    return None if plain == counts or not all(all(own) for own in plain) else plain


def labels_of(names: Sequence[str], count: int) -> list[str]:
    """What other tools are told of so many names: 1, 2, ... where there are none."""
    return list(names) or list(map(str, range(1, count + 1)))


def over_time(names: Names, steps: int) -> Names:
    """The names of a game whose states are unrolled over `steps` steps, with an end."""
    if not names.states:
        return names
    by_time = (f"{name} at step {step}" for step in range(steps) for name in names.states)
    return dataclasses.replace(names, states=(*by_time, "end of play"))


def in_order(given: Mapping, kind: str, count: int, known: Sequence[str],
             called: Callable[[int], str], missing: object = None) -> list:
    """The values of a mapping by name or number, in the order of the numbers.

    missing: what stands for one that is left out, which is refused if this is None.
    """
    numbers: dict[object, int] = {name: number for number, name in enumerate(known)}
    found: dict[int, object] = {}
    for key, value in given.items():
        number = numbers.get(key, key) if isinstance(key, str) else key
        if isinstance(number, bool) or not isinstance(number, int | np.integer) or not (
                0 <= number < count):
            listed = ", ".join(one_line(name, SHOWN) for name in known[:8])
            raise InputError(f"there is no {kind} {shown(key)}: " + (
                f"they are {listed}{', ...' * (len(known) > 8)}" if known
                else f"they have no names here, and numbers from 0 to {count - 1}"))
        if number in found:
            raise InputError(f"{called(int(number))} is given twice, by name and by number")
        found[int(number)] = value
    for number in range(count):
        if number not in found and missing is None:
            raise InputError(f"{called(number)} is missing")
    return [found.get(number, missing) for number in range(count)]


def _called(kind: str, names: Sequence[str], number: int) -> str:
    return one_line(names[number], SHOWN) if number < len(names) else f"{kind} {number}"


def _actions(given: object, agents: tuple[str, ...],
             counts: Sequence[int]) -> tuple[tuple[str, ...], ...]:
    if given is None:
        return ()
    if isinstance(given, Mapping):
        given = in_order(given, "agent", len(counts), agents, Names(agents).agent)
    each = _listed(given, "actions")
    if all(isinstance(name, str) for name in each):
        each = [each] * len(counts)
    if len(each) != len(counts):
        raise InputError(f"actions has {len(each)} lists of names, but there are {len(counts)} "
                         f"agents")
    return tuple(_texts(own, count, f"actions[{agent}]")
                 for agent, (own, count) in enumerate(zip(each, counts, strict=True)))


def _texts(given: object, count: int, what: str) -> tuple[str, ...]:
    """So many different names."""
    if given is None:
        return ()
    names = _listed(given, what)
    if len(names) != count:
        raise InputError(f"{what} has {len(names):,} names, but {count:,} are needed")
    for name in names:
        if not isinstance(name, str) or not name.strip() or not name.isprintable():
            raise InputError(f"{what} has {shown(name)} among its names, but a name is text on one "
                             f"line")
    refuse_alike(names, f"{what} has", "name")
    return tuple(map(str, names))


def refuse_alike(labels: Iterable[object], where: str, kind: str = "label") -> None:
    """Raise InputError naming two labels that read alike, or one that is there twice. Where files
    and figures tell them, blanks between words are one; empty labels are not looked at."""
    seen: dict[str, object] = {}
    for label in labels:
        text = _plain(str(label))
        if text and text in seen:
            raise InputError(
                f"{where} the {kind} {shown(label)} twice" if seen[text] == label else
                f"{where} the {kind}s {_with_blanks(seen[text])} and {_with_blanks(label)}, which "
                f"read alike")
        seen[text] = label


def _with_blanks(label: object) -> str:
    """A label as a message shows it, with the blanks that it has."""
    if not isinstance(label, str) or len(repr(label)) > SHOWN:
        return shown(label)
    return printable(repr(label))


def _plain(text: str) -> str:
    return " ".join(text.split())


def _listed(given: object, what: str) -> list:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
        raise InputError(f"{what} is {shown(given)}, but a list of names was expected")
    return list(given)
