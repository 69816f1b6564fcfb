"""A client of an Engross site: what the command line's `--url` uses, and what an engineer scripts.

It needs httpx2, the standard library and `client_answers`: the two files may be copied.

    with Engross("https://engross.example.org", token) as site:
        for sample in site.samples("nda", status="approved"):
            print(sample["id"], sample["document"]["title"])
        print(site.export("nda", Path("train.jsonl"), format="messages"))

What a site refuses is raised as Problem. A call is tried again where the connection breaks or the site asks
to (503 with Retry-After). A change carries an Idempotency-Key of its own, so it is done once all the same.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from json import JSONDecodeError
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote
from uuid import uuid4

import httpx2

from app.client_answers import Exclusion, ImportReport, Json, Listed, Me, Member, Project, Sample

PREFIX = "/api/v1"
PAGE = 200
WAITS = (0.5, 1.0, 2.0, 4.0)  # seconds before each new try
LONGEST_WAIT = 30.0
FINISHED = ("done", "failed")
ADDRESS = re.compile(
    r"(?P<scheme>https?)://(\[[\da-f:.]+\]|[\w-]{1,63}(\.[\w-]{1,63})*)(:(?P<port>\d{1,5}))?/?", re.ASCII
)


class Problem(Exception):
    """A refusal, or a site that does not answer. `code` is a stable name; `status` is 0 without an answer."""

    def __init__(self, message: str, *, code: str, status: int = 0, body: Json | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status
        self.body = body or {}

    @property
    def errors(self) -> dict[str, str]:
        """The sentence for each field that is wrong."""
        return dict(self.body.get("errors") or {})


@dataclass(frozen=True, slots=True)
class Written:
    """What an export wrote."""

    rows: int
    bytes: int
    sha256: str


class Engross:
    """A site, asked with one person's token."""

    def __init__(
        self,
        url: str,
        token: str,
        *,
        timeout: float = 60.0,
        insecure: bool = False,
        transport: httpx2.BaseTransport | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """`insecure` allows http:// to other machines, where whoever is in between reads the token."""
        scheme, host = _read_address(url)
        loopback = _is_loopback(host)
        if scheme == "http" and not (loopback or insecure):
            raise Problem(f"{url} would carry the token in the clear: use https://.", code="insecure_address")
        if not (token.isascii() and token.isprintable() and token.strip()):
            raise Problem("The token is empty, or no token at all.", code="bad_token")
        self.url = url.rstrip("/")
        self._sleep = sleep
        self._http = httpx2.Client(
            headers={"Authorization": f"Bearer {token}", "User-Agent": "engross-client"},
            timeout=httpx2.Timeout(timeout, connect=10.0),
            trust_env=not loopback,  # no proxy stands between a machine and itself
            transport=transport,
        )

    def __enter__(self) -> "Engross":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    # People.

    def me(self) -> Me:
        """The person behind the token, with their roles."""
        return cast(Me, self.call("GET", "me"))

    # Projects.

    def projects(self) -> Iterator[Project]:
        """The caller's projects, by name."""
        return cast(Iterator[Project], self.pages("projects"))

    def project(self, slug: str) -> Project:
        """A project with its setup."""
        return cast(Project, self.call("GET", "projects", slug))

    def create_project(self, slug: str, name: str, **setup: object) -> Project:
        """A new project; `setup` is what `POST /projects` takes beside."""
        body = {"slug": slug, "name": name, **setup}
        return cast(Project, self.call("POST", "projects", json=body))

    def members(self, slug: str) -> Iterator[Member]:
        """The project's members, for its leads."""
        return cast(Iterator[Member], self.pages("projects", slug, "members"))

    def set_member(self, slug: str, email: str, roles: Iterable[str]) -> Member:
        """Give a person exactly these roles."""
        body = {"roles": list(roles)}
        return cast(Member, self.call("PUT", "projects", slug, "members", email, json=body))

    def remove_member(self, slug: str, email: str) -> None:
        """Take all of a person's roles."""
        self.call("DELETE", "projects", slug, "members", email)

    # Contracts.

    def start_import(self, slug: str, files: Iterable[tuple[str, Path]]) -> int:
        """Send files, each with what the report is to call it; the id of the import that begins."""
        sent = [("files", (name, cast(BinaryIO, _Later(path)))) for name, path in files]
        try:
            return int(self.call("POST", "projects", slug, "imports", files=sent)["id"])
        except OSError as error:
            raise Problem(
                f"{error.filename} cannot be read ({error.strerror}).", code="unreadable"
            ) from error

    def get_import(self, import_id: int) -> ImportReport:
        """How far an import is, and what became of each file."""
        return cast(ImportReport, self.call("GET", "imports", import_id))

    def follow_import(self, import_id: int) -> Iterator[ImportReport]:
        """Its report again and again; the last one is that of the finished import."""
        pause = 0.3
        while True:
            report = self.get_import(import_id)
            yield report
            if report["status"] in FINISHED:
                return
            self._sleep(pause)
            pause = min(pause * 1.5, 5.0)

    # Writing and reviewing.

    def samples(self, slug: str, *, status: str = "", q: str = "", annotator: str = "") -> Iterator[Listed]:
        """The project's samples that the caller may see, newest first."""
        found = self.pages("projects", slug, "samples", status=status, q=q, annotator=annotator)
        return cast(Iterator[Listed], found)

    def sample(self, sample_id: int) -> Sample:
        """One sample."""
        return cast(Sample, self.call("GET", "samples", sample_id))

    def take_writing(self, slug: str) -> Sample | None:
        """The sample to write next, leased to the caller; None where nothing waits."""
        return cast(Sample | None, self.call("POST", "projects", slug, "queue", "writing"))

    def take_reviewing(self, slug: str) -> Sample | None:
        """The sample to review next, leased to the caller; None where nothing waits."""
        return cast(Sample | None, self.call("POST", "projects", slug, "queue", "reviewing"))

    def save(
        self,
        sample_id: int,
        output: str,
        *,
        based_on: int,
        clauses: Mapping[str, str] | None = None,
        editor: str = "client",
    ) -> Json:
        """Save the draft; Problem `stale_draft`, with the draft in its `body`, where another was faster."""
        body: Json = {"output": output, "based_on": based_on, "editor": editor}
        if clauses is not None:
            body["clauses"] = dict(clauses)
        return cast(Json, self.call("PUT", "samples", sample_id, "draft", json=body))

    def submit(self, sample_id: int, *, based_on: int, reasons: Mapping[str, str] | None = None) -> Sample:
        """Hand the draft in; Problem `findings_block`, with `findings` in its `body`, where checks object."""
        body = {"based_on": based_on, "reasons": dict(reasons or {})}
        return cast(Sample, self.call("POST", "samples", sample_id, "submission", json=body))

    def review(self, sample_id: int, action: str, *, revision: int, comment: str = "") -> Json:
        """Decide: `approve`, `request_changes` or `reject`."""
        body = {"action": action, "revision": revision, "comment": comment}
        return cast(Json, self.call("POST", "samples", sample_id, "reviews", json=body))

    # Checks.

    def check(self, slug: str) -> Iterator[Json]:
        """Check a project again: its report again and again; the last one is that of the finished run."""
        run = self.call("POST", "projects", slug, "checks", "runs")["id"]
        pause = 0.3
        while True:
            report = cast(Json, self.call("GET", "projects", slug, "checks"))
            yield report
            if report["run"]["id"] != run or report["run"]["status"] in FINISHED:
                return
            self._sleep(pause)
            pause = min(pause * 1.5, 5.0)

    def findings(self, slug: str, *, state: str = "kept", check: str = "") -> Iterator[Json]:
        """Findings `kept` with a reason, `open` without one, or `new` in approved samples; newest first."""
        found = self.pages("projects", slug, "checks", "findings", state=state, check=check)
        return cast(Iterator[Json], found)

    # What leaves.

    def export(self, slug: str, path: Path, **query: object) -> Written:
        """Write approved pairs to a file; `query` is format, with_metadata, clause, annotator, since.

        Written beside it and renamed at the end: a file of that name is always a whole export.
        """
        if path.exists() and not path.is_file():
            raise Problem(f"{path} is no file.", code="unwritable")
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with draft.open("wb") as file:
                written = self.write_export(slug, file, **query)
            draft.replace(path)
        except OSError as error:
            raise Problem(f"{path} cannot be written: {error.strerror}.", code="unwritable") from error
        finally:
            draft.unlink(missing_ok=True)
        return written

    def write_export(self, slug: str, target: BinaryIO, **query: object) -> Written:
        """The same into an open file, or onto standard output. Where it breaks off, Problem says so."""
        rows, size, digest = 0, 0, sha256()
        answer = self._send("GET", _path("projects", slug, "export"), stream=True, params=_query(query))
        try:
            if _kind(answer) != "application/jsonl":
                raise self._no_engross(answer)
            for chunk in answer.iter_bytes():
                target.write(chunk)
                rows, size = rows + chunk.count(b"\n"), size + len(chunk)
                digest.update(chunk)
        except httpx2.TransportError as error:
            sentence = f"The export broke off after {size:,} bytes ({error})."
            raise Problem(sentence, code="broken_off") from error
        finally:
            answer.close()
        return Written(rows, size, digest.hexdigest())

    def exclusions(self, slug: str) -> Iterator[Exclusion]:
        """Approved samples that stay out of every export of the caller, each with its reason."""
        return cast(Iterator[Exclusion], self.pages("projects", slug, "export", "exclusions"))

    # Any call.

    def pages(self, *path: object, **query: object) -> Iterator[Any]:
        """The items of a list, page by page as they are asked for."""
        cursor: str | None = ""
        while cursor is not None:
            page = self.call("GET", *path, params=_query({**query, "limit": PAGE, "cursor": cursor}))
            yield from page["items"]
            cursor = page["next"]

    def call(self, method: str, *path: object, **sent: Any) -> Any:
        """The JSON that a call answers, None where it answers nothing; `path` is what follows /api/v1."""
        answer = self._send(method, _path(*path), **sent)
        if answer.status_code == 204:
            return None
        try:
            return answer.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise self._no_engross(answer) from None

    def _send(self, method: str, path: str, *, stream: bool = False, **sent: Any) -> httpx2.Response:
        headers = {} if method == "GET" else {"Idempotency-Key": str(uuid4())}
        waits = list(WAITS)
        while True:
            request = self._http.build_request(method, self.url + path, headers=headers, **sent)
            try:
                answer = self._http.send(request, stream=stream)
            except httpx2.TransportError as error:
                if not waits:
                    sentence = f"{self.url} cannot be reached ({error or type(error).__name__})."
                    raise Problem(sentence, code="unreachable") from error
                self._sleep(waits.pop(0))
                continue
            asked = answer.headers.get("Retry-After", "")
            if answer.status_code != 503 or not asked.isdecimal() or not waits:
                return self._checked(answer)
            answer.close()
            self._sleep(min(max(waits.pop(0), float(asked)), LONGEST_WAIT))

    def _checked(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.is_success:
            return answer
        answer.read()
        if _kind(answer) != "application/problem+json":
            raise self._no_engross(answer)
        body = answer.json()
        raise Problem(body["detail"], code=body["code"], status=answer.status_code, body=body)

    def _no_engross(self, answer: httpx2.Response) -> Problem:
        said = f"{answer.status_code}, {_kind(answer) or 'nothing'}"
        said = f"{self.url} does not answer as Engross does ({said})."
        return Problem(said, code="no_engross", status=answer.status_code)


class _Later:
    """A file of a form, opened when its turn comes: a folder may hold more than a process may have open."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None

    def read(self, size: int = -1) -> bytes:
        if self._file is None:
            self._file = self._path.open("rb")
        chunk = self._file.read(size)
        if not chunk:
            self.seek(0)
        return chunk

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if self._file is not None:
            self._file.close()
            self._file = None
        return self._path.stat().st_size if whence == os.SEEK_END else offset

    def tell(self) -> int:
        return 0


def _path(*parts: object) -> str:
    """The address of a call. Dots alone are written out: addresses are tidied up, and another call asked."""
    quoted = (quote(str(part), safe="@") for part in parts)
    return "/".join([PREFIX, *(part if part.strip(".") else part.replace(".", "%2E") for part in quoted)])


def _query(values: Mapping[str, object]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value not in {"", None, False}
    }


def _kind(answer: httpx2.Response) -> str:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _read_address(url: str) -> tuple[str, str]:
    """Scheme and host of a site's address, which says nothing else but a port. Raises Problem."""
    found = ADDRESS.fullmatch(url.lower())
    try:
        host = httpx2.URL(url).host
    except httpx2.InvalidURL:  # brackets around what is no IPv6 address
        found = None
    if found is None or int(found["port"] or 443) > 65535:
        sentence = f"“{url}” is no site's address: that reads https://engross.example.org."
        raise Problem(sentence, code="bad_address")
    return found["scheme"], host


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
