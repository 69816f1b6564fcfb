"""Every table once, for Alembic and for the mappers."""

from app.accounts import models as accounts
from app.audit import models as audit
from app.documents import models as documents
from app.imports import models as imports
from app.jobs import models as jobs
from app.projects import models as projects
from app.rechecks import models as rechecks
from app.reviews import models as reviews
from app.samples import models as samples
from app.tasks import models as tasks
from app.work import models as work

__all__ = [
    "accounts",
    "audit",
    "documents",
    "imports",
    "jobs",
    "projects",
    "rechecks",
    "reviews",
    "samples",
    "tasks",
    "work",
]
