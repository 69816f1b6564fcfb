"""The data of the embedded Postgres: made by `initdb`, opened by its own major version only, one database."""

import shutil
from pathlib import Path
from typing import LiteralString

import psycopg

from app.embedded.account import Account
from app.embedded.binaries import Binaries
from app.embedded.errors import EmbeddedError, from_os_error, from_output

DATABASE = "engross"
# The application's role is no superuser: a hole in the application is none in the server's files.
ROLE = "engross"
SUPERUSER = "postgres"
_BUILTIN_LOCALE_SINCE = 17
_DURABILITY = "SELECT name FROM pg_settings WHERE name = ANY(%s) AND setting <> 'on'"
DURABLE_SETTINGS = ("fsync", "full_page_writes", "synchronous_commit")


def version_of(cluster: Path) -> int | None:
    """The major version that made the cluster, None where there is none yet."""
    try:
        return int((cluster / "PG_VERSION").read_text(encoding="ascii"))
    except FileNotFoundError:
        if not cluster.exists():
            return None
        raise EmbeddedError(
            f"{cluster} holds no Postgres data: move it away, or set another DATA_DIR."
        ) from None
    except ValueError:
        raise EmbeddedError(
            f"{cluster / 'PG_VERSION'} is damaged: restore a backup into a new DATA_DIR."
        ) from None
    except OSError as error:
        raise from_os_error(error, path=cluster) from error


def make_cluster(cluster: Path, *, binaries: Binaries, account: Account, durable: bool) -> None:
    """Make the cluster beside its place and rename it, so that one which is there is whole."""
    draft = cluster.with_name("cluster.new")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account.give(draft)
        code, said = _initdb(draft, binaries=binaries, account=account, locale="C.UTF-8", durable=durable)
        if code != 0 and "invalid locale" in said:  # systems without C.UTF-8
            code, said = _initdb(draft, binaries=binaries, account=account, locale="C", durable=durable)
        if code != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise from_output(said, doing="make its data directory", path=cluster.parent)
        draft.rename(cluster)
    except OSError as error:
        raise from_os_error(error, path=cluster.parent) from error


def _initdb(
    cluster: Path, *, binaries: Binaries, account: Account, locale: str, durable: bool
) -> tuple[int, str]:
    if binaries.major >= _BUILTIN_LOCALE_SINCE:
        # The same order and case on every machine and after every update of the system's C library.
        locales = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locales = ["--locale-provider=libc", f"--locale={locale}"]
    arguments: list[str | Path] = [
        binaries.directory / "initdb",
        f"--pgdata={cluster}",
        f"--username={SUPERUSER}",
        "--encoding=UTF8",
        *locales,
        # The socket's directory lets only its owner and root in: that is the check.
        "--auth-local=trust",
        "--auth-host=reject",
        "--data-checksums",
        "--no-instructions",
        *([] if durable else ["--no-sync"]),
    ]
    return account.run(arguments, directory=cluster.parent)


def make_database(socket_directory: Path) -> None:
    """Make the application's role and database where they are missing."""
    with connect(socket_directory, database="postgres", user=SUPERUSER) as connection:
        if not _exists(connection, "SELECT FROM pg_roles WHERE rolname = %s", ROLE):
            connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB")
        if not _exists(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
            connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def check_durability(socket_directory: Path) -> None:
    """Raise EmbeddedError where the running server may forget what it has acknowledged."""
    with connect(socket_directory) as connection:
        lacking = [name for (name,) in connection.execute(_DURABILITY, [list(DURABLE_SETTINGS)])]
    if lacking:
        raise EmbeddedError(
            f"The Postgres that runs on {socket_directory} has {', '.join(map(str, lacking))} off and "
            "could lose saved work: end what started it, and start again."
        )


def connect(
    socket_directory: Path, *, database: str = DATABASE, user: str = ROLE
) -> psycopg.Connection[tuple[object, ...]]:
    """A connection through the socket, autocommitting. Raises psycopg.OperationalError if none answers."""
    return psycopg.connect(
        host=str(socket_directory),
        port=5432,
        dbname=database,
        user=user,
        connect_timeout=5,
        autocommit=True,
        application_name="engross start",
    )


def _exists(connection: psycopg.Connection[tuple[object, ...]], query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
