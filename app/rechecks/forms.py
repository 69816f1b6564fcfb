"""Which findings of a project are asked for."""

from typing import Annotated, Literal

from pydantic import Field

from app.rechecks.queries import State
from app.web.pagination import ListQuery


class FindingsQuery(ListQuery):
    """What narrows a project's findings."""

    state: Annotated[
        State,
        Field(
            description="`kept`: with a reason. `open`: errors and warnings without one, in what is not "
            "rejected. `new`: in approved samples, and not there when they were handed in."
        ),
    ] = "kept"
    check: Annotated[str, Field(max_length=64, description="A check's name.")] = ""
    sort: Literal["submitted", "-submitted"] = "-submitted"
