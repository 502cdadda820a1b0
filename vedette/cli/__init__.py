"""The commands of ``vedette`` (DESIGN section 5)."""

from __future__ import annotations

import os
import sys

from vedette.cli.app import FAILED, LOCKED, USAGE, app, show_problems, shown


def main() -> None:
    """Run the command line; errors become one clear sentence and an exit code."""
    from crawler.errors import ConfigError, CrawlError, SecretMissing
    from vedette.cli import (  # noqa: F401 - importing a module adds its commands
        checking,
        demonstrate,
        exchanging,
        finding,
        handling,
        knowing,
        looking,
        operating,
        outbox,
        reading,
        routing,
        running,
        silencing,
        storylines,
    )
    from vedette.errors import ShellError
    from vedette.store.errors import StoreError, StoreLocked

    code = FAILED
    try:
        app()
    except ConfigError as error:
        show_problems(error.problems)
        code = USAGE
    except SecretMissing as error:
        print(f"vedette: {shown(error)}", file=sys.stderr)
        code = USAGE
    except StoreLocked as error:
        print(f"vedette: {shown(error)}", file=sys.stderr)
        code = LOCKED
    except (StoreError, ShellError, CrawlError) as error:
        print(f"vedette: {shown(error)}", file=sys.stderr)
    except BrokenPipeError:
        # `vedette alerts | head`: the reader has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


if __name__ == "__main__":
    main()
