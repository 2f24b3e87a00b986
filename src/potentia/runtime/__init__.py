"""How we run on JAX: pytrees, float64, states over devices, what processes decide alike, Ctrl-C."""
