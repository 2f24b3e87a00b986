"""`pt.leaderboard`: rules ranked on each game, and over all of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from potentia.console.markup import as_html_table
from potentia.console.text import as_table, counted
from potentia.errors import InputError, finite_number, known_name, shown, truth_value
from potentia.ranking.arrivals import MEASURES, arrivals
from potentia.ranking.statistics import (
    SLOWEST,
    improvement,
    interval,
    mean_of_means,
    median,
    ratios,
    shares,
    worth,
)

USUAL = 1e-4                                      # the level that is told unless another is asked
RATIOS = np.logspace(0, np.log10(SLOWEST), 31)    # of profiles
DIGITS = 9                                        # of scores; equal ones share a rank
COLUMNS = ("rank", "rule", "score", "95 %", "never")   # of what is printed
Times = dict[str, np.ndarray]                     # by game, of the runs


@dataclasses.dataclass(frozen=True, eq=False)
class Leaderboard:
    """How soon rules come to gaps of 1e-2, 1e-4 and 1e-6, from the table of a sweep.

    runs: a row of each run and level: game, rule, setting, seed, level, iterations, seconds
        (infinite where the run never got there). levels: largest first. notes: what is to be said.
    tuned: whether a rule competes on each game with its best setting there, by the median over
        the same runs, so that its numbers are a little too good; which it was, and of how many,
        is told. Otherwise each setting competes for itself.

    Its methods return pandas frames, for a level and by "iterations" or "seconds".
    """

    runs: pd.DataFrame
    levels: tuple[float, ...]
    notes: tuple[str, ...]
    tuned: bool

    @cached_property
    def games(self) -> list[str]:
        """In the table's order."""
        return list(dict.fromkeys(self.runs["game"].tolist()))

    @cached_property
    def rules(self) -> list[str]:
        """Who competes, in the table's order."""
        return list(dict.fromkeys(self._competing))

    def standings(self, level: float | None = None, by: str = "iterations") -> pd.DataFrame:
        """Each rule on each game, by rank.

        Columns: game; rank, by the median, equal medians sharing one; rule; setting, and of how
        many it is the best; runs; never, how many of them never got there; median, and its 95 %
        bootstrap interval from low to high, which leaves out that the setting was chosen.
        """
        chosen, rows = self._chosen(level, by), []
        for game in self.games:
            for rule in self.rules:
                setting, of, times = chosen[rule][game]
                rows.append((game, rule, setting, of, len(times), int(np.isinf(times).sum()),
                             median(times), *_interval_of_median(times)))
        found: Any = pd.DataFrame(rows, columns=["game", "rule", "setting", "of", "runs", "never",
                                                 "median", "low", "high"])
        found.insert(1, "rank", found.groupby("game")["median"].rank(method="min").astype(int))
        places = found["game"].map({game: k for k, game in enumerate(self.games)})
        return found.assign(place=places).sort_values(
            ["place", "rank", "never"], kind="stable", ignore_index=True).drop(columns="place")

    def overall(self, level: float | None = None, by: str = "iterations") -> pd.DataFrame:
        """Each rule over all games, by rank.

        Columns: rank; rule; score, the area under its performance profile from 1 to 1,000 times the
        best on a logarithmic axis (1: every run as soon as the best median of its game; 0: every
        run a thousand times later or never), with its 95 % bootstrap interval from low to high;
        first, the games on which no rule's median is smaller, and its own is not never; within_2
        and within_10, the share of runs at most so many times as late as the best; runs; never.
        """
        chosen, rows = self._chosen(level, by), []
        best = self._best(chosen)
        for rule in self.rules:
            times = [chosen[rule][game][2] for game in self.games]
            own = ratios(times, best)
            worths = [worth(each) for each in own]
            within = [mean_of_means(*((each <= most) for each in own), axis=-1)
                      for most in (2.0, 10.0)]
            firsts = sum(bool(np.isfinite(least)) and median(each) == least
                         for each, least in zip(times, best, strict=True))
            rows.append((rule, mean_of_means(*worths, axis=-1), *interval(mean_of_means, worths),
                         firsts, *within, sum(map(len, times)), _late(times)))
        found: Any = pd.DataFrame(rows, columns=["rule", "score", "low", "high", "first",
                                                 "within_2", "within_10", "runs", "never"])
        found.insert(0, "rank", _rounded(found["score"]).rank(method="min", ascending=False)
                     .astype(int))
        return found.sort_values(["rank", "never"], kind="stable", ignore_index=True)

    def profiles(self, level: float | None = None, by: str = "iterations") -> pd.DataFrame:
        """Performance profiles: rule, ratio, share (the mean over games of the share of runs at
        most so many times as late as the game's best median), low, high."""
        chosen = self._chosen(level, by)
        best, parts = self._best(chosen), []
        for rule in self.rules:
            within = [shares(each, RATIOS) for each
                      in ratios([chosen[rule][game][2] for game in self.games], best)]
            low, high = interval(mean_of_means, within)
            parts.append(pd.DataFrame({"rule": rule, "ratio": RATIOS, "low": low, "high": high,
                                       "share": mean_of_means(*within, axis=-1)}))
        return pd.concat(parts, ignore_index=True)

    def improvement(self, level: float | None = None, by: str = "iterations") -> pd.DataFrame:
        """The probability that the rule that is first over all comes sooner than each other one:
        rule, over, probability (the mean over games; a tie, never included, counts half), low,
        high."""
        chosen = self._chosen(level, by)
        times = {rule: [games[game][2] for game in self.games] for rule, games in chosen.items()}
        best = self._best(chosen)
        scores = {rule: mean_of_means(*map(worth, ratios(own, best)), axis=-1)
                  for rule, own in times.items()}
        first, *others = sorted(times, key=lambda rule: (-_rounded(scores[rule]),
                                                         _late(times[rule])))
        rows = [(first, other, *improvement(times[first], times[other])) for other in others]
        return pd.DataFrame(rows, columns=["rule", "over", "probability", "low", "high"])

    def __str__(self) -> str:
        """The ranking over all games, at the usual level, and the settings that were chosen."""
        return "\n".join([f"{self._title()}:", as_table(*self._shown()), *self.notes])

    def _repr_html_(self) -> str:
        """The same, as a notebook shows it."""
        return as_html_table(self._title(), *self._shown(), self.notes)

    def __repr__(self) -> str:
        return (f"<Leaderboard of {counted(len(self.rules), 'rule')} on "
                f"{counted(len(self.games), 'game')}>")

    def _title(self) -> str:
        return f"To a gap of {self.level(None):g}, by iterations"

    def _shown(self) -> tuple[tuple[str, ...], list[tuple[object, ...]]]:
        """The names of the columns that are printed, and the rows; with settings if any was
        chosen."""
        settings = self._settings()
        rows: list[tuple[object, ...]] = [
            (row["rank"], row["rule"], f"{row['score']:.3f}",
             f"{row['low']:.3f} to {row['high']:.3f}", f"{row['never']} of {row['runs']}",
             settings.get(row["rule"], "-")) for row in self.overall().to_dict("records")]
        if settings:
            return (*COLUMNS, "setting"), rows
        return COLUMNS, [row[:-1] for row in rows]

    def _settings(self) -> dict[str, str]:
        """What was chosen for each rule that had a choice: the setting, or that games differ."""
        found: Any = self.standings()
        told = {}
        for rule, rows in found[found["of"] > 1].groupby("rule"):
            settings = set(rows["setting"])
            told[str(rule)] = (f"{settings.pop()}, best of {rows['of'].max()}"
                               if len(settings) == 1 else f"best of {rows['of'].max()}, by game")
        return told

    def level(self, asked: object) -> float:
        """The level that is asked for, or the usual one, or else the smallest there is. Raises
        InputError for one that the table does not tell."""
        if asked is None:
            return USUAL if USUAL in self.levels else self.levels[-1]
        level = float(finite_number(asked, "level"))
        if level not in self.levels:
            known = ", ".join(f"{each:g}" for each in self.levels)
            raise InputError(f"level is {shown(level)}, but the table tells {known}")
        return level

    def _chosen(self, level: object, by: str) -> dict[str, dict[str, tuple[str, int, np.ndarray]]]:
        """By rule and game: the setting, of how many it is the best, and the times of its runs."""
        known_name(by, MEASURES, "measure")
        found: Any = self._by_competitor[self._by_competitor["level"] == self.level(level)]
        times: dict[str, dict[str, Times]] = {rule: {game: {} for game in self.games}
                                              for rule in self.rules}
        for key, part in found.groupby(["rule", "game", "setting"], sort=False,
                                      observed=True):
            rule, game, setting = map(str, key)
            times[rule][game][setting] = part[by].to_numpy()
        return {rule: {game: _best_of(settings) for game, settings in games.items()}
                for rule, games in times.items()}

    @cached_property
    def _competing(self) -> list[str]:
        """Who each run counts for."""
        return [f"{rule}({setting})" if setting and not self.tuned else rule for rule, setting
                in zip(self.runs["rule"].tolist(), self.runs["setting"].tolist(), strict=True)]

    @cached_property
    def _by_competitor(self) -> pd.DataFrame:
        """The runs, as rows that are quickly grouped."""
        return self.runs.assign(rule=self._competing).astype(
            dict.fromkeys(("rule", "game", "setting"), "category"))

    def _best(self, chosen: Mapping[str, Mapping[str, tuple[str, int, np.ndarray]]]) -> list[float]:
        """The smallest median on each game."""
        return [min(float(median(chosen[rule][game][2])) for rule in self.rules)
                for game in self.games]


