"""States spread over devices and processes: the same answer, each process with its own part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import potentia as pt

SOLVE = ["solve", "stochastic-congestion", "-p", "n_agents=4", "-p", "representation=congestion",
         "--step-size", "0.05",
         "--max-iterations", "40", "--tolerance", "0", "--json"]
# The bytes of this process's parts of an array as large as a profile, before and after a solve's
# loop has run.
HELD = """
import json, sys
from potentia.cli import launch
count, process, coordinator = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
launch.join(count, process, coordinator, 1)
import jax, numpy as np
import potentia as pt
from potentia.learning import device
from potentia.runtime import sharding
game = pt.games.make("stochastic-congestion", n_agents=9, shards=2)
rule = pt.rules.INPG(step_size=0.05)
never = device.Stops(step=np.float64(-1), advantage=np.full(1, -np.inf))
with jax.enable_x64(True), sharding.over_devices(game, game.shards) as placed:
    state = device.start(placed, rule, None, "random", None, np.int64(0), 1)
    advance = device.advance.compiler((placed,))
    compiled = advance.lower(placed, pt.Exact(), rule, None, never, state, state.log_profile,
                             np.full(1, 2)).compile()
    state, _ = compiled(placed, pt.Exact(), rule, None, never, state, state.log_profile,
                        np.full(1, 2))
    leaves = jax.tree.leaves((placed, state.log_profile, state.memory))
    held = sum(leaf.nbytes if isinstance(leaf, np.ndarray | np.generic) else
               sum(part.data.nbytes for part in leaf.addressable_shards) for leaf in leaves)
    print(json.dumps([held, compiled.memory_analysis().temp_size_in_bytes]))
"""

# What a table's states over four devices change: nothing in the answers, and the memory of each
# device.
TABLES = """
import dataclasses, json
import jax, numpy as np
jax.config.update("jax_num_cpu_devices", 4)
import potentia as pt
from potentia.learning import device
from potentia.runtime import sharding
draws = np.random.default_rng(0)
rewards, local = draws.random((2, 40, 3, 3)), np.repeat(np.arange(20), 2)
dense, index = draws.dirichlet(np.ones(40), (40, 3, 3)), draws.integers(0, 40, (40, 3, 3))
make = pt.MarkovGame.from_arrays
games = {"dense": make(rewards, dense, discount=0.9), "sparse": make(rewards, index, discount=0.9),
         "local": make(rewards, dense, discount=0.9, information=[local, local])}
games["sparse, iterated"] = dataclasses.replace(games["sparse"], direct=False)
rule = pt.rules.INPG(step_size=0.05)
never = device.Stops(step=np.float64(-1), advantage=np.full(1, -np.inf))
apart = {}
for name, game in games.items():
    one, four = (pt.solve(each, rule, seed=1, max_iterations=20, check_every=10, tolerance=None,
                          progress=False)
                 for each in (game, game.split(4)))
    apart[name] = max(float(np.max(np.abs(one.profile - four.profile))),
                      float(np.max(np.abs(one.history["nash_gap"] - four.history["nash_gap"]))))
held = []
for count in (1, 4):
    with jax.enable_x64(True), sharding.over_devices(games["dense"].split(count), count) as placed:
        state = device.start(placed, rule, None, "random", None, np.int64(0), 1)
        advance = device.advance.compiler((placed,))
        lowered = advance.lower(placed, pt.Exact(), rule, None, never, state, state.log_profile,
                                np.full(1, 2))
        compiled = lowered.compile()
        held.append(compiled.memory_analysis().argument_size_in_bytes)
print(json.dumps([apart, held]))
"""


def potentia(*arguments: str) -> dict:
    done = subprocess.run([sys.executable, "-m", "potentia", *arguments], capture_output=True,
                          text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def test_two_processes_with_two_devices_each_give_the_answer_of_one(tmp_path: Path) -> None:
    potentia(*SOLVE, "--out", str(tmp_path / "one"))
    potentia(*SOLVE, "--processes", "2", "--devices", "2", "--out", str(tmp_path / "four"))
    one, four = pt.load(tmp_path / "one"), pt.load(tmp_path / "four")
    assert four.game.shards == 4
    for name in ("nash_gap", "policy_step", "welfare"):
        np.testing.assert_allclose(four.history[name], one.history[name], rtol=0, atol=1e-12)
    np.testing.assert_allclose(four.profile[:, four.game.position],
                               one.profile[:, one.game.position], rtol=0,
                               atol=1e-12)


def test_each_process_holds_its_own_part() -> None:
    alone = subprocess.run([sys.executable, "-c", HELD, "1", "0", ""], capture_output=True,
                           text=True, check=True)
    pair = [subprocess.Popen([sys.executable, "-c", HELD, "2", str(process), "127.0.0.1:29871"],
                             stdout=subprocess.PIPE,
                             text=True) for process in range(2)]
    (held, temporary), halves = (json.loads(alone.stdout),
                                 [json.loads(worker.communicate()[0]) for worker in pair])
    for half, half_temporary in halves:
        assert half < 0.6 * held
        assert half_temporary < 0.75 * temporary


def test_a_table_over_four_devices_gives_the_same_answers_and_each_holds_a_quarter() -> None:
    done = subprocess.run([sys.executable, "-c", TABLES], capture_output=True, text=True,
                          check=True)
    apart, (whole, quarter) = json.loads(done.stdout)
    assert max(apart.values()) <= 1e-12, apart
    assert quarter < 0.3 * whole


def test_states_that_cannot_be_cut_evenly_are_refused() -> None:
    with pytest.raises(pt.InputError,
                       match="shards is 3, but 34 states cannot be cut into so many equal parts"):
        pt.games.make("stochastic-congestion", n_agents=4).split(3)


@pytest.mark.parametrize(("arguments", "message"), [
    (["distancing", "-p", "n_agents=20", "--devices", "2"],
     "split a game's states, but distancing is held as a whole"),
    (["stochastic-congestion", "--process", "0"], "--process and --coordinator go together"),
    (["stochastic-congestion", "--processes", "2", "--process", "2", "--coordinator",
      "127.0.0.1:1"],
     "--process is 2, but the processes have the numbers 0 to 1"),
])
def test_what_cannot_be_split_is_refused(arguments: list[str], message: str) -> None:
    done = subprocess.run([sys.executable, "-m", "potentia", "solve", *arguments],
                          capture_output=True, text=True,
                          check=False)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
