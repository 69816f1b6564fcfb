"""Guidelines, version by version, and the attestation that belongs to each."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.accounts.models import User
from app.audit import service as audit
from app.checks.length import is_blank
from app.errors import AppError, Conflict, Invalid, NotAllowed
from app.projects import naming, queries
from app.projects.models import Attestation, Guidelines, Project
from app.projects.rules import Right
from app.settings import get_settings


def checked(markdown: str) -> str:
    """The text as it is stored; raises Invalid where it is empty, too long, or cannot be stored."""
    markdown = naming.plain(markdown, field="markdown")
    limit = get_settings().engross_guidelines_characters
    if is_blank(markdown) or len(markdown) > limit:
        sentence = (
            f"Guidelines have at most {limit:,} characters (ENGROSS_GUIDELINES_CHARACTERS); "
            f"these have {len(markdown):,}."
            if not is_blank(markdown)
            else "Guidelines need words."
        )
        raise Invalid(sentence, fields={"markdown": sentence})
    return markdown


def insert(
    session: Session,
    project: Project,
    *,
    version: int,
    markdown: str,
    author_id: int | None,
    at: datetime,
) -> Guidelines:
    """Add the row of one version to a project that the caller made or locked; no event is written."""
    markdown = checked(markdown)
    row = Guidelines(
        project_id=project.id, version=version, markdown=markdown, author_id=author_id, created_at=at
    )
    session.add(row)
    session.flush()
    return row


def publish_guidelines(
    session: Session,
    *,
    slug: str,
    markdown: str,
    actor: Actor,
    at: datetime,
    based_on: int | None = None,
) -> Guidelines:
    """A new version, for which everybody attests anew; the current one where the text is the same.

    `based_on` is the version that was edited; a stale one raises Conflict.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    current = queries.find_guidelines(session, project.id)
    version = current.version if current else 0
    if based_on is not None and based_on != version:
        raise Conflict(
            f"Version {version} of the guidelines was published while you were writing. Look at what it "
            "says; what you typed is kept here.",
            code="stale_settings",
        )
    if current and current.markdown == naming.plain(markdown, field="markdown"):
        return current
    published = insert(session, project, version=version + 1, markdown=markdown, author_id=actor.id, at=at)
    audit.record(
        session,
        verb="guidelines.publish",
        subject_type="guidelines",
        subject_id=published.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"version": published.version, "characters": len(published.markdown)},
    )
    return published


def attest(
    session: Session, *, slug: str, actor: User, at: datetime, version: int | None = None
) -> Attestation:
    """Record "I write these summaries myself, without generative AI"; saying it again changes nothing.

    `version` is that of the guidelines which the person was shown (None: the current one); another than
    the current raises Conflict with code `guidelines_outdated`.
    """
    project = queries.get_project_with_right(session, slug, actor, Right.WRITE)
    current = queries.find_guidelines(session, project.id)
    current_version = current.version if current else 0
    if version is not None and version != current_version:
        raise Conflict(
            f"The guidelines changed: read version {current_version} and confirm it.",
            code="guidelines_outdated",
            version=current_version,
        )
    added: Attestation | None = session.scalar(
        upsert(Attestation)
        .values(project_id=project.id, user_id=actor.id, guidelines_version=current_version, at=at)
        .on_conflict_do_nothing()
        .returning(Attestation)
    )
    if added is not None:
        audit.record(
            session,
            verb="attestation.give",
            subject_type="user",
            subject_id=actor.id,
            project_id=project.id,
            actor=actor,
            at=at,
            details={"guidelines_version": current_version},
        )
        return added
    return session.get_one(Attestation, (project.id, actor.id, current_version))


def try_attest(session: Session, *, slug: str, actor: User, at: datetime, version: int) -> AppError | None:
    """As `attest`, for a page that is drawn again: a refusal is given back, not raised."""
    try:
        attest(session, slug=slug, actor=actor, at=at, version=version)
    except (Conflict, NotAllowed) as refusal:  # raised before anything is written
        return refusal
    return None
