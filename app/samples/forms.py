"""What a browser or an API client may send about samples."""

import re
import secrets
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, Json, StrictInt, StrictStr
from starlette.datastructures import FormData

from app.samples.content import Named, Sent
from app.samples.evidence import MOST, Entry
from app.samples.workflow import Status
from app.web.forms import Form, Lines, validated
from app.web.pagination import ListQuery, Words

ClauseState = Literal["covered", "absent"]
Number = Annotated[int, Field(ge=0, le=2**31 - 1)]


class SamplesQuery(ListQuery):
    """What narrows and sorts a project's samples."""

    q: Words = ""
    status: Status | Literal[""] = ""
    annotator: Annotated[str, Field(max_length=254, description="An e-mail address.")] = ""
    instruction: Annotated[str, Field(max_length=64, description="Its key.")] = ""
    withdrawn: Annotated[bool, Field(description="Only those of withdrawn documents.")] = False
    sort: Literal["created", "-created"] = "-created"


class _Body(BaseModel):
    """A JSON body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class SpanBody(_Body):
    """Code points of the output or of the contract, `end` exclusive."""

    start: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    end: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]


class QuoteBody(SpanBody):
    """Code points of the contract, and the words that stand there."""

    quote: Annotated[StrictStr, Field(max_length=20_000)]


class EvidenceBody(_Body):
    """A span of the document that supports a clause or a span of the output."""

    clause: Annotated[StrictStr, Field(max_length=63)] | None = None
    output: SpanBody | None = None
    document: QuoteBody


class PageEvidence(_Body):
    """As a page sends it: the server knows the quote, and the sentence of a span without words."""

    clause: Annotated[StrictStr, Field(max_length=63)] | None = None
    output: SpanBody | None = None
    document: SpanBody


class DraftBody(_Body):
    """A save by the API. What is left out keeps the state that it has."""

    output: StrictStr
    evidence: Annotated[list[EvidenceBody], Field(max_length=MOST)] | None = None
    clauses: Annotated[dict[str, ClauseState], Field(max_length=200)] | None = None
    based_on: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    editor: Annotated[StrictStr, Field(max_length=100)] = ""

    def sent(self) -> Sent:
        """What is to be saved."""
        evidence = self.evidence
        return Sent(
            self.output,
            None if self.clauses is None else dict(self.clauses),
            None if evidence is None else [entry.model_dump(exclude_none=True) for entry in evidence],
        )


class SubmissionBody(_Body):
    """Handing a draft in: its number, and why each warning stands."""

    based_on: Annotated[StrictInt, Field(ge=0, le=2**31 - 1)]
    reasons: Annotated[dict[str, StrictStr], Field(max_length=500)] = {}


class ReasonBody(_Body):
    """Why."""

    reason: StrictStr


class DraftForm(Form):
    """The writing page's form: fields `clause.<key>` and `reason.<finding key>` are gathered into maps.

    A script sends `evidence`. Without one, `paragraph`, `quote` and `supports` name what is to be added, and
    `remove` the place, from 0, of what is to go.
    """

    output: Lines = ""
    based_on: Number = 0
    editor: Annotated[str, Field(max_length=100)] = ""
    clauses: dict[str, Literal["covered", "absent", ""]] = Field(default_factory=dict)
    reasons: dict[str, Lines] = Field(default_factory=dict)
    revision_count: Number | None = None  # that the page knew of
    guidelines_version: Number | None = None  # sent by the button that confirms the attestation
    evidence: Json[list[PageEvidence]] | None = None
    wants_evidence: bool = False  # drawn anew with the answer
    paragraph: str = ""
    quote: str = ""
    supports: str = ""  # "clause:<key>" or "at:<place in the output>"
    remove: Number | None = None

    def sent(self) -> Sent:
        """What is to be saved."""
        chosen: dict[str, str] = {key: state for key, state in self.clauses.items() if state}
        evidence = self.evidence
        return Sent(
            self.output,
            chosen,
            None if evidence is None else [entry.model_dump(exclude_none=True) for entry in evidence],
            from_page=True,
            removed=self.remove,
            named=Named(self.quote, self.paragraph.strip(), self._supported())
            if self.quote.strip()
            else None,
        )

    def _supported(self) -> Entry:
        kind, _, value = self.supports.partition(":")
        if kind == "at" and re.fullmatch("[0-9]{1,9}", value):
            return {"output": {"start": int(value), "end": int(value)}}
        return {"clause": value} if kind == "clause" else {}


class ReasonForm(Form):
    """A reason for skipping, releasing or reopening."""

    reason: Lines = ""


async def _draft_form(request: Request) -> DraftForm:
    return validated(DraftForm, gathered(await request.form()))


def gathered(sent: FormData) -> dict[str, Any]:
    """The form's fields; `clause.<key>` and `reason.<key>` come as the maps `clauses` and `reasons`."""
    maps: dict[str, dict[str, Any]] = {"clause": {}, "reason": {}}
    values: dict[str, Any] = {}
    for name, value in sent.multi_items():
        prefix, dot, key = name.partition(".")
        if dot and prefix in maps:
            maps[prefix][key] = value
        else:
            values[name] = value
    return values | {f"{prefix}s": fields for prefix, fields in maps.items() if fields}


SentDraft = Annotated[DraftForm, Depends(_draft_form)]


def new_editor() -> str:
    """A name for one open page, so that its saves are told from another's."""
    return secrets.token_urlsafe(9)
