"""`potentia reproduce`: the paper's figures, claims and lemmas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from potentia.cli.options import DONE, NO, Json, Seed, output_path


def reproduce(
        figures: Annotated[list[str] | None, typer.Argument(
            metavar="[FIGURES]...",
            help="fig2 to fig6, chaos, lemmas, or all, which is the default.")] = None,
        out: Annotated[Path, typer.Option(
            parser=output_path, metavar="PATH", help="Directory for figures and tables.")] = Path(
                "out"),
        mode: Annotated[Literal["as-published", "as-written", "both"], typer.Option(
            help="As the published scripts ran, or as the paper defines.")] = "both",
        runs: Annotated[int, typer.Option(min=1, help="Runs of each trial.")] = 10,
        seed: Seed = 0, as_json: Json = False) -> None:
    """Reproduce the paper's figures and judge its claims. Status 1 if some claim is NOT REPRODUCED,
    or some correction WITHDRAWN."""
    from potentia.experiments import runner
    from potentia.experiments.paper import FIGURES, MODES
    from potentia.io.plain import document
    from potentia.report.terminal import show_claims
    chosen = _figures(figures or ["all"], {**FIGURES, **runner.STUDIES})
    claims = runner.reproduce(chosen, out, list(MODES) if mode == "both" else [mode], runs, seed)
    if as_json:
        print(document({"out": out, "claims": claims}))
    else:
        show_claims(claims)
        print(f"Figures, claims.json, claims.md and what studies write are in {out}")
    raise typer.Exit(_status_of(claims))


def _status_of(claims: Sequence[Mapping[str, Any]]) -> int:
    """The answer is no as soon as one claim is reproduced in no mode that was run, or one
    correction not borne out."""
    return (NO if any(claim["verdict"] in ("NOT REPRODUCED", "WITHDRAWN") for claim in claims)
            else DONE)


def _figures(names: list[str], known: Mapping[str, Any]) -> list[str]:
    from potentia.errors import known_name
    for name in names:
        known_name(name, {*known, "all"}, "figure")
    return [name for name in known if name in names or "all" in names]
