"""Reproduce papers: run what their claims need, judge them, write figures and pages."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from potentia.console.text import counted
from potentia.errors import known_name, whole_number
from potentia.experiments import claims, record, statements, story
from potentia.experiments.claims import ACCURATE, ALMOST_EVERY, NASH_GAP
from potentia.experiments.files import Files
from potentia.experiments.paper import Paper
from potentia.experiments.papers import chosen, paper
from potentia.experiments.running import curves, noted, outcome, run_all, run_trial
from potentia.experiments.statements import Measured, Statement
from potentia.experiments.studies import STUDIES
from potentia.experiments.trials import trials_of
from potentia.experiments.verdicts import MODES
from potentia.io.atomic import write_text
from potentia.io.directories import refuse_unwritable
from potentia.report import lemmas
from potentia.report.claims import Section, markdown
from potentia.report.figures import save_figure
from potentia.report.learning_curves import Column, learning_figure, save_curves

Entries = list[dict[str, object]]
THRESHOLDS = {"nash_gap": NASH_GAP, "accurate": ACCURATE, "almost_every": ALMOST_EVERY}


def reproduce(asked: Iterable[str], out: Path, modes: Sequence[str] = tuple(MODES),
              runs: int = 10, seed: int = 0, progress: bool | None = None) -> Entries:
    """Reproduce papers, or parts of them, and judge the claims that belong to them.

    asked: names of papers, of their figures and studies, or "all". modes: of the trials; studies
    and statements are as written, whatever the modes. runs: of each trial. Writes the figures,
    `claims.json` and `claims.md` to the directory `out`, and what the studies write; returns all
    entries, those of the studies too.
    Raises InputError for unknown words or modes, and where `out` cannot be written. What cannot be
    written later on ends nothing: all else is written, and in the end a NotWrittenError has the
    entries.
    """
    whole_number(runs, "runs", 1)
    parts = chosen(asked)
    for mode in modes:
        known_name(mode, MODES, "mode")
    refuse_unwritable(out)
    entries, files = [], Files(out)
    for name, wanted in parts.items():
        entries += [{"paper_name": name, **entry} for entry in
                    _reproduced(paper(name), wanted, files, modes, runs, seed, progress)]
    if any(wanted != ["lemmas"] for wanted in parts.values()):
        # lemmas alone leave earlier claims as they are
        files.write(lambda: _write(entries, out, runs, seed))
    files.refuse(entries)
    return entries


def _write(entries: Entries, out: Path, runs: int, seed: int) -> None:
    own = [entry for entry in entries
           if not str(entry["id"]).startswith((lemmas.LEMMA, lemmas.CORRECTION))]
    out.mkdir(parents=True, exist_ok=True)
    write_text(out / "claims.json", json.dumps(own, indent=1) + "\n")
    lemmas_page = out / "lemmas.md"
    checked = lemmas_page.read_text() if len(own) < len(entries) and lemmas_page.exists() else ""
    write_text(out / "claims.md", page(own, runs, seed, checked))


def page(entries: Entries, runs: int, seed: int, checked: str = "",
         known: Mapping[str, Any] | None = None) -> str:
    """The page `claims.md` of the entries of `claims.json`. checked: what `lemmas.md` holds, as
    Markdown, to stand in the section of its paper. known: the record, if it is not the one that
    comes with Potentia."""
    known = record.on_record() if known is None else known
    sections = []
    for name in dict.fromkeys(str(entry["paper_name"]) for entry in entries):
        whole = paper(name)
        about = whole.about.format(runs=runs, seed=seed, **THRESHOLDS)
        sections.append(Section(whole.name, whole.title, about,
                                [entry for entry in entries if entry["paper_name"] == name],
                                checked if "lemmas" in whole.studies else ""))
    return markdown(sections, story.told(entries, known, NASH_GAP))


def _reproduced(whole: Paper, parts: Sequence[str], files: Files, modes: Sequence[str], runs: int,
                seed: int, progress: bool | None) -> Entries:
    """The entries of some parts of a paper."""
    drawn = [part for part in parts if part in whole.figures]
    needed = _needed(whole, drawn, modes)
    plotted = {name for figure in whole.figures.values() for kinds in MODES.values()
               for kind in kinds for name in trials_of(figure, kind).values()}
    results = run_all({name: partial(run_trial, trial, runs, seed, name in plotted)
                       for name, trial in whole.trials.items() if name in needed},
                      progress, f"reproducing {whole.name}",
                      {name: partial(files.studied, STUDIES[name], seed) for name in whole.studies
                       if name in parts})
    for figure in drawn:
        said = f"{counted(runs, 'run')} a trial, seed {seed}"
        files.write(partial(_draw, whole, figure, results, modes, files.out, said))
    outcomes = {name: outcome(whole.trials[name], results[name]) for name in whole.trials
                if name in needed}
    entries = [{**entry, "basis": record.basis(runs)}
               for entry in claims.judged(whole.claims, outcomes, drawn, modes)]
    entries += [entry for part in parts if part in whole.studies for entry in results[part]]
    word = whole.statements_word or whole.name
    return entries + (_stated(whole.statements, seed, progress, word) if word in parts else [])


def _needed(whole: Paper, figures: Sequence[str], modes: Sequence[str]) -> set[str]:
    """Names of the trials that figures and their claims need."""
    kinds = [kind for mode in modes for kind in MODES[mode]]
    drawn = {name for figure in figures for kind in kinds
             for name in trials_of(whole.figures[figure], kind).values()}
    return drawn | {name for claim in whole.claims if claim.figure in figures for kind in kinds
                    if kind in claim.kinds
                    for name in claim.trials(kind)}


def _draw(whole: Paper, name: str, results: Mapping[str, Any], modes: Sequence[str],
          out: Path, basis: str) -> None:
    """Draw a figure and save its curves. basis: of what runs it is."""
    figure, columns = whole.figures[name], []
    for kind in [kind for mode in modes for kind in MODES[mode]]:
        trials = trials_of(figure, kind)
        notes = noted({label: whole.trials[trial] for label, trial in trials.items()})
        columns.append(Column(kind, notes, {label: curves(results[trial])
                                            for label, trial in trials.items()}))
    out.mkdir(parents=True, exist_ok=True)
    title = f"{whole.name}, {_words(name)} ({basis})\n{figure.title}"
    save_figure(learning_figure(title, columns, figure.mean, figure.marks), out / name)
    save_curves(columns, out / name)


def _words(name: str) -> str:
    """A figure as people call it: fig4-n5 is Figure 4, n = 5."""
    return name.replace("fig", "Figure ").replace("-n", ", n = ")


def _stated(claimed: Sequence[Statement], seed: int, progress: bool | None,
            figure: str) -> Entries:
    """The entries of statements; a measure that several share is taken once."""
    measures = {id(measure): measure for statement in claimed
                for measure in statement.measures.values()}
    found: dict[str, Measured] = run_all(
        {str(key): lambda tell, measure=measure: measure.measured(seed)
         for key, measure in measures.items()}, progress, "measuring")
    return [statements.judged(statement, {label: found[str(id(measure))]
                                          for label, measure in statement.measures.items()}, figure)
            for statement in claimed]
