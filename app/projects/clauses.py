"""The clauses that every output of a project must speak of or declare absent."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.actors import Actor
from app.audit import service as audit
from app.errors import Conflict
from app.jobs.service import defer
from app.projects import clause_set, defaults, library, naming, queries
from app.projects.clause_set import ClauseSpec
from app.projects.models import Clause, Project
from app.projects.rules import Right

_DEFAULTS = {spec.key: spec for spec in defaults.CLAUSES}


def set_clauses(
    session: Session,
    *,
    slug: str,
    specs: Sequence[ClauseSpec],
    actor: Actor,
    at: datetime,
    based_on: int | None = None,
) -> Project:
    """Make `specs`, in this order, the project's clauses; `clause_set_version` moves where they differ.

    What people already decided on a clause that goes stays in their drafts and revisions. `based_on` is the
    clause set's version that the form showed; a stale one raises Conflict.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    if based_on is not None and based_on != project.clause_set_version:
        raise Conflict(
            "The clauses changed while this page was open. Look at what stands there now; "
            "what you typed is kept here.",
            code="stale_settings",
        )
    before = [clause.key for clause in project.clauses]
    if replace(session, project, specs, at=at):
        project.clause_set_version += 1
        audit.record(
            session,
            verb="project.change_clauses",
            subject_type="project",
            subject_id=project.id,
            project_id=project.id,
            actor=actor,
            at=at,
            details={
                "version": project.clause_set_version,
                "from": before,
                "to": [clause.key for clause in project.clauses],
            },
        )
        session.flush()
        defer(session, "documents.find_passages", queueing_lock="documents.find_passages")
    return project


def replace(session: Session, project: Project, specs: Sequence[ClauseSpec], *, at: datetime) -> bool:
    """Bring the rows in line with `specs`: what differs is retired and written anew. Whether anything did."""
    clause_set.check(specs)
    current = {clause.key: clause for clause in project.clauses}
    wanted = {spec.key: _values(spec, current.get(spec.key)) for spec in specs}
    kept = {key for key, clause in current.items() if wanted.get(key) == _stored(clause)}
    moved = list(current) != list(wanted)
    if not moved and len(kept) == len(wanted):
        return False
    for key, clause in current.items():
        if key not in kept:
            clause.retired_at = at
    session.flush()  # a key may be in use once: the old rows go before the new ones come
    for position, (key, values) in enumerate(wanted.items(), start=1):
        if key in kept:
            current[key].position = position
        else:
            session.add(Clause(project_id=project.id, position=position, key=key, **values))
    session.flush()
    session.expire(project, ["clauses"])
    return True


def _values(spec: ClauseSpec, current: Clause | None) -> dict[str, object]:
    """The columns of a clause; cues that the spec leaves open are the current ones, or the product's own."""
    headings, phrases = (current.heading_cues, current.phrase_cues) if current else _own_cues(spec.key)
    if spec.heading_cues is not None:
        headings = spec.heading_cues
    if spec.phrase_cues is not None:
        phrases = spec.phrase_cues
    return {
        "name": naming.clean_name(spec.name),
        "required": spec.required,
        "heading_cues": [naming.plain(cue, field="clauses") for cue in headings],
        "phrase_cues": [naming.plain(cue, field="clauses") for cue in phrases],
    }


def _own_cues(key: str) -> tuple[Sequence[str], Sequence[str]]:
    """The product's cues for a clause of this key, for headings and in the text: the library's, mostly."""
    if known := library.clauses().get(key):
        return known.headings, known.phrases
    default = _DEFAULTS.get(key)
    return (default.heading_cues or (), default.phrase_cues or ()) if default else ((), ())


def _stored(clause: Clause) -> dict[str, object]:
    return {
        "name": clause.name,
        "required": clause.required,
        "heading_cues": clause.heading_cues,
        "phrase_cues": clause.phrase_cues,
    }
