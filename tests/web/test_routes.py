"""The application's real list of routes: who reaches nothing of it."""

import re

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from app.web.dependencies import SAFE_METHODS
from tests.web.browsers import SITE, browser
from tests.web.conftest import Person

# What a person meets before they are signed in, and what says how the server is.
OPEN = {
    "/sign-in",
    "/links/{token}",
    "/forgotten-password",
    "/metrics",
    "/healthz",
    "/readyz",
    "/version",
    "/api/v1/openapi.json",
    "/api/v1/docs",
}


def calls(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, template and a path of every route but the test's own odd ones."""
    found = []
    for context in iter_route_contexts(app.routes):
        if isinstance(context.original_route, APIRoute) and "/odd/" not in context.path:
            path = re.sub(r"\{[^}]+\}", "1", context.path)
            found += [(method, context.path, path) for method in sorted(context.methods or ())]
    return found


def test_whoever_is_not_signed_in_reaches_no_page(app: FastAPI) -> None:
    client, reached = browser(app), []
    for method, template, path in calls(app):
        if template in OPEN or template.startswith("/api/"):
            continue
        answer = client.request(method, path)
        if answer.status_code != 303 or not answer.headers["Location"].startswith("/sign-in?next="):
            reached.append((method, template, answer.status_code))
    assert reached == []


def test_no_change_of_a_page_goes_without_its_form_token(app: FastAPI, person: Person) -> None:
    client, changed = browser(app, person(admin=True)), []
    del client.headers["X-CSRF-Token"]
    for method, template, path in calls(app):
        if method in SAFE_METHODS or template in OPEN or template.startswith("/api/"):
            continue
        answer = client.request(method, path)
        if answer.status_code != 403:
            changed.append((method, template, answer.status_code))
    assert changed == []


def test_without_a_token_no_call_of_the_api_answers(app: FastAPI) -> None:
    client, answered = TestClient(app, base_url=SITE), []
    for method, template, path in calls(app):
        if not template.startswith("/api/") or template in OPEN:
            continue
        answer = client.request(method, path)
        if answer.status_code != 401:
            answered.append((method, template, answer.status_code))
    assert answered == []
