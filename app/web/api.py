"""The JSON API's plumbing: routers, pages of lists, and changes that may be sent twice.

A change with an Idempotency-Key is done once. Its answer is stored in the same transaction as what it did,
and its repetition gets that answer again. Only successes are stored, because a refused call changes nothing
and may well succeed later.
"""

import hashlib
from collections.abc import Callable, Coroutine
from typing import Annotated, Any, BinaryIO, Generic, Protocol, TypeVar

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.errors import Invalid
from app.web.dependencies import FORM_TYPES, SAFE_METHODS, media_type

PREFIX = "/api/v1"
MAX_KEY_LENGTH = 200
KEPT_HEADERS = ("content-type", "location", "link", "etag")
_CHUNK = 1024 * 1024

# For the description: `app.web.reference` adds the schema.
REFUSALS: dict[int | str, dict[str, Any]] = {
    "4XX": {
        "description": "A refusal, with a stable code.",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
}

Item = TypeVar("Item")


class Page(BaseModel, Generic[Item]):
    """One page of a list, and the cursor of the next one where there is one."""

    items: list[Item]
    next: str | None = None


def page_answer(
    response: Response, request: Request, items: list[Item], next_cursor: str | None
) -> Page[Item]:
    """A page, with its `Link` header set on `response`; the link keeps the list's other parameters."""
    if next_cursor is not None:
        url = request.url.include_query_params(cursor=next_cursor)
        response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
    return Page(items=items, next=next_cursor)


class StoredAnswer(Protocol):
    """The row that holds a key's answer until it is swept away."""

    status: int | None
    headers: dict[str, str] | None
    body: bytes | None


class Keeper(Protocol):
    """What the route needs of an idempotency key that this request was the first to send."""

    def keep(self, *, status: int, headers: dict[str, str], body: bytes) -> None:
        """Store the answer in the request's transaction."""

    def forget(self) -> None:
        """Give the key back: what happened was no success."""


class Replay(Exception):
    """This key's request was done before; here is its answer."""

    def __init__(self, stored: StoredAnswer) -> None:
        super().__init__("already done")
        self.stored = stored


class ApiRoute(APIRoute):
    """A route whose changes honour Idempotency-Key.

    The key is claimed by the dependency that knows the caller (`app.accounts.dependencies`), which leaves a
    `Keeper` on `request.state`. FastAPI ends function-scoped dependencies, and with them the transaction,
    after this handler has returned and before the answer is sent: what is stored here is committed together
    with what the route did, or not at all.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, wrapped."""
        handle = super().get_route_handler()

        async def once(request: Request) -> Response:
            try:
                response = await handle(request)
            except Replay as replay:
                return _replayed(replay.stored)
            keeper: Keeper | None = getattr(request.state, "idempotency", None)
            if keeper is not None:
                await run_in_threadpool(_store, keeper, response)
            return response

        return once


def _replayed(stored: StoredAnswer) -> Response:
    headers = {**(stored.headers or {}), "Idempotent-Replayed": "true"}
    return Response(stored.body, status_code=stored.status or 200, headers=headers)


def _store(keeper: Keeper, response: Response) -> None:
    """Keep a success. A stream is not kept: nobody knows yet how it ends."""
    if response.status_code >= 300 or isinstance(response, StreamingResponse):
        keeper.forget()
        return
    headers = {name: value for name, value in response.headers.items() if name in KEPT_HEADERS}
    keeper.keep(status=response.status_code, headers=headers, body=bytes(response.body))


def api_router() -> APIRouter:
    """A router of the API: its prefix, its form of refusals, and routes that honour Idempotency-Key."""
    return APIRouter(prefix=PREFIX, route_class=ApiRoute, responses=REFUSALS)


async def request_digest(request: Request) -> bytes | None:
    """SHA-256 of what a change with an Idempotency-Key asks for; None where there is no key to honour.

    Of a form the parts are hashed and not the bytes, since a client that repeats a multipart request writes
    another boundary. The body was taken in before (`app.web.receiving`). Raises Invalid for a key that is
    empty or too long.
    """
    key = request.headers.get("Idempotency-Key")
    if request.method in SAFE_METHODS or key is None:
        return None
    if not 1 <= len(key) <= MAX_KEY_LENGTH:
        raise Invalid(
            f"An Idempotency-Key has 1 to {MAX_KEY_LENGTH} characters.", code="invalid_idempotency_key"
        )
    digest = hashlib.sha256(f"{request.method} {request.url.path}?{request.url.query}\n".encode())
    if media_type(request.headers) in FORM_TYPES:
        await _hash_form(request, digest)
    elif lines := getattr(request.state, "lines", None):
        await run_in_threadpool(_hash_file, lines, digest)
    else:
        digest.update(await request.body())
    return digest.digest()


def _hash_file(file: BinaryIO, digest: "hashlib._Hash") -> None:
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    file.seek(0)


async def _hash_form(request: Request, digest: "hashlib._Hash") -> None:
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            digest.update(f"file {name!r} {value.filename!r} {value.size}\n".encode())
            while chunk := await value.read(_CHUNK):
                digest.update(chunk)
            await value.seek(0)
        else:
            digest.update(f"field {name!r} {len(value)}\n{value}".encode(errors="surrogatepass"))


RequestDigest = Annotated[bytes | None, Depends(request_digest)]
