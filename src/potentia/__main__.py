"""`python -m potentia`."""

from potentia.cli import main

main()
