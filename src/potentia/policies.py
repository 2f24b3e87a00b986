"""Profiles as people write them, as one array [N, H, A]: lists of unequal lengths, pure actions,
mappings by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import numpy as np
from jax import Array

from potentia.errors import InputError, one_line, shown
from potentia.names import Names, in_order
from potentia.runtime.precision import precision_of

FRAMES = "Series", "DataFrame"           # of pandas
TIDY = {"agent", "state", "action", "probability"}
# What to do with a profile of another tool's, by the package of its class.
SPIEL = ": a policy of OpenSpiel's goes with its own game, pt.certify(pyspiel_game, policy)"
THEIRS = {"pygambit": ": pt.bridges.gambit.from_mixed_profile makes one of a mixed profile of "
                      "pygambit's", "open_spiel": SPIEL, "pyspiel": SPIEL}
Numbers = tuple[np.ndarray, float]      # with the precision of the type that they were given in


def as_array(profile: object, mask: np.ndarray, names: Names) -> Numbers:
    """`profile` as numbers, with the precision of the type that they were given in.

    profile: probabilities [N, H, A]; or for each agent, in a list or in a mapping by agent, its
    policy: probabilities [H, A_i], an action for each information state [H], one action for all of
    them, or probabilities [A_i] if there is only one. Actions are numbers or names, and a policy
    may be a mapping: from states to actions or probabilities; or, the same in all states, from
    actions to probabilities, where what is left out has 0. Whole numbers are actions there, unless
    there is only one state.

    Whether it is a profile of the game is for `profile.checked` to say. Raises InputError for what
    cannot be read at all.
    """
    profile = _of_labels(profile, deep=3)
    if isinstance(profile, Mapping):
        each = in_order(profile, "agent", len(mask), names.agents, names.agent)
    elif _is_by_agent(profile):
        each = list(cast(Iterable, profile))
    else:
        return _numbers(profile, "profile", "[N, H, A]")
    if len(each) != len(mask):
        raise InputError(f"profile has {len(each)} entries, but the game needs {len(mask)}, a "
                         f"policy for each agent, or an array {mask.shape} [N, H, A]")
    return _joined([_policy(policy, agent, mask[agent], names)
                    for agent, policy in enumerate(each)])


def shape_of(value: object) -> tuple[int, ...]:
    """The shape of an array, or of nested lists; () for what has none, rows of unequal lengths
    too."""
    if not isinstance(value, np.ndarray | Array | list | tuple):
        return ()
    try:
        return np.shape(value)
    except Exception:      # arrays of other libraries raise what they like
        return ()


def pandas_kind(value: object) -> str:
    """"Series" or "DataFrame" of what is one of pandas, or of a class on top of it; "" of anything
    else. pandas is not loaded for it."""
    return next((kind.__name__ for kind in type(value).__mro__ if kind.__name__ in FRAMES
                 and kind.__module__.partition(".")[0] == "pandas"), "")


def _of_labels(value: object, deep: int = 1) -> object:
    """What pandas holds as mappings by its labels, which NumPy would drop: a series by its index, a
    frame by index and column, and one of `Result.policies` by agent, state and action; also where
    it stands in lists and mappings, so many levels `deep`."""
    if deep > 1 and isinstance(value, Mapping):
        return {key: _of_labels(inner, deep - 1) for key, inner in value.items()}
    if deep > 1 and isinstance(value, list | tuple):
        return [_of_labels(inner, deep - 1) for inner in value]
    kind = pandas_kind(value)
    if not kind:
        return value
    frame: Any = value
    if kind == "DataFrame" and set(frame.columns) >= TIDY:
        frame = frame.set_index(["agent", "state", "action"])["probability"]
        _refuse_repeated(frame.index)
        nested: dict = {}
        for (agent, state, action), number in frame.items():
            nested.setdefault(agent, {}).setdefault(state, {})[action] = float(number)
        return nested
    _refuse_repeated(frame.index)
    if kind == "Series":
        return frame.to_dict()
    _refuse_repeated(frame.columns)
    return {row: dict(zip(frame.columns, numbers, strict=True))
            for row, numbers in zip(frame.index, frame.to_numpy().tolist(), strict=True)}


def _refuse_repeated(labels: Any) -> None:
    if labels.has_duplicates:
        raise InputError(f"profile has {shown(labels[labels.duplicated()][0])} twice among the "
                         f"labels of a pandas object, of several runs perhaps: give one of them")


def _is_by_agent(profile: object) -> bool:
    """Whether it is no array [N, H, A], but has an entry for each agent."""
    if isinstance(profile, list | tuple):
        return len(profile) > 0 and len(shape_of(profile)) < 3
    return isinstance(profile, np.ndarray | Array) and np.ndim(profile) in (1, 2)


def _policy(policy: object, agent: int, exists: np.ndarray, names: Names) -> Numbers:
    """An agent's policy as [H, A]; exists: [H, A]."""
    n_states, who = len(exists), names.agent(agent)
    if isinstance(policy, Mapping) and _is_by_state(policy, agent, n_states, names):
        policy = in_order(policy, "state", n_states, names.states, names.state)
    elif isinstance(policy, str | int | np.integer | Mapping):
        policy = [policy] * n_states
    if isinstance(policy, list | tuple) and any(isinstance(row, str | Mapping) for row in policy):
        if len(policy) != n_states:
            raise InputError(f"the policy of {who} has {len(policy)} entries, but there are "
                             f"{n_states} information states")
        return _joined([_row(row, agent, exists.shape[1], names) for row in policy])
    return _table(policy, who, exists)


