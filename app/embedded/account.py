"""Whom Postgres runs as. It refuses root, so a program that runs as root steps down to an ordinary account.

Only processes and directories that are ours change hands; no parent directory's owner or mode is touched.
"""

import hashlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.embedded.binaries import Binaries, absent, list_binaries, wheel_root
from app.embedded.errors import EmbeddedError, from_os_error

# Where data and programs go that the ordinary account could not reach, such as those below /root.
SHARED_ROOT = Path("/var/lib/engross")
_PREFERRED = ("postgres", "nobody")
# Nothing of our own environment: it may hold secrets, and PG* variables would change what Postgres does.
_ENVIRONMENT = {"LC_ALL": "C", "PATH": os.defpath}


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs Postgres; `steps_down` where that is not ourselves."""

    name: str
    uid: int
    gid: int
    steps_down: bool

    def spawn(
        self, arguments: Sequence[str | Path], *, directory: Path, output: int | BinaryIO
    ) -> subprocess.Popen[bytes]:
        """Start a program as this user, in a session of its own: Ctrl-C in our terminal is not for it."""
        return subprocess.Popen(  # noqa: S603 -- our own argument lists, no shell
            arguments,
            cwd=directory,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=self.uid if self.steps_down else None,
            group=self.gid if self.steps_down else None,
            extra_groups=[] if self.steps_down else None,
        )

    def run(self, arguments: Sequence[str | Path], *, directory: Path = Path("/")) -> tuple[int, str]:
        """Run a program to its end as this user: its exit code and all that it said."""
        process = self.spawn(arguments, directory=directory, output=subprocess.PIPE)
        said, _ = process.communicate()
        return process.returncode, said.decode(errors="replace")

    def can_enter(self, directory: Path) -> bool:
        """Whether this user gets through to `directory`; asked of the kernel, which knows of ACLs too."""
        if not self.steps_down:
            return os.access(directory, os.X_OK)
        return self.run(["/bin/sh", "-c", 'cd -- "$1"', "sh", directory])[0] == 0

    def can_run(self, program: Path) -> bool:
        """Whether this user reaches a program of Postgres and it works for them."""
        try:
            return self.run([program, "--version"])[0] == 0
        except OSError:
            return False

    def give(self, path: Path) -> None:
        """Make this user the owner of `path`, which is one of ours."""
        if self.steps_down:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def give_tree(self, directory: Path) -> None:
        """Make this user the owner of all in a directory of ours, such as one that root copied."""
        if self.steps_down and directory.stat().st_uid != self.uid:
            for path in (*directory.rglob("*"), directory):  # the directory last: it tells that all is done
                self.give(path)


def choose_account(cluster: Path) -> Account:
    """Ourselves; for root the user whom `cluster` belongs to, or the first ordinary one that exists."""
    try:
        owner = cluster.stat().st_uid
    except FileNotFoundError:
        owner = os.geteuid()
    except OSError as error:
        raise from_os_error(error, path=cluster) from error
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise EmbeddedError(
                f"{cluster} belongs to {_name_of(owner)}: run Engross as that user, "
                "or set DATA_DIR to another directory."
            )
        return Account(name=_name_of(owner), uid=owner, gid=os.getegid(), steps_down=False)
    candidates: list[int | str] = [*([owner] if owner != 0 else []), *_PREFERRED]
    for candidate in candidates:
        try:
            found = pwd.getpwuid(candidate) if isinstance(candidate, int) else pwd.getpwnam(candidate)
        except KeyError:
            continue
        return Account(name=found.pw_name, uid=found.pw_uid, gid=found.pw_gid, steps_down=True)
    raise EmbeddedError(
        "Postgres does not run as root and there is no user `postgres` or `nobody` to run it: "
        "start Engross as an ordinary user, or set DATABASE_URL."
    )


def choose_binaries(account: Account, *, configured: Path | None, major: int | None) -> Binaries:
    """The best programs that `account` can run; those of the wheel are copied where it cannot reach them."""
    found = None
    for found in list_binaries(configured=configured, major=major):
        if not account.steps_down or account.can_run(found.directory / "postgres"):
            return found
        if root := wheel_root(found.directory):
            return Binaries(directory=_copy_of_wheel(root, found.directory), major=found.major)
    if found is None:
        raise absent(configured=configured, major=major)
    raise EmbeddedError(
        f"The user `{account.name}`, who runs Postgres for root, cannot reach {found.directory}: "
        "install PostgreSQL where all may run it, or start Engross as an ordinary user."
    )


def make_shared_root() -> Path:
    """`/var/lib/engross`, which everybody may enter."""
    try:
        if not SHARED_ROOT.is_dir():
            SHARED_ROOT.mkdir(parents=True)
            SHARED_ROOT.chmod(0o755)
    except OSError as error:
        raise from_os_error(error, path=SHARED_ROOT) from error
    return SHARED_ROOT


def _copy_of_wheel(root: Path, directory: Path) -> Path:
    """A copy of the wheel's programs that all may run, named by their content, made once."""
    digest = hashlib.sha256((directory / "postgres").read_bytes()).hexdigest()[:16]
    target = make_shared_root() / f"programs-{digest}"
    if not target.is_dir():
        try:
            draft = Path(tempfile.mkdtemp(dir=SHARED_ROOT))
            # The programs look for their libraries by a relative path that leads out of the package.
            libraries = root.with_name(f"{root.name}.libs")
            for source in (directory.parent, libraries):
                if source.is_dir():
                    ignored = shutil.ignore_patterns("include")
                    shutil.copytree(source, draft / source.relative_to(root.parent), ignore=ignored)
            for path in (draft, *draft.rglob("*")):
                path.chmod(0o755)
            draft.rename(target)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            if not target.is_dir():  # else another process was faster
                raise from_os_error(error, path=target) from error
    return target / directory.relative_to(root.parent)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
