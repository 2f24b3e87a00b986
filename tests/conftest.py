"""Fixtures that every test may use, and one cache of compiled programs for all processes of a test
run."""

from __future__ import annotations

import gc
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# Most of the suite's time is compilation, and its workers and subprocesses compile the same
# programs. The cache is new in each run, and JAX reads these when it is imported.
CACHE = "JAX_COMPILATION_CACHE_DIR"
OWN = None if CACHE in os.environ else tempfile.mkdtemp(prefix="potentia-tests-")
if OWN is not None:
    os.environ |= {CACHE: OWN, "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
                   "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1"}
    # Where Python writes no bytecode, each of the many subprocesses would compile JAX's sources
    # anew, which takes three times as long as importing it.
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = OWN
# XLA optimises for longer than these programs run: without that, the suite takes half the
# processor time. This is the environment of the tests alone, a user's programs are optimised as
# ever; `XLA_FLAGS= pytest` tests those.
os.environ.setdefault("XLA_FLAGS",
                      "--xla_backend_optimization_level=0 --xla_cpu_use_fusion_emitters=false "
                                   "--xla_cpu_parallel_codegen_split_count=1")

# Where in the sources each operation comes from is told to the compiler, which takes a sixth of the
# processor time; nobody reads it here.
os.environ.setdefault("JAX_TRACEBACK_IN_LOCATIONS_LIMIT", "0")
os.environ.setdefault("JAX_INCLUDE_FULL_TRACEBACKS_IN_LOCATIONS", "0")

import jax  # noqa: E402

# A heap of traced programs is large and holds hardly any cycles: a sixth of the suite's time was
# looking for some.
gc.set_threshold(100_000, 20, 100)

MAPS, MOST_MAPS = Path("/proc/self/maps"), 40_000
TESTS = itertools.count()


def pytest_unconfigure() -> None:
    """Remove the cache, if this is the process that made it."""
    if OWN is not None:
        shutil.rmtree(OWN, ignore_errors=True)


def pytest_runtest_teardown() -> None:
    """Forget compiled programs before they take all the memory mappings that a process may have
    (65,530 on Linux). Counting them takes some milliseconds."""
    if next(TESTS) % 10 == 0 and MAPS.exists() and MAPS.read_bytes().count(b"\n") > MOST_MAPS:
        jax.clear_caches()


@pytest.fixture
def writes_no_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes started from now on read the cache, and leave no half of a program in it when they
    are killed."""
    monkeypatch.setenv("JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS", "1000000")


@pytest.fixture
def x64() -> Iterator[None]:
    """Float64 on the device for the length of one test."""
    with jax.enable_x64(True):
        yield
