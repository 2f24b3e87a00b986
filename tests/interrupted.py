"""Solves that are interrupted on their way."""

from __future__ import annotations

from typing import Any


def stop_at(iteration: int) -> Any:
    """What to tell progress to, so that the solve is interrupted at that iteration."""
    def tell(done: int, note: str) -> None:
        if done >= iteration:
            raise KeyboardInterrupt
    return tell
