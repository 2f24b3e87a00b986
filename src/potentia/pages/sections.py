"""The sections of a page about results."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from potentia.analysis import Asked, Part, analyse
from potentia.game import Game, HasLinks
from potentia.learning.checkpoint.fingerprint import described
from potentia.pages import look
from potentia.pages.blocks import Block, Code, Lines, Picture, Section, Words
from potentia.pages.certified import certificate_blocks, judged
from potentia.pages.curve_figures import curve_figure, thinned
from potentia.pages.pictures import picture_blocks
from potentia.pages.recipes import repeated, settings_of
from potentia.pages.subjects import Subject
from potentia.pages.wanted import PARTS, Wanted
from potentia.plot import groups
from potentia.plot.bands import SHARE
from potentia.plot.quantities import NAMES
from potentia.report.page import TITLES

NEAR = "How near a Nash equilibrium?"
CURVES = "Learning curves"
KIND = "What kind of game is it?"
REPEAT = "How it was made, and how to repeat it"
READING = (f"Thin: every run, level from one record to the next. Thick: the median over all runs "
           f"at every iteration, a run that ended keeping its last value; band: {SHARE:.0%} "
           f"bootstrap interval of that median. Drag to zoom, double-click to see all again.")


def of_results(subjects: Sequence[Subject], wanted: Wanted) -> list[Section]:
    """Certificates first, then curves, the games drawn, what is known of them, and recipes."""
    several = len(subjects) > 1
    sections = [Section(NEAR, [block for each in subjects for block in certificate_blocks(
        judged(each.result, wanted.seconds), wanted.run, each.label if several else "")])]
    panels = groups.of_results([each.result for each in subjects],
                               [each.label for each in subjects], None)
    if panels:
        sections.append(Section(CURVES, curve_blocks(panels, "curve")))
    for number, each in enumerate(subjects):
        title = "The game and the policies" + (f": {each.label}" if several else "")
        sections.append(Section(title, picture_blocks(
            each.result, wanted.run, wanted.places, f"game{number}")))
    for name, each in _games(subjects).items():
        sections.append(Section(KIND + (f" {name}" if several else ""),
                                known_blocks(each, wanted)))
    sections += [Section(REPEAT + (f": {each.label}" if several else ""), recipe_blocks(each))
                 for each in subjects]
    return sections


def curve_blocks(panels: Sequence[groups.Panel], name: str) -> list[Block]:
    """How to read curves, a picture of each panel, and what of them is not drawn; `name` begins the
    ids of the figures."""
    return [Words(READING), *(Picture(
        f"{panel.title}: {NAMES.get(panel.quantity, panel.quantity)}" if panel.title else "",
        look.drawn(curve_figure(panel), f"{name}{number}"), "", len(panels) == 1)
        for number, panel in enumerate(panels)), Words(thinned(panels))]


def _games(subjects: Sequence[Subject]) -> dict[str, Subject]:
    """The first of each game, to the last number: what is said of the game alone is said once. Of
    roads all, by their labels, since their totals are those of a profile; others by their names, if
    these tell them apart."""
    if len(subjects) == 1:
        return {subjects[0].label: subjects[0]}
    chosen: dict[Hashable, Subject] = {}
    for each in subjects:
        game = each.result.game
        chosen.setdefault(each.label if isinstance(game, HasLinks) else
                          frozenset(described(game, "game").items()), each)
    found = list(chosen.values())
    names = [each.label if isinstance(each.result.game, HasLinks) else each.result.game.name
             for each in found]
    return dict(zip(names if len(set(names)) == len(names) else [each.label for each in found],
                    found, strict=True))


def known_blocks(subject: Subject, wanted: Wanted) -> list[Block]:
    """What is known of the game, and of the run that is drawn, part by part."""
    result = subject.result
    lacking = {} if len(result.statuses) == 1 else {
        "lemmas": f"of one run alone, and there are {len(result.statuses)}"}
    parts = [part for part in wanted.parts or PARTS if part not in lacking]
    asked = Asked(parts=parts, starts=wanted.starts, seed=wanted.seed, price=wanted.price,
                  seconds=wanted.seconds, certificate=subject.certificate)
    found = analyse(result.game, result.profiles[wanted.run], result, asked, progress=False) \
        if parts else []
    left = [part for part in PARTS if part not in parts]
    told = "; ".join(f"{part} ({lacking.get(part, 'not asked for')})" for part in left)
    return [*map(_part, found), *([Words(f"Left out: {told}.")] if left else []),
            *_price(result.game, parts, wanted), *_limits(found, wanted)]


def _price(game: Game, parts: Sequence[str], wanted: Wanted) -> list[Block]:
    """That the price of anarchy of roads is not told unasked, and how to ask."""
    if wanted.price or "welfare" not in parts or not isinstance(game, HasLinks):
        return []
    return [Words("Left out: the price of anarchy, for which the system optimum is learnt first. "
                  "Ask for it by --price-of-anarchy, or price=True (pt.write_report).")]


def _part(part: Part) -> Block:
    return Lines(f"{TITLES[part.name]} ({part.seconds:.2g} s)", part.lines())


def _limits(found: Sequence[Part], wanted: Wanted) -> list[Block]:
    """What to do about parts that did not come within their time."""
    if not any(part.without.startswith("the time was up") for part in found):
        return []
    return [Words("More time (--seconds, seconds=) or fewer parts (--part, parts=) let the rest be "
                  "computed; potentia certify RUN takes as long as it needs.")]


def recipe_blocks(subject: Subject) -> list[Block]:
    """How it was made, and what repeats it."""
    again = repeated(subject.result, subject.folder)
    blocks: list[Block] = [Lines("The recipe", settings_of(subject.result))]
    if again.python:
        blocks.append(Code("In Python, to the same bits on the same machine", again.python))
    else:
        blocks.append(Words(f"No code repeats it: {again.python_not}."))
    if again.line:
        blocks.append(Code("On the command line, without what was kept on the way (profiles, "
                           "distances)", again.line))
    elif again.python:
        blocks.append(Words(f"No command line repeats it: {again.line_not}."))
    return blocks
