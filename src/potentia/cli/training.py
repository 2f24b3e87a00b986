"""`potentia train`: let agents learn by playing in a simulator."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from potentia.cli import completion
from potentia.cli.arguments import game_of, keep_programs, parameters_of
from potentia.cli.options import Json, NoCache, Out, Seed
from potentia.cli.saving import Kept, keep
from potentia.cli.status import DONE, INTERRUPTED, NO

if TYPE_CHECKING:
    from potentia.learners.base import Learner
    from potentia.training.gap import EstimatedGap
    from potentia.training.trained import Trained

Parameters = Annotated[list[str] | None, typer.Option(
    "--parameter", "-p", metavar="KEY=VALUE",
    help="A parameter of the simulator or the game; of the learner as learner.KEY. May be "
         "repeated.")]


def train(
        simulator: Annotated[str, typer.Argument(
            autocompletion=completion.simulators,
            help="A simulator of Potentia's (crowded-grid, queueing, road-traffic), a registered "
                 "game with a table, or a game file: those are played, too.")],
        learner: Annotated[str, typer.Option(
            autocompletion=completion.learners,
            help="How each agent learns: ppo or npg.")] = "ppo",
        updates: Annotated[int, typer.Option(
            min=0, max=2**31 - 1, help="Updates, those before --resume among them.")] = 200,
        runs: Annotated[int, typer.Option(min=1, help="Independent runs.")] = 1,
        seed: Seed = 0,
        gap: Annotated[bool, typer.Option(
            "--gap", help="Estimate what each agent would gain by learning once more, alone, "
                          "against the others of the first run.")] = False,
        gap_updates: Annotated[int, typer.Option(
            min=1, help="With --gap: updates of each agent, from each of two seeds.")] = 60,
        keep_every: Annotated[int, typer.Option(
            min=1, help="Updates after which --out is written again.")] = 50,
        resume: Annotated[bool, typer.Option(
            "--resume", help="Go on from what lies in --out, if there is something yet.")] = False,
        out: Out = None, parameter: Parameters = None, no_cache: NoCache = False,
        as_json: Json = False) -> None:
    """Let the agents of a simulator learn, each by itself, from what it saw, did and earned.
    --out keeps it, with a picture of returns. Status 1 if it ended before its time."""
    import potentia as pt
    from potentia.console.log import notes_on_stderr
    keep_programs(no_cache)
    own, of_learner = parameters_of(parameter, ("simulator", "learner"))
    _refuse_earlier(out, resume)
    chosen = _learner(learner, of_learner)
    built = _simulator(simulator, own)
    with notes_on_stderr():
        trained = pt.train(built, chosen, updates=updates, runs=runs, seed=seed, checkpoint=out,
                           checkpoint_every=keep_every, resume=resume)
        found = _gap(trained, gap_updates, seed) if gap and _is_whole(trained) else None
        kept = None if out is None else keep(trained, out, lambda: _beside(trained, found))
    _show(trained, found, kept, as_json)
    if trained.status.value == "interrupted" or (found is not None and found.interrupted):
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(DONE if _is_whole(trained) and not (kept and kept.reason) else NO)


def _refuse_earlier(out: Path | None, resume: bool) -> None:
    """Refuse to go on from nothing, and to write over what was learnt before."""
    from potentia.errors import InputError
    from potentia.training.saving import is_training
    if out is None:
        if resume:
            raise InputError("--resume needs --out, the directory to go on from")
    elif not resume and is_training(out):
        raise InputError(f"--out {out} holds what was learnt before: --resume goes on from it, or "
                         f"give another directory")


def _learner(name: str, given: dict[str, Any]) -> Learner:
    """The learner of that name; what is wrong with a parameter names it as it was given."""
    from potentia import learners
    from potentia.errors import InputError, known_name
    known_name(name, completion.learners(""), "learner")
    try:
        return learners.REGISTRY.make(name, given)
    except InputError as error:
        named = str(error).partition(" ")[0] in given
        raise InputError(f"learner.{error}" if named else str(error)) from None


def _simulator(text: str, parameters: dict[str, Any]) -> Any:
    """A simulator by name, else a game, by name or in a file."""
    from potentia import games, simulators
    from potentia.errors import known_name
    if text in simulators.names():
        return simulators.make(text, **parameters)
    if not (Path(text).suffix or Path(text).exists() or "/" in text):
        known_name(text, [*simulators.names(), *games.names()], "simulator or game")
    return game_of(text, parameters)


def _is_whole(trained: Trained) -> bool:
    """Whether as many updates were made as were asked for."""
    return trained.status.value == "max_updates"


def _gap(trained: Trained, updates: int, seed: int) -> EstimatedGap:
    """By the learner that was trained, of the first run."""
    import potentia as pt
    return pt.estimate_gap(trained.simulator, trained.policy(), learner=trained.learner,
                           updates=updates, seed=seed)


def _beside(trained: Trained, gap: EstimatedGap | None) -> Mapping[str, bytes]:
    """What lies beside what was learnt: the picture, where there is something to draw, and the gap.
    """
    import potentia as pt
    from potentia.io.plain import document
    found = {} if gap is None else {"gap.json": (document(_told(gap)) + "\n").encode()}
    if trained.updates:
        drawn = io.BytesIO()
        pt.plot.curves(trained).figure.savefig(drawn, format="png")
        found["returns.png"] = drawn.getvalue()
    return found


def _told(gap: EstimatedGap) -> dict[str, Any]:
    return {**vars(gap), "gap": gap.gap, "interval": gap.interval,
            "note": "a lower bound found by learning; no certificate"}


def _show(trained: Trained, gap: EstimatedGap | None, kept: Kept | None, as_json: bool) -> None:
    from potentia.io.plain import document
    if as_json:
        steps = trained.agent_steps.reshape(trained.runs, -1)
        print(document({
            "simulator": trained.facts.name, "learner": type(trained.learner).__name__,
            "settings": vars(trained.learner), "status": trained.status, "message": trained.message,
            "updates": trained.updates, "runs": trained.runs, "seed": trained.seed,
            "agent_steps": steps.max(initial=0), "returns": trained.returns,
            "estimated_gap": None if gap is None else _told(gap),
            "saved": kept and kept.place, "not_saved": (kept and kept.reason) or None}))
        return
    print(trained)
    if gap is not None:
        print(gap)
    if kept is not None:
        print(f"Saved in {kept.place}" if kept.place else f"Not saved: {kept.reason}")
