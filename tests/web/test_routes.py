"""The application's real list of routes: who reaches nothing of it."""

import re
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from app.accounts.dependencies import get_api_user
from app.web.api import PREFIX, ApiRoute
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


# Each act of a page, and the call that does the same; or why none does.
CREDENTIALS = "none: a browser's own, with its cookie; a program brings a token"
IN_PARTS = "none: it is two calls of this table"
ACTS = {
    "POST /sign-in": CREDENTIALS,
    "POST /sign-out": CREDENTIALS,
    "POST /links/{token}": CREDENTIALS,
    "POST /forgotten-password": CREDENTIALS,
    "POST /account/password": "none: whoever found a token would keep the account with it",
    "POST /account/tokens": "none: answers are kept for their repetition, and a token is kept nowhere",
    "POST /account/profile": "PATCH /me",
    "POST /account/sessions/{session_id}/removal": "DELETE /sessions/{session_id}",
    "POST /account/sessions/removal": "DELETE /sessions/{session_id}",
    "POST /account/tokens/{token_id}/revocation": "DELETE /tokens/{token_id}",
    "POST /projects/{project}/bulk-acts": "POST /projects/{project}/bulk-acts",
    "POST /projects/{project}/checks/runs": "POST /projects/{project}/checks/runs",
    "POST /bulk-acts/{act_id}/completion": "POST /bulk-acts/{act_id}/completion",
    "POST /bulk-acts/{act_id}/undo": "DELETE /bulk-acts/{act_id}/completion",
    "POST /admin/users": "POST /users",
    "POST /admin/users/{user_id}/mails": "POST /users/{email}/mails",
    "POST /admin/sessions/{session_id}/removal": "DELETE /users/{email}/sessions",
    "POST /admin/tokens/{token_id}/revocation": "DELETE /users/{email}/tokens/{token_id}",
    "POST /admin/jobs/{job_id}/attempts": "POST /health/jobs/{job_id}/attempts",
    "POST /admin/users/{user_id}/link": "none: the link is shown once, and is kept nowhere",
    "POST /admin/users/{user_id}/access": "PATCH /users/{email}",
    "POST /admin/users/{user_id}/site-role": "PATCH /users/{email}",
    "POST /projects": "POST /projects",
    "POST /projects/{project}/settings": "PATCH /projects/{project}",
    "POST /projects/{project}/policy": "PATCH /projects/{project}",
    "POST /projects/{project}/clauses": "PATCH /projects/{project}",
    "POST /projects/{project}/clauses/preview": "GET /clause-library",
    "POST /projects/{project}/instructions": "PATCH /projects/{project}",
    "POST /projects/{project}/instructions/{key}": "PATCH /projects/{project}",
    "POST /projects/{project}/guidelines": "PATCH /projects/{project}",
    "POST /projects/{project}/guidelines/preview": "none: it changes nothing, and draws HTML",
    "POST /projects/{project}/members": "PUT /projects/{project}/members/{email}",
    "POST /projects/{project}/members/removal": "DELETE /projects/{project}/members/{email}",
    "POST /projects/{project}/attestation": "PUT /projects/{project}/attestation",
    "POST /projects/{project}/imports": "POST /projects/{project}/imports",
    "POST /documents/{document_id}/withdrawal": "PUT /documents/{document_id}/withdrawal",
    "POST /documents/{document_id}/restoration": "DELETE /documents/{document_id}/withdrawal",
    "POST /documents/{document_id}/reading": "PUT /documents/{document_id}/reading",
    "POST /documents/{document_id}/text-reports": "POST /documents/{document_id}/text-reports",
    "POST /documents/{document_id}/text-reports/{report_id}/settlement": (
        "PUT /documents/{document_id}/text-reports/{report_id}/settlement"
    ),
    "POST /projects/{project}/queue/writing": "POST /projects/{project}/queue/writing",
    "POST /samples/{sample_id}/draft": "PUT /samples/{sample_id}/draft",
    "PUT /samples/{sample_id}/draft": "PUT /samples/{sample_id}/draft",
    "PUT /samples/{sample_id}/lease": "PUT /samples/{sample_id}/lease",
    "POST /samples/{sample_id}/submission": "POST /samples/{sample_id}/submission",
    "POST /samples/{sample_id}/attestation": IN_PARTS,
    "POST /samples/{sample_id}/recall": "DELETE /samples/{sample_id}/submission",
    "POST /samples/{sample_id}/skip": "POST /samples/{sample_id}/skip",
    "POST /samples/{sample_id}/resume": "POST /samples/{sample_id}/resume",
    "POST /samples/{sample_id}/release": "POST /samples/{sample_id}/release",
    "POST /samples/{sample_id}/reopen": "POST /samples/{sample_id}/reopen",
    "POST /projects/{project}/queue/reviewing": "POST /projects/{project}/queue/reviewing",
    "POST /samples/{sample_id}/reviews": "POST /samples/{sample_id}/reviews",
    "POST /samples/{sample_id}/reviews/{review_id}/undo": "DELETE /samples/{sample_id}/reviews/{review_id}",
    "POST /samples/{sample_id}/edits": "POST /samples/{sample_id}/edits",
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


def test_every_act_of_a_page_has_its_call_or_a_reason_why_not(app: FastAPI) -> None:
    routes = [(method, template) for method, template, _ in calls(app)]
    acts = {
        f"{method} {template}"
        for method, template in routes
        if method not in SAFE_METHODS and not template.startswith(PREFIX)
    }
    assert acts == set(ACTS)
    served = {
        f"{method} {template.removeprefix(PREFIX)}" for method, template in routes if PREFIX in template
    }
    assert {call for call in ACTS.values() if not call.startswith("none: ")} <= served


def test_every_change_by_the_api_honours_an_idempotency_key(app: FastAPI) -> None:
    tried = [
        context.original_route
        for context in iter_route_contexts(app.routes)
        if context.path.startswith(PREFIX) and set(context.methods or ()) - SAFE_METHODS
    ]
    assert tried
    for route in tried:
        assert isinstance(route, ApiRoute)  # which keeps the answer
        assert get_api_user in set(_dependencies(route.dependant)), route.path  # which claims the key


def _dependencies(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _dependencies(inner)
