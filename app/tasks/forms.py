"""What a browser or an API client may send about tasks."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt, StrictStr

from app.documents.rules import LARGEST_PRIORITY
from app.web.pagination import Day, ListQuery, Words

Chosen = Annotated[
    Annotated[int, Field(ge=-LARGEST_PRIORITY, le=LARGEST_PRIORITY)] | None,
    BeforeValidator(lambda value: None if value == "" else value),
]


class TasksQuery(ListQuery):
    """What narrows and sorts a project's tasks."""

    q: Words = ""
    state: Annotated[
        Literal["", "untouched", "withdrawn"],
        Field(description="Nobody has begun it; its document is withdrawn."),
    ] = ""
    instruction: Annotated[str, Field(max_length=64, description="Its key.")] = ""
    assignee: Annotated[str, Field(max_length=254, description="An e-mail address, or `nobody`.")] = ""
    priority: Chosen = None
    due_before: Day = None
    sort: Literal["queue", "-queue", "due", "-due", "created", "-created"] = "queue"


class PlanBody(BaseModel):
    """What is to be set of a task; what is left out stays. `assignee` is an e-mail address, or null."""

    model_config = ConfigDict(extra="forbid")

    priority: StrictInt = 0
    due_on: date | None = None
    assignee: Annotated[StrictStr, Field(max_length=254)] | None = None
