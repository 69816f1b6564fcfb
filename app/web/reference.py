"""The API's description: OpenAPI for programs, and a page of our own for people.

The page is drawn here and not by a script in the browser, so it works under the strict policy, offline, and
with a screen reader.
"""

from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.web import templates
from app.web.api import MAX_KEY_LENGTH, PREFIX
from app.web.dependencies import SAFE_METHODS

router = APIRouter(prefix=PREFIX, include_in_schema=False)

METHODS = ("get", "post", "put", "patch", "delete", "head")

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "RFC 9457. A conflict may carry further members, such as the current draft.",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "`urn:engross:problem:` and the code."},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "One sentence for people."},
        "code": {"type": "string", "description": "A stable name for programs."},
        "errors": {"type": "object", "description": "Field (its path, dotted) and its sentence."},
    },
}
IDEMPOTENCY_KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any word of your own for this request: repeated with it, the request is done once.",
    "schema": {"type": "string", "maxLength": MAX_KEY_LENGTH},
}


def description(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of the app's API, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = PROBLEM
        _add_scopes(app, document)
        for item in document["paths"].values():
            for method in METHODS:
                if method in item and method.upper() not in SAFE_METHODS:
                    item[method].setdefault("parameters", []).append(IDEMPOTENCY_KEY)
        app.openapi_schema = document
    return app.openapi_schema


def _add_scopes(app: FastAPI, document: dict[str, Any]) -> None:
    """Name the scope that each call needs, as its dependency checks it."""
    for context in iter_route_contexts(app.routes):
        item = document["paths"].get(getattr(context, "path", ""), {})
        for depends in getattr(context, "dependencies", None) or ():
            scope = getattr(depends.dependency, "scope", None)
            for method in getattr(context, "methods", None) or ():
                if scope is not None and method.lower() in item:
                    item[method.lower()]["x-scope"] = str(scope)


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
        schemas=document["components"]["schemas"],
    )
