"""SELECTs on imports: who sees them, their counts, their report."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, selectinload

from app.accounts.actors import Actor, SystemActor
from app.errors import NotFound
from app.imports.models import Import, ImportFile
from app.projects.models import Member
from app.projects.rules import RIGHTS, Right

FINISHED = ("done", "failed")
_LEADS = tuple(str(role) for role, rights in RIGHTS.items() if Right.MANAGE in rights)


def visible_to(actor: Actor) -> Select[Import]:
    """The imports of projects that the actor leads."""
    if isinstance(actor, SystemActor):
        return select(Import)
    return select(Import).where(
        exists().where(
            Member.project_id == Import.project_id, Member.user_id == actor.id, Member.role.in_(_LEADS)
        )
    )


def get_import(session: Session, import_id: int, actor: Actor) -> Import:
    """The import with its project. Raises NotFound where it does not exist for the actor."""
    found = session.scalar(
        visible_to(actor).where(Import.id == import_id).options(selectinload(Import.project)),
        execution_options={"populate_existing": True},
    )
    if found is None:
        raise NotFound("There is no such import.")
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """How far an import is. What was taken apart counts as its rows or entries."""

    queued: int = 0
    created: int = 0
    duplicate: int = 0
    failed: int = 0

    @property
    def done(self) -> int:
        """Files that something became of."""
        return self.created + self.duplicate + self.failed

    @property
    def total(self) -> int:
        """All files."""
        return self.queued + self.done


def count_files(session: Session, import_ids: Collection[int]) -> dict[int, Counts]:
    """The counts of each import, in one statement."""
    rows = session.execute(
        select(ImportFile.import_id, ImportFile.status, func.count())
        .where(ImportFile.import_id.in_(import_ids), ImportFile.status != "expanded")
        .group_by(ImportFile.import_id, ImportFile.status)
    )
    grouped: dict[int, dict[str, int]] = {import_id: {} for import_id in import_ids}
    for import_id, status, count in rows:
        grouped[import_id][status] = count
    return {import_id: Counts(**counts) for import_id, counts in grouped.items()}


def list_files(
    session: Session, import_id: int, *, status: str = "", after: int = 0, limit: int | None = None
) -> Sequence[ImportFile]:
    """The files and lines of an import in their order, from behind the id `after`."""
    statement = select(ImportFile).where(ImportFile.import_id == import_id, ImportFile.id > after)
    statement = statement.where(ImportFile.status == status if status else ImportFile.status != "expanded")
    return session.scalars(statement.order_by(ImportFile.id).limit(limit)).all()


def list_recent(
    session: Session, project_id: int, *, before_id: int | None = None, limit: int = 5
) -> Sequence[Import]:
    """A project's latest imports, newest first."""
    statement = select(Import).where(Import.project_id == project_id).order_by(Import.id.desc()).limit(limit)
    if before_id is not None:
        statement = statement.where(Import.id < before_id)
    return session.scalars(statement).all()


def list_unfinished(session: Session) -> Sequence[int]:
    """The ids of all imports that still have to be processed."""
    return session.scalars(select(Import.id).where(Import.status.not_in(FINISHED)).order_by(Import.id)).all()


def named_originals(session: Session, hashes: Collection[str]) -> set[str]:
    """Those of these files that an import names."""
    return set(session.scalars(select(ImportFile.sha256).where(ImportFile.sha256.in_(hashes)).distinct()))
