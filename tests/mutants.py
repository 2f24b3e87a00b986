"""Planted mutants: small faults, each of which some test must catch. Try them all:

    python tests/mutants.py [WORD ...]

Each fault is planted in a copy of the sources and the tests named beside it must fail. That the
list still fits the sources is a test of its own (`test_mutants.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "potentia"
TOGETHER = 2              # mutants tried at a time


@dataclass(frozen=True)
class Mutant:
    """A fault: in `file`, `before` becomes `after`; `tests` must then fail."""

    name: str
    file: str
    before: str
    after: str
    tests: str


MUTANTS = (
    Mutant("a status that flatters", "ranking/arrivals.py",
           'table["status"].isin(ENDED_WELL) & table[column].notna()', "table[column].notna()",
           "tests/ranking/test_leaderboard.py"),
    Mutant("ties that never came counted as sooner", "ranking/statistics.py",
           "0.5 * (one[:, None] == other)", "(one[:, None] == other)",
           "tests/ranking/test_leaderboard.py"),
    Mutant("runs that were cut off kept", "learning/batch.py",
           "if Status.INTERRUPTED in final.statuses", "if False",
           "tests/cli/test_sweeping.py"),
    Mutant("advantage with the sign flipped", "rules/base.py", "(self.q - self.v[:, None])",
           "(self.v[:, None] - self.q)", "tests/rules"),
    Mutant("projection dropped", "rules/ipg.py",
           "project(jnp.exp(log_policy) + self.step_size * gradient, view.mask)",
           "(jnp.exp(log_policy) + self.step_size * gradient)", "tests/rules"),
    Mutant("visitation forgotten in the gradient", "rules/softmax_pg.py",
           "view.visitation[:, None] * ", "",
           "tests/rules"),
    Mutant("Newton's slope without the order", "rules/mirror_descent.py",
           "/ order\n        return (rows", "\n        return (rows",
           "tests/rules/test_mirror_descent.py"),
    Mutant("floor by the wrong number of actions", "rules/floor.py", "* falling > lowest",
           "* falling > 0", "tests/rules/test_inpg_variants.py"),
    Mutant("divergence unlimited", "rules/trust_region.py", "(divergence <= self.radius) & ", "",
           "tests/rules/test_best_responses.py"),
    Mutant("entropy of the state itself counted", "games/tabular/soft.py",
           "chain.expected + bonus)\n    return", "chain.expected + bonus) - bonus\n    return",
           "tests/oracles/test_soft.py"),
    Mutant("entropy paid after the end", "certificates/quantal_response.py", ".sum(axis=1) * live",
           ".sum(axis=1)", "tests/certificates/test_quantal_response.py"),
    Mutant("policy kept whole", "rules/entropy.py", "left * log_policy", "log_policy",
           "tests/rules/test_entropy.py"),
    Mutant("regrets below zero kept", "rules/regret_matching_plus.py",
           "jnp.maximum(memory + view.clear_advantage, 0.0)", "memory + view.clear_advantage",
           "tests/rules/test_regret_matching.py"),
    Mutant("who waits learns all the same", "learning/turns.py",
           "jax.tree.map(of_memory, old[1], new[1])", "new[1]", "tests/schedules"),
    Mutant("still after one agent stood still", "learning/turns.py", "jnp.all(still)",
           "jnp.any(still)", "tests/schedules"),
    Mutant("the next in turn whoever wants to move", "schedules/until_best_response.py",
           "wants | ~jnp.any(wants)", "wants | True", "tests/schedules"),
    Mutant("one order for all rounds", "schedules/random_order.py", "(turn == 0) &", "(turn < 0) &",
           "tests/schedules"),
    Mutant("an improvement without the entropy that is left", "schedules/largest_improvement.py",
           " - entropy\n", "\n", "tests/schedules"),
    Mutant("load off by one", "games/zoo/distancing.py", "fullest > spread_at",
           "fullest >= spread_at",
           "tests/games/zoo/test_distancing.py"),
    Mutant("halves swapped in the leave-one-out", "games/tabular/joint_actions.py",
           "[table[..., part]",
           "[table[..., ::-1][..., part]",
           "tests/games/tabular/test_tabular_exact.py"),
    Mutant("discount forgotten in the visitation", "games/tabular/evaluation.py",
           "(1.0 - game.discount) * visits", "visits",
           "tests/games/tabular/test_tabular_exact.py"),
    Mutant("best response that never improves twice", "games/policy_iteration.py",
           "c[3] & (c[4] < MAX_IMPROVEMENTS)",
           "c[4] < 1", "tests/games/tabular/test_tabular_exact.py"),
    Mutant("moves below zero kept", "games/performative/induction.py",
           "return jnp.maximum(jnp.asarray(game.moves)[at] + led, 0.0)",
           "return jnp.asarray(game.moves)[at] + led",
           "tests/games/performative"),
    Mutant("what is deployed against nothing", "games/performative/induction.py",
           "jnp.asarray(profile) - 1.0 / game.mask.shape[2]", "jnp.asarray(profile)",
           "tests/games/performative"),
    Mutant("sizes of what cancels forgotten", "certificates/performative.py",
           "(2 * sizes / left).max()", "0 * sizes.max()",
           "tests/certificates/test_certified_performative.py"),
    Mutant("residual forgotten in the certificate", "certificates/equilibrium.py",
           "difference + reach.above_best(problem, best[1]) + below_current", "difference - 1e-3",
           "tests/certificates"),
    Mutant("a small step called convergence", "learning/host.py", "return Status.SMALL_STEP if",
           "return Status.CONVERGED if",
           "tests/learning/test_solver.py"),
    Mutant("a sampled run that stops on the gap", "learning/host.py",
           "settings.tolerance if exact and settings.tolerance is not None",
           "settings.tolerance if settings.tolerance is not None", "tests/learning/test_solver.py"),
    Mutant("a gap that no run asks for again once one did in vain", "learning/host.py",
           "np.where(vain & (signal == CLOSE)",
           "np.where((signal == CLOSE).any()", "tests/learning/checkpoint"),
    Mutant("what XLA takes for 0 not counted", "learning/device.py",
           "- gap + HIDDEN * jnp.asarray(own_game.scale)", "- gap", "tests/test_honesty.py"),
    Mutant("text in a notebook's table not escaped", "console/markup.py", "{_text(str(content))}",
           "{content}", "tests/console/test_notebook_tables.py"),
    Mutant("an interrupted notebook output that looks finished", "console/notebook.py",
           "self.standing.ended(whole)", "self.standing.ended(True)",
           "tests/console/test_notebook_progress.py"),
    Mutant("rows of an update not checked", "learning/device.py",
           "jnp.all(profiles.defect(following, mask) <= profiles.SAME) & known",
           "jnp.all(jnp.isfinite(following)) & known",
           "tests/rules/test_own_rules.py"),
    Mutant("what lies on missing actions not counted", "profile.py",
           " + _row_sums(jnp.where(mask, 0.0, profile))", "", "tests/rules/test_own_rules.py"),
    Mutant("what own code reads from outside not looked at", "runtime/code.py",
           "    return found.hexdigest()", '    return ""', "tests/rules/test_own_rules.py"),
    Mutant("sets in own code in the order of this process", "runtime/code.py",
           "sorted(map(self._alone, thing))", "map(self._alone, thing)",
           "tests/runtime/test_code.py"),
    Mutant("partials in own code by their function alone", "runtime/parts.py",
           "return thing.func, thing.args, thing.keywords", "return (thing.func,)",
           "tests/runtime/test_code.py"),
    Mutant("data of a program that tells programs apart", "runtime/code.py",
           'isinstance(thing, DATA) and rule == "data"', "False", "tests/runtime/test_code.py"),
    Mutant("what own oracles and games return not checked before", "learning/programs.py",
           "    compiled.contract.eval_shape(data)\n", "", "tests/oracles/test_own_oracles.py"),
    Mutant("what own rules return not checked", "learning/contract.py",
           '        _refuse_other(f"{self.name}.update", "log_policy", found[0], '
           'log_policy.shape)\n', "",
           "tests/rules/test_own_rules.py"),
    Mutant("a user's game taken at its word", "learning/confirmation.py",
           "if certificate.nash_gap <= tolerance:",
           "if True:",
           "tests/games/test_own_games.py"),
    Mutant("a gap below its error", "learning/device.py", "& (response.gain >= -response.error)",
           "",
           "tests/games/test_own_games.py"),
    Mutant("host functions that see float32", "runtime/host_calls.py",
           "if not _calls(program.jaxpr):", "if True:",
           "tests/oracles/test_own_oracles.py"),
    Mutant("a chunk beyond the next check", "learning/host.py",
           "(iteration // every + 1) * every, until)\n",
           "(iteration // every + 2) * every, until)\n",
           "tests/learning/checkpoint tests/learning/test_solver.py"),
    Mutant("old files deleted before new ones are named", "learning/checkpoint/store.py",
           "        write_text(self.",
           "        self._delete_all_but(set())\n        write_text(self.",
           "tests/learning/checkpoint"),
    Mutant("other processes' parts deleted as old ones", "learning/checkpoint/store.py",
           "{*parts, *files",
           "{parts[0], *files",
           "tests/learning/checkpoint"),
    Mutant("an error that the other processes do not hear of", "runtime/collectives.py",
           '"" if own is None else str(own)', '""',
           "tests/learning/checkpoint"),
    Mutant("a checkpoint of any solve", "learning/checkpoint/store.py", "if there != here:",
           "if False:",
           "tests/learning/checkpoint"),
    Mutant("blocks of records that stay small", "learning/history.py", "< 2 * size", "< size // 9",
           "tests/learning/test_history.py"),
    Mutant("the same key at every iteration", "learning/device.py",
           "jax.random.fold_in(state.key, state.iteration)",
           "state.key", "tests/oracles tests/learning/test_solver.py"),
    Mutant("the published values divided by their visits", "oracles/published_congestion.py",
           "/ self.samples",
           "/ (self.samples * LAYERS)", "tests/oracles"),
    Mutant("probability-0 actions drawn", "oracles/joint_draws.py", " & (probability < 1.0)", "",
           "tests/oracles"),
    Mutant("a trap overlooked", "games/tabular/build.py", "trap is not None", "False",
           "tests/games/tabular"),
    Mutant("verdict that always flatters", "experiments/verdicts.py",
           "all(held == YES for held in written)",
           "any(held == YES for held in written)", "tests/experiments/test_claims.py"),
    Mutant("a record that takes any number", "experiments/record.py",
           "rel_tol=share", "rel_tol=1.0", "tests/experiments/test_record.py"),
    Mutant("a cycle whose second mover counts backwards", "potential/cycles.py",
           "movers = np.array([0, 1, 0, 1])",
           "movers = np.array([0, 1, 0, 0])", "tests/potential/test_classify.py"),
    Mutant("any cycle refutes", "potential/verdict.py", "_weight(self.steepest) > REFUTES", "True",
           "tests/potential/test_classify_limits.py"),
    Mutant("the search forgets the discount", "potential/search.py",
           "_Against(mixer, subject.discount * next_law,",
           "_Against(mixer, next_law * 0.9,", "tests/potential/test_classify.py"),
    Mutant("others always taken not to notice", "potential/structure.py",
           "noticed = (max(", "noticed = 0.0 * (max(",
           "tests/potential/test_classify.py"),
    Mutant("alpha without what deviations do to the future", "potential/alpha.py",
           "\n                  + subject.discount * apart * (most.max() - least.min())", "",
           "tests/potential"),
    Mutant("the exact sum of another cycle", "potential/rational.py",
           "values[corner][corner % 2]\n",
           "values[corner][(corner + 1) % 2]\n", "tests/potential/test_classify.py"),
    Mutant("mismatch of the largest visits with themselves", "theory/mismatch.py",
           "_visits(play, chunk, -1.0)",
           "_visits(play, chunk, 1.0)", "tests/theory/test_mismatch.py"),
    Mutant("a price upside down", "welfare/costs.py",
           "maximum / welfare if maximum > 0 else welfare / maximum",
           "welfare / maximum if maximum > 0 else maximum / welfare",
           "tests/welfare/test_welfare.py"),
    Mutant("what is left relative to the whole game", "potential/residual.py", "left, gain, out",
           "left, gain.max() + 0 * gain, out", "tests/potential/test_classify_limits.py"),
    Mutant("too few profiles of the others", "potential/search.py", "return max(others, ",
           "return max(1, ",
           "tests/potential/test_classify_limits.py"),
    Mutant("links that cost the other agent", "games/zoo/two_link_congestion.py",
           "[first, first.T]", "[first, first]",
           "tests/games/zoo/test_two_link_congestion.py"),
    Mutant("chaos although nothing settles", "experiments/chaos.py",
           "(found.periods[before] == 1).all() and ", "",
           "tests/experiments/test_chaos.py"),
    Mutant("what error hides of a relative gap on roads", "learning/host.py",
           "relative_gap + relative_error + RESOLVED", "relative_gap + RESOLVED",
           "tests/games/roads/test_relative_gap.py"),
    Mutant("a certificate on roads that is not listened to", "learning/confirmation.py",
           "if bound is not None and bound <= relative_tolerance:", "if bound is not None:",
           "tests/games/roads/test_relative_gap.py"),
    Mutant("loads on roads that cannot come", "games/roads/load_windows.py",
           "(kept | after) & others", "kept | after", "tests/games/roads/test_relative_gap.py"),
    Mutant("costs on roads below what they are to one agent", "games/roads/load_windows.py",
           "return jnp.clip(total, *(rows.at_rows(self.costs[:, k]) for k in (1, -2)))",
           "return total", "tests/games/roads/test_relative_gap.py"),
    Mutant("shares on roads that are never renewed", "games/roads/build.py",
           "every if cyclic or by_destination else None", "every if cyclic else None",
           "tests/games/roads/test_relative_gap.py"),
    Mutant("totals on roads without their error", "games/roads/evaluation.py",
           "loads.total_error() + ROUNDING", "ROUNDING", "tests/games/roads/test_total_errors.py"),
    Mutant("tolls on roads that take time", "games/roads/game.py",
           "return self.untolled().expected_cost(profile)", "return self.expected_cost(profile)",
           "tests/welfare/test_traffic_bounds.py"),
    Mutant("an optimum on roads that some get below", "games/roads/system_optimum.py",
           "float(total - roundings * EPS * size)", "float(total * 1.01)",
           "tests/welfare/test_traffic_bounds.py"),
    Mutant("a failing run of a batch asked without its schedule", "learning/batch.py",
           "self.own[run], self.schedule)", "self.own[run])", "tests/learning/test_batch.py"),
    Mutant("a memory lost at the seam", "learning/seam.py",
           "same_rule = final.rule == type(programs.rule).__qualname__", "same_rule = False",
           "tests/learning/test_going_on.py"),
    Mutant("every update on record", "learning/host.py",
           "(at % self.settings.record_every == 0)", "(at >= 0)",
           "tests/learning/test_going_on.py"),
    Mutant("a local best response judged state by state", "games/tabular/best_response.py",
           "-pool(gain.T[..., None])", "-gain.T[..., None]",
           "tests/games/tabular/test_tabular_exact.py"),
    Mutant("arrivals told to the iteration for who asks", "sweeps/groups.py",
           "-(-at[gap <= level][0] // every) * every", "at[gap <= level][0]",
           "tests/sweeps/test_sweep.py"),
    Mutant("ranks by the times of other rows", "ranking/tables.py", "reset_index(drop=True)",
           "copy()", "tests/ranking/test_leaderboard.py"),
    Mutant("a cell's curves without a seal", "sweeps/cells.py",
           'if _sha256(content) != rows.attrs["curves"]:', "if False:",
           "tests/sweeps/test_folder.py"),
    Mutant("a cell of another sweep believed", "sweeps/cells.py",
           '== (FORMAT, digest, asked)', '== (FORMAT, said["cell"], asked)',
           "tests/sweeps/test_folder.py"),
    Mutant("workers that outlive who they work for", "sweeps/workers.py",
           "    os._exit(1)\n", "", "tests/sweeps/test_workers.py"),
    Mutant("a program of another key believed", "runtime/program_cache.py",
           'f"{key}\\0{_machine()}\\0"', 'f"{_machine()}\\0"',
           "tests/runtime/test_program_cache.py"),
    Mutant("a cache folder that others may write", "runtime/program_cache.py", "& 0o077",
           "& 0o000", "tests/runtime/test_program_cache.py"),
    Mutant("a run's next value before it is there", "plot/bands.py", 'grid, side="right") - 1',
           'grid, side="left")', "tests/plot/test_curves.py"),
    Mutant("a band without replacement", "plot/bands.py",
           ".integers(len(rows), size=(RESAMPLES, len(rows)))",
           ".permuted(np.tile(np.arange(len(rows)), (RESAMPLES, 1)), axis=1)",
           "tests/plot/test_curves.py"),
    Mutant("colours of one thing named as another", "report/road_maps.py",
           'filled = all(flows.has_capacities for flows in found)', "filled = False",
           "tests/plot/test_loads_and_flows.py"),
    Mutant("a function's place in memory in a cell's name", "sweeps/choices.py",
           "described(value, name)[name] if callable(value) else value", "value",
           "tests/sweeps/test_sweep.py"),
    Mutant("numbers that XLA takes for 0 let through", "errors.py", "if number < LEAST:",
           "if False:", "tests/test_errors.py"),
    Mutant("a cell that failed taken for done", "sweeps/folder.py",
           'FAILED not in rows["status"].tolist()', "True", "tests/sweeps"),
    Mutant("cells of other games in one program", "sweeps/groups.py",
           "all(map(operator.is_, shared, (other.game, other.oracle, other.schedule)))", "True",
           "tests/sweeps"),
)


def caught(mutant: Mutant) -> bool:
    """Whether the mutant's tests fail when it is planted in a copy of the sources."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "potentia"
        shutil.copytree(SOURCES, copy)
        path = copy / mutant.file
        path.write_text(path.read_text().replace(mutant.before, mutant.after))
        run = subprocess.run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider",
                              *mutant.tests.split()], cwd=ROOT,
                             env={**os.environ, "PYTHONPATH": folder},
                             capture_output=True, check=False)
    return run.returncode == 1


def main(arguments: Sequence[str] = ()) -> int:
    """Try the mutants whose names hold one of the `arguments`, or all, two at a time."""
    chosen = [mutant for mutant in MUTANTS if not arguments
              or any(word in mutant.name for word in arguments)]
    survivors = 0
    with ThreadPoolExecutor(TOGETHER) as pool:
        for mutant, killed in zip(chosen, pool.map(caught, chosen), strict=True):
            survivors += not killed
            print(f"{'caught' if killed else 'SURVIVED'}: {mutant.name}", flush=True)
    print(f"{len(chosen)} mutants, {survivors} survived")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
