"""Small PettingZoo environments as tables, so that what is learnt in them can be certified."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np

from potentia.bridges.parallel_answers import Moment
from potentia.bridges.parallel_copies import discount_of, fresh, looked_at
from potentia.bridges.parallel_insides import global_chance_kept, standing_copy
from potentia.bridges.parallel_states import States, joint_actions, key_of, told
from potentia.console.text import Line, Readable
from potentia.errors import InputError, shown, truth_value, whole_number
from potentia.games.tabular.game import MarkovGame
from potentia.training.trained import LearntPolicy, Trained

RESETS = 20               # that must begin alike where no seeds are given
LEAST_CHECKED = 200       # steps of random play that the table is held against


@dataclasses.dataclass(frozen=True, eq=False)
class Enumerated(Readable):
    """A game that was found by trying everything in an environment.

    game: its table. observations: of each agent [H_i, F] what it sees in each information state, or
    [H_i] the number that it sees. states: [S] keys, by which states were told apart.
    """

    game: MarkovGame
    observations: tuple[np.ndarray, ...]
    states: tuple[Hashable, ...]

    def profile(self, trained: Trained | LearntPolicy) -> np.ndarray:
        """[N, H, A] what agents do who were trained in the same environment, one run of them.

        Raises InputError for anything else.
        """
        policy = trained.policy() if isinstance(trained, Trained) else trained
        if not isinstance(policy, LearntPolicy):
            raise InputError(f"trained is {shown(trained)}, but what pt.train returned was "
                             f"expected, or a policy of it")
        mask = np.asarray(self.game.mask)
        seen = np.zeros((mask.shape[1], len(mask), *self.observations[0].shape[1:]),
                        self.observations[0].dtype)
        for agent, own in enumerate(self.observations):
            seen[:len(own), agent] = own
        return np.moveaxis(policy(seen, np.moveaxis(mask, 0, 1)), 0, 1)

    def lines(self) -> list[Line]:
        """What it says, for people."""
        return [("enumerated", repr(self.game))]


def enumerated(env: object, discount: float | None = None, *, limit: int = 1000,
               key: Callable[[Any], Any] | None = None, seeds: Sequence[int] | None = None,
               tries: int = 4, truncation_ends: bool = False) -> Enumerated:
    """A small `pettingzoo.ParallelEnv` as a game with a table: every joint action is tried in every
    state, from deep copies.

    env: an environment, itself never played, or a function that makes one. discount: as
        `from_pettingzoo` says.
    limit: states that there may be. key: a function of the environment that tells states apart, by
        an array or anything hashable; `state()` if omitted, or else all observations together.
    seeds: of resets, each another, which begin the game equally often; if omitted all resets must
        begin alike.
    tries: of each step, with other random numbers. truncation_ends: whether the game is over where
        episodes are cut off; else it goes on, and what is cut off must be come to before that.

    Agents have their names, and see their observations as information states, which are the
    observations' own numbers where these are Discrete and all occur. When all is found the table is
    held against random play, at least as many steps as it has pairs of state and joint action. That
    is no proof: chance too rare for so many tries, and a past that shows later than play lasts, are
    not seen.

    Raises InputError naming the property that does not fit: chance, a state that does not tell what
    follows, real numbers without one, more states than `limit`, or more than 200,000 pairs, and
    what `from_pettingzoo` refuses.
    """
    most, times = whole_number(limit, "limit", 1), whole_number(tries, "tries", 1)
    ends = truth_value(truncation_ends, "truncation_ends")
    first = fresh(env)
    cast = looked_at(first)
    gamma = discount_of(first, discount)
    with global_chance_kept():
        states = States(cast, key_of(first, cast, key), most, times, ends)
        began = _beginnings(first, states, seeds)
        states.explore()
        states.refuse_cut()
        _hold_against_play(first, states, began)
    return _table(states, list(began.values()), gamma)


def _beginnings(env: Any, states: States, seeds: Sequence[int] | None) -> dict[int, int]:
    """State in which an episode of each seed begins."""
    given = range(RESETS) if seeds is None else seeds
    if not isinstance(given, Sequence | np.ndarray) or isinstance(given, str) or not len(given):
        raise InputError(f"seeds is {shown(seeds)}, but some whole numbers were expected")
    chosen = [whole_number(seed, f"seeds[{at}]") for at, seed in enumerate(given)]
    found = {}
    for seed in chosen:
        where = f"{states.cast.name}, reset of seed {seed}"
        other = standing_copy(env)
        found[seed] = states.met(other, states.cast.begun(other, seed, where), where)
    if seeds is None and len(set(found.values())) > 1:
        raise InputError(f"{states.cast.name} begins in different states: give seeds, resets that "
                         f"begin it equally often")
    return found


def _hold_against_play(env: Any, states: States, began: dict[int, int]) -> None:
    """Random play, step by step beside the table."""
    random = np.random.default_rng(0)
    most = max(sum(map(len, states.following)), LEAST_CHECKED)
    seeds, steps, episode = list(began), 0, 0
    while steps < most:
        seed = seeds[episode % len(seeds)]
        where = f"{states.cast.name}, reset of seed {seed}"
        other, at, episode = standing_copy(env), began[seed], episode + 1
        moment = states.cast.begun(other, seed, where)
        _refuse_other(states, other, moment, at, where)
        steps += 1
        while not moment.over and steps < most:
            choices = list(joint_actions(states.cast, moment))
            joint = choices[random.integers(len(choices))]
            where = f"{states.cast.name}, state {at}, joint action {joint}"
            moment = states.cast.stepped(other, joint, where)
            at, paid = states.following[at][joint]
            if paid.tobytes() != moment.rewards.tobytes():
                raise InputError(f"{where}: the rewards are not always the same, by chance or by "
                                 f"what the state does not tell: give key, which tells it")
            _refuse_other(states, other, moment, at, where)
            steps += 1


def _refuse_other(states: States, env: Any, moment: Moment, expected: int, where: str) -> None:
    key = states.ends(moment), states.key(env, moment)
    if states.number.get(key) != expected or told(moment) != told(states.moments[expected]):
        raise InputError(f"{where}: what follows is not always the same, by chance or by what the "
                         f"state does not tell: give key, which tells it")


def _table(states: States, began: list[int], discount: float) -> Enumerated:
    cast, count = states.cast, len(states.moments)
    seen, observations = _information(states)
    same = (seen == seen[0]).all() and len(set(seen[0])) == count
    order = np.argsort(seen[0]) if same else np.arange(count)
    place = np.argsort(order)
    rewards = np.zeros((len(cast.agents), count, *cast.counts))
    moves = np.broadcast_to(np.arange(count).reshape(-1, *[1] * len(cast.counts)),
                            rewards.shape[1:]).copy()
    for state, row in enumerate(states.following):
        for joint, (following, paid) in row.items():
            rewards[:, place[state], *joint] = paid
            moves[place[state], *joint] = place[following]
    mask = np.stack([states.moments[state].legal for state in order], axis=1)
    keys = [key for _, key in states.number]
    game = MarkovGame.from_arrays(
        rewards, moves, discount=discount, mask=None if mask.all() else mask,
        initial=np.bincount(place[began], minlength=count) / len(began),
        information=None if same else seen[:, order], name=cast.name,
        agents=[str(agent) for agent in cast.agents])
    return Enumerated(game, observations, tuple(keys[state] for state in order))


def _information(states: States) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """[N, S] numbers of information states, and what each agent sees in its own.

    States of the same observation in which play goes on here and is over there are two, since in
    the second nothing is chosen.
    """
    rows, observations = [], []
    for agent in range(len(states.cast.agents)):
        met: dict[Hashable, int] = {}
        shown_ones: list[np.ndarray] = []
        row = []
        for moment in states.moments:
            own = moment.seen[agent]
            what = own.tobytes(), moment.legal[agent].tobytes(), states.ends(moment)
            row.append(met.setdefault(what, len(met)))
            if len(met) > len(shown_ones):
                shown_ones.append(own)
        rows.append(np.array(row))
        observations.append(np.stack(shown_ones))
    several = states.cast.n_observations
    if several and all(sorted(own) == list(range(several)) for own in observations):
        rows = [own[row] for own, row in zip(observations, rows, strict=True)]
        observations = [np.arange(several, dtype=np.int32)] * len(rows)
    return np.stack(rows), tuple(observations)
