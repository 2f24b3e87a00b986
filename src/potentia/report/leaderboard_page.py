"""The page of a leaderboard, as Markdown: which rule to use first, then what that rests on."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from potentia.console.text import counted
from potentia.ranking.leaderboard import Leaderboard
from potentia.report.leaderboard import game_sheets, never, overall_sheet, setting, time
from potentia.report.sheets import Sheet, as_markdown

SETTINGS_TOLD = 15              # of those that compete for themselves
NEAR, NAMED = 0.05, 5           # of the first's score: as good for a reader; rules that are named
HEAD = """# Leaderboard

Written by `potentia leaderboard --format markdown`, never by hand: how soon rules come to a small exact Nash gap."""  # noqa: E501
READING = """## How to read it

- A run *gets there* at the first check whose exact Nash gap, rounding included, is within the level. A check that a run asks
  for in between is told as the next of the usual ones, so that no rule seems the sooner for asking. A run that never got there
  within the limit, or that failed, is infinitely late in every number: none is dropped.
- *Tuned*: on each game a rule competes with the setting whose median there is smallest, named beside it. It was chosen on the
  runs that it is judged by, so that tuned numbers are a little too good; the more settings, the more so.
- *score*: the area under the performance profile (Dolan, More 2002; over runs as in Agarwal et al. 2021, arXiv 2108.13264)
  from 1 to 1,000 times the best median of each game, on a logarithmic axis. 1: every run as soon as the best; 0: every run a
  thousand times later, or never. *within 2x*: the share of runs at most twice as late as the best median.
- *the first is sooner*: the probability that a run of the rule that is first is sooner than one of this rule (a tie, never
  included, counts half), a mean over games; near 0.5 the two cannot be told apart.
- *95 %*: a bootstrap interval, runs drawn anew within each game. It leaves out that settings were chosen. Equal medians and
  scores share a rank.
- *At once* says little of learning: a rule whose first updates lead to one profile from every start is there at once where
  that profile is an equilibrium. So are best responses where one action is dominant, and `q-two-timescale`, whose estimates
  begin at 0, where uniform play is an equilibrium (chicken, matching pennies, routes that are alike).
- Getting there is not staying there: only a run that comes within the sweep's tolerance ends.
- *seconds* are iterations times the seconds of one, checks counted and compilation not, in the program that learnt a
  rule's runs, on the machine of the sweep; small games measure overheads more than rules.
"""  # noqa: E501


def page(board: Leaderboard, origin: Mapping[str, Any], level: float | None = None) -> str:
    """The page. origin: what the sweep's table says of itself, its settings and seeds."""
    tuned, untuned = (dataclasses.replace(board, tuned=tuned) for tuned in (True, False))
    sheets = [overall_sheet(tuned, each, "iterations") for each in board.levels]
    sheets += [overall_sheet(tuned, level, "seconds")]
    alone = overall_sheet(untuned, level, "iterations", SETTINGS_TOLD)
    parts = [HEAD, _asked(board, origin), "## Which rule should I use?", "",
             *_advice(tuned, untuned, level), "", as_markdown(_by_game(tuned, level), "###"),
             READING, *(as_markdown(sheet) for sheet in sheets),
             as_markdown(Sheet(f"{alone.title}, one setting for all games", alone.columns,
                               alone.rows)),
             "## Game by game\n",
             *(as_markdown(sheet, "###") for sheet in game_sheets(tuned, level, "iterations"))]
    return "\n".join([*parts, *board.notes]).rstrip("\n") + "\n"


def _asked(board: Leaderboard, origin: Mapping[str, Any]) -> str:
    settings: Any = board.runs.groupby("rule")["setting"].nunique()
    limits = origin.get("settings", {})
    told = [f"{counted(len(board.rules), 'rule')} in {counted(int(settings.sum()), 'setting')} on "
            f"{counted(len(board.games), 'game')}"]
    if seeds := origin.get("seeds"):
        told.append(f"from {counted(len(seeds), 'random start')} each")
    if limits:
        told.append(f"for at most {limits['max_iterations']:,} iterations, checked every "
                    f"{limits['check_every']:,}, to which arrivals are rounded up, until the gap "
                    f"is within {limits['tolerance']:g}")
    return f"What was run: {', '.join(told)}.\n"


def _advice(tuned: Leaderboard, untuned: Leaderboard, level: float | None) -> Iterator[str]:
    """What a reader wants to know, each line from the numbers beneath."""
    found: Any = tuned.overall(level)
    yield f"To a gap of {tuned.level(level):g}, by iterations unless said otherwise:\n"
    yield f"- **If you can try {_most(tuned)} settings on your game**: {_leaders(found)}."
    yield f"- **If you cannot, with one setting for all**: {_leaders(untuned.overall(level))}."
    yield f"- **By the clock, tuned**: {_leaders(tuned.overall(level, 'seconds'))}."
    surest = found[found["never"] == found["never"].min()].to_dict("records")
    yield (f"- **If it must get there**: {', '.join(row['rule'] for row in surest)} missed "
           f"{never(surest[0])} runs, the fewest.")
    late = found[found["never"] > found["runs"] / 2]["rule"].tolist()
    if late:
        yield (f"- **Not for a small gap**: {', '.join(late)} missed more than half of their runs "
               f"within the limit: such rules are slow, or explore or smooth by design.")
    hard = [game for game, part in tuned.standings(level).groupby("game", sort=False)
            if np.isinf(part["median"]).all()]
    if hard:
        yield (f"- **Where no rule helps**: on {', '.join(map(str, hard))} no rule got there in "
               f"more than half of its runs.")


def _leaders(found: Any) -> str:
    """The first rule, and those whose score comes near its."""
    rows = found.to_dict("records")
    near = [row for row in rows[1:NAMED] if row["score"] >= rows[0]["score"] - NEAR]
    first = (f"`{rows[0]['rule']}`, score {rows[0]['score']:.2f} ({rows[0]['low']:.2f} to "
             f"{rows[0]['high']:.2f}), {never(rows[0])} runs never there")
    if not near:
        return first
    return f"{first}; next " + ", ".join(f"`{row['rule']}` {row['score']:.2f} "
                                            f"({row['never']} never)" for row in near)


def _most(board: Leaderboard) -> str:
    settings: Any = board.runs.groupby("rule")["setting"].nunique()
    most = int(settings.max())
    return {2: "two", 3: "three"}.get(most, str(most))


def _by_game(board: Leaderboard, level: float | None) -> Sheet:
    """The first rules on each game."""
    rows, found = [], board.standings(level)
    for game in board.games:
        part: Any = found[found["game"] == game]
        best = part[(part["rank"] == 1) & np.isfinite(part["median"])].to_dict("records")
        if best:
            rows.append((str(game), "; ".join(f"{row['rule']} ({setting(row)})" for row in best),
                         time(best[0]["median"], "iterations"), "; ".join(map(never, best))))
        else:
            rows.append((str(game), "none", "never", "-"))
    return Sheet(f"Game by game, the first, to a gap of {board.level(level):g}",
                 ("game", "rule (setting)", "median iterations", "never"), rows)
