"""Hashing passwords with Argon2id. Only lengths that `rules.check_password` allows may come here."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.rules import MAX_PASSWORD

_hasher = PasswordHasher()  # RFC 9106's profile for little memory: 64 MiB, three passes
# So many at once, or a crowd at the door would take the memory of everybody inside.
_at_once = threading.BoundedSemaphore(4)


def make_hash(password: str) -> str:
    """The hash to store, with its parameters in it."""
    with _at_once:
        return _hasher.hash(password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody's password")


def fits(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one. Takes as long where none is stored, so time tells nothing."""
    known = stored or _nobodys_hash()
    if len(password) > MAX_PASSWORD:
        return False
    with _at_once:
        try:
            return _hasher.verify(known, password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(stored: str) -> bool:
    """Whether the hash was made with other parameters than today's, and should be made anew at sign-in."""
    return _hasher.check_needs_rehash(stored)
