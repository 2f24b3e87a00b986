"""One of the processes that `processes.launch` starts: the command line, as long as there is the
one that started it.

That one holds the other end of the standard input, which the system closes when it ends. So even
when it is killed, it leaves nothing behind that would go on computing and keep the directory of
checkpoints.
"""

from __future__ import annotations

import os
import signal
import threading

from potentia.cli import main
from potentia.cli.status import INTERRUPTED


def _end_with_the_input() -> None:
    os.read(0, 1)             # nothing is ever written there
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    # A KeyboardInterrupt is lost where JAX is called back by the collector of garbage, as it is
    # while it starts.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_the_input, daemon=True).start()
    main()
