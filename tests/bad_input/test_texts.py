"""Every field of every form and body, with every text that breaks programs."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from app.web.security import CONTENT_SECURITY_POLICY
from tests.bad_input.calls import RIGHT, Call, Values, calls, leaves, replaced
from tests.bad_input.conftest import PATIENCE, Case, Site, form_of, said
from tests.bad_input.hostile import TEXTS, broken_out

# What is typed is saved although the act is refused (docs/architecture.md, saving).
KEEPS_TEXT = ("/draft", "/submission", "/attestation")
KEPT = {"drafts", "draft_saves", "slots", "samples"}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def bodies(site: Site) -> Iterator[Call]:
    for call in calls(site.app):
        if call.is_change and call.body is not None:
            yield call


def wrong(call: Call, case: Case) -> str:
    """What is not as it should be with an answer; empty where all is well."""
    answer = case.answer
    refused = answer.status_code >= 400
    may_change = KEPT if call.path.endswith(KEEPS_TEXT) else set()
    if answer.status_code >= 500:
        return "broke"
    if case.seconds > PATIENCE:
        return f"took {case.seconds:.1f} s"
    if refused and set(case.changed) - may_change:
        return f"was refused and changed {case.changed}"
    if refused and not said(answer):
        return "says nothing"
    if answer.headers.get("Content-Security-Policy") != CONTENT_SECURITY_POLICY:
        return "lacks its headers"
    if answer.headers.get("Content-Type", "").startswith("text/html") and (out := broken_out(answer.text)):
        return f"shows markup: {out}"
    return ""


def sent(call: Call, values: Any) -> dict[str, Any]:
    """The body as this call takes it; halves of characters as only broken programs write them."""
    if call.is_api:
        return {"content": json.dumps(values).encode(), "headers": {"Content-Type": "application/json"}}
    return {
        "content": urlencode(form_of(values), doseq=True, errors="surrogatepass").encode(),
        "headers": FORM,
    }


def test_every_change_has_a_row_and_every_field_a_value(site: Site) -> None:
    known = calls(site.app)
    assert {(call.method, call.path) for call in known if call.is_change} == RIGHT.keys()
    for call in bodies(site):
        assert call.body is not None
        fields = call.body.model_fields.keys() - {"csrf_token"}
        assert fields <= call.right.values.keys() | {"reasons"}, (
            f"{call.method} {call.path}: a field is not tried"
        )


def test_what_is_right_is_taken(site: Site) -> None:
    """Else all that follows would be refused for another reason than its fault."""
    refused = {}
    for call in bodies(site):
        case = site.ask(call, **sent(call, site.filled(call.right.values)))
        if case.answer.status_code >= 400 and call.path not in MAY_REFUSE:
            refused[call.method, call.path] = (case.answer.status_code, said(case.answer))
    assert refused == {}


# Wrong in the world as it is: nobody has this password, this link was never made, no mail is sent from here,
# this act is not done, this contract has no file that could be read again.
MAY_REFUSE = {
    "/sign-in",
    "/links/{token}",
    "/account/password",
    "/documents/{document_id}/restoration",
    "/documents/{document_id}/reading",
    "/bulk-acts/{act_id}/undo",
    "/forgotten-password",
    "/admin/users/{user_id}/mails",
}


def fields(site: Site) -> Iterator[tuple[Call, Values, tuple[str | int, ...]]]:
    """Each single field, with the values that are right around it."""
    for call in bodies(site):
        right = site.filled(call.right.values)
        yield from ((call, right, place) for place in leaves(right))


def test_no_text_in_any_field_breaks_anything(site: Site, thorough: bool) -> None:
    """Every field with one text, each with another, so that every text is tried in many; or all with all."""
    failures, names = [], list(TEXTS)
    for number, (call, right, place) in enumerate(fields(site)):
        for name in names if thorough else [names[7 * number % len(names)]]:
            value: Values = replaced(right, place, TEXTS[name])
            if problem := wrong(call, case := site.ask(call, **sent(call, value))):
                failures.append((call.method, call.path, place, name, case.answer.status_code, problem))
    assert failures == []


RAW = ["%ff", "%00", "%ed%a0%80", "%", "%zz", "a%0d%0ab", "+", "%f0%9f"]
KINDS: list[Any] = [{}, [], None, True, 1.5, -1, 0, 2**31, 2**63, 10**30, "1", [["x"]], {"a": {}}]


def test_no_broken_byte_in_a_form_breaks_anything(site: Site, thorough: bool) -> None:
    failures = []
    for number, (call, right, place) in enumerate(fields(site)):
        if call.is_api:
            continue
        for raw in RAW if thorough else RAW[number % len(RAW) :][:1]:
            form = urlencode(form_of(replaced(right, place, "m4rk")), doseq=True).replace("m4rk", raw)
            case = site.ask(call, content=form.encode(), headers=FORM)
            if problem := wrong(call, case):
                failures.append((call.method, call.path, place, raw, case.answer.status_code, problem))
    assert failures == []


def test_no_value_of_another_kind_in_a_body_breaks_anything(site: Site, thorough: bool) -> None:
    failures = []
    for number, (call, right, place) in enumerate(fields(site)):
        if not call.is_api:
            continue
        for value in KINDS if thorough else [KINDS[5 * number % len(KINDS)]]:
            end = len(place) if thorough else 1 + number % len(place)
            case = site.ask(call, **sent(call, replaced(right, place[:end], value)))
            if problem := wrong(call, case):
                failures.append(
                    (call.method, call.path, place[:end], value, case.answer.status_code, problem)
                )
    assert failures == []
