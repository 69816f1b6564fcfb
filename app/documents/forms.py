"""What a browser or an API client may send about documents."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictStr

from app.web.forms import Form
from app.web.pagination import ListQuery, Words


class DocumentsQuery(ListQuery):
    """What narrows and sorts a project's documents."""

    q: Words = ""
    state: Annotated[Literal["", "active", "withdrawn"], Field(description="Else both.")] = ""
    contract_type: Annotated[str, Field(max_length=200, description="Exactly so.")] = ""
    sort: Literal["created", "-created", "title", "-title"] = "-created"


class WithdrawalForm(Form):
    """Why a document is taken out."""

    reason: str = ""


class RestorationForm(Form):
    """The button that brings a document back."""


class ReadingForm(Form):
    """The button that has the original read again."""


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
