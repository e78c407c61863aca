"""`python -m triage`."""

from triage.cli import main

if __name__ == "__main__":  # worker processes import this module without running it
    raise SystemExit(main())
