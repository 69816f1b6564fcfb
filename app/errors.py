"""The four families of expected failure. `app.web.errors` numbers them; nothing else is raised for them."""


class AppError(Exception):
    """A refusal that a person can act on.

    `message` is one sentence for the screen; `code` is a stable name for API clients;
    `details` are values that go into the JSON answer (never a contract's text).
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None, **details: object) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.details = details


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
