"""Pages that need several packages."""

from fastapi import APIRouter

from app.work.routes import bulk, lists, work

router = APIRouter()
for part in (work, lists, bulk):
    router.include_router(part.router)
