"""Run a notebook in a real kernel of this Python, which listens on the loopback only, and write it
with its outputs. Not a test: `test_notebooks` runs it as a process of its own, since sockets are
left behind where one talks to a kernel.

    python tests/run_notebook.py NOTEBOOK OUT FOLDER
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


def main(notebook: Path, out: Path, folder: Path) -> int:
    """Run the notebook in `folder`; the exit status."""
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
        told = nbformat.read(notebook, as_version=4)
        nbclient.NotebookClient(told, km=manager, timeout=CELL).execute()
    finally:
        manager.shutdown_kernel(now=True)
    nbformat.write(told, out)
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
