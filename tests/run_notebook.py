"""Run notebooks in a real kernel of this Python, which listens on the loopback only, and write them
with their outputs. Not a test: `test_notebooks` runs it as a process of its own, since sockets are
left behind where one talks to a kernel.

    python tests/run_notebook.py FOLDER NOTEBOOK ...

One kernel runs them one after another, names forgotten in between: starting one and importing JAX
takes longer than most notebooks. What each showed is written to `FOLDER`, under its own name.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbclient
import nbformat
from jupyter_client.manager import KernelManager

LOOPBACK = "127.0.0.1"
STARTED = 60              # seconds that a kernel may take to answer
CELL = 120                # seconds that a cell may take
NO_KERNEL = 77            # exit status


def main(folder: Path, *notebooks: Path) -> int:
    """Run the notebooks in `folder`; the exit status."""
    manager = KernelManager(kernel_name="python3", ip=LOOPBACK)
    try:
        manager.start_kernel(cwd=str(folder))
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=STARTED)
        client.stop_channels()
    except (OSError, RuntimeError) as error:
        print(error)
        manager.shutdown_kernel(now=True)
        return NO_KERNEL
    try:
        assert manager.get_connection_info()["ip"] == LOOPBACK
        for notebook in notebooks:
            told = nbformat.read(notebook, as_version=4)
            told.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
            nbclient.NotebookClient(told, km=manager, timeout=CELL).execute()
            told.cells.pop(0)
            nbformat.write(told, folder / notebook.name)
    finally:
        manager.shutdown_kernel(now=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
