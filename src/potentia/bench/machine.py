"""The machine's own rates: products of matrices, memory stream, random numbers, through JAX and
through NumPy."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from threadpoolctl import threadpool_limits

from potentia import __version__
from potentia.bench.harness import Asked, Figure, least

VERSIONS = ("numpy", "scipy", "jax", "jaxlib", "numba")


def description() -> dict[str, Any]:
    """The machine and what runs on it, in words and versions.

    load: programs that wanted a core over the last minute; far above 0, other work was on the
    machine.
    """
    return {"processor": _processor(), "cores": len(os.sched_getaffinity(0)),
            "memory_gb": _memory_gb(),
            "load": round(os.getloadavg()[0], 1),
            "system": f"{platform.system()} {platform.machine()}",
            "python": platform.python_version(),
            "versions": {"potentia": __version__, **{name: _version(name) for name in VERSIONS}},
            "backend": jax.default_backend(),
            "devices": [device.device_kind for device in jax.devices()]}


def measure(asked: Asked, size: int = 1024, megabytes: int = 256, draws: int = 2**22,
            repeats: int = 5) -> list[Figure]:
    """Rates of float64 work: `size` is that of square matrices, `megabytes` that of an array beyond
    every cache."""
    matrix, table = np.ones((size, size)), np.ones(megabytes * 2**17)
    on_device, long = jnp.asarray(matrix), jnp.asarray(table)
    product, copy, read = jax.jit(jnp.matmul), jax.jit(lambda array: array + 1), jax.jit(jnp.sum)
    draw = jax.jit(lambda key: jax.random.uniform(key, (draws,), jnp.float64))
    key = jax.random.key(0)
    flops, cores = 2 * size**3, os.cpu_count() or 1
    rates: dict[str, tuple[Callable[[], object], float, str]] = {
        "product of square matrices, JAX": (lambda: product(on_device, on_device), flops,
                                            "Gflop/s"),
        "product of square matrices, NumPy on one core": (_on_threads(1, matrix), flops, "Gflop/s"),
        "product of square matrices, NumPy on all cores": (_on_threads(cores, matrix), flops,
                                                           "Gflop/s"),
        "read an array and write another, JAX": (lambda: copy(long), 2 * table.nbytes, "GB/s"),
        "copy an array, NumPy on one core": (table.copy, 2 * table.nbytes, "GB/s"),
        "read an array (sum), JAX": (lambda: read(long), table.nbytes, "GB/s"),
        "read an array (sum), NumPy on one core": (table.sum, table.nbytes, "GB/s"),
        "uniform random numbers of 64 bits (threefry), JAX": (lambda: draw(key), draws, "G/s"),
    }
    taken = least({name: work for name, (work, _, _) in rates.items()}, repeats)
    return [Figure(name, amount / taken[name] / 1e9, unit, seconds={"once": taken[name]})
            for name, (_, amount, unit) in rates.items()]


def _on_threads(threads: int, matrix: np.ndarray) -> Callable[[], np.ndarray]:
    def product() -> np.ndarray:
        with threadpool_limits(threads, user_api="blas"):
            return matrix @ matrix
    return product


def _processor() -> str:
    """The processor's name, where the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"


def _memory_gb() -> float:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1)


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None
