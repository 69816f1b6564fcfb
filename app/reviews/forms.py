"""What a browser or an API client may send about reviews."""

from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from app.samples.content import Sent
from app.samples.forms import gathered
from app.samples.workflow import Action
from app.web.forms import Form, Lines, validated

Decision = Literal[Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT]


class ReviewBody(BaseModel):
    """A decision by the API; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")

    action: Decision
    revision: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
    comment: StrictStr = ""


class EditBody(BaseModel):
    """A reviewer's wording by the API; the clauses stay as they are where they are left out.

    `reasons` are for warnings that the wording has and the revision had not.
    """

    model_config = ConfigDict(extra="forbid")

    output: StrictStr
    revision: Annotated[StrictInt, Field(ge=1, le=2**31 - 1)]
    clauses: dict[str, Literal["covered", "absent"]] | None = None
    reasons: Annotated[dict[str, StrictStr], Field(max_length=500)] = {}


class ReviewForm(Form):
    """The decision bar of the reviewing page."""

    action: Decision
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    comment: Lines = ""


class EditForm(Form):
    """A reviewer's own wording."""

    output: Lines
    revision: Annotated[int, Field(ge=1, le=2**31 - 1)]
    clauses: dict[str, Literal["covered", "absent", ""]] = Field(default_factory=dict)
    reasons: dict[str, Lines] = Field(default_factory=dict)

    def sent(self) -> Sent:
        """What is to be the next revision."""
        chosen: dict[str, str] = {key: state for key, state in self.clauses.items() if state}
        return Sent(self.output, chosen, from_page=True)


async def _edit_form(request: Request) -> EditForm:
    return validated(EditForm, gathered(await request.form()))


SentEdit = Annotated[EditForm, Depends(_edit_form)]
