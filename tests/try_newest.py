"""Run the suite on another interpreter than the pins are for, with the newest versions of all that
Potentia needs: where JAX is newer than Python 3.11 allows, say.

Run as `python tests/try_newest.py PYTHON [ARGUMENTS OF PYTEST]`. The environment is made anew in a
temporary folder; `constraints.txt` has no part in it. CONTRIBUTING.md says when it was last run,
and on what. The status is pytest's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("import jax, numpy, sys; print("
            "'Python', sys.version.split()[0], 'JAX', jax.__version__, 'NumPy', numpy.__version__)")


def main() -> int:
    python, *asked = sys.argv[1:] or [sys.executable]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        own = str(Path(folder) / "bin" / "python")
        subprocess.run([own, "-m", "pip", "install", "-q", f"{ROOT}[test]"], check=True)
        subprocess.run([own, "-c", VERSIONS], check=True)
        # Deprecations of versions that came since are news, no failures; of the flags that the
        # suite sets for speed, a newer XLA may know none, and then ends the process.
        return subprocess.run([own, "-m", "pytest", "-n", "2", "-W", "default", *asked],
                              cwd=ROOT, check=False,
                              env={**os.environ, "XLA_FLAGS": ""}).returncode


if __name__ == "__main__":
    sys.exit(main())
