"""Every change that the application takes, each with a request that is right: bad input is that and a fault.

The list of routes and of their fields is the application's own. A change that stands in no row of RIGHT, or a
field that none of its values has, fails the tests: what is new is tried too.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel

from app.reviews.forms import EditForm
from app.samples.forms import DraftForm
from app.web.dependencies import SAFE_METHODS
from tests.factories import SUMMARY

Values = dict[str, Any]
# Forms that a dependency reads, since their fields are gathered into maps.
GATHERED: dict[str, type[BaseModel]] = {"_draft_form": DraftForm, "_edit_form": EditForm}
CLAUSES = {"term": "covered", "governing_law": "covered"}


@dataclass(frozen=True)
class Right:
    """Who may do it, with which values; `at` names the sample whose status allows it."""

    person: str
    values: Values = field(default_factory=dict)
    at: str = "draft"


@dataclass(frozen=True)
class Call:
    """One route and method."""

    method: str
    path: str
    query: tuple[str, ...]
    body: type[BaseModel] | None

    @property
    def is_api(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def is_change(self) -> bool:
        return self.method not in SAFE_METHODS

    @property
    def right(self) -> Right:
        """What is right here; a change that nobody has described raises KeyError."""
        return RIGHT[self.method, self.path] if self.is_change else READERS.get(self.path, Right("lead"))


_POLICY = {"min_words": 5, "max_words": 160, "overlap": 1, "approvals": 1, "reviewer_edits": True}
_POLICY |= {"lease_minutes": 60, "date_order": "mdy", "severities": {"too_short": "warning"}}
_INSTRUCTION = {"key": "summary", "phrasings": ["Sum up: {contract}"]}
_CLAUSE = {
    "key": "term",
    "name": "Term",
    "required": True,
    "heading_cues": ["Term"],
    "phrase_cues": ["years"],
}
_PROJECT = {"name": "Contracts", "system_prompt": "Be exact.", "instructions": [_INSTRUCTION]}
_PROJECT |= {"clauses": [_CLAUSE], "policy": _POLICY, "guidelines": {"markdown": "Write well.", "version": 1}}
_SPAN = {"start": 0, "end": 4}
_EVIDENCE = {"clause": "term", "output": _SPAN, "document": _SPAN | {"quote": "Serv"}}
_DRAFT = {"output": SUMMARY, "based_on": 1, "editor": "page-1", "clauses": CLAUSES}
_TYPED = _DRAFT | {"reasons": {"a1b2": "It is right."}, "guidelines_version": 1, "revision_count": 0}
_TYPED |= {"evidence": json.dumps([_EVIDENCE | {"document": _SPAN}]), "wants_evidence": "true"}
_TYPED |= {"paragraph": "1.1", "quote": "It runs for", "supports": "clause:term", "remove": 0}
_REPORT = {"passage": "7.2", "message": "A line is missing."}
_REVIEW = {"action": "approve", "revision": 1, "comment": "Well done."}
_EDIT = {"output": SUMMARY + " It ends.", "revision": 1, "clauses": CLAUSES, "reasons": {"4f1c": "It does."}}
_WHY = {"reason": "I know the client."}
_PLAN = {"priority": 1, "due_on": "2026-12-24", "assignee": "{colleague}"}
_ROWS = {"key": ["term"], "name": ["Term"], "heading_cues": ["Term"], "phrase_cues": ["years"]}
_EVERY_POLICY_FIELD = {name: str(value).lower() for name, value in _POLICY.items() if name != "severities"}
_EVERY_POLICY_FIELD |= {"kind": ["too_short"], "severity": ["warning"], "based_on": "1"}

READERS: dict[str, Right] = {
    "/samples/{sample_id}/review": Right("reviewer", at="submitted"),
    **dict.fromkeys(("/samples/{sample_id}", "/samples/{sample_id}/history"), Right("owner")),
    **dict.fromkeys(("/api/v1/samples/{sample_id}", "/api/v1/samples/{sample_id}/history"), Right("owner")),
    **dict.fromkeys(
        (
            *("/admin", "/admin/invitation", "/admin/users/{user_id}", "/admin/workers", "/admin/activity"),
            *("/admin/invitations", "/admin/sessions", "/admin/tokens", "/admin/storage", "/metrics"),
            *("/projects/new", "/api/v1/users", "/api/v1/users/{email}", "/api/v1/users/{email}/tokens"),
            *("/api/v1/users/{email}/sessions", "/api/v1/health/jobs", "/api/v1/health/storage"),
            "/api/v1/events",
        ),
        Right("admin"),
    ),
}

RIGHT: dict[tuple[str, str], Right] = {
    ("POST", "/sign-in"): Right(
        "anonymous", {"email": "a@b.example", "password": "p" * 9, "next": "/account"}
    ),
    ("POST", "/sign-out"): Right("owner"),
    ("POST", "/forgotten-password"): Right("anonymous", {"email": "n@b.example"}),
    ("POST", "/links/{token}"): Right("anonymous", {"password": "a new password"}),
    ("POST", "/account/profile"): Right("owner", {"name": "Zoë", "single_keys": "true"}),
    ("POST", "/account/password"): Right("owner", {"old_password": "p" * 9, "new_password": "q" * 9}),
    ("POST", "/account/sessions/{session_id}/removal"): Right("owner"),
    ("POST", "/account/sessions/removal"): Right("owner"),
    ("POST", "/account/tokens"): Right("owner", {"name": "Laptop", "scopes": ["read"], "days": "90"}),
    ("POST", "/account/tokens/{token_id}/revocation"): Right("owner"),
    ("POST", "/admin/users"): Right("admin", {"email": "n@b.example", "name": "New", "is_admin": "false"}),
    ("POST", "/admin/users/{user_id}/link"): Right("admin"),
    ("POST", "/admin/users/{user_id}/access"): Right("admin", {"access": "disabled"}),
    ("POST", "/admin/users/{user_id}/site-role"): Right("admin", {"site_role": "admin"}),
    ("POST", "/admin/users/{user_id}/mails"): Right("admin"),
    ("POST", "/admin/sessions/{session_id}/removal"): Right("admin"),
    ("POST", "/admin/tokens/{token_id}/revocation"): Right("admin"),
    ("POST", "/admin/jobs/{job_id}/attempts"): Right("admin"),
    ("POST", "/projects"): Right("admin", {"slug": "fresh", "name": "Fresh", "lead": "{lead}"}),
    ("POST", "/projects/{project}/attestation"): Right("owner", {"version": "1"}),
    ("POST", "/projects/{project}/settings"): Right(
        "lead", {"name": "Named", "system_prompt": "Be exact.", "based_on": "{basics}"}
    ),
    ("POST", "/projects/{project}/policy"): Right("lead", _EVERY_POLICY_FIELD),
    ("POST", "/projects/{project}/clauses"): Right(
        "lead", _ROWS | {"required": ["0"], "remove": ["7"], "pick": ["insurance"], "based_on": "1"}
    ),
    ("POST", "/projects/{project}/clauses/preview"): Right(
        "lead", _ROWS | {"required": ["0"], "remove": ["7"], "pick": ["insurance"], "based_on": "1"}
    ),
    ("POST", "/projects/{project}/instructions"): Right("lead", {"key": "extra", "phrasing": ["Sum up."]}),
    ("POST", "/projects/{project}/instructions/{key}"): Right(
        "lead", {"phrasing": ["Sum up: {contract}"], "based_on": "{phrasings}"}
    ),
    ("POST", "/projects/{project}/guidelines/preview"): Right("lead", {"markdown": "# A", "based_on": "1"}),
    ("POST", "/projects/{project}/guidelines"): Right("lead", {"markdown": "# A", "based_on": "1"}),
    ("POST", "/projects/{project}/members"): Right("lead", {"email": "{colleague}", "roles": ["reviewer"]}),
    ("POST", "/projects/{project}/members/removal"): Right("lead", {"email": "{colleague}"}),
    ("POST", "/documents/{document_id}/withdrawal"): Right("lead", _WHY),
    ("POST", "/documents/{document_id}/restoration"): Right("lead"),
    ("POST", "/documents/{document_id}/reading"): Right("lead"),
    ("POST", "/documents/{document_id}/text-reports"): Right("reviewer", _REPORT),
    ("POST", "/documents/{document_id}/text-reports/{report_id}/settlement"): Right("lead"),
    ("POST", "/projects/{project}/bulk-acts"): Right(
        "lead",
        {
            "noun": "tasks",
            "act": "priority",
            "scope": "chosen",
            "ids": ["{task_id}"],
            "filter": "q=x",
            "set_priority": "1",
            "set_due_on": "2026-12-24",
            "set_assignee": "{colleague}",
            "reason": "It is torn.",
            "reopen_reason": "It is wrong.",
        },
    ),
    ("POST", "/bulk-acts/{act_id}/completion"): Right("lead"),
    ("POST", "/bulk-acts/{act_id}/undo"): Right("lead"),
    ("POST", "/projects/{project}/imports"): Right("lead"),
    ("POST", "/projects/{project}/checks/runs"): Right("lead"),
    ("POST", "/projects/{project}/queue/writing"): Right("owner"),
    ("POST", "/samples/{sample_id}/draft"): Right("owner", _TYPED),
    ("PUT", "/samples/{sample_id}/draft"): Right("owner", _TYPED),
    ("PUT", "/samples/{sample_id}/lease"): Right("owner"),
    ("POST", "/samples/{sample_id}/submission"): Right("owner", _TYPED),
    ("POST", "/samples/{sample_id}/attestation"): Right("owner", _TYPED),
    ("POST", "/samples/{sample_id}/recall"): Right("owner", at="submitted"),
    ("POST", "/samples/{sample_id}/skip"): Right("owner", _WHY),
    ("POST", "/samples/{sample_id}/resume"): Right("owner"),
    ("POST", "/samples/{sample_id}/release"): Right("lead", _WHY),
    ("POST", "/samples/{sample_id}/reopen"): Right("lead", _WHY, "rejected"),
    ("POST", "/projects/{project}/queue/reviewing"): Right("reviewer"),
    ("POST", "/samples/{sample_id}/reviews"): Right("reviewer", _REVIEW, "submitted"),
    ("POST", "/samples/{sample_id}/reviews/{review_id}/undo"): Right("reviewer", at="approved"),
    ("POST", "/samples/{sample_id}/edits"): Right("reviewer", _EDIT, "submitted"),
    ("PATCH", "/api/v1/me"): Right("owner", {"name": "Zoë", "single_keys": True}),
    ("DELETE", "/api/v1/sessions/{session_id}"): Right("owner"),
    ("DELETE", "/api/v1/tokens/{token_id}"): Right("owner"),
    ("POST", "/api/v1/users"): Right("admin", {"email": "n@b.example", "name": "New", "admin": False}),
    ("POST", "/api/v1/users/{email}/mails"): Right("admin"),
    ("DELETE", "/api/v1/users/{email}/tokens/{token_id}"): Right("admin"),
    ("DELETE", "/api/v1/users/{email}/sessions"): Right("admin"),
    ("POST", "/api/v1/health/jobs/{job_id}/attempts"): Right("admin"),
    ("PATCH", "/api/v1/users/{email}"): Right("admin", {"admin": False, "disabled": False}),
    ("POST", "/api/v1/projects"): Right("admin", _PROJECT | {"slug": "fresh", "lead": "{lead}"}),
    ("PATCH", "/api/v1/projects/{project}"): Right("lead", _PROJECT),
    ("PUT", "/api/v1/projects/{project}/members/{email}"): Right("lead", {"roles": ["reviewer"]}),
    ("DELETE", "/api/v1/projects/{project}/members/{email}"): Right("lead"),
    ("PUT", "/api/v1/projects/{project}/attestation"): Right("owner", {"version": 1}),
    ("PUT", "/api/v1/documents/{document_id}/withdrawal"): Right("lead", _WHY),
    ("DELETE", "/api/v1/documents/{document_id}/withdrawal"): Right("lead"),
    ("PUT", "/api/v1/documents/{document_id}/reading"): Right("lead"),
    ("POST", "/api/v1/documents/{document_id}/text-reports"): Right("reviewer", _REPORT),
    ("PUT", "/api/v1/documents/{document_id}/text-reports/{report_id}/settlement"): Right("lead"),
    ("PATCH", "/api/v1/tasks/{task_id}"): Right("lead", _PLAN),
    ("POST", "/api/v1/projects/{project}/bulk-acts"): Right(
        "lead",
        {
            "kind": "tasks.plan",
            "ids": None,
            "filter": {"q": "Contract"},
            "values": _PLAN | {"reason": "It waits."},
        },
    ),
    ("POST", "/api/v1/bulk-acts/{act_id}/completion"): Right("lead"),
    ("DELETE", "/api/v1/bulk-acts/{act_id}/completion"): Right("lead"),
    ("POST", "/api/v1/projects/{project}/imports"): Right("lead"),
    ("POST", "/api/v1/projects/{project}/checks/runs"): Right("lead"),
    ("POST", "/api/v1/projects/{project}/queue/writing"): Right("owner"),
    ("PUT", "/api/v1/samples/{sample_id}/draft"): Right("owner", _DRAFT | {"evidence": [_EVIDENCE]}),
    ("PUT", "/api/v1/samples/{sample_id}/lease"): Right("owner"),
    ("POST", "/api/v1/samples/{sample_id}/submission"): Right(
        "owner", {"based_on": 1, "reasons": {"a1b2": "It is right."}}
    ),
    ("DELETE", "/api/v1/samples/{sample_id}/submission"): Right("owner", at="submitted"),
    ("POST", "/api/v1/samples/{sample_id}/skip"): Right("owner", _WHY),
    ("POST", "/api/v1/samples/{sample_id}/resume"): Right("owner"),
    ("POST", "/api/v1/samples/{sample_id}/release"): Right("lead", _WHY),
    ("POST", "/api/v1/samples/{sample_id}/reopen"): Right("lead", _WHY, "rejected"),
    ("POST", "/api/v1/projects/{project}/queue/reviewing"): Right("reviewer"),
    ("POST", "/api/v1/samples/{sample_id}/reviews"): Right("reviewer", _REVIEW, "submitted"),
    ("DELETE", "/api/v1/samples/{sample_id}/reviews/{review_id}"): Right("reviewer", at="approved"),
    ("POST", "/api/v1/samples/{sample_id}/edits"): Right("reviewer", _EDIT, "submitted"),
}


def calls(app: FastAPI) -> list[Call]:
    """Every route and method of the application."""
    return [
        Call(method, context.path, tuple(_query(route.dependant)), _body(route.dependant))
        for context in iter_route_contexts(app.routes)
        if isinstance(route := context.original_route, APIRoute)
        for method in sorted(context.methods or ())
    ]


def _parts(dependant: Dependant) -> Iterator[Dependant]:
    yield dependant
    for inner in dependant.dependencies:
        yield from _parts(inner)


def _query(dependant: Dependant) -> Iterator[str]:
    for part in _parts(dependant):
        for parameter in part.query_params:
            kind = parameter.field_info.annotation
            is_form = isinstance(kind, type) and issubclass(kind, BaseModel)
            yield from kind.model_fields if is_form else [parameter.alias]


def _body(dependant: Dependant) -> type[BaseModel] | None:
    for part in _parts(dependant):
        if (found := GATHERED.get(getattr(part.call, "__name__", ""))) is not None:
            return found
        for parameter in part.body_params:
            known = [
                parameter.field_info.annotation,
                *getattr(parameter.field_info.annotation, "__args__", ()),
            ]
            for kind in known:
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    return kind
    return None


def leaves(values: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of every single value in a body."""
    if isinstance(values, Mapping):
        for name, value in values.items():
            yield from leaves(value, (*path, name))
    elif isinstance(values, list):
        for index, value in enumerate(values):
            yield from leaves(value, (*path, index))
    else:
        yield path


def replaced(values: Any, path: tuple[str | int, ...], value: object) -> Any:
    """A copy of the body with another value in one place."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(values, list):
        return [replaced(item, rest, value) if index == first else item for index, item in enumerate(values)]
    return {name: replaced(item, rest, value) if name == first else item for name, item in values.items()}
