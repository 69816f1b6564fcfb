"""What a browser or an API client may send about documents."""

from datetime import datetime
from typing import Annotated, Literal, cast

from fastapi import Query
from pydantic import BaseModel, ConfigDict, StrictStr

from app.web.forms import Form
from app.web.pagination import decode

# An empty parameter is what a form sends for a field in which nothing was chosen.
SentState = Annotated[
    Literal["", "active", "withdrawn"], Query(description="active or withdrawn; else both.")
]
SentWords = Annotated[str, Query(max_length=500, description="Looked for in title, client and matter.")]


class WithdrawalForm(Form):
    """Why a document is taken out."""

    reason: str = ""


class RestorationForm(Form):
    """The button that brings a document back."""


class TextReportForm(Form):
    """What is wrong with a document's text."""

    passage: str = ""
    message: str = ""


class SettlementForm(Form):
    """The button that puts a report aside."""


class WithdrawalBody(BaseModel):
    """Why a document is taken out."""

    model_config = ConfigDict(extra="forbid")

    reason: StrictStr


class TextReportBody(BaseModel):
    """What is wrong with a document's text."""

    model_config = ConfigDict(extra="forbid")

    passage: StrictStr
    message: StrictStr


def read_cursor(cursor: str | None) -> tuple[datetime, int] | None:
    """The time and id of the last document on the page before; raises Invalid for a broken cursor."""
    return cast(tuple[datetime, int], decode(cursor, datetime, int)) if cursor else None
