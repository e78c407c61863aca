"""`triage` and `python -m triage`."""

from __future__ import annotations

import signal


def run() -> int:
    """The command line. Ctrl-C while it is being loaded ends it at once: there is nothing to say yet."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from triage.cli import main

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return main()


if __name__ == "__main__":  # worker processes import this module without running it
    raise SystemExit(run())
