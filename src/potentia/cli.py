"""The command line: read the arguments, call the library, print.

Exit status: 0 done, 1 the work was done and the answer is no, 2 bad input. Heavy imports wait until a
command runs, so that `potentia --help` answers at once.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NoReturn

import typer

from potentia import __version__

if TYPE_CHECKING:
    import numpy as np

    from potentia.certificates.equilibrium import Certificate
    from potentia.games.tabular import MarkovGame
    from potentia.result import Result

DONE, NO, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
STEP_SIZE = 0.1
LARGEST_SEED = 2**63 - 1
# The class of all usage errors, which typer itself has no public name for.
NOT_UNDERSTOOD = typer.BadParameter.__mro__[2]

app = typer.Typer(name="potentia", add_completion=False, pretty_exceptions_enable=False,
                  help="Markov potential games: define a game, let agents learn independently, get a certificate.")


def _place(text: str | Path) -> Path:
    """A directory to write; an empty text would stand for the current one."""
    if not str(text):
        raise typer.BadParameter("it is empty, but the path of a directory is needed")
    return Path(text)


Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of tables.")]
Name = Annotated[str | None, typer.Argument(help="One of them, to see it in full.")]
Seed = Annotated[int, typer.Option(min=0, max=LARGEST_SEED, help="Seed of all random draws.")]
Out = Annotated[Path | None, typer.Option(parser=_place, metavar="PATH", help="Save the result in this directory.")]
Parameters = Annotated[list[str] | None, typer.Option(
    "--parameter", "-p", metavar="KEY=VALUE",
    help="A parameter of the game; of the rule or oracle as rule.KEY or oracle.KEY. May be repeated.")]


def main() -> None:
    """Run the command line; bad input becomes one line on standard error and status 2."""
    try:
        status = app(sys.argv[1:] or ["--help"], standalone_mode=False) or DONE
    except NOT_UNDERSTOOD as error:  # pyright: ignore[reportGeneralTypeIssues]
        _refuse(error.format_message())  # pyright: ignore[reportAttributeAccessIssue]
    except ValueError as error:
        from potentia.errors import InputError
        if not isinstance(error, InputError):
            raise
        _refuse(str(error))
    except (KeyboardInterrupt, typer.Abort):
        status = INTERRUPTED
    if status == INTERRUPTED:
        print("potentia: interrupted", file=sys.stderr)
    sys.exit(status)


def _refuse(message: str) -> NoReturn:
    print("potentia: error:", " ".join(message.split()), file=sys.stderr)
    sys.exit(BAD_INPUT)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"potentia {__version__}")
        raise typer.Exit(DONE)


@app.callback()
def _potentia(version: Annotated[bool, typer.Option(
        "--version", callback=_print_version, is_eager=True, help="Print the version.")] = False) -> None:
    """Options before any command."""


@app.command()
def reproduce(
        figures: Annotated[list[str] | None, typer.Argument(
            metavar="[FIGURES]...", help="fig2 to fig6, chaos, lemmas, or all, which is the default.")] = None,
        out: Annotated[Path, typer.Option(
            parser=_place, metavar="PATH", help="Directory for figures and tables.")] = Path("out"),
        mode: Annotated[Literal["as-published", "as-written", "both"], typer.Option(
            help="As the published scripts ran, or as the paper defines.")] = "both",
        runs: Annotated[int, typer.Option(min=1, help="Runs of each trial.")] = 10,
        seed: Seed = 0, as_json: Json = False) -> None:
    """Reproduce the paper's figures and judge its claims. Status 1 if some claim is NOT REPRODUCED, or some
    correction WITHDRAWN."""
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
    """The answer is no as soon as one claim is reproduced in no mode that was run, or one correction not borne out."""
    return NO if any(claim["verdict"] in ("NOT REPRODUCED", "WITHDRAWN") for claim in claims) else DONE


def _figures(given: list[str], known: Mapping[str, Any]) -> list[str]:
    from potentia.errors import known_name
    for name in given:
        known_name(name, {*known, "all"}, "figure")
    return [name for name in known if name in given or "all" in given]


@app.command()
def solve(
        game: Annotated[str, typer.Argument(help="A registered game (see `potentia games`) or a file.")],
        rule: Annotated[str, typer.Option(help="How agents learn (see `potentia rules`).")] = "inpg",
        oracle: Annotated[str, typer.Option(help="Where values come from (see `potentia oracles`).")] = "exact",
        step_size: Annotated[float | None, typer.Option(help=f"Step size; {STEP_SIZE} where a rule has one.")] = None,
        initial: Annotated[Literal["random", "uniform"], typer.Option(help="First policies.")] = "random",
        runs: Annotated[int, typer.Option(min=1, help="Independent runs.")] = 1,
        seed: Seed = 0,
        max_iterations: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Most updates.")] = 10_000,
        tolerance: Annotated[float, typer.Option(
            help="Nash gap that counts as converged; exact oracles stop there.")] = 1e-8,
        step_tolerance: Annotated[float | None, typer.Option(
            help="Stop when the policies move by at most this (mean L1).")] = None,
        check_every: Annotated[int, typer.Option(min=1, help="Iterations between exact Nash gaps.")] = 100,
        checkpoint: Annotated[Path | None, typer.Option(
            parser=_place, metavar="PATH", help="Write checkpoints to this directory, to resume from.")] = None,
        checkpoint_every: Annotated[float, typer.Option(min=0, help="Seconds between checkpoints.")] = 60.0,
        resume: Annotated[bool, typer.Option(
            "--resume", help="Go on from the checkpoint, if there is one yet; without --checkpoint in OUT.checkpoint.",
        )] = False,
        processes: Annotated[int, typer.Option(
            min=1, help="Processes that the game's states are split over, started on this machine.")] = 1,
        devices: Annotated[int, typer.Option(
            min=1, help="Devices of each process that the states are split over.")] = 1,
        process: Annotated[int | None, typer.Option(
            help="This process's number, to start each of --processes by hand, on several machines.")] = None,
        coordinator: Annotated[str | None, typer.Option(
            metavar="HOST:PORT", help="With --process: where process 0 listens.")] = None,
        out: Out = None, parameter: Parameters = None, as_json: Json = False) -> None:
    """Let the agents of a game learn, and certify where they end. Status 1 unless every run came
    within the tolerance."""
    import potentia as pt
    from potentia.devices import is_first
    from potentia.io.runs import refuse_unsavable
    from potentia.notes import notes_on_stderr
    own, of_rule, of_oracle = _parameters(parameter)
    if processes * devices > 1 or process is not None or coordinator is not None:
        _split(game, processes, devices, process, coordinator, own)
    built = _game(game, own)
    learner = pt.rules.make(rule, **_with_step_size(rule, step_size, of_rule))
    told = pt.oracles.make(oracle, **of_oracle)
    if out is not None:
        refuse_unsavable(out)
    with notes_on_stderr():
        result = pt.solve(built, learner, told, initial=initial, seed=seed, max_iterations=max_iterations,
                          tolerance=tolerance, step_tolerance=step_tolerance, check_every=check_every, runs=runs,
                          checkpoint=_kept(checkpoint, resume, out), checkpoint_every=checkpoint_every, resume=resume)
    if not is_first():
        return
    if out is not None:
        pt.save(result, out)
    _show_result(result, _certificates(result), tolerance, out, as_json)


def _split(game: str, processes: int, devices: int, process: int | None, coordinator: str | None,
           own: dict[str, Any]) -> None:
    """Start the processes and end with their status; or be one of them, and ask for a game in as many parts."""
    import potentia as pt
    from potentia.errors import InputError
    if game not in pt.games.names() or "shards" not in pt.games.parameters(game):
        raise InputError(f"--processes and --devices split a game's states, but {game} is held as a whole")
    from potentia.processes import join, launch
    if (process is None) != (coordinator is None):
        raise InputError("--process and --coordinator go together: this process's number, and where process 0 listens")
    if processes > 1 and process is None:
        raise typer.Exit(launch(processes))
    join(processes, process or 0, coordinator or "", devices)
    own["shards"] = processes * devices


def _kept(checkpoint: Path | None, resume: bool, out: Path | None) -> Path | None:
    """The directory of checkpoints: the one that is given, or, to resume, the one beside the saved result."""
    from potentia.errors import InputError
    saved = None if out is None else out.resolve()
    if checkpoint is None and resume:
        if saved is None:
            raise InputError("--resume needs --checkpoint, the directory to go on from, or --out, to keep it beside")
        return saved.with_name(f"{saved.name}.checkpoint")
    if checkpoint is not None and saved is not None and checkpoint.resolve().is_relative_to(saved):
        raise InputError(f"--checkpoint {checkpoint} lies in --out {out}, which is replaced as a whole at the end: "
                         "give another directory")
    return checkpoint


def _show_result(result: Result, certificates: list[Certificate], tolerance: float, out: Path | None,
                 as_json: bool) -> None:
    from potentia.io.plain import document
    from potentia.report.terminal import endings, show_runs
    from potentia.result import Status
    statuses, iterations = endings(result)
    # A sampled run never stops on the gap, so its certificate may answer instead.
    converged = all(status is Status.CONVERGED or certificate.nash_gap <= tolerance
                    for status, certificate in zip(statuses, certificates, strict=True))
    if as_json:
        runs = [{"status": status, "iterations": count, "certificate": certificate}
                for status, count, certificate in zip(statuses, iterations, certificates, strict=True)]
        print(document({"game": getattr(result.game, "name", None), "converged": converged,
                        "settings": result.settings, "runs": runs, "saved": out}))
    else:
        show_runs(result, certificates)
        if out is not None:
            print(f"Saved in {out}")
    raise typer.Exit(DONE if converged else NO)


@app.command()
def certify(
        target: Annotated[str, typer.Argument(
            metavar="GAME|RUN", help="A game, with or without --profile, or the directory of a saved run.")],
        profile: Annotated[Path | None, typer.Option(help="The profile [N, H, A]: a .npy or .json file.")] = None,
        tolerance: Annotated[float, typer.Option(help="Largest Nash gap that is accepted.")] = 1e-6,
        part: Annotated[list[str] | None, typer.Option(
            help="Only this part: equilibrium, potential, theory, welfare or lemmas. May be repeated.")] = None,
        policies: Annotated[Literal["joint", "local"] | None, typer.Option(
            help="Policies of the whole state or of what each agent sees; the game's own if omitted.")] = None,
        states: Annotated[Literal["reachable", "all"], typer.Option(
            help="States that the verdict on the potential is about.")] = "reachable",
        starts: Annotated[int, typer.Option(min=0, help="Random starts of learning in the welfare report.")] = 20,
        seed: Seed = 0, parameter: Parameters = None, as_json: Json = False) -> None:
    """Say what kind of game it is, what theory promises for it, what selfishness costs, and how far a profile is from
    Nash. Status 1 if that may be more than the tolerance; where no profile is judged, if the game is not proven to be
    a potential game."""
    from potentia.analysis import Asked, analyse
    from potentia.errors import InputError, finite_number
    from potentia.report.page import show_page
    if finite_number(tolerance, "tolerance") < 0:
        raise InputError(f"tolerance is {tolerance:g}, but it must not be negative")
    own, *others = _parameters(parameter)
    if any(others):
        raise InputError("certify takes parameters of the game only, not of a rule or oracle")
    asked = Asked(parts=part or None, policies=policies, states=states, starts=starts, seed=seed)
    subjects = _subjects(target, profile, own)
    found = []
    for run, (game, given, result) in enumerate(subjects):
        # What is said of the game itself is said once.
        kept = asked if run == 0 else dataclasses.replace(
            asked, parts=["equilibrium"] if "equilibrium" in (part or ["equilibrium"]) else [])
        parts = analyse(game, given, result, kept)
        if parts and not as_json:
            show_page(f"{game!r}" + (f", run {run}" if len(subjects) > 1 else ""), parts)
        found.append(parts)
    raise typer.Exit(_show_answer(found, tolerance, as_json))


def _subjects(target: str, profile: Path | None, own: dict[str, Any]) -> list[tuple[MarkovGame, Any, Result | None]]:
    """Game, profile and result of each run in a directory; or of the game of that name or in that file."""
    import potentia as pt
    from potentia.io.profiles import read_profile
    if not Path(target).is_dir() or _is_registered(target):
        game = _game(target, own)
        return [(game, None if profile is None else read_profile(profile, game), None)]
    if profile is not None or own:
        raise pt.InputError(f"{target} is a run, which has its own game and profiles: give no --profile, no -p")
    result = pt.load(target)
    return [(result.game, one, result) for one in _profiles(result)]


def _show_answer(found: list[list[Any]], tolerance: float, as_json: bool) -> int:
    """Print the answer, or the whole document; the exit status."""
    from potentia.io.plain import document
    from potentia.report.page import as_document
    certificates = [part.report for parts in found for part in parts if part.name == "equilibrium" and part.report]
    verdicts = [part.report.verdict for part in found[0] if part.name == "potential" and part.report]
    within = all(certificate.nash_gap <= tolerance for certificate in certificates) if certificates else None
    if as_json:
        print(document({"within_tolerance": within, "tolerance": tolerance, "certificates": certificates,
                        **as_document(found[0])}))
    elif within is not None:
        print(f"{'Within' if within else 'Not within'} the tolerance {tolerance:g}")
    if within is None:
        return DONE if set(verdicts) <= {"PROVEN"} else NO
    return DONE if within else NO


def _profiles(result: Result) -> np.ndarray:
    """[runs, N, H, A], also for a single run."""
    return result.profile.reshape(-1, *result.profile.shape[-3:])


def _certificates(result: Result) -> list[Certificate]:
    import potentia as pt
    return [pt.certify(result.game, profile) for profile in _profiles(result)]


@app.command()
def bench(
        names: Annotated[list[str] | None, typer.Argument(
            metavar="[NAME]...", help="Benchmarks, all if omitted; a wrong name is answered with those there are.",
        )] = None,
        peers: Annotated[Path | None, typer.Option(
            metavar="PATH", help="The folder benchmarks/peers of a checkout; not needed at its root.")] = None,
        sgamesolver: Annotated[str | None, typer.Option(
            metavar="PYTHON", help="The Python of an environment with sgamesolver, to measure that too.")] = None,
        out: Annotated[Path | None, typer.Option(
            parser=_place, metavar="PATH", help="Write benchmarks.json and benchmarks.md to this directory.")] = None,
        as_json: Json = False) -> None:
    """Measure how fast Potentia is on this machine, as ratios in one process, each beside its limit. Status 1 if a
    limit is missed."""
    from potentia.bench import runner
    from potentia.io.plain import document
    from potentia.report.benchmarks import show_benchmarks
    found = runner.bench(names or (), runner.asked(peers, sgamesolver), out)
    if as_json:
        print(document(found))
    else:
        show_benchmarks(found)
        if out is not None:
            print(f"The results and their page are in {out}")
    missed = any(figure["holds"] is False for one in found["benchmarks"].values() for figure in one["figures"])
    raise typer.Exit(NO if missed else DONE if found["complete"] else INTERRUPTED)


@app.command("games")
def list_games(name: Name = None, as_json: Json = False) -> None:
    """The registered games, each with a line and its source; or one of them with its parameters."""
    from potentia import games
    modules = {known: games.module(known) for known in ([name] if name else games.names())}
    _list({known: (module.build, module) for known, module in modules.items()}, name, as_json)


@app.command("rules")
def list_rules(name: Name = None, as_json: Json = False) -> None:
    """The registered learning rules, each with a line and its source; or one of them in full."""
    from potentia import rules
    classes = {known: rules.load(known) for known in ([name] if name else rules.names())}
    _list({known: (cls, sys.modules[cls.__module__]) for known, cls in classes.items()}, name, as_json)


@app.command("oracles")
def list_oracles(name: Name = None, as_json: Json = False) -> None:
    """The registered oracles, each with a line and its source; or one of them in full."""
    from potentia import oracles
    classes = {known: oracles.load(known) for known in ([name] if name else oracles.names())}
    _list({known: (cls, sys.modules[cls.__module__]) for known, cls in classes.items()}, name, as_json)


def _list(things: Mapping[str, tuple[Any, Any]], one: str | None, as_json: bool) -> None:
    """Print names, the first lines of docstrings, and the modules' sources (our own ideas have none); of `one` thing
    its signature and whole docstring."""
    import inspect

    from potentia.io.plain import document
    from potentia.report.terminal import show_table
    rows = [{"name": name, "line": (thing.__doc__ or "").splitlines()[0], "source": getattr(module, "SOURCE", None)}
            for name, (thing, module) in things.items()]
    if as_json:
        print(document(rows))
    elif one:
        thing, _ = things[one]
        print(f"{one}{inspect.signature(thing)}\n\n{inspect.getdoc(thing)}\n\nSource: {rows[0]['source'] or '-'}")
    else:
        show_table(("name", "what it is", "source"), [(row["name"], row["line"], row["source"] or "-") for row in rows])


def _game(text: str, parameters: dict[str, Any]) -> MarkovGame:
    """A registered game by name, or the game in a file."""
    from potentia import games
    from potentia.errors import InputError
    from potentia.io.games import read_game
    from potentia.io.runs import is_run
    path = Path(text)
    if _is_registered(text) or not text or not (path.suffix or path.exists() or "/" in text):
        return games.make(text, **parameters)
    if path.is_dir():
        raise InputError(f"{text} is a saved run, not a game; potentia certify {text} tells about it" if is_run(path)
                         else f"{text} is a directory, not a game file")
    if parameters:
        raise InputError(f"{text} is a file, which takes no parameters (-p {next(iter(parameters))})")
    return read_game(path)


def _is_registered(text: str) -> bool:
    from potentia import games
    return text in games.names()


def _with_step_size(rule: str, step_size: float | None, parameters: dict[str, Any]) -> dict[str, Any]:
    """The rule's parameters, with the step size of the command line or the usual one."""
    import inspect

    from potentia import rules
    from potentia.errors import InputError
    if step_size is not None and "step_size" in parameters:
        raise InputError("step_size is given twice, by --step-size and by -p rule.step_size")
    if step_size is None and "step_size" not in inspect.signature(rules.load(rule)).parameters:
        return parameters
    return {"step_size": STEP_SIZE if step_size is None else step_size, **parameters}


def _parameters(given: list[str] | None) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    """Parameters of the game, the rule and the oracle from KEY=VALUE texts."""
    from potentia.errors import InputError
    found: dict[str, dict[str, Any]] = {"game": {}, "rule": {}, "oracle": {}}
    for text in given or []:
        key, equals, value = text.partition("=")
        owner, _, own_key = key.strip().rpartition(".")
        if not equals or not own_key or (owner or "game") not in found:
            raise InputError(f"parameter {text!r} is not KEY=VALUE, rule.KEY=VALUE or oracle.KEY=VALUE")
        chosen = found[owner or "game"]
        if own_key in chosen:
            raise InputError(f"parameter {key!r} is given twice")
        chosen[own_key] = _value(value.strip())
    return found["game"], found["rule"], found["oracle"]


def _value(text: str) -> Any:
    """A whole number, a number, true or false, several of these with commas between, or else text."""
    if "," in text:
        return tuple(_value(part.strip()) for part in text.split(",") if part.strip())
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
