"""The web application: middlewares, handlers of failures, routers."""

from fastapi import APIRouter, Depends, FastAPI
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES, GZipMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import logs
from app.accounts import api as accounts_api
from app.accounts.routes import router as accounts_pages
from app.documents import api as documents_api
from app.documents import routes as documents
from app.imports import api as imports_api
from app.imports import routes as imports
from app.insights import api as insights_api
from app.insights import routes as insights
from app.projects import api as projects_api
from app.projects.routes import router as projects_pages
from app.rechecks import api as rechecks_api
from app.rechecks import routes as rechecks
from app.releases import api as releases_api
from app.releases import routes as releases
from app.reviews import api as reviews_api
from app.reviews import routes as reviews
from app.samples import api as samples_api
from app.samples import routes as samples
from app.settings import Settings, get_settings
from app.site import api as site_api
from app.site import routes as site
from app.version import program_version
from app.web import errors, health, reference
from app.web.metrics import RequestMetrics
from app.web.notices import Notices
from app.web.receiving import receive_body
from app.web.security import BodyLimit, KnownHost, SameOrigin, SecurityHeaders
from app.web.templates import static_files
from app.work import api as work_api
from app.work import routes as work

PAGES: tuple[APIRouter, ...] = (
    accounts_pages,
    site.router,
    projects_pages,
    work.router,
    documents.router,
    imports.router,
    samples.router,
    reviews.router,
    rechecks.router,
    releases.router,
    insights.router,
)
# Routes are tried one after the other: what is called all day comes first, and programs before people.
APIS: tuple[APIRouter, ...] = (
    samples_api.router,
    reviews_api.router,
    accounts_api.router,
    site_api.router,
    projects_api.router,
    documents_api.router,
    imports_api.router,
    rechecks_api.router,
    releases_api.router,
    insights_api.router,
    work_api.router,
)

# Exports are read by programs that want them fast, and originals are mostly compressed already.
UNCOMPRESSED = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    "application/jsonl",
    "application/octet-stream",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
)

# A pasted contract is a text field: up to four bytes a character, and three signs a byte in a form.
BYTES_PER_CHARACTER = 12
MAX_FORM_FIELDS = 12_000  # a bulk act names up to 10,000 ids
MAX_FORM_FILES = 10_000


def create_app(settings: Settings | None = None) -> FastAPI:
    """The application. It touches the database only when it is asked something."""
    settings = settings or get_settings()
    app = FastAPI(
        title="Engross",
        description="Contracts in, reviewed training pairs out. Everything that a page can do has its call.",
        version=program_version(),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        form_limits={
            "max_fields": MAX_FORM_FIELDS,
            "max_files": MAX_FORM_FILES,
            "max_part_size": settings.engross_contract_characters * BYTES_PER_CHARACTER,
        },
    )
    app.state.signing_key = settings.signing_key()
    errors.install(app)
    app.mount("/static", static_files, name="static")
    app.include_router(health.router)
    app.include_router(reference.router)
    received = [Depends(receive_body)]
    for router in APIS:
        app.include_router(router, dependencies=received)
    for router in PAGES:
        app.include_router(router, include_in_schema=False, dependencies=received)
    _add_middlewares(app, settings)
    return app


def _add_middlewares(app: FastAPI, settings: Settings) -> None:
    """From the innermost outwards: each one added wraps all that were there before."""
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=6, exclude_content_types=UNCOMPRESSED)
    app.add_middleware(Notices)
    app.add_middleware(BodyLimit, settings=settings)
    app.add_middleware(errors.UnexpectedErrors)
    app.add_middleware(SameOrigin, base_url=settings.base_url)
    app.add_middleware(KnownHost, base_url=settings.base_url)
    app.add_middleware(SecurityHeaders, https=settings.secure_cookies)
    app.add_middleware(RequestMetrics)
    app.add_middleware(logs.RequestLog)
    if settings.trusted_proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies))
