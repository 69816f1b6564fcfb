"""Each limit that is told: as much as it says is taken, in characters of any width, and one more is not."""

import re

import pytest

from tests.bad_input.calls import RIGHT, calls, replaced
from tests.bad_input.conftest import Site, said
from tests.bad_input.test_texts import KEEPS_TEXT, KEPT, sent

# Method and path, the field, and the most characters that it may have.
LIMITS = [
    ("POST", "/samples/{sample_id}/draft", ("output",), 20_000),
    ("PUT", "/api/v1/samples/{sample_id}/draft", ("output",), 20_000),
    ("POST", "/api/v1/samples/{sample_id}/skip", ("reason",), 5_000),
    ("POST", "/api/v1/samples/{sample_id}/release", ("reason",), 5_000),
    ("POST", "/api/v1/samples/{sample_id}/reopen", ("reason",), 5_000),
    ("POST", "/api/v1/samples/{sample_id}/reviews", ("comment",), 5_000),
    ("PUT", "/api/v1/documents/{document_id}/withdrawal", ("reason",), 5_000),
    ("POST", "/api/v1/documents/{document_id}/text-reports", ("message",), 5_000),
    ("POST", "/projects/{project}/guidelines", ("markdown",), 200_000),
    ("PATCH", "/api/v1/projects/{project}", ("guidelines", "markdown"), 200_000),
    ("PATCH", "/api/v1/projects/{project}", ("instructions", 0, "phrasings", 0), 20_000),
    ("PATCH", "/api/v1/projects/{project}", ("name",), 200),
    ("POST", "/account/profile", ("name",), 200),
]
WIDTHS = {"one byte": "x", "four bytes": "🖋", "one and a mark": "e\u0301"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("method", "path", "field", "most"), LIMITS)
def test_as_much_as_a_limit_says_is_taken_and_one_more_is_refused_by_its_name(
    site: Site, method: str, path: str, field: tuple[str | int, ...], most: int, width: str
) -> None:
    call = next(call for call in calls(site.app) if (call.method, call.path) == (method, path))
    text = (WIDTHS[width] * most)[:most]
    right = site.filled(RIGHT[method, path].values)
    taken = site.ask(call, **sent(call, replaced(right, field, text)))
    assert taken.answer.status_code < 400, said(taken.answer)
    refused = site.ask(call, **sent(call, replaced(right, field, f"{text}x")))
    assert refused.answer.status_code == 422
    assert set(refused.changed) <= (KEPT if path.endswith(KEEPS_TEXT) else set())
    assert re.search(rf"\b({most:,}|{most})\b", refused.answer.text)
