"""Every page of the site, by a name for it, with somebody who may open it."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts import links
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.accounts.rules import Purpose
from app.documents.models import Document
from app.imports.models import Import
from app.projects.models import Project
from app.samples.models import Sample
from app.work import bulk
from app.work.rows import Kind
from tests.browser.site import Site

PROJECT = "/projects/contract-summaries"
LEAD, WRITER, OTHER_WRITER, REVIEWER, ENGINEER = (
    "Miriam Vance", "Anna Keller", "Tom Brandt", "Rita Osei", "Dev Raman"
)  # fmt: skip


class Place(NamedTuple):
    """Somebody's name ("" for nobody) and a path; numbers of the demo's rows are filled in by `find`."""

    person: str
    path: str


PLACES = {
    "sign-in": Place("", "/sign-in"),
    "one-time link": Place("", "/links/{link}"),
    "link that is spent": Place("", "/links/spent"),
    "API reference": Place("", "/api/v1/docs"),
    "my work": Place(WRITER, "/"),
    "my work of a reviewer": Place(REVIEWER, "/"),
    "my work of a newcomer": Place("{newcomer}", "/"),
    "account": Place(WRITER, "/account"),
    "projects": Place(LEAD, "/projects"),
    "projects of a newcomer": Place("{newcomer}", "/projects"),
    "new project": Place(LEAD, "/projects/new"),
    "overview": Place(LEAD, PROJECT),
    "overview for an annotator": Place(WRITER, PROJECT),
    "overview for an engineer": Place(ENGINEER, PROJECT),
    "samples": Place(LEAD, f"{PROJECT}/samples"),
    "samples that nothing fits": Place(LEAD, f"{PROJECT}/samples?q=zzz"),
    "documents": Place(LEAD, f"{PROJECT}/documents"),
    "tasks": Place(LEAD, f"{PROJECT}/tasks"),
    "tasks of an empty project": Place("{lead}", "/projects/{empty}/tasks"),
    "act on many": Place(LEAD, "/bulk-acts/{act}"),
    "act on many that is done": Place(LEAD, "/bulk-acts/{done_act}"),
    "document": Place(LEAD, "/documents/{document}"),
    "import": Place(LEAD, "/imports/{import_}"),
    "guidelines": Place(WRITER, f"{PROJECT}/guidelines"),
    "older guidelines": Place(WRITER, f"{PROJECT}/guidelines?version=1"),
    "next guidelines": Place(LEAD, f"{PROJECT}/guidelines/edit"),
    "members": Place(LEAD, f"{PROJECT}/members"),
    "settings": Place(LEAD, f"{PROJECT}/settings"),
    "activity": Place(LEAD, f"{PROJECT}/activity"),
    "export": Place(ENGINEER, f"{PROJECT}/export"),
    "checks": Place(LEAD, f"{PROJECT}/checks"),
    "checks without a reason": Place(LEAD, f"{PROJECT}/checks?state=open"),
    "checks of an empty project": Place("{lead}", "/projects/{empty}/checks"),
    "insights": Place(LEAD, f"{PROJECT}/insights"),
    "insights of an empty project": Place("{lead}", "/projects/{empty}/insights"),
    "overview of an empty project": Place("{lead}", "/projects/{empty}"),
    "documents of an empty project": Place("{lead}", "/projects/{empty}/documents"),
    "export of an empty project": Place("{lead}", "/projects/{empty}/export"),
    "writing": Place(OTHER_WRITER, "/samples/{draft}"),
    "writing after a review": Place(WRITER, "/samples/{changes_requested}"),
    "reviewing": Place(REVIEWER, "/samples/{submitted}/review"),
    "reviewing what changed": Place(REVIEWER, "/samples/{resubmitted}/review"),
    "reading what was approved": Place(LEAD, "/samples/{approved}"),
    "reading what was rejected": Place(LEAD, "/samples/{rejected}"),
    "reading what was skipped": Place(OTHER_WRITER, "/samples/{skipped}"),
    "history": Place(LEAD, "/samples/{changes_requested}/history"),
    "people": Place(LEAD, "/admin"),
    "person": Place(LEAD, "/admin/users/{person}"),
    "invitation": Place(LEAD, "/admin/invitation"),
    "workers": Place(LEAD, "/admin/workers"),
    "activity of the site": Place(LEAD, "/admin/activity"),
    "what there is not": Place(WRITER, "/samples/999999"),
    "what one may not": Place(WRITER, f"{PROJECT}/settings"),
}


def find(site: Site) -> dict[str, object]:
    """What stands in the braces of the places: rows of the demo, and some that are made for this."""
    with site.preparing() as make:
        session = make.session
        newcomer, empty = make.user("Newcomer"), make.project()
        lead = make.lead(empty)
        return _samples(session) | {
            "newcomer": newcomer.name,
            "lead": lead.name,
            "empty": empty.slug,
            "link": _link(session, newcomer),
            "document": session.scalar(select(func.min(Document.id))),
            "import_": session.scalar(select(func.min(Import.id))),
            "person": newcomer.id,
            **_acts(session),
        }


def _samples(session: Session) -> dict[str, object]:
    """A sample of the demo in each status; `resubmitted` is one that its reviewer saw before."""
    rows = session.execute(
        select(Sample.status, Sample.revision_count, User.name, Sample.id)
        .join(User, User.id == Sample.annotator_id)
        .join(Project, Project.id == Sample.project_id)
        .where(Project.slug == PROJECT.rsplit("/", 1)[1])
        .order_by(Sample.id.desc())
    ).all()
    found: dict[str, object] = {}
    for status, revisions, annotator, number in rows:
        name = "resubmitted" if status == "submitted" and revisions > 1 else str(status)
        if name != "draft" or annotator == OTHER_WRITER:
            found[name] = number
    return found


def _acts(session: Session) -> dict[str, object]:
    """An act on all tasks of the demo that is shown, and one that is done."""
    project = session.scalars(select(Project).where(Project.slug == PROJECT.rsplit("/", 1)[1])).one()
    lead = session.scalars(select(User).where(User.name == LEAD)).one()
    shown, done = (
        bulk.prepare(
            session,
            slug=project.slug,
            kind=Kind.PLAN,
            chosen={},
            values={"priority": 0, "due_on": date(2027, 3, 1)},
            actor=lead,
            at=clock.now(),
        )
        for _ in range(2)
    )
    bulk.perform(session, act_id=done.id, actor=lead, at=clock.now())
    return {"act": shown.id, "done_act": done.id}


def _link(session: Session, user: User) -> str:
    return links.create(
        session, user=user, purpose=Purpose.INVITATION, days=1, actor=OPERATOR, at=clock.now()
    )
