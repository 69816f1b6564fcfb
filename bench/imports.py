"""How fast contracts come in: rows of one JSONL file a second, and seconds a PDF and a DOCX.

`engross serve` with its worker, as a person would run it, on its own Postgres with fsync. The files are those
of `../shared/data/documents`, where that is.
"""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import Request, urlopen

from sqlalchemy.orm import Session

from app.accounts import tokens
from app.database import make_engine
from bench.filling import long_text
from tests.factories import Factory
from tests.servers import Server

ROWS, FULL_ROWS = 2_000, 20_000
CHARACTERS = 8_000
FILES = Path("../shared/data/documents")


def run(*, full: bool) -> dict[str, str]:
    """Figures by name: rows and files a second, from the call that hands them over to the finished report."""
    count = FULL_ROWS if full else ROWS
    with TemporaryDirectory(prefix="engross-bench-") as name:
        Path(name).chmod(0o711)  # root's Postgres runs as somebody else
        server = Server(Path(name) / "data", LOG_LEVEL="WARNING", ENGROSS_IMPORT_MB="1000")
        try:
            slug, token = _open_project(server)
            seconds = _import(server, slug, token, _rows(count), "application/jsonl")
            figures = {f"{count:,} rows of {CHARACTERS:,} characters": f"{count / seconds:.0f} rows/s"}
            for kind in ("pdf", "docx"):
                files = sorted((FILES / kind).glob(f"*.{kind}"))
                if files:
                    seconds = sum(_import(server, slug, token, *_form(file)) for file in files)
                    figures[f"{len(files)} {kind.upper()} files"] = f"{seconds / len(files):.2f} s each"
        finally:
            server.destroy()
    return figures


def _rows(count: int) -> bytes:
    rows = ({"title": f"Agreement {n}", "text": long_text(CHARACTERS, seed=n)} for n in range(count))
    return "\n".join(map(json.dumps, rows)).encode()


def _form(file: Path) -> tuple[bytes, str]:
    edge = "a-line-that-is-in-no-file"
    head = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{file.name}"\r\n\r\n'
    return (
        head.encode() + file.read_bytes() + f"\r\n--{edge}--\r\n".encode(),
        f"multipart/form-data; boundary={edge}",
    )


def _import(server: Server, slug: str, token: str, body: bytes, kind: str) -> float:
    began = time.perf_counter()
    started = _call(server, token, f"/projects/{slug}/imports", body, kind)
    while _call(server, token, f"/imports/{started['id']}")["status"] in {"queued", "running"}:
        time.sleep(0.05)
    return time.perf_counter() - began


def _call(
    server: Server, token: str, path: str, body: bytes | None = None, kind: str = ""
) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {token}"} | ({"Content-Type": kind} if kind else {})
    asked = Request(f"{server.url}/api/v1{path}", body, headers)  # noqa: S310 -- our own address
    with urlopen(asked, timeout=600) as answer:  # noqa: S310
        found: dict[str, object] = json.load(answer)
    return found


def _open_project(server: Server) -> tuple[str, str]:
    engine = make_engine(server.database_url)
    with Session(engine) as session, session.begin():
        make = Factory(session)
        project = make.project()
        lead = make.lead(project)
        _, token = tokens.create(
            session, user=lead, name="bench", scopes=(), days=1, actor=lead, at=datetime.now(UTC)
        )
        slug = project.slug
    engine.dispose()
    return slug, token
