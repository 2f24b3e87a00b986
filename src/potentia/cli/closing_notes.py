"""What the command line says at the end of a solve of roads that did not come as near as was asked:
why, where that is known for sure, and what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeGuard

from potentia.cli.road_results import Goals, is_roads

if TYPE_CHECKING:
    from collections.abc import Sequence

    from potentia.certificates.certificate import Certificate
    from potentia.games.roads.game import RoutingGame
    from potentia.result import Result
    from potentia.welfare.sides import Side

PART = 0.5                # of a certified gap, that agents see at most where their own share is why
RESOLVED = 1e-11          # relative gap below which rounding counts
CHECKS = 3                # in the last third of a run, from which on it says something
USUAL = "ProjectedNewton"
MORE = "--max-iterations"
UNSEEN = "by destination agents do not see what they themselves add to the load"


def notes(result: Result, goals: Goals, certificates: Sequence[Certificate] | None) -> list[str]:
    """A line for each run on roads of which there is something to say."""
    if not is_roads(result.game):
        return []
    found = (_note(result, run, goals, None if certificates is None else certificates[run])
             for run in range(len(result.statuses)))
    several = len(result.statuses) > 1
    return [f"Run {run}: {note}" if several else note for run, note in enumerate(found) if note]


def remedy(side: Side) -> str:
    """What brings a side of a comparison nearer."""
    import numpy as np
    game = side.game
    if not _shares_policies(game):
        return MORE
    response = game.best_response(side.profile)
    agents, gain, paid = map(np.asarray, (game.trips.count, response.gain, response.current[:, 0]))
    if _sees_little(float(agents @ gain / -(agents @ paid)), side.certificate):
        return f"{UNSEEN}: more agents, n_agents, or policies=type"
    return MORE


def _note(result: Result, run: int, goals: Goals, certificate: Certificate | None) -> str:
    if certificate is not None and goals.reached(certificate):
        return ""
    return _own_share(result, run, goals, certificate) or _plateau(result, run)


def _own_share(result: Result, run: int, goals: Goals, certificate: Certificate | None) -> str:
    """That agents see little of what the certificate finds, where it is so: all the rest is what
    they themselves add to the load, which only those who share policies do not see."""
    if certificate is None or not _shares_policies(result.game):
        return ""
    certified, seen = certificate.relative_gap or 0.0, float(result.last("relative_gap")[run])
    if not _sees_little(seen, certificate):
        return ""
    return (f"{result.game.name}: {UNSEEN}: of the relative gap of {certified:.2g} they see "
            f"{seen:.2g}, so that more iterations hardly help; what does is more agents "
            f"({_more_agents(result.game.n_agents, certified - seen, goals.relative)}), or "
            f"-p policies=type, with which they see all of it")


def _more_agents(n_agents: int, unseen: float, relative: float | None) -> str:
    """How to ask for them, and a number that should do, since an agent's share falls as agents
    become more."""
    from potentia.console.bounds import above
    if not relative:
        return "-p n_agents=..."
    enough = int(float(above(n_agents * unseen / (PART * relative), ".1g")))
    return (f"-p n_agents={enough}, about as many as {relative:g} takes, instead of "
            f"{n_agents:,}")


def _sees_little(seen: float, certificate: Certificate) -> bool:
    """Whether a relative gap that agents see is no more than a part of the certified one."""
    certified = certificate.relative_gap or 0.0
    return seen <= PART * certified and certified >= RESOLVED


def _shares_policies(game: object) -> TypeGuard[RoutingGame]:
    return is_roads(game) and game.shared is not None


def _plateau(result: Result, run: int) -> str:
    """That the gap did not fall in the last third of the iterations, where it is so."""
    import numpy as np

    from potentia.result import Status
    if (result.statuses[run] is not Status.MAX_ITERATIONS
            or "relative_gap" not in result.history):
        return ""
    at, gap = (np.atleast_2d(result.history[name])[run] for name in (
        "check_iteration", "relative_gap"))
    at, gap = at[~np.isnan(gap)], gap[~np.isnan(gap)]
    late = at > at[-1] - (at[-1] - at[0]) / 3
    best = int(gap.argmin())
    if late.sum() < CHECKS or late[best]:
        return ""
    return (f"{result.game.name}: a plateau: the relative gap has not fallen below "
            f"{gap[best]:.3g}, where it was at iteration {at[best]:,}, in the "
            f"{at[-1] - at[best]:,} iterations since then, and ends at {gap[-1]:.3g}; "
            f"{_to_try(result, float(gap[best]))}, or {MORE} {at[best]} to end at the lowest")


def _to_try(result: Result, lowest: float) -> str:
    settings = result.settings
    step = settings.get("rule.step_size")
    if lowest < RESOLVED:
        return "what is left is rounding: ask for a larger --relative-gap"
    if settings["oracle"] != "Exact":
        return "try --oracle exact, which scatters nothing"
    if settings["rule"] != USUAL:
        return "try --rule projected-newton, the rule on roads if none is said"
    return f"try --step-size {step / 2:g}" if step else "try another --rule"