def leaderboard(table: object, *, tuned: object = True) -> Leaderboard:
    """Rank the rules of a sweep's table by how soon they come to gaps of 1e-2, 1e-4 and 1e-6.

    table: `pt.sweep(...).table`, or several of them under each other.
    tuned: whether a rule competes on each game with its best setting there, which is told; if not,
        each setting competes for itself.

    A run that never got there is infinitely late in every statistic, and dropped from none.
    Raises InputError for what is no table of a sweep.
    """
    runs, levels, notes = arrivals(table)
    return Leaderboard(runs, levels, tuple(notes), truth_value(tuned, "tuned"))


def _best_of(settings: Times) -> tuple[str, int, np.ndarray]:
    """The setting with the smallest median, then with the fewest runs that never got there, then
    the first; one run that never got there where the rule was not run."""
    if not settings:
        return "", 0, np.array([np.inf])
    best = min(settings, key=lambda setting: (median(settings[setting]),
                                              np.isinf(settings[setting]).mean()))
    return best, len(settings), settings[best]


def _late(times: Sequence[np.ndarray]) -> int:
    """How many runs never got there."""
    return sum(int(np.isinf(each).sum()) for each in times)


def _rounded(score: Any) -> Any:
    """A score, or several, by which ranks are told: nearer ones share theirs."""
    return np.round(score, DIGITS)


def _interval_of_median(times: np.ndarray) -> tuple[Any, Any]:
    if len(times) > 1 and (times == times[0]).all():
        return times[0], times[0]
    return interval(median, [times])
