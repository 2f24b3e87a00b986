"""`potentia reproduce`: papers, their figures and claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from potentia.cli import completion
from potentia.cli.arguments import keep_programs
from potentia.cli.options import Json, NoCache, Seed, a_path
from potentia.cli.saving import found_of
from potentia.cli.status import DONE, NO


def reproduce(
        papers: Annotated[list[str] | None, typer.Argument(
            metavar="[PAPERS]...", autocompletion=completion.papers,
            help="Papers such as fox2021, parts of them (fig2 to fig6, chaos, lemmas, samples), or "
                 "all, which is the default.")] = None,
        out: Annotated[Path, typer.Option(
            parser=a_path, metavar="PATH", help="Directory for figures and tables.")] = Path(
                "out"),
        mode: Annotated[Literal["as-published", "as-written", "both"], typer.Option(
            help="As the published scripts ran, or as the paper defines.")] = "both",
        runs: Annotated[int, typer.Option(min=1, help="Runs of each trial.")] = 10,
        strict: Annotated[bool, typer.Option(
            "--strict", help="Status 1 if some claim is NOT REPRODUCED or some correction "
                             "WITHDRAWN, whatever is on record.")] = False,
        seed: Seed = 0, no_cache: NoCache = False, as_json: Json = False) -> None:
    """Reproduce papers: draw their figures and judge their claims. Status 1 if a verdict, or a
    number that is computed once, is not the one on record."""
    from potentia.console.log import notes_on_stderr
    from potentia.experiments import record, runner
    from potentia.experiments.verdicts import AGAINST, MODES
    from potentia.io.plain import document
    from potentia.report.terminal import show_claims
    keep_programs(no_cache)
    with notes_on_stderr():
        claims, refused = found_of(lambda: runner.reproduce(
            papers or ["all"], out, list(MODES) if mode == "both" else [mode], runs, seed))
    differences = record.differences(claims, record.on_record())
    if as_json:
        print(document({"out": out, "not_written": refused or None, "claims": claims,
                        "record": {"runs": record.RUNS, "seed": record.SEED,
                                   "differences": list(map(vars, differences))}}))
    else:
        show_claims(claims)
        _show_record(differences, (runs, seed), (record.RUNS, record.SEED))
        if not refused:
            print(f"Figures, claims.json, claims.md and what studies write are in {out}")
        if strict:
            _show_against(claims)
    against = any(claim["verdict"] in AGAINST for claim in claims)
    raise typer.Exit(NO if refused or (against if strict else differences) else DONE)


def _show_record(differences: Sequence[Any], here: tuple[int, int],
                 recorded: tuple[int, int]) -> None:
    """What differs from the record, and what the record is of if it is of other runs."""
    if here != recorded:
        print(f"The record is of {recorded[0]} runs a trial, seed {recorded[1]}; these verdicts "
              f"rest on {here[0]}, seed {here[1]}.")
    for difference in differences:
        print(f"Not as on record: {difference}")
    if not differences:
        print("Every verdict is the one on record.")


def _show_against(claims: Sequence[Mapping[str, Any]]) -> None:
    """Of the verdicts that --strict does not let pass, which claims have them."""
    from potentia.experiments.verdicts import AGAINST
    for verdict in AGAINST:
        found = dict.fromkeys(claim["id"] for claim in claims if claim["verdict"] == verdict)
        if found:
            print(f"Status 1 because of --strict: {verdict}, on record or not: {', '.join(found)}")
