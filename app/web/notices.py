"""One sentence that the next page shows: kept in a short-lived cookie, cleared by the page that shows it."""

import base64
import binascii
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.settings import get_settings

SECONDS = 60
MAX_LENGTH = 300


def cookie_name() -> str:
    """Its name: with __Host- under https, so that no other site of the domain can set it."""
    return "__Host-engross-notice" if get_settings().secure_cookies else "engross_notice"


def notice(response: Response, sentence: str) -> Response:
    """Have the next page show `sentence` (at most 300 characters). Gives the response back."""
    value = base64.urlsafe_b64encode(sentence[:MAX_LENGTH].encode()).decode().rstrip("=")
    response.set_cookie(
        cookie_name(),
        value,
        max_age=SECONDS,
        httponly=True,
        samesite="lax",
        secure=get_settings().secure_cookies,
    )
    return response


def _read(headers: Headers) -> str:
    """The sentence that the browser brought along; nothing where it is broken."""
    try:
        morsel = SimpleCookie(headers.get("Cookie", "")).get(cookie_name())
        if morsel is None:
            return ""
        padded = morsel.value + "=" * (-len(morsel.value) % 4)
        return base64.urlsafe_b64decode(padded).decode()[:MAX_LENGTH]
    except (CookieError, binascii.Error, ValueError):
        return ""


class Notices:
    """Gives the sentence to the page that is drawn, as `request.state.notice`, and then clears the cookie."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass through; clear the cookie with the first whole page."""
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        # A fragment has no place for it, and the next whole page still has to find it.
        if "HX-Request" in headers or cookie_name() not in headers.get("Cookie", ""):
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})["notice"] = _read(headers)

        async def clear(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer = MutableHeaders(scope=message)
                is_page = answer.get("Content-Type", "").startswith("text/html")
                if is_page and cookie_name() not in answer.get("Set-Cookie", ""):
                    gone = Response()
                    gone.delete_cookie(
                        cookie_name(), httponly=True, samesite="lax", secure=get_settings().secure_cookies
                    )
                    answer.append("Set-Cookie", gone.headers["Set-Cookie"])
            await send(message)

        await self.app(scope, receive, clear)
