"""The same acts through the JSON API, also twice: the answer was lost, and the client asks again."""

from dataclasses import dataclass
from itertools import count

from httpx2 import Response
from starlette.testclient import TestClient

from tests.life.reading import Names
from tests.life.state import CLAUSES, DECISIONS, Act, Outcome
from tests.life.world import World

BY_STATUS = {404: "NotFound", 403: "NotAllowed", 409: "Conflict", 422: "Invalid", 401: "NotSignedIn"}
_keys = count(1)


@dataclass(frozen=True, slots=True)
class Call:
    """A request, which may be sent again."""

    method: str
    path: str
    body: dict[str, object] | None
    key: str  # "": it carries no Idempotency-Key

    def send(self, client: TestClient) -> Response:
        headers = {"Idempotency-Key": self.key} if self.key else {}
        return client.request(self.method, f"/api/v1{self.path}", json=self.body, headers=headers)


def call_of(world: World, names: Names, act: Act) -> Call | None:
    """The request for an act; None where the API has none."""
    sample = f"/samples/{names.samples.get(act.on, 0)}"
    project = f"/projects/{world.slugs.get(act.on, '')}"
    words = {"output": act.content.text, "clauses": CLAUSES[act.content.clauses]}
    calls: dict[str, tuple[str, str, dict[str, object] | None]] = {
        "take": ("POST", f"{project}/queue/writing", None),
        "take_review": ("POST", f"{project}/queue/reviewing", None),
        "save": ("PUT", f"{sample}/draft", {**words, "based_on": act.number, "editor": act.editor}),
        "heartbeat": ("PUT", f"{sample}/lease", None),
        "submit": ("POST", f"{sample}/submission", {"based_on": act.number}),
        "recall": ("DELETE", f"{sample}/submission", None),
        "resume": ("POST", f"{sample}/resume", None),
        "edit": ("POST", f"{sample}/edits", {**words, "revision": act.number}),
        "export": ("GET", f"{project}/export", None),
    }
    for verb in ("skip", "release", "reopen"):
        calls[verb] = ("POST", f"{sample}/{verb}", {"reason": act.reason})
    for verb in DECISIONS:
        body: dict[str, object] = {"action": verb, "revision": act.number, "comment": act.reason}
        calls[verb] = ("POST", f"{sample}/reviews", body)
    reviews = names.reviews.get(act.on, [])
    review = reviews[act.number] if act.verb == "undo" and act.number < len(reviews) else 1
    calls["undo"] = ("DELETE", f"{sample}/reviews/{review}", None)
    if act.verb not in calls:
        return None
    method, path, body_ = calls[act.verb]
    return Call(method, path, body_, f"key-{next(_keys)}" if method == "POST" else "")


def outcome_of(act: Act, response: Response) -> Outcome:
    """The answer in the oracle's words."""
    if response.status_code >= 400:
        code = response.json()["code"]
        if act.verb == "save" and code in {"stale_draft", "not_editable"}:
            return Outcome(f"kept {code}")
        return Outcome(f"{BY_STATUS.get(response.status_code, response.status_code)} {code}")
    if act.verb in {"take", "take_review"}:
        return Outcome("ok", response.json()["id"] if response.status_code == 200 else None)
    if act.verb == "save":
        answer = response.json()
        return Outcome("ok", (answer["number"], answer["lease"] is not None))
    if act.verb == "heartbeat":
        return Outcome("ok", response.json()["expires_at"] is not None)
    if act.verb in DECISIONS:
        return Outcome("ok", response.json()["sample"]["status"])
    return Outcome("ok")
