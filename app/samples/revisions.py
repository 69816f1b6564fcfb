"""Revisions: what was handed in, frozen with the hashes of all that it stands on."""

import hashlib
from datetime import datetime

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.samples.checking import Checked
from app.samples.content import Content
from app.samples.likeness import keep_bands
from app.samples.models import Revision, Sample
from app.samples.queries import get_revision

Reasons = dict[str, str]  # finding key → why it stands


def revision_content(revision: Revision) -> Content:
    """The revision's content as the checks and the pages take it."""
    return Content(revision.output, revision.clauses, revision.evidence)


def last_reasons(session: Session, sample: Sample) -> Reasons:
    """The reasons that were handed in last: they hold on while the things found stay the same."""
    if not sample.revision_count:
        return {}
    return get_revision(session, sample.id, sample.revision_count).reasons


def add_revision(
    session: Session,
    *,
    sample: Sample,
    author: User | None,
    checked: Checked,
    reasons: Reasons,
    guidelines_version: int,
    attested_at: datetime | None,
    at: datetime,
) -> Revision:
    """Freeze the draft as the sample's next revision, with the hashes of all that it stands on.

    The first revision of an imported pair has no author.
    """
    draft, task = sample.draft, sample.task
    project = task.document.project
    revision = Revision(
        sample_id=sample.id,
        number=sample.revision_count + 1,
        author_id=author.id if author else None,
        draft_number=draft.number,
        output=draft.output,
        evidence=draft.evidence,
        clauses=draft.clauses,
        findings=[finding.to_json() for finding in checked.findings],
        reasons=reasons,
        checked=checked.to_json(),
        output_sha256=hashlib.sha256(draft.output.encode()).digest(),
        contract_sha256=task.text.sha256,
        phrasing_sha256=hashlib.sha256(task.phrasing.text.encode()).digest(),
        guidelines_version=guidelines_version,
        clause_set_version=project.clause_set_version,
        policy_version=project.policy_version,
        attested_at=attested_at,
        submitted_at=at,
    )
    session.add(revision)
    session.flush()
    keep_bands(session, sample, draft.output)
    sample.revision_count = revision.number
    sample.review_began_at = None
    return revision
