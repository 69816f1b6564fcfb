"""The families of expected failure. `app.web.errors` numbers them; nothing else is raised for them.

Four are about the thing asked for; NotSignedIn is about whoever asks.
"""

import errno
from collections.abc import Mapping
from types import MappingProxyType


class AppError(Exception):
    """A refusal that a person can act on.

    `message` is one sentence for the screen; `code` is a stable name for API clients;
    `details` are values that go into the JSON answer (never a contract's text). `fields` has a sentence for
    each field, where the input is at fault.
    """

    code = "error"
    fields: Mapping[str, str] = MappingProxyType({})

    def __init__(self, message: str, *, code: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details

    @property
    def by_field(self) -> dict[str, str]:
        """A sentence for each field, for drawing a form again; under "" what concerns no field."""
        return dict(self.fields) or {"": self.message}


class NotFound(AppError):
    """It does not exist, or this person may not know that it does: the two read the same."""

    code = "not_found"


class NotAllowed(AppError):
    """The person can see it, and may not do this with it."""

    code = "not_allowed"


class Conflict(AppError):
    """The world moved on: someone was faster, or the page is older than the data."""

    code = "conflict"


class Invalid(AppError):
    """The input does not hold together. `fields` names the sentence for each field."""

    code = "invalid"

    def __init__(
        self,
        message: str,
        *,
        fields: dict[str, str] | None = None,
        code: str | None = None,
        **details: object,
    ) -> None:
        super().__init__(message, code=code, **details)
        self.fields = fields or {}


class StorageFull(Invalid):
    """The server's disk is full. Nothing was kept of what did not fit."""

    code = "storage_full"

    @classmethod
    def of(cls, error: BaseException | None) -> "StorageFull | None":
        """What to say of an exception, where it is that the disk is full."""
        if not isinstance(error, OSError) or error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            return None
        return cls(
            "The server's disk is full, so this was not kept. "
            "Nothing is lost on your side; tell whoever runs the server, then send it again."
        )


class StorageAway(AppError):
    """The store of imported files does not answer, or refuses; the same may work in a moment."""

    code = "storage_away"

    def __init__(self) -> None:
        super().__init__("The store of imported files did not answer.")


class NotSignedIn(AppError):
    """Nobody is signed in, or the token is not good: the same question may work after signing in."""

    code = "not_signed_in"


class CannotRun(Exception):
    """The program cannot run like this, for want of a database, a setting, a port or room on the disk.

    The message is one sentence that says what to do. No AppError: no request is ever answered with it.
    """
