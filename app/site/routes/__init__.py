"""Pages of the site as a whole, for administrators, and `/metrics`."""

from fastapi import APIRouter

from app.site.routes import metrics, pages

router = APIRouter()
router.include_router(metrics.router)
router.include_router(pages.router)
