"""How Potentia runs on JAX: what may enter a compiled program, and in which form."""
