"""Forms: the base class of what a browser may send, and how one is drawn again with its sentences.

Form classes take text and refuse unknown fields. What the text must be is checked inside `attempt`, by
`validated` or by the use case, so that a refusal draws the page again with what was typed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError
from sqlalchemy.orm import Session
from starlette.responses import Response

from app.errors import Invalid

Model = TypeVar("Model", bound=BaseModel)

_PLAIN: dict[str, str] = {
    "missing": "This is missing.",
    "extra_forbidden": "This field is not known here.",
    "int_parsing": "This must be a whole number.",
    "int_type": "This must be a whole number.",
    "float_parsing": "This must be a number.",
    "bool_parsing": "This must be yes or no.",
    "string_type": "This must be text.",
    "string_unicode": "This holds a broken character.",
    "string_pattern_mismatch": "This has characters that are not allowed here.",
}
_WITH_LIMIT: dict[str, tuple[str, str]] = {
    "string_too_short": ("min_length", "This must have at least {} characters."),
    "string_too_long": ("max_length", "This may have at most {} characters."),
    "too_short": ("min_length", "This must have at least {} entries."),
    "too_long": ("max_length", "This may have at most {} entries."),
    "greater_than_equal": ("ge", "This must be at least {}."),
    "less_than_equal": ("le", "This may be at most {}."),
    "greater_than": ("gt", "This must be more than {}."),
    "less_than": ("lt", "This must be less than {}."),
    "literal_error": ("expected", "This must be {}."),
    "enum": ("expected", "This must be {}."),
}


def _as_typed(text: str) -> str:
    return text.replace("\r\n", "\n")


# What a person wrote into a field of several lines: browsers end lines with CR LF, which nobody typed.
Lines = Annotated[str, AfterValidator(_as_typed)]


class Form(BaseModel):
    """What a page's form sends; unknown fields are refused. Whoever knows the session checks the token."""

    model_config = ConfigDict(extra="forbid")

    csrf_token: str = ""

    def typed(self) -> dict[str, Any]:
        """What was typed, by field, for drawing the form again: without the token and without passwords."""
        return {name: value for name, value in self if name != "csrf_token" and not name.endswith("password")}


def sentence(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors as a sentence for the screen; never with the value that was typed."""
    kind = str(error["type"])
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _WITH_LIMIT:
        name, words = _WITH_LIMIT[kind]
        return words.format(error["ctx"][name])
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return "This is not of the right kind."


def sentences(errors: Sequence[Any], *, skip: int = 0) -> dict[str, str]:
    """Field (its path, dotted) → sentence, the first one for each. `skip` drops the path's first steps."""
    found: dict[str, str] = {}
    for error in errors:
        name = ".".join(str(step) for step in error["loc"][skip:])
        found.setdefault(name, sentence(error))
    return found


def validated(model: type[Model], values: Mapping[str, Any]) -> Model:
    """The values as `model`. Raises Invalid with a sentence for each field that does not fit."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid("Some fields are not yet right.", fields=sentences(error.errors())) from None


def attempt(
    session: Session, act: Callable[[], Response], *, redraw: Callable[[Invalid], Response]
) -> Response:
    """Do `act`; where it raises Invalid, undo what it did and draw the form again.

    The savepoint is what undoes it: the request's transaction is committed as usual when the redrawn page
    is on its way, and a refused act must leave no row behind. `redraw` answers with status 422.
    """
    try:
        with session.begin_nested():
            return act()
    except Invalid as failure:
        return redraw(failure)
