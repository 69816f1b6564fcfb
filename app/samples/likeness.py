"""Outputs of a project that are nearly the same: the bands of each newest revision, and who shares some."""

from functools import lru_cache

from sqlalchemy import BigInteger, bindparam, delete, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.orm import Session

from app.checks import likeness
from app.checks.findings import Likeness
from app.database import Base
from app.samples.models import LikenessBand, Revision, Sample
from app.samples.queries import own_undecided
from app.samples.workflow import Status

LEAST = 0.8  # share that is told
MOST = 20  # candidates that are read; of one band, too, however many have it

_bands = lru_cache(maxsize=4)(likeness.bands)  # asked for twice while an output becomes a revision

_COMPARED = (Status.SUBMITTED, Status.CHANGES_REQUESTED, Status.APPROVED)
_PROJECT = bindparam("project_id", type_=BigInteger)
_ANNOTATOR = bindparam("annotator_id", type_=BigInteger)
_BANDS = bindparam("bands", type_=ARRAY(BigInteger))
_ASKED = func.unnest(_BANDS).table_valued("band").render_derived("asked")
# What the annotator may not know of is no candidate: others' samples of a task that they write on.
_OF_BAND = (
    select(LikenessBand.sample_id)
    .join(Sample, Sample.id == LikenessBand.sample_id)
    .where(
        LikenessBand.project_id == _PROJECT,
        LikenessBand.band == _ASKED.c.band,
        Sample.status.in_(_COMPARED),
        Sample.task_id != bindparam("task_id", type_=BigInteger),
        ~own_undecided(_ANNOTATOR, Sample.task_id),
    )
    .limit(MOST)
    .lateral("of_band")
)
_CANDIDATES = (
    select(_OF_BAND.c.sample_id)
    .select_from(_ASKED)
    .join(_OF_BAND, true())
    .group_by(_OF_BAND.c.sample_id)
    .order_by(func.count().desc(), _OF_BAND.c.sample_id)
    .limit(MOST)
    .subquery("candidates")
)
_OUTPUTS = (
    select(Sample.id, Revision.output)
    .join(_CANDIDATES, _CANDIDATES.c.sample_id == Sample.id)
    .join(Revision, (Revision.sample_id == Sample.id) & (Revision.number == Sample.revision_count))
)
_GONE = delete(LikenessBand).where(
    LikenessBand.sample_id == bindparam("sample", type_=BigInteger), LikenessBand.band != func.all(_BANDS)
)
_KEPT = (
    insert(Base.metadata.tables["likeness_bands"])
    .from_select(
        ["project_id", "band", "sample_id"],
        select(_PROJECT, _ASKED.c.band, bindparam("sample", type_=BigInteger)).select_from(_ASKED),
    )
    .on_conflict_do_nothing()
)


def find_likenesses(session: Session, sample: Sample, output: str) -> tuple[Likeness, ...]:
    """Other samples of the project, of other tasks, whose outputs are nearly this one; the nearest first."""
    asked = _bands(output)
    if not asked:
        return ()
    rows = session.execute(
        _OUTPUTS,
        {
            "project_id": sample.project_id,
            "task_id": sample.task_id,
            "annotator_id": sample.annotator_id,
            "bands": asked,
        },
    )
    found = [Likeness(sample_id, likeness.share(output, other)) for sample_id, other in rows]
    near = [each for each in found if each.share >= LEAST]
    return tuple(sorted(near, key=lambda each: (-each.share, each.sample_id)))


def keep_bands(session: Session, sample: Sample, output: str) -> None:
    """Have a sample found by the bands of this output, which its newest revision has."""
    kept = {"project_id": sample.project_id, "sample": sample.id, "bands": _bands(output)}
    if sample.revision_count:
        session.execute(_GONE, kept)
    session.execute(_KEPT, kept)
