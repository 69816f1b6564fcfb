"""Turning templates into answers: one Jinja environment, and static files under hashed, immutable URLs.

Every template is given `viewer`, `csrf_token` and `path` beside its own context, and the layouts find their
optional parts (`project`, `project_nav`, `notice`) already empty. Nothing in here knows the domain.
"""

import hashlib
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context
from jinja2.filters import do_xmlattr
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from app.hidden import marked

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
DIGEST_LENGTH = 12

# What page() and fragment() give to every template, so that no `needs` line has to repeat it.
ALWAYS_GIVEN = frozenset({"viewer", "csrf_token", "path"})


@lru_cache(maxsize=512)
def _digest_of(path: Path, _modified_ns: int, _size: int) -> str:
    """The file's content hash; time and size are part of the cache's key, so that an edit is seen."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_LENGTH]


def _digest(path: Path) -> str:
    stat = path.stat()
    return _digest_of(path, stat.st_mtime_ns, stat.st_size)


def static_url(path: str) -> str:
    """The URL of a file below static/, with 12 hexadecimal digits of its content's SHA-256 in it.

    `path` is relative, such as "css/base.css", and may end in a "#fragment" (an icon of the sprite). A file
    that does not exist raises FileNotFoundError, so that a wrong name fails in the first test that draws it.
    """
    name, hash_sign, anchor = path.partition("#")
    return f"/static/{_digest(STATIC / name)}/{name}{hash_sign}{anchor}"


class HashedStaticFiles(StaticFiles):
    """Files at /<digest>/<path>: kept for ever where the digest is the content's, else revalidated.

    An outdated digest still answers with the file, because a page that was opened before an upgrade may
    only now ask for its script.
    """

    def get_path(self, scope: Scope) -> str:
        """The path on disk: what follows the digest."""
        _, _, wanted = super().get_path(scope).partition(os.sep)
        return wanted

    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        """The file or a 304, with the content's hash as its ETag."""
        digest = _digest_of(Path(full_path), stat_result.st_mtime_ns, stat_result.st_size)
        asked_for = super().get_path(scope).partition(os.sep)[0]
        fresh = "public, max-age=31536000, immutable" if asked_for == digest else "no-cache"
        response = FileResponse(full_path, status_code=status_code, stat_result=stat_result)
        response.headers["ETag"] = f'"{digest}"'
        response.headers["Cache-Control"] = fresh
        response.headers["X-Content-Type-Options"] = "nosniff"
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response


# To be mounted at /static. Only public files pass here, so compressing them reveals no secret.
static_files = GZipMiddleware(HashedStaticFiles(directory=STATIC), minimum_size=500)


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("A time without a zone cannot be shown.")
    return value.astimezone(UTC)


def words(count: int) -> str:
    """A count as people read it: 1,284."""
    return f"{count:,}"


def rfc3339(value: datetime) -> str:
    """The time for machines, in UTC: 2026-11-05T12:03:00Z."""
    return _in_utc(value).strftime("%Y-%m-%dT%H:%M:%SZ")


def clock_time(value: datetime) -> str:
    """The hour and minute in UTC: 12:03. local-time.js puts the reader's own hour in its place."""
    return _in_utc(value).strftime("%H:%M")


def day_time(value: datetime) -> str:
    """Day and time in UTC: 5 Nov 2026, 12:03 UTC."""
    at = _in_utc(value)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(value: datetime) -> str:
    """The day in UTC: 5 Nov 2026."""
    at = _in_utc(value)
    return f"{at.day} {at:%b %Y}"


def file_size(size: int) -> str:
    """Bytes as people read them: 812 B, 34 kB, 1.2 MB, 3.5 GB."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} kB"
    if size < 1_000_000_000:
        return f"{size / 1_000_000:.1f} MB"
    return f"{size / 1_000_000_000:.1f} GB"


def _shown(value: object) -> object:
    """What a template prints: hidden characters of a text in words, wherever it stands."""
    return marked(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@pass_eval_context
def _attributes(context: EvalContext, values: Mapping[str, object]) -> str:
    """Jinja's xmlattr, whose values are shown too: a label names a person."""
    return do_xmlattr(context, {name: _shown(value) for name, value in values.items()})


def exact(value: object) -> Markup:
    """A text to the letter, escaped and without marks: for the value of a field, which is sent back."""
    return escape(value)


def create_environment() -> Environment:
    """The one environment: everything is escaped, hidden characters are marked, unknown names are errors."""
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["xmlattr"] = _attributes
    environment.globals["static_url"] = static_url
    for function in (words, rfc3339, clock_time, day_time, day, file_size, exact):
        environment.filters[function.__name__] = function
    return environment


environment = create_environment()


def render(request: Request, template: str, **context: object) -> str:
    """The template's text for this request: `context`, what is always given, the layouts' empty defaults."""
    given: dict[str, object] = {
        "project": None,
        "project_nav": [],
        "notice": getattr(request.state, "notice", ""),
        "viewer": getattr(request.state, "viewer", None),
        "csrf_token": getattr(request.state, "csrf_token", ""),
        "path": request.url.path,
    }
    return environment.get_template(template).render(given | context)


def page(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A whole page. `status` is the answer's, and stands in the template's context too."""
    return _html(render(request, template, status=status, **context), status)


def fragment(request: Request, template: str, *, status: int = 200, **context: object) -> HTMLResponse:
    """A piece of a page, for htmx or a script of ours: the same rendering without a layout."""
    return _html(render(request, template, status=status, **context), status)


def _html(text: str, status: int) -> HTMLResponse:
    """The answer. What was typed may hold halves of characters, which UTF-8 cannot write: shown as "?"."""
    return HTMLResponse(text.encode(errors="replace"), status_code=status)
