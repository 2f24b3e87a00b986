#!/usr/bin/env bash
# Benchmarks on the device that JAX finds here, in one command of less than eight minutes:
#
#     benchmarks/device.sh [DIRECTORY]
#
# writes benchmarks-gpu.json and benchmarks-gpu.md, with the device's name, to DIRECTORY (docs if omitted); on a machine
# without an accelerator benchmarks.json and benchmarks.md, so give another directory there. PYTHON names a Python that
# has the dependencies of pyproject.toml, with a JAX that knows the device: nothing is installed or fetched.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${PYTHON:-python3}
out=${1:-docs}
for package in jax numpy scipy optax networkx matplotlib rich threadpoolctl typer; do
    "$python" -c "import $package" 2>/dev/null || { echo "$python lacks $package" >&2; exit 2; }
done
"$python" -c 'import jax; print("computing on", *(device.device_kind for device in jax.devices()))'
export PYTHONPATH="$PWD/src" XLA_PYTHON_CLIENT_PREALLOCATE=false
# Ended by time, it writes what it has, and says that it is not all.
exec timeout --signal=INT --kill-after=15 450 "$python" -m potentia bench device machine playing training --out "$out"
