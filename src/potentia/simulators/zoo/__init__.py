"""Simulators by name, one file each, with a function `build(...)` and its `SOURCE`."""
