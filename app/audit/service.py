"""Appends to the history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.audit.models import Event


class NamedActor(Protocol):
    """What the history keeps of an actor."""

    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...


def record(
    session: Session,
    *,
    verb: str,
    subject_type: str,
    subject_id: int,
    actor: NamedActor,
    at: datetime,
    project_id: int | None = None,
    before: str | None = None,
    after: str | None = None,
    comment: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """Add the event of one act, in the act's own transaction.

    `verb` is "<noun>.<act>" (sample.submit); `before` and `after` are statuses where the act changed one.
    """
    session.add(
        Event(
            verb=verb,
            subject_type=subject_type,
            subject_id=subject_id,
            actor_id=actor.id,
            actor_name=actor.name,
            at=at,
            project_id=project_id,
            before=before,
            after=after,
            comment=comment,
            details=dict(details or {}),
        )
    )
