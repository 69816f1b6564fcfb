"""Where the embedded Postgres keeps its things, and that nobody else can get at them.

    DATA_DIR/postgres/cluster     the data itself
    DATA_DIR/postgres/socket      the only way in; in the temporary directory where that path is long
    DATA_DIR/postgres.log         what Postgres says
    DATA_DIR/postgres.*.lock      see `locks`

`DATA_DIR/postgres` is a link into /var/lib/engross where we are root and the account that runs Postgres could
not reach the data directory, as below /root.
"""

import hashlib
import logging
import os
import re
import stat
import tempfile
from pathlib import Path

from app.embedded.account import Account, make_shared_root
from app.embedded.errors import EmbeddedError, from_os_error

log = logging.getLogger(__name__)

SOCKET_NAME = ".s.PGSQL.5432"
# The kernel's limit is 104 on some systems and 108 on others.
_SOCKET_BYTES = 100
# Commas, colons and quotes mean something else in a database URL.
_PLAIN_PATH = re.compile(r"/[\w./-]+", re.ASCII)


def home_of(data_dir: Path) -> Path:
    """Where the home is, links resolved, whether or not it exists yet."""
    return Path(os.path.realpath(data_dir / "postgres"))


def make_data_dir(data_dir: Path) -> None:
    """Make the data directory where it is missing."""
    try:
        if not data_dir.is_dir():
            data_dir.mkdir(parents=True)
            # Root's Postgres runs as somebody else, who must get through, and needs to see nothing.
            data_dir.chmod(0o711 if os.geteuid() == 0 else 0o700)
    except OSError as error:
        raise from_os_error(error, path=data_dir) from error


def make_home(data_dir: Path, account: Account) -> Path:
    """The directory that holds cluster and socket, made where it is missing; only `account` may enter it."""
    place = data_dir / "postgres"
    if place.is_symlink() and not place.exists():
        raise EmbeddedError(
            f"{place} points to {home_of(data_dir)}, which is gone: bring it back, or delete the link."
        )
    try:
        if not place.exists() and not account.can_enter(data_dir):
            elsewhere = Path(tempfile.mkdtemp(prefix="data-", dir=make_shared_root()))
            account.give(elsewhere)
            place.symlink_to(elsewhere)
            log.warning(
                "Postgres keeps its data in %s: `%s` cannot enter %s", elsewhere, account.name, data_dir
            )
    except OSError as error:
        raise from_os_error(error, path=place) from error
    home = home_of(data_dir)
    make_private(home, account)
    if not account.can_enter(home):
        raise EmbeddedError(
            f"The user `{account.name}`, who runs Postgres for root, cannot enter {home}: "
            "set DATA_DIR to a directory such as /var/lib/engross, or start Engross as an ordinary user."
        )
    return home


def make_socket_directory(home: Path, account: Account) -> Path:
    """The directory of the socket: in `home`, or a private temporary one where that path is too long."""
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    roots = (tempfile.gettempdir(), "/tmp")  # noqa: S108 -- make_private refuses what others put there
    for directory in (home / "socket", *(Path(root, f"engross-{name}") for root in roots)):
        short = len(os.fsencode(directory / SOCKET_NAME)) <= _SOCKET_BYTES
        if short and _PLAIN_PATH.fullmatch(str(directory)) and account.can_enter(directory.parent):
            make_private(directory, account)
            return directory
    raise EmbeddedError(f"{home} is too long a path for a socket: set DATA_DIR to a shorter one.")


def make_private(directory: Path, account: Account) -> None:
    """Make a directory that only `account` may enter; refuses one that somebody else put there before us."""
    try:
        try:
            directory.mkdir(mode=0o700)
            account.give(directory)
        except FileExistsError:
            pass
        found = directory.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(20, "Not a directory")
        if found.st_uid == os.geteuid() == 0:  # a start that was killed between the two steps above
            account.give(directory)
        elif found.st_uid != account.uid:
            raise EmbeddedError(
                f"{directory} belongs to another user: delete it, or set DATA_DIR to another place."
            )
        if stat.S_IMODE(found.st_mode) != 0o700:
            directory.chmod(0o700)
    except OSError as error:
        raise from_os_error(error, path=directory) from error
