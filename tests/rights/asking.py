"""Asking what a row of the table asks, and telling how it was answered."""

from dataclasses import dataclass
from enum import StrEnum

from starlette.testclient import TestClient

from tests.factories import CONTRACT
from tests.rights.people import OUT, SEEN_BY
from tests.rights.table import FILE, Row
from tests.rights.world import ABSENT, SUBJECTS, World
from tests.web.browsers import body_of

# Of a request, and of no row: they differ between two answers to the same question, as does the length of a
# compressed page with the form token.
OWN_HEADERS = frozenset({"x-request-id", "date", "content-length"})


class Outcome(StrEnum):
    """How somebody is answered."""

    YES = "done"
    REFUSED = "refused, 403"
    HIDDEN = "the same bytes as for what is not there"
    LATE = "things moved on, 409 or 422"
    SIGN_IN = "asked to sign in"


@dataclass(frozen=True)
class Answer:
    """What of an answer must not differ between what is hidden and what is not there."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def describe(self) -> str:
        """For the message of a test that fails."""
        return f"{self.status} {self.body[:200]!r}"


def wanted(row: Row, name: str, place: str) -> Outcome:
    """What the table says of this person; `place` is that of the sample, where the row is about one."""
    if "{sample_id}" in row.template:
        return _wanted_of_sample(row, name, place)
    if name in row.yes:
        return Outcome.YES
    if name in OUT:
        return Outcome.SIGN_IN
    return Outcome.REFUSED if name in row.no else Outcome.HIDDEN


def _wanted_of_sample(row: Row, name: str, place: str) -> Outcome:
    if name in OUT:
        return Outcome.SIGN_IN
    if name not in SEEN_BY[place]:
        return Outcome.HIDDEN
    if row.moved_on and place not in (*row.when, "withdrawn"):
        return Outcome.YES
    if name not in row.yes or name in row.but.get(place, ()):
        return Outcome.REFUSED
    return Outcome.YES if place in row.when else Outcome.LATE


def path_of(world: World, row: Row, place: str, *, absent: bool = False, **instead: str) -> str:
    """The row's path, about the sample in this place; `absent` names one that is not there in its stead."""
    values = world.values | instead
    if place:
        values |= {"sample_id": str(world.samples[place])}
    values |= {"document_id": str(world.documents[row.of])}
    path = row.path or row.template
    if absent:
        subject = next(name for name in SUBJECTS if f"{{{name}}}" in row.template)
        path = path.replace(f"{{{subject}}}", ABSENT[subject])
    for name, value in values.items():
        path = path.replace(f"{{{name}}}", value)
    return path


def ask(
    client: TestClient, world: World, row: Row, place: str = "", *, absent: bool = False, **instead: str
) -> Answer:
    """Send the row's request. Whoever signs out by it, or in as somebody else, is themselves afterwards."""
    path, cookies = path_of(world, row, place, absent=absent, **instead), dict(client.cookies)
    found = client.request(row.method, path, **sent(world, row, place))  # type: ignore[arg-type]
    client.cookies.clear()
    client.cookies.update(cookies)
    headers = sorted((name, value) for name, value in found.headers.items() if name not in OWN_HEADERS)
    return Answer(found.status_code, tuple(headers), body_of(found))


def sent(world: World, row: Row, place: str) -> dict[str, object]:
    """The row's body as the client takes it: a form, a file or JSON."""
    if row.send is None:
        return {}
    if row.send is FILE:
        return {"files": [("files", ("a.txt", CONTRACT.encode()))]}
    filled = {name: _filled(world, row, place, value) for name, value in row.send.items()}
    return {"json": filled} if row.is_api else {"data": filled}


def _filled(world: World, row: Row, place: str, value: object) -> object:
    """`<name>` in what is sent stands for a value of the world; a program sends numbers as such."""
    if not (isinstance(value, str) and value.startswith("<")):
        return value
    name = value.strip("<>")
    number = "2" if place == "edited" else "1"
    text = number if name == "revision" else world.values[name]
    return int(text) if row.is_api and text.isdecimal() else text


def outcome(answer: Answer, row: Row, absent: Answer | None) -> Outcome | str:
    """How that was answered; a description where it was in none of the known ways."""
    location = dict(answer.headers).get("location", "")
    if answer.status == 401 or (answer.status == 303 and location.startswith("/sign-in?next=")):
        return Outcome.SIGN_IN
    if absent is not None and answer.status == row.hidden:
        return Outcome.HIDDEN if answer == absent else f"tells of what is hidden: {answer.describe()}"
    if answer.status in {row.answers, 200, 201, 202, 204, 303}:
        return Outcome.YES
    if answer.status == 403:
        return Outcome.REFUSED
    return Outcome.LATE if answer.status in {409, 422} else answer.describe()
