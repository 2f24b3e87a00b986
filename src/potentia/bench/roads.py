"""Road networks to a certified equilibrium, beside AequilibraE's bi-conjugate Frank-Wolfe: whole
processes, side by side in one run.

Ours is `potentia solve`, from the start of Python to the certificate: with no compiled programs
kept (cold), then with those of the first (warm), then on to a gap that Frank-Wolfe does not reach.
Where that takes little all of it is done three times, in turn, and the middle one of each counts.
Either Python has compiled its own modules before, as after the first command of any user's.
Theirs is a process that reads the same network from arrays and assigns it to the same gap. Agents
are a millionth of a vehicle, by destination, so that the relative gap by own costs, which our
certificate bounds, and the traffic literature's at mean flows, which theirs tells, are the same but
for some 1e-11. AequilibraE needs an environment of its own, and so does Potentia, with what it asks
for and no more, where 0.05 s count: Python looks through all that is installed.
"""

from __future__ import annotations

import dataclasses
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np

from potentia import games
from potentia.bench.city import city
from potentia.bench.harness import Asked, Figure, Limit, missing
from potentia.bench.peers import NOT_HERE
from potentia.bench.traffic import Network, network_of
from potentia.errors import one_line
from potentia.io.games import save_game
from potentia.io.road_games import read_tntp

HOW = "it takes the Python of an environment with aequilibrae (--aequilibrae)"
GOAL, FURTHER = 1e-5, 1e-8
PARTS = 10**6             # agents to a vehicle
MEMORY = Limit("at most", 2)
FAR = Limit("at most", 3)
PATIENCE = 4              # times that to the goal, after which what goes further is ended
TIMES, LONG = 3, 60.0     # rounds of processes, unless the first took so many seconds


@dataclasses.dataclass(frozen=True)
class Ran:
    """One process: seconds, most memory in bytes, what it printed and, where it failed, why."""

    seconds: float
    memory: int
    output: str
    error: str = ""


def measure(asked: Asked, networks: Iterable[Network] | None = None, goal: float = GOAL,
            further: float = FURTHER, times: int = TIMES) -> list[Figure]:
    """Our seconds over AequilibraE's, cold and warm, and over our own to the further gap."""
    # Read before anything is measured, which a damaged file would lose.
    found = [*_networks(asked)] if networks is None else networks
    _begun_once(asked)
    return [figure for network in found for figure in _of(
        network.name, [*_rounds(asked, network, goal, further, times)], goal, further)]


def _networks(asked: Asked) -> Iterable[Network]:
    yield network_of("Sioux Falls", games.make("sioux-falls", n_agents=360_600 * PARTS,
                                               policies="destination"))
    for net, trips in asked.networks:
        yield network_of(net.stem.removesuffix("_net"),
                         read_tntp(net, trips, 10**11, policies="destination"))
    town = city()
    yield network_of("a city of 916 nodes, 1.2 million trips", town.game(parts=PARTS))


def _begun_once(asked: Asked) -> None:
    """Let Python write down the modules that either process loads, as it has compiled them."""
    _ran([sys.executable, "-m", "potentia", "solve", "braess", "--json"], _environment())
    if asked.aequilibrae is not None and asked.peers is not None:
        _ran([asked.aequilibrae, str(asked.peers / "aequilibrae_run.py")], _environment())


def _environment(**more: str) -> dict[str, str]:
    """As a user's own, without settings of JAX or of Python that change how a process begins."""
    return {**{name: value for name, value in os.environ.items()
               if not name.startswith("JAX_")
               and name not in ("POTENTIA_NO_CACHE", "PYTHONDONTWRITEBYTECODE")}, **more}


class _Round(NamedTuple):
    """One process of each kind; why there is none of theirs."""

    cold: Ran
    warm: Ran
    far: Ran
    theirs: Ran | str


def _of(name: str, rounds: Sequence[_Round], goal: float, further: float) -> list[Figure]:
    last = rounds[-1]
    failed = next((ran.error for ran in last[:3] if ran.error), "")
    if failed:
        return [missing(f"{name}: our whole process", f"not measured: {failed}")]
    cold, warm, far = (_middle(kind) for kind in list(zip(*rounds, strict=True))[:3])
    theirs = [each.theirs for each in rounds if isinstance(each.theirs, Ran)]
    return [*_against(name, cold, warm, _middle(theirs) if theirs else last.theirs, goal),
            _far(f"{name}: our time to a gap of {further:g} over that to {goal:g}, warm", warm,
                 far),
            Figure(f"{name}: most memory of our process",
                   max(ran.memory for each in rounds for ran in each[:3]) / 1e9, "GB", MEMORY)]


