"""Rules on accounts: what a password, an address, a scope may be; how failures slow the next try. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from app.errors import Invalid

MIN_PASSWORD, MAX_PASSWORD = 8, 256
MAX_NAME, MAX_EMAIL = 200, 254
MAX_TOKEN_DAYS = 3650

# Failures within the window count. The first few cost nothing; each further one doubles the wait.
WINDOW = timedelta(minutes=15)
FIRST_WAIT = timedelta(seconds=15)
FREE_FAILURES_OF_ACCOUNT = 5
FREE_REQUESTS_OF_PASSWORD = 3  # to be mailed a link, each for one address
FREE_FAILURES_OF_ADDRESS = 30  # a whole office may share one address

# Deliberately loose: whether an address exists is found out by using it.
_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+")


class Scope(StrEnum):
    """What a token may be used for. It narrows what its person may do and never widens it."""

    READ = "read"
    WRITE = "write"
    REVIEW = "review"
    IMPORT = "import"
    EXPORT = "export"
    ADMIN = "admin"


class Purpose(StrEnum):
    """What a one-time link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    DEMO = "demo"

    @property
    def sets_password(self) -> bool:
        """Whether whoever opens the link chooses a password."""
        return self is not Purpose.DEMO


def check_password(password: str, *, field: str = "password") -> None:
    """Raise Invalid unless the length is allowed. Checked before hashing, which costs more for more."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        sentence = f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters."
        raise Invalid(sentence, fields={field: sentence})


def clean_email(email: str) -> str:
    """The address without white space around it. Raises Invalid where it cannot be one."""
    email = email.strip()
    if not 3 <= len(email) <= MAX_EMAIL or not _EMAIL.fullmatch(email):
        sentence = "This is not an e-mail address."
        raise Invalid(sentence, fields={"email": sentence})
    return email


def clean_name(name: str, *, field: str = "name") -> str:
    """The name without white space around it, single-spaced within. Raises Invalid where it is no name."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        sentence = f"A name has 1 to {MAX_NAME} printable characters."
        raise Invalid(sentence, fields={field: sentence})
    return name


def allowed_scopes(*, is_admin: bool) -> list[Scope]:
    """The scopes that this person's tokens may carry."""
    return [scope for scope in Scope if is_admin or scope is not Scope.ADMIN]


def check_scopes(wanted: Iterable[str], *, is_admin: bool) -> list[str]:
    """The wanted scopes in their usual order; all allowed ones where none is named. Raises Invalid."""
    allowed = allowed_scopes(is_admin=is_admin)
    chosen = set(wanted) or {str(scope) for scope in allowed}
    if unknown := sorted(chosen - set(allowed)):
        sentence = f"These scopes are not for this person: {', '.join(unknown)}."
        raise Invalid(sentence, fields={"scopes": sentence})
    return [str(scope) for scope in allowed if scope in chosen]


def may_try_again_at(failures: Sequence[datetime], *, free: int) -> datetime | None:
    """When the next try is allowed, after these failures within the window; None: at once."""
    if len(failures) < free:
        return None
    doublings: int = min(len(failures) - free, 10)
    wait = min(FIRST_WAIT * (1 << doublings), WINDOW)
    return max(failures) + wait


def local_path(target: str) -> str:
    """`target` where it is a path of this site, else "/": a link must not lead elsewhere after signing in."""
    try:
        parts = urlsplit(target) if target.isprintable() and "\\" not in target else None
    except ValueError:  # "//[": no address at all
        parts = None
    if parts is None or parts.scheme or parts.netloc:
        return "/"
    return target if target.startswith("/") and not target.startswith("//") else "/"
