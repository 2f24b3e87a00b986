"""Small networks as plain pytrees: one for each agent, no parameter shared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

Layers = list[dict[str, Array]]
LAST = 0.01               # size of the last layer's weights: policies begin near the uniform one


def begun(sizes: Sequence[int], key: Array, last: float = 1.0) -> Layers:
    """Layers of these sizes, weights as LeCun et al. (1998) draw them; the last one's times
    `last`."""
    keys = jax.random.split(key, len(sizes) - 1)
    draw = jax.nn.initializers.lecun_normal()
    layers = [{"weights": draw(one, shape, jnp.float32), "bias": jnp.zeros(shape[1], jnp.float32)}
              for one, *shape in zip(keys, sizes[:-1], sizes[1:], strict=True)]
    layers[-1]["weights"] *= last
    return layers


def answered(layers: Layers, features: Array) -> Array:
    """[..., last size] of features [..., first size], or of whole numbers [...] as if each were 1
    at that number and 0 elsewhere; tanh between the layers."""
    first, *others = layers
    found = (first["weights"][features] if jnp.issubdtype(features.dtype, jnp.integer)
             else features @ first["weights"]) + first["bias"]
    for layer in others:
        found = jnp.tanh(found) @ layer["weights"] + layer["bias"]
    return found


def actor_and_critic(n_features: int, n_actions: int, hidden: Sequence[int],
                     key: Array) -> dict[str, Any]:
    """A network that gives logits, and one that gives a value."""
    first, second = jax.random.split(key)
    return {"actor": begun((n_features, *hidden, n_actions), first, LAST),
            "critic": begun((n_features, *hidden, 1), second)}
