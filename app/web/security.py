"""What every request has to pass and every answer carries: pure ASGI, so that streams stay streams.

Changes from other sites are refused twice over. `SameOrigin` asks the browser (Sec-Fetch-Site, Origin) and
needs no session, which is why it alone protects the sign-in form: a signed-out browser has no form token.
For everybody who is signed in, `app.accounts.dependencies` also checks the session's form token.
The JSON API takes no cookies, so nothing there can be forged.
"""

import re
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import LOOPBACK_HOSTS, Settings
from app.web.dependencies import SAFE_METHODS, media_type
from app.web.errors import API, Problem, answer
from app.web.receiving import JSONL_TYPES

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Pages and answers hold contracts. What may be kept, static files and releases, says so itself.
    "Cache-Control": "no-store",
}
ONE_YEAR = 31_536_000
# Probes call by the machine's address and name no site.
PROBES = frozenset({"/healthz", "/readyz"})
# Whoever has neither a session nor a token has nothing long to say: sign-in forms and no uploads.
ANONYMOUS_BYTES = 1024 * 1024
# Files and lists of contracts go to the disk while they arrive. Every other body is held in memory as a
# whole, even before it is known whether the token is good.
TO_DISK = frozenset({"multipart/form-data", *JSONL_TYPES})
TAKES_FILES = "/imports"
IN_MEMORY_MEGABYTES = 16

_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:.]+\]|[^:\[\]/@\s]+)(?::[0-9]{1,5})?")


class SecurityHeaders:
    """Adds the headers above to every answer; one that an answer sets itself stays."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self.app = app
        self.headers = dict(HEADERS)
        if https:
            self.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, adding headers."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class KnownHost:
    """Refuses requests for another host than BASE_URL's or loopback, and paths that no page can have.

    Without it a page of another site could, by pointing its own name here (DNS rebinding), read answers.
    """

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        self.hosts = {urlsplit(base_url).hostname or "", *LOOPBACK_HOSTS}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, or answer 400 or 404."""
        if scope["type"] == "http":
            problem = self._problem(scope)
            if problem is not None:
                # The answer must not depend on the path, which may be the very thing that is odd.
                await answer(Request(scope), problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> Problem | None:
        if "\x00" in scope["path"]:
            return Problem(404, "not_found", "There is no such page.")
        if scope["path"] in PROBES:
            return None
        hosts = Headers(scope=scope).getlist("Host")
        found = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if found and found["name"].strip("[]").lower() in self.hosts:
            return None
        return Problem(
            400, "unknown_host", "This server does not answer to that name; see the setting BASE_URL."
        )


class SameOrigin:
    """Refuses changes that a page of another site asks for.

    Browsers say where a request comes from in Sec-Fetch-Site (over https and on loopback) and in Origin. What
    is there must name this site, and one of the two must be there.
    """

    def __init__(self, app: ASGIApp, *, base_url: str) -> None:
        self.app = app
        parts = urlsplit(base_url)
        self.origin = f"{parts.scheme}://{parts.netloc}".lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, or answer 403."""
        if (
            scope["type"] == "http"
            and scope["method"] not in SAFE_METHODS
            and not scope["path"].startswith(API)
            and not self._is_ours(scope)
        ):
            detail = "This request did not come from a page of this site."
            refused = Problem(403, "cross_site", detail)
            await answer(Request(scope), refused)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_ours(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        site, origin = headers.get("Sec-Fetch-Site"), headers.get("Origin")
        if site is None and origin is None:
            return False
        if site is not None and site not in {"same-origin", "none"}:
            return False
        # KnownHost has checked the Host header, so the origin that it names is one of ours.
        own = {self.origin, f"{scope['scheme']}://{headers.get('Host', '')}".lower()}
        return origin is None or origin.lower() in own


class BodyLimit:
    """Ends requests that are too large while they arrive, whatever length they claim to have."""

    def __init__(self, app: ASGIApp, *, settings: Settings) -> None:
        self.app = app
        self.megabytes = settings.engross_request_mb

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through, counting; answer 413 as soon as it is known to be too much."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit, sentence = self._limit(scope["path"], headers)
        claimed = headers.get("Content-Length", "0")
        if claimed.isdecimal() and int(claimed[:20]) > limit:
            problem = Problem(413, "content_too_large", sentence)
            await answer(Request(scope), problem)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > limit:
                    # FastAPI turns any other exception that meets it while reading a body into a 400.
                    raise HTTPException(413, sentence)
            return message

        await self.app(scope, counted, send)

    def _limit(self, path: str, headers: Headers) -> tuple[int, str]:
        """The most bytes that this body may have, and the sentence for one that has more."""
        if "Authorization" not in headers and "Cookie" not in headers:
            return ANONYMOUS_BYTES, "Without being signed in, one request may have at most 1 MB."
        to_disk = media_type(headers) in TO_DISK and path.endswith(TAKES_FILES)
        if to_disk or self.megabytes <= IN_MEMORY_MEGABYTES:
            sentence = f"One request may have at most {self.megabytes} MB (ENGROSS_REQUEST_MB)."
            return self.megabytes * 1024 * 1024, sentence
        sentence = f"One request that brings no files may have at most {IN_MEMORY_MEGABYTES} MB."
        return IN_MEMORY_MEGABYTES * 1024 * 1024, sentence
