"""A program that uses the embedded Postgres until its standard input says a word; killed by the tests.

    python -m tests.embedded.program DATA_DIR [--pg-bin DIRECTORY] [--durable] [--user NAME]

It prints one JSON line when Postgres answers, and another after it has left.
"""

import argparse
import json
import os
import pwd
import sys
from pathlib import Path

from app.embedded import EmbeddedError, EmbeddedPostgres


def main() -> int:
    """Start, wait for the word, stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data_dir", type=Path)
    parser.add_argument("--pg-bin", type=Path)
    parser.add_argument("--durable", action="store_true")
    parser.add_argument("--user")
    arguments = parser.parse_args()
    if arguments.user:
        _become(arguments.user)
    postgres = EmbeddedPostgres(arguments.data_dir, pg_bin=arguments.pg_bin, durable=arguments.durable)
    try:
        url = postgres.start()
    except EmbeddedError as error:
        _say(error=str(error))
        return 1
    _say(url=url, is_owner=postgres.is_owner)
    for line in sys.stdin:
        if line.strip() != "owner?":
            break
        _say(is_owner=postgres.is_owner)
    postgres.stop()
    _say(stopped=True)
    return 0


def _say(**what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def _become(name: str) -> None:
    """Give root up for good; only now, since others may not be able to read the interpreter's files."""
    user = pwd.getpwnam(name)
    os.setgroups([])
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)


if __name__ == "__main__":
    sys.exit(main())
