"""The API by its own description: whatever that allows breaks nothing, and is answered as it says."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.web.reference import description
from tests.bad_input.calls import Call, calls
from tests.bad_input.conftest import PATIENCE, Site

PEOPLE = ("owner", "lead", "reviewer", "engineer", "admin", "stranger", "anonymous")
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance, status_code_conformance]


def test_no_call_that_the_description_allows_breaks_for_anybody(site: Site, thorough: bool) -> None:
    schema = schemathesis.openapi.from_dict(description(site.app))
    known = {(call.method, call.path): call for call in calls(site.app)}
    tried, failures = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        call = known[operation.method.upper(), operation.path]
        # Who may do what is tried with everybody by tests/rights.
        some = (PEOPLE[tried % len(PEOPLE) :] + PEOPLE)[:3]
        failures += (
            _tried(site, call, operation, PEOPLE, examples=60)
            if thorough
            else _tried(site, call, operation, some, examples=1)
        )
        tried += 1
    assert failures == []
    assert tried == sum(
        call.is_api and call.path not in {"/api/v1/docs", "/api/v1/openapi.json"} for call in known.values()
    )


def _tried(site: Site, call: Call, operation: Any, people: tuple[str, ...], *, examples: int) -> list[str]:
    failures: list[str] = []

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(case=operation.as_strategy(), real=st.booleans())
    def send(case: Any, real: bool) -> None:
        sent = case.as_transport_kwargs(base_url="")
        for person in people:
            path = site.path(call) if real or examples < 10 else sent["url"]
            asked = {
                name: sent[name] for name in ("params", "json", "data", "files") if sent.get(name) is not None
            }
            if isinstance(asked.get("data"), bytes):
                asked["content"] = asked.pop("data")
            headers = {
                k: v for k, v in sent["headers"].items() if k.lower() in {"content-type", "idempotency-key"}
            }
            if "files" in asked:
                headers.pop("Content-Type", None)
            looked = site.ask(call, path=path, person=person, headers=headers, **asked)
            try:
                case.validate_response(looked.answer, checks=CHECKS)
                assert looked.seconds < PATIENCE
                # A save that loses a conflict is kept beside the draft, and its lease goes on.
                beside = {"draft_saves", "slots"} if call.path.endswith("/draft") else set()
                assert looked.answer.status_code < 400 or set(looked.changed) <= beside, looked.changed
            except (AssertionError, Failure, FailureGroup) as error:
                failures.append(
                    f"{call.method} {call.path} by {person}: {looked.answer.status_code} {error}"[:600]
                )

    send()
    return failures
