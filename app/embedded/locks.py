"""The locks by which processes that share one embedded Postgres agree on who looks after it.

They are `flock`s on files in the data directory, so the kernel drops them with the process, however it ends.

- *owner*: exclusive; held by the one process that starts, watches and stops Postgres.
- *users*: shared; held by every process that relies on Postgres. Whoever gets it exclusively is alone.
- *gate*: exclusive and short; one process leaves at a time. Without it an owner and a user who leave at the
  same moment could each count on the other to stop Postgres.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.embedded.errors import from_os_error


class Locks:
    """One process's hold on the locks of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._owner = _open(data_dir / "postgres.owner.lock")
        self._users = _open(data_dir / "postgres.users.lock")
        self._gate = _open(data_dir / "postgres.gate.lock")
        self.is_owner = False

    def join(self) -> None:
        """Become a user; waits while another process is just stopping Postgres."""
        fcntl.flock(self._users, fcntl.LOCK_SH)

    def try_own(self) -> bool:
        """Become the owner if nobody else is."""
        self.is_owner = self.is_owner or _try_exclusively(self._owner)
        return self.is_owner

    def try_alone(self) -> bool:
        """True where no other process uses Postgres; until `close`, none can begin to."""
        return _try_exclusively(self._users)

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """Held while a process decides whether it is the last one, and until it has let go."""
        fcntl.flock(self._gate, fcntl.LOCK_EX)
        try:
            yield
        finally:
            self.close()

    def close(self) -> None:
        """Let go of all; the gate last, for whoever waits there must see the others free."""
        self.is_owner = False
        for descriptor in (self._owner, self._users, self._gate):
            fcntl.flock(
                descriptor, fcntl.LOCK_UN
            )  # closing alone does nothing where a forked child has a copy
            os.close(descriptor)


def _open(path: Path) -> int:
    try:
        # Python opens files so that programs which we start do not inherit them: Postgres never holds a lock.
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise from_os_error(error, path=path) from error


def _try_exclusively(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
