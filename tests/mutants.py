"""Planted mutants: small faults, each of which some test must catch. Try them all:

    python tests/mutants.py [WORD ...]

Each fault of `planted` is planted in a copy of the sources and the tests named beside it must fail.
That the lists still fit the sources is a test of its own (`test_mutants.py`).
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planted import MUTANTS
from planted.mutant import Mutant

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "src" / "potentia"
TOGETHER = 2              # mutants tried at a time


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
