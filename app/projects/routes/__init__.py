"""Pages of projects: the list, the overview, settings, guidelines, members, activity."""

from fastapi import APIRouter

from app.projects.routes import guidelines, members, overview, settings

router = APIRouter()
for part in (overview, settings, guidelines, members):
    router.include_router(part.router)