def _rounds(asked: Asked, network: Network, goal: float, further: float,
            times: int) -> Iterator[_Round]:
    """So many, until one fails or takes long."""
    with TemporaryDirectory() as place:
        game = Path(place) / "game.npz"
        save_game(network.game, game)
        for _ in range(times):
            began = time.perf_counter()
            with TemporaryDirectory() as kept:
                cold, warm = (_ours(game, kept, goal) for _ in range(2))
                far = _ours(game, kept, further, PATIENCE * warm.seconds)
            found = _Round(cold, warm, far, _theirs(asked, network, Path(place), goal))
            yield found
            if (any(ran.error for ran in (cold, warm, far))
                    or time.perf_counter() - began > LONG):
                return


def _middle(rans: Sequence[Ran]) -> Ran:
    """The one that took the middle time; of two the longer."""
    return sorted(rans, key=lambda ran: ran.seconds)[len(rans) // 2]


def _far(what: str, warm: Ran, far: Ran) -> Figure:
    """Our time to the further gap over that to the goal."""
    note = _told(far) if far.output else "not there yet when it was ended"
    return Figure(what, far.seconds / warm.seconds, limit=FAR,
                  seconds={"to the goal": warm.seconds, "further": far.seconds}, note=note)


def _against(name: str, cold: Ran, warm: Ran, theirs: Ran | str, goal: float) -> list[Figure]:
    """Our whole processes over AequilibraE's to the same gap."""
    figures = []
    for how, ran, most in (("cold", cold, 2), ("warm", warm, 1)):
        what, limit = (f"{name}: our whole process over AequilibraE's to a gap of {goal:g}, {how}",
                       Limit("at most", most))
        if isinstance(theirs, str):
            figures += [missing(what, theirs, limit=limit),
                        Figure(f"{name}: our whole process to a gap of {goal:g}, {how}",
                               ran.seconds, "s", note=_told(ran))]
            continue
        answer = json.loads(theirs.output)
        figures.append(Figure(
            what, ran.seconds / theirs.seconds, limit=limit,
            seconds={"ours": ran.seconds, "AequilibraE": theirs.seconds},
            note=f"{_told(ran)}; AequilibraE {answer['version']}: {answer['iterations']:,} "
                 f"iterations to {answer['gap']:.2g}, its assignment alone "
                 f"{answer['seconds']:.3g} s"))
    return figures


def _told(ran: Ran) -> str:
    """Iterations of one of our processes, and what its certificate says."""
    run = json.loads(ran.output)["runs"][0]
    return (f"{run['status']} after {run['iterations']:,} iterations, relative gap certified at "
            f"most {run['certificate']['relative_gap']:.2g}")


def _ours(game: Path, kept: str, goal: float, patience: float | None = None) -> Ran:
    """`potentia solve` with the compiled programs that are kept in that folder; ended after so many
    seconds, when it has told nothing."""
    return _ran([sys.executable, "-m", "potentia", "solve", str(game), "--json",
                 "--relative-gap", repr(goal), "--no-price-of-anarchy"],
                _environment(XDG_CACHE_HOME=kept), patience)


def _theirs(asked: Asked, network: Network, folder: Path, goal: float) -> Ran | str:
    """AequilibraE's process, or why there is none."""
    if asked.aequilibrae is None:
        return f"not measured: {HOW}"
    if asked.peers is None:
        return f"not measured: {NOT_HERE}"
    if network.arrays is None:
        return "not measured: AequilibraE takes BPR costs, with one power to a link and no tolls"
    np.savez(folder / "network.npz", allow_pickle=False, **network.arrays)
    ran = _ran([asked.aequilibrae, str(asked.peers / "aequilibrae_run.py"),
                str(folder / "network.npz"), repr(goal)], _environment())
    return f"not measured: it cannot be run: {ran.error}" if ran.error else ran


def _ran(command: list[str], environment: Mapping[str, str],
         patience: float | None = None) -> Ran:
    """A process from its start to its end, or until it was ended after so many seconds."""
    unit = 1 if sys.platform == "darwin" else 1024
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        try:
            process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        except OSError as error:
            return Ran(0.0, 0, "", one_line(str(error)))
        with _ended_after(process, patience) as ended:
            memory, status = _awaited(process)
        seconds = time.perf_counter() - began
        output.seek(0)
        errors.seek(0)
        told, lines = output.read(), errors.read().strip().splitlines()
    if ended.is_set():
        return Ran(seconds, memory * unit, "")
    return Ran(seconds, memory * unit, told,
               one_line(lines[-1] if lines else f"status {status}") if status else "")


@contextmanager
def _ended_after(process: subprocess.Popen[Any],
                 patience: float | None) -> Iterator[threading.Event]:
    """End the process after so many seconds, if it is still there; the event tells that it was."""
    ended = threading.Event()

    def end() -> None:
        ended.set()
        process.kill()

    if patience is None:
        yield ended
        return
    timer = threading.Timer(patience, end)
    timer.start()
    try:
        yield ended
    finally:
        timer.cancel()


def _awaited(process: subprocess.Popen[Any]) -> tuple[int, int]:
    """Most memory of a process, in the system's unit, and its status."""
    if not hasattr(os, "wait4"):                       # Windows
        return 0, process.wait()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert isinstance(usage, resource.struct_rusage)
    return usage.ru_maxrss, process.returncode
