"""``python -m vedette``."""

from __future__ import annotations

from vedette.cli import main

if __name__ == "__main__":
    main()
