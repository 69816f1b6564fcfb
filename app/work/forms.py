"""What a browser or an API client may send about activity, and about acts on many rows."""

from datetime import date
from typing import Annotated, Any, Literal, cast
from urllib.parse import parse_qsl

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    TypeAdapter,
    ValidationError,
)

from app.documents.forms import DocumentsQuery
from app.errors import Invalid
from app.samples.forms import SamplesQuery
from app.tasks.forms import TasksQuery
from app.web.forms import Form, Lines, validated
from app.web.pagination import Day, ListQuery
from app.work.activity import FAMILIES

Noun = Literal["tasks", "documents", "samples"]
KindName = Literal[
    "tasks.plan", "documents.withdraw", "documents.restore", "samples.release", "samples.reopen"
]
FILTERS: dict[str, type[ListQuery]] = {
    "tasks": TasksQuery,
    "documents": DocumentsQuery,
    "samples": SamplesQuery,
}


class ActivityQuery(ListQuery):
    """What narrows a project's activity."""

    person: Annotated[str, Field(max_length=254, description="An e-mail address.")] = ""
    family: Annotated[
        Literal["", *FAMILIES],  # type: ignore[valid-type]  # the families are a constant
        Field(description="What was acted on."),
    ] = ""
    day: Day = None
    sort: Literal["at", "-at"] = "-at"


def read_filter(noun: str, given: dict[str, Any]) -> dict[str, Any]:
    """The filters of a list, by name. Raises Invalid for one that it has not: it would match everything."""
    form = FILTERS[noun]
    unknown = given.keys() - (form.model_fields.keys() - {"sort", "cursor", "limit"})
    if unknown:
        sentence = f"There is no filter “{min(unknown)[:50]}” of {noun}."
        raise Invalid(sentence, fields={"filter": sentence})
    return validated(form, given).filters()


class BulkForm(Form):
    """What is chosen on a list (ticked, or all that its filter lets through), and what is to be done."""

    noun: str = ""
    act: str = ""
    scope: str = "chosen"
    ids: list[str] = Field(default_factory=list)
    filter: str = ""  # as in the list's address
    set_priority: str = ""
    set_due_on: str = ""
    set_assignee: str = ""
    reason: Lines = ""
    reopen_reason: Lines = ""

    def kind(self) -> KindName:
        """What is to be done. Raises Invalid."""
        acts = {
            "priority": "tasks.plan",
            "due_on": "tasks.plan",
            "assignee": "tasks.plan",
            "withdraw": "documents.withdraw",
            "restore": "documents.restore",
            "release": "samples.release",
            "reopen": "samples.reopen",
        }
        kind = acts.get(self.act, "")
        if not kind or not kind.startswith(f"{self.noun}."):
            raise Invalid("Choose what is to be done.")
        return cast(KindName, kind)

    def values(self) -> dict[str, Any]:
        """What is to be set, or why. Raises Invalid."""
        match self.act:
            case "priority":
                return {"priority": _typed("priority", int, self.set_priority)}
            case "due_on":
                return {"due_on": _typed("due_on", date, self.set_due_on) if self.set_due_on else None}
            case "assignee":
                return {"assignee": self.set_assignee.strip() or None}
        return {"reason": self.reopen_reason if self.act == "reopen" else self.reason}

    def chosen(self) -> list[int] | dict[str, Any]:
        """The ids that were ticked, or the filter whose rows are meant."""
        if self.scope == "all":
            return read_filter(self.noun, dict(parse_qsl(self.filter)))
        return [int(word) for word in self.ids if word.isdecimal() and len(word) < 19]


_SENTENCES = {
    "priority": "A priority is a whole number, such as -1 or 10.",
    "due_on": "Write the day as a date, such as 2026-12-24.",
}


def _typed(name: str, kind: type[int | date], value: str) -> Any:
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError:
        raise Invalid(_SENTENCES[name], fields={name: _SENTENCES[name]}) from None


class ButtonForm(Form):
    """A button that sends nothing but itself."""


class ValuesBody(BaseModel):
    """What is to be set of tasks, what is left out stays; or why documents or samples are acted on."""

    model_config = ConfigDict(extra="forbid")

    priority: StrictInt = 0
    due_on: date | None = None
    assignee: Annotated[StrictStr, Field(max_length=254)] | None = None
    reason: StrictStr = ""


class BulkBody(BaseModel):
    """An act on many rows: those with these `ids`, or all that the list's `filter` lets through now."""

    model_config = ConfigDict(extra="forbid")

    kind: KindName
    ids: list[Annotated[StrictInt, Field(ge=1, le=2**63 - 1)]] | None = None
    filter: dict[str, StrictStr | StrictInt | StrictBool | None] | None = None
    values: ValuesBody = Field(default_factory=ValuesBody)

    def chosen(self) -> list[int] | dict[str, Any]:
        """The ids, or the filter. Raises Invalid for both and for none."""
        if (self.ids is None) == (self.filter is None):
            sentence = "Send either ids or a filter."
            raise Invalid(sentence, fields={"ids": sentence})
        if self.ids is not None:
            return self.ids
        return read_filter(self.kind.partition(".")[0], dict(self.filter or {}))
