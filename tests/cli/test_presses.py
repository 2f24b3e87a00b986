"""Ctrl-C as the system sends it: real signals to real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import potentia as pt

# A command whose work is ours to time: `READY` is written when it has begun.
STUB = """
import sys, time
from potentia import cli
from potentia.cli import commands
def work(arguments):
    print("READY", flush=True)
    {work}
commands.run = work
cli.main()
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals of POSIX systems")


@pytest.fixture(autouse=True)
def hearing() -> Iterator[None]:
    """A shell that runs the suite in the background lets its processes ignore the press; those who
    hear it pass that on."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def begun(work: str) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", STUB.format(work=work)], text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "READY\n"
    time.sleep(0.2)                       # what it imports first is not what is meant
    return process


def ended(process: subprocess.Popen[str]) -> tuple[int, list[str]]:
    try:
        _, told = process.communicate(timeout=60)
    finally:
        process.kill()                    # one that has not heard would go on for ever
    return process.returncode, told.splitlines()


LOST = """import gc
    gc.callbacks.append(lambda *_: gc.callbacks.clear() or time.sleep(1))
    gc.collect()
    time.sleep(60)"""
TAKEN = """import contextlib
    with contextlib.suppress(KeyboardInterrupt):
        time.sleep(60)
    return 0"""
TURNED = """try:
        time.sleep(60)
    except KeyboardInterrupt:
        raise ImportError("broken by it") from None"""
COMPILED = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'x', b'y', 10**9)"


@pytest.mark.parametrize("work", ["time.sleep(60)", LOST, TAKEN, TURNED],
                         ids=["waiting", "lost in a callback", "taken for an end", "an error"])
def test_one_press_interrupts_with_130(work: str) -> None:
    process = begun(work)
    process.send_signal(signal.SIGINT)
    assert ended(process) == (130, ["potentia: interrupted"])


def test_a_second_press_ends_at_once_even_compiled_code() -> None:
    process = begun(COMPILED)
    process.send_signal(signal.SIGINT)
    time.sleep(0.4)
    pressed = time.monotonic()
    process.send_signal(signal.SIGINT)
    status, told = ended(process)
    assert (status, told[-1]) == (130, "potentia: interrupted again, ended at once")
    assert time.monotonic() - pressed < 10


def test_a_press_that_comes_twice_within_a_moment_is_one() -> None:
    process = begun(COMPILED)
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)
    assert process.poll() is None
    process.kill()
    ended(process)


def test_a_solve_is_saved_as_far_as_it_came(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "potentia", "solve", "prisoners-dilemma", "--step-size", "1e-9",
         "--tolerance", "0", "--max-iterations", str(2**31 - 1), "--out", "run", "--checkpoint",
         "kept", "--checkpoint-every", "0"], cwd=tmp_path, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE)
    patience = time.monotonic() + 60
    while not any((tmp_path / "kept").glob("*.json")) and time.monotonic() < patience:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    status, told = ended(process)
    assert (status, told[-1]) == (130, "potentia: interrupted")
    assert pt.load(tmp_path / "run").status is pt.Status.INTERRUPTED
