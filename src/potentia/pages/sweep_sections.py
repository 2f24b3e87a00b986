"""The sections of a page about a sweep."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from potentia.console.text import counted
from potentia.errors import InputError
from potentia.pages.blocks import Block, Code, Columns, Lines, Section, Words
from potentia.pages.sections import CURVES, REPEAT, curve_blocks
from potentia.pages.subjects import Swept
from potentia.pages.sweep_recipes import sweep_again
from potentia.plot import groups
from potentia.ranking.leaderboard import Leaderboard, leaderboard
from potentia.report.leaderboard import game_sheets, overall_sheet
from potentia.sweeps.sweep import Sweep

RANKED = "Which rule came near, how soon and how surely?"
ALONE = "How near did it come, how soon and how surely?"
NO_PROFILES = ("A sweep keeps no profiles, so that nothing can be certified afterwards: its gaps "
               "are the exact ones of the learning loop, at every check.")
ALL_RUNS = "The sweep: all of its runs, with every setting"


def of_sweep(found: Swept) -> list[Section]:
    """The leaderboard first, then curves game by game, and the recipe."""
    failed = found.sweep.table["status"].tolist().count("failed")
    first: list[Block] = [Words(NO_PROFILES), Lines(ALL_RUNS, found.sweep.lines())]
    title = RANKED
    if failed != len(found.sweep.table):
        board = leaderboard(found.sweep.table)
        title = RANKED if len(board.rules) > 1 else ALONE
        first = [Words(soonest(board), lead=True), *first, *_sheets(board),
                 *map(Words, board.notes)]
    sections = [Section(title, first)]
    if len(found.sweep.curves):
        sections.append(Section(CURVES, curve_blocks(_panels(found.sweep), "curve")))
    return [*sections, Section(REPEAT, _recipe(found))]


def soonest(board: Leaderboard) -> str:
    """Which rule is first over all games, in words; of one rule alone how many runs came near."""
    best: Any = board.overall(None).iloc[0]
    games, level = counted(len(board.games), "game"), f"{board.level(None):g}"
    # Where a rule has several settings, those that were not the best of their game do not count.
    chosen = bool((board.standings(None)["of"] > 1).any())
    runs = counted(int(best["runs"]), "run") + " with its best setting on each game" * chosen
    if len(board.rules) == 1:
        return (f"Over {games} {best['rule']} came to an exact Nash gap of {level} in "
                f"{best['runs'] - best['never']} of its {runs}.")
    return (f"Over {games} {best['rule']} is first of {counted(len(board.rules), 'rule')} by how "
            f"soon it came to an exact Nash gap of {level}: its score is {best['score']:.3f} of 1, "
            f"and {best['never']} of its {runs} never got there.")


def _sheets(board: Leaderboard) -> list[Block]:
    """The standings; of one rule alone without ranks, and without that over all games."""
    ranked = len(board.rules) > 1
    sheets = [*([overall_sheet(board, None, "iterations")] if ranked else []),
              *game_sheets(board, None, "iterations")]
    return [Columns(sheet.title, sheet.columns if ranked else sheet.columns[1:],
                    sheet.rows if ranked else [row[1:] for row in sheet.rows])
            for sheet in sheets]


def _panels(sweep: Sweep) -> Sequence[groups.Panel]:
    """The curves game by game, each with the game's name."""
    panels = groups.of_sweep(sweep, None, None)
    names = set(sweep.table["game"])
    if len(names) > 1:                      # which their titles then tell
        return panels
    name = str(names.pop())
    return [dataclasses.replace(panel, title=name if panel.title == name else ", ".join(
        filter(None, (name, panel.title)))) for panel in panels]


def _recipe(found: Swept) -> list[Block]:
    asked = dict(found.asked)
    told = [(name, str(value)) for name, value in {
        **asked.get("settings", {}), "seeds": asked.get("seeds", "unknown")}.items()]
    blocks: list[Block] = [Lines("The settings of every run", told)]
    try:
        blocks.append(Code("In Python; with the same folder it goes on there", sweep_again(
            found.sweep, asked, found.folder)))
    except InputError as error:
        blocks.append(Words(f"No code repeats it: {error}."))
    return blocks
