"""A command that is given twice: the second takes the compiled programs that the first has kept.

Each round is given an empty cache folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile

from potentia.bench.harness import Asked, Figure, Limit, missing, seconds

COMMAND = ("solve", "stochastic-congestion", "-p", "n_agents=4")
WHAT = f"`potentia {' '.join(COMMAND)}` for the second time, over the first"
LIMIT = Limit("at most", 0.6)


def measure(asked: Asked, rounds: int = 3, command: tuple[str, ...] = COMMAND) -> list[Figure]:
    """Least seconds of the first and of the second, start of Python included."""
    if not sys.platform.startswith("linux"):
        return [missing(WHAT, "the cache folder can be chosen on Linux alone", limit=LIMIT)]
    taken = {"first": float("inf"), "second": float("inf")}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as home:
            for name in taken:
                taken[name] = min(taken[name], seconds(lambda home=home: _run(home, command)))
    return [Figure(WHAT, taken["second"] / taken["first"], limit=LIMIT, seconds=taken)]


def _run(home: str, command: tuple[str, ...]) -> None:
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith("JAX_") and name != "POTENTIA_NO_CACHE"}
    subprocess.run([sys.executable, "-m", "potentia", *command], check=True, capture_output=True,
                   env={**environment, "XDG_CACHE_HOME": home})
