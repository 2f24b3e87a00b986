"""What a user's own rule, schedule or oracle keeps, as arrays by name."""

from __future__ import annotations

from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from jax import Array

from potentia.errors import InputError
from potentia.learning.contract import what
from potentia.runtime.own import Token, packed


class KeepsPlain:
    """Base of what wraps a user's object whose memory is arrays by name, so that no class of it
    enters a JAX tree.

    own: the user's. token: what the arrays are taken from; None until the first memory, which finds
    out. begins: the method that gives that.
    Raises InputError for whatever breaks the contract.
    """

    begins: ClassVar[str] = "init"

    def __init__(self, own: Any, token: Token | None = None):
        self.own, self.token, self.name = own, token, type(own).__name__

    def first(self, memory: Any) -> dict[str, Array]:
        """The first memory, which the user's method gave."""
        return {name: jnp.asarray(leaf) for name, leaf in self._plain(memory, self.begins).items()}

    def after(self, before: dict[str, Any], memory: Any, method: str) -> dict[str, Array]:
        """The memory that the user's `method` gave. Raises InputError unless shapes and dtypes are
        those of the memory `before`."""
        found = {name: jnp.asarray(leaf) for name, leaf in self._plain(memory, method).items()}
        for name, leaf in found.items():
            old, new = jax.typeof(before[name]), jax.typeof(leaf)
            if (old.shape, old.dtype) != (new.shape, new.dtype):
                raise InputError(
                    f"{self.name}.{method} returned the memory {name!r} as {new.dtype} "
                    f"{new.shape}, but {self.name}.{self.begins} gave {old.dtype} {old.shape}")
        return found

    def as_kept(self, memory: dict[str, Any]) -> Any:
        """The memory as the user's object knows it."""
        assert self.token is not None
        return self.token.rebuilt(memory)

    def pair(self, found: Any, method: str, expected: str) -> tuple[Any, Any]:
        """What the user's `method` gave, unless that is no pair: InputError."""
        if not isinstance(found, tuple) or len(found) != 2:
            raise InputError(f"{self.name}.{method} returned {what(found)}, but ({expected}, "
                             f"memory) was expected")
        return found

    def _plain(self, memory: Any, method: str) -> dict[str, Any]:
        leaves, token = packed(memory, f"what {self.name}.{method} keeps as memory", "traced")
        self.token = token if self.token is None else self.token
        if token != self.token:
            raise InputError(f"{self.name}.{method} returned a memory of another structure than "
                             f"{self.name}.{self.begins}: {_names(leaves)}, or another class or "
                             f"constant in it")
        return leaves


def _names(leaves: dict[str, Any]) -> str:
    return f"arrays named {', '.join(leaves)}" if leaves else "no arrays"
