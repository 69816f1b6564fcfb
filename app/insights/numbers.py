"""The numbers behind the plots, as the JSON API gives them and the page draws them. Pure.

Contracts that are withdrawn and decisions that were undone are counted nowhere. Days are days in UTC.
"""

from datetime import date

from pydantic import BaseModel, Field

from app.clock import JsonTime
from app.insights.periods import By
from app.samples.workflow import Action, Status


class Counts(BaseModel):
    """How many samples were begun, handed in and approved."""

    started: int | None = Field(description="Samples begun; null for those who see no drafts.")
    submitted: int = Field(description="Samples handed in for the first time.")
    approved: int = Field(description="Samples that are approved now, by the time of their last approval.")


class Period(Counts):
    """What happened in one period."""

    first_day: date


class Waiting(BaseModel):
    """The samples that stand in one status, and for how long: since they were handed in, or last changed."""

    status: Status
    count: int
    median_seconds: float
    p90_seconds: float = Field(description="Nine of ten wait at most this long.")
    oldest_since: JsonTime
    oldest_sample_id: int | None = Field(description="Null where you may not see that sample.")


class Decisions(BaseModel):
    """Decisions of reviewers; each approval counts where a sample needs several."""

    approve: int = 0
    request_changes: int = 0
    reject: int = 0


class DecisionPeriod(Decisions):
    """The decisions of one period."""

    first_day: date


class Writer(BaseModel):
    """What one person wrote in the range."""

    name: str
    email: str
    started: int = 0
    submitted: int = 0
    approved: int = 0
    median_seconds_to_submit: float | None = None


class Reviewer(Decisions):
    """What one person decided in the range."""

    name: str
    email: str
    median_seconds_to_decide: float | None = Field(
        default=None, description="From the submission to this person's decision."
    )


class Words(BaseModel):
    """The words of the outputs that were approved in the range."""

    min_words: int = Field(description="The project's bounds as they are now.")
    max_words: int
    count: int
    below: int
    above: int
    median: int | None
    width: int = Field(description="How many numbers of words each step holds.")
    steps: list[tuple[int, int]] = Field(
        description="The smallest number of words of a step, and its outputs."
    )


class Speed(BaseModel):
    """How submissions fared and how long they took, over the range."""

    decided_first: int = Field(description="Decisions on first submissions.")
    approved_first: int = Field(description="Those of them that were approvals.")
    median_seconds_to_submit: float | None = Field(
        description="From the beginning to the first submission; null for those who see no drafts."
    )
    median_seconds_to_decide: float | None = Field(description="From a submission to a decision on it.")


class Reason(BaseModel):
    """Why a sample was sent back or rejected."""

    sample_id: int
    document_title: str
    action: Action
    reviewer: str
    reason: str
    at: JsonTime


class Insights(BaseModel):
    """How a project's work goes."""

    since: date
    until: date
    by: By
    before: Counts = Field(description="What there was before the range: where the cumulated lines begin.")
    progress: list[Period]
    waiting: list[Waiting]
    speed: Speed
    words: Words
    decisions: list[DecisionPeriod]
    writers: list[Writer] = Field(description="Everybody for leads; for others their own row.")
    reviewers: list[Reviewer] = Field(description="Everybody for leads; for others their own row.")
    reasons: list[Reason] = Field(
        description="The latest of the range, for leads; of samples that you may see."
    )
