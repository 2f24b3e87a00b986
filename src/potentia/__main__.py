"""`python -m potentia`."""

from potentia.cli import program

program()
