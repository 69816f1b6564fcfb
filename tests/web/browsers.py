"""Test clients that behave as a browser on this site does, or as a program with a token."""

import re
from datetime import UTC, datetime

from fastapi import FastAPI
from httpx2 import Response
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from app.accounts import sessions, tokens
from app.accounts.models import User
from app.accounts.secrets import digest, form_token
from app.database import get_engine
from app.settings import get_settings

SITE = "http://127.0.0.1:8000"
_FORM_TOKEN = re.compile(rb"\b[0-9a-f]{128}\b")


def browser(app: FastAPI, user: User | None = None) -> TestClient:
    """A browser on a page of this site, signed in as `user` where one is given; follows no redirect.

    Requests carry the form token in the header, as our scripts do.
    """
    client = TestClient(app, base_url=SITE, follow_redirects=False)
    client.headers.update({"Origin": SITE, "Sec-Fetch-Site": "same-origin"})
    if user is not None:
        with Session(get_engine()) as session, session.begin():
            token = sessions.start(session, user=user, user_agent="test", days=1, at=datetime.now(UTC))
        client.cookies.set(sessions.cookie_name(get_settings()), token)
        client.headers["X-CSRF-Token"] = form_token(digest(token), key=app.state.signing_key)
    return client


def program(app: FastAPI, user: User, *scopes: str) -> TestClient:
    """A client of the JSON API with a token of `user`, of all scopes where none is named."""
    with Session(get_engine(), expire_on_commit=False) as session, session.begin():
        _, word = tokens.create(
            session, user=user, name="test", scopes=scopes, days=1, actor=user, at=datetime.now(UTC)
        )
    client = TestClient(app, base_url=SITE)
    client.headers["Authorization"] = f"Bearer {word}"
    return client


def body_of(answer: Response) -> bytes:
    """The answer's body, without the form token, which is under another mask on each page."""
    return _FORM_TOKEN.sub(b"<token>", answer.content)
