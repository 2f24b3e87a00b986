"""What selfishness costs a game: maximum welfare, pure equilibria, prices of anarchy and of
stability.

Welfare is the sum of the agents' values from the initial distribution. One sign convention: values
are rewards, and a cost is a negative reward. With W* the maximum welfare and W that of an
equilibrium, the price of W is

    W* / W   where both are positive (rewards),   W / W*
    where both are negative (costs: W over the least),

so that it is 1 at best and larger the worse. Where welfare is 0 or the two differ in sign no ratio
has a meaning. The price of anarchy is that of the worst pure equilibrium, the price of stability
that of the best (Koutsoupias and Papadimitriou, Worst-case equilibria, 1999; Anshelevich et al.,
The price of stability for network design with fair cost allocation, 2004).
"""

from __future__ import annotations

import numpy as np

from potentia.console.bounds import above
from potentia.console.text import counted
from potentia.equilibria.enumeration import PureEquilibria, count_pure, pure, shown_count
from potentia.equilibria.start import at_stake, values_at_start
from potentia.errors import whole_number
from potentia.game import Game
from potentia.games.joint_table import as_table
from potentia.games.tabular.game import MarkovGame
from potentia.names import names_of
from potentia.profile import checked
from potentia.runtime.float64 import float64_on_one_blas_thread
from potentia.welfare.climbing import climb
from potentia.welfare.learning import Reached, learn
from potentia.welfare.planning import Optimum, best_joint_play
from potentia.welfare.result import WelfareReport

MOST_PROFILES = 2**18     # pure profiles that a report tries unless it is asked for more
MOST_STARTS = 1_000_000
ZERO = 1e-12  # welfare below this share of what is at stake for all agents together is 0
UNDEFINED = "undefined: welfare changes sign or is 0"
ONLY_MIXED = "undefined: there is no pure equilibrium (any equilibrium is mixed)"


def report(game: Game, profile: object = None, *, starts: int = 20, seed: int = 0,
           limit: int | None = None) -> WelfareReport:
    """What selfishness costs in `game`, and what `profile` [N, H, A] is worth beside the best.

    starts: runs of independent learning from random starts, up to 1,000,000; 0 leaves them out.
    seed: of the starts.
    limit: most pure profiles that are tried to find all equilibria among them; 262,144 if omitted.

    Raises InputError if the game is not tabular, on bad settings, naming the profile's first bad
    row, and where values overflow.
    """
    game = as_table(game, "a welfare report needs")
    starts = whole_number(starts, "starts", most=MOST_STARTS)
    seed = whole_number(seed, "seed")
    most = MOST_PROFILES if limit is None else whole_number(limit, "limit", 1)
    start_profile = None if profile is None else checked(profile, np.asarray(game.mask),
                                                            names_of(game))
    # What overflows is refused, first of all by the maximum welfare.
    with float64_on_one_blas_thread(), np.errstate(over="ignore", invalid="ignore"):
        best, stake = best_joint_play(game), at_stake(game)
        own = None if start_profile is None else float(values_at_start(game, [start_profile]).sum())
        found, pure_note = _pure(game, most)
        reached = learn(game, starts, seed, stake)
        climbed, how = climb(game, start_profile, reached) if found is None else (found.welfare, "")
    return _assembled(game, best, stake, own, found, pure_note, reached, climbed, how)


def _pure(game: MarkovGame, most: int) -> tuple[PureEquilibria | None, str]:
    """The pure equilibria where there are few enough profiles to try, and what was or was not
    done."""
    count = count_pure(game)
    if count > most:
        return None, f"not counted: {shown_count(count)} pure profiles, but the limit is {most:,}"
    found = pure(game, most)
    return (found,
            f"all {counted(count, 'pure profile')} tried; "
            f"{found.note if found else 'in each somebody gains'}")


def _assembled(game: MarkovGame, best: Optimum, stake: float, own: float | None,
               found: PureEquilibria | None,
               pure_note: str, reached: Reached, nash: np.ndarray, how: str) -> WelfareReport:
    zero = ZERO * stake * game.n_agents
    own_price = _price(best.lower, own, zero)
    anarchy, anarchy_note = _anarchy(best.lower, nash, how, zero, reached)
    stability, stability_note = _stability(best.lower, nash, how, zero)
    return WelfareReport(
        maximum_welfare=best.lower, maximum_welfare_upper=best.upper, optimal_policy=best.actions,
        maximum_note=_maximum_note(game), welfare=own, efficiency=None if own_price is None
        else 1 / own_price,
        n_pure=None if found is None else len(found), worst_pure=float(found.welfare.min()) if found
        else None,
        best_pure=float(found.welfare.max()) if found else None, pure_note=pure_note,
        price_of_anarchy=anarchy,
        anarchy_note=anarchy_note, price_of_stability=stability, stability_note=stability_note,
        reached=reached.welfare, reached_gap=reached.gap, reached_note=reached.note)


def _maximum_note(game: MarkovGame) -> str:
    if game.full_information:
        return "over all joint policies"
    return ("a planner that sees the state: an upper bound for these agents, who see less, and so "
            "are the prices")


def _price(maximum: float, welfare: float | None, zero: float) -> float | None:
    """The price of an equilibrium of that welfare; None if unknown or undefined."""
    if welfare is None or min(abs(maximum), abs(welfare)) <= zero or (maximum > 0) != (welfare > 0):
        return None
    # The maximum is a lower bound, so that rounding may put an optimal equilibrium above it.
    return max(1.0, maximum / welfare if maximum > 0 else welfare / maximum)


def _anarchy(maximum: float, nash: np.ndarray, how: str, zero: float,
             reached: Reached) -> tuple[float | None, str]:
    """The price of the worst of the pure equilibria of welfare `nash`, and what it rests on or why
    there is none. `how` they were looked for; empty if these are all."""
    if not nash.size:
        return None, f"{_lacking(how)}{_worst_run(reached)}"
    price = _price(maximum, float(nash.min()), zero)
    if price is None:
        return None, UNDEFINED
    return price, ("of the worst of all pure equilibria" if not how else
                   f"pure equilibria were not counted; a lower bound over them by the worst known: "
                   f"{how}")


def _stability(maximum: float, nash: np.ndarray, how: str, zero: float) -> tuple[float | None, str]:
    """The same for the best of them."""
    if not nash.size:
        return None, _lacking(how)
    price = _price(maximum, float(nash.max()), zero)
    if price is None:
        return (None, UNDEFINED if not how
                else "unknown: that of the best pure equilibrium known is undefined")
    return price, ("of the best of all pure equilibria" if not how else
                   "pure equilibria were not counted; an upper bound over them by the best known")


def _lacking(how: str) -> str:
    return f"unknown: pure equilibria were not counted; {how}" if how else ONLY_MIXED


def _worst_run(reached: Reached) -> str:
    """What is known of where learning ended at worst, which is no equilibrium for certain."""
    if not reached.welfare.size:
        return ""
    worst = int(reached.welfare.argmin())
    return (f"; the worst run ended at welfare {reached.welfare[worst]:.6g} with a certified Nash "
            f"gap of at most {above(reached.gap[worst], '.3g')}, which bounds no price")
