"""Build the wheel and the source archive, install each in an environment of its own, and run it.

Run as `python tests/try_package.py [PYTHON ...]`, once for each interpreter (the one that runs this
if none is named); it takes some minutes and needs `build`. Status 1 if something fails.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GAME = "prisoners-dilemma"


def ran(*command: object, folder: Path) -> str:
    """What the command prints; raises CalledProcessError unless it ends well."""
    return subprocess.run(list(map(str, command)), cwd=folder, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def tried(python: str, package: Path, folder: Path) -> str:
    """Install the package in a new environment of that interpreter, and run it; its version."""
    ran(python, "-m", "venv", folder / "venv", folder=folder)
    own = folder / "venv" / "bin"
    ran(own / "python", "-m", "pip", "install", "-q", package, folder=folder)
    version = ran(own / "potentia", "--version", folder=folder).strip()
    ran(own / "potentia", "solve", GAME, "--out", "run", folder=folder)
    ran(own / "potentia", "certify", "run", "--part", "equilibrium", folder=folder)
    ran(own / "python", "-c", "import importlib.metadata as m; assert m.metadata('potentia')"
        "['Project-URL']", folder=folder)
    jax = ran(own / "python", "-c", "import jax, sys; "
              "print(sys.version.split()[0], jax.__version__)", folder=folder).split()
    return f"{version} of {package.name}: Python {jax[0]}, JAX {jax[1]}"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ran(sys.executable, "-m", "build", "--outdir", folder / "dist", ROOT, folder=folder)
        packages = sorted((folder / "dist").iterdir())
        assert {package.suffix for package in packages} == {".whl", ".gz"}, packages
        for python in sys.argv[1:] or [sys.executable]:
            for package in packages:
                place = Path(tempfile.mkdtemp(dir=folder))
                print(tried(python, package, place), flush=True)


if __name__ == "__main__":
    main()