def _is_by_state(policy: Mapping, agent: int, n_states: int, names: Names) -> bool:
    """Whether a mapping is from states rather than from actions to probabilities: by its values,
    which are no single numbers, or whole ones, that is actions; by its names, where they tell.

    Raises InputError where names are of states and of actions, and whole numbers could be both.
    """
    values = policy.values()
    if not all(isinstance(value, int | float | np.number) for value in values):
        return True
    whole = all(isinstance(value, int | np.integer) for value in values)
    own = names.actions[agent] if names.actions else ()
    texts = [key for key in policy if isinstance(key, str)]
    of_states, of_actions = (all(key in known for key in texts) for known in (names.states, own))
    if texts and of_states and of_actions and whole and n_states > 1:
        raise InputError(f"the policy of {names.agent(agent)} may be by state or by action, which "
                         f"have the same names here: give probabilities as 1.0, or lists")
    if texts and of_states != of_actions:
        return of_states
    return n_states > 1 and whole and not (texts and not of_states)


def _row(row: object, agent: int, n_actions: int, names: Names) -> Numbers:
    """What is played in one information state, [A]: an action, or probabilities."""
    own = names.actions[agent] if names.actions else ()

    def called(action: int) -> str:
        return f"action {names.action(agent, action)} of {names.agent(agent)}"

    kind = f"action of {names.agent(agent)}"
    if isinstance(row, Mapping):
        row = in_order(row, kind, n_actions, own, called, missing=0.0)
    elif isinstance(row, str | int | np.integer):
        row = in_order({row: 1.0}, kind, n_actions, own, called, missing=0.0)
    numbers, precision = _numbers(row, f"the policy of {names.agent(agent)}", "[A]")
    if numbers.ndim != 1 or len(numbers) > n_actions:
        raise InputError(f"the policy of {names.agent(agent)} has {shown(row)} for a state, but an "
                         f"action or {n_actions} probabilities were expected")
    return np.pad(numbers, (0, n_actions - len(numbers))), precision


def _table(policy: object, who: str, exists: np.ndarray) -> Numbers:
    """[H, A] from probabilities [H, A_i], from [A_i] where there is one state, or from whole
    numbers of actions [H]."""
    n_states, n_actions = exists.shape
    own = int(np.flatnonzero(exists.any(axis=0)).max(initial=0)) + 1
    numbers, precision = _numbers(policy, f"the policy of {who}", "[H, A]")
    widths = (own, n_actions)
    if n_states == 1 and numbers.ndim == 1 and len(numbers) in widths and numbers.sum() != 0:
        numbers = numbers[None]
    if numbers.ndim == 2 and len(numbers) == n_states and numbers.shape[1] in widths:
        return np.pad(numbers, ((0, 0), (0, n_actions - numbers.shape[1]))), precision
    if not numbers.shape:
        raise InputError(f"the policy of {who} is {shown(policy)}, but an action or probabilities "
                         f"[H, A] were expected")
    whole = np.asarray(policy).dtype.kind in "iu"
    if not whole or numbers.shape != (n_states,):
        raise InputError(
            f"the policy of {who} has shape {numbers.shape}, but it must be ({n_states}, {own}) "
            f"[H, A], or ({n_states},) whole numbers of actions [H]")
    if not ((numbers >= 0) & (numbers < n_actions)).all():
        raise InputError(f"the policy of {who} has the action "
                         f"{int(numbers[(numbers < 0) | (numbers >= n_actions)][0])}, but they are "
                         f"numbered from 0 to {own - 1}")
    return np.eye(n_actions)[numbers.astype(int)], precision


def _joined(parts: list[Numbers]) -> Numbers:
    return np.stack([numbers for numbers, _ in parts]), max(precision for _, precision in parts)


def _numbers(value: object, what: str, axes: str) -> Numbers:
    """As float64, and the precision of the type given.

    NumPy would read text as numbers, drop imaginary parts and look under a mask.
    """
    if isinstance(value, np.ma.MaskedArray):
        raise InputError(f"{what} is a masked array, but every entry must be there")
    try:
        array = np.asarray(value)
        precision = precision_of(array.dtype)
        numbers = array.dtype.kind in "biufO" or precision > 0  # bfloat16 is of a kind of its own
        if not numbers or any(isinstance(entry, str | bytes) for entry in _objects(array)):
            raise TypeError
        return array.astype(np.float64), precision
    except OverflowError:
        raise InputError(f"{what} holds a number that is too large") from None
    except (TypeError, ValueError):
        root = type(value).__module__.partition(".")[0]
        raise InputError(f"{what} is not an array of numbers {axes}"
                         f"{THEIRS.get(root, '')}") from None
    except Exception as error:      # arrays of other libraries raise what they like
        raise InputError(f"{what} is a {type(value).__name__} that NumPy cannot read: "
                         f"{one_line(error)}") from None


def _objects(array: np.ndarray) -> list[object]:
    return array.ravel().tolist() if array.dtype.kind == "O" else []
