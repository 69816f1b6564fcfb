"""The API's description: OpenAPI for programs, and a page of our own for people.

The page is drawn here and not by a script in the browser, so it works under the strict policy, offline, and
with a screen reader.
"""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.web import templates
from app.web.api import PREFIX

router = APIRouter(prefix=PREFIX, include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete", "head")


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the app's API, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
        )
    return app.openapi_schema


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    """The description for programs."""
    return JSONResponse(description(request.app))


@router.get("/docs")
def docs(request: Request) -> Response:
    """The description for people."""
    document = description(request.app)
    operations = [
        {"method": method.upper(), "path": path, **item[method]}
        for path, item in sorted(document["paths"].items())
        for method in METHODS
        if method in item
    ]
    return templates.page(
        request,
        "api/docs.html",
        about=document["info"],
        operations=operations,
        schemas=document.get("components", {}).get("schemas", {}),
    )
