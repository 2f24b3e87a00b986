"""Fixtures that every test may use."""

from __future__ import annotations

from collections.abc import Iterator

import jax
import pytest


@pytest.fixture
def x64() -> Iterator[None]:
    """Float64 on the device for the length of one test."""
    with jax.enable_x64(True):
        yield
