"""What routes of every package may ask of a request, whoever sent it."""

from typing import Annotated
from urllib.parse import SplitResult, urlsplit

from fastapi import Depends, Path
from starlette.datastructures import Headers
from starlette.requests import Request

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


def media_type(headers: Headers) -> str:
    """What the body is said to be, without its parameters."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


async def _sent_form_token(request: Request) -> str:
    """The form token that came with a change: in the header, or in the form's own field."""
    if request.method in SAFE_METHODS:
        return ""
    if header := request.headers.get("X-CSRF-Token"):
        return header
    if media_type(request.headers) not in FORM_TYPES:
        return ""
    value = (await request.form()).get("csrf_token", "")
    return value if isinstance(value, str) else ""


def client_address(request: Request) -> str:
    """The address that the request came from, as the trusted proxies tell it."""
    return request.client.host if request.client else ""


def referring_page(request: Request) -> SplitResult | None:
    """The page of this site that the request came from; None for another site's, and where it is not told."""
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # whoever sends "http://[" is no browser
        return None
    return referrer if referrer.netloc == request.url.netloc else None


# An id in a path: what no row can have as its id is a page that does not exist.
RowId = Annotated[int, Path(ge=1, le=2**63 - 1)]
SentFormToken = Annotated[str, Depends(_sent_form_token)]
ClientAddress = Annotated[str, Depends(client_address)]
