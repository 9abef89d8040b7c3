"""`python -m jupyter_tune.cli`."""

from __future__ import annotations

from jupyter_tune.cli.app import main

if __name__ == "__main__":
    main()
