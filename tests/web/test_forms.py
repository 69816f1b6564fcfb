"""Forms: a refusal undoes what was begun, and says in plain words what is not right."""

from typing import Literal

import pytest
from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.orm import Session
from starlette.responses import PlainTextResponse, Response

from app.errors import Invalid
from app.web.forms import Form, attempt, validated


class Terms(BaseModel):
    """Fields of several kinds."""

    count: int = Field(ge=1, le=10)
    name: str = Field(min_length=2, max_length=5)
    order: Literal["mdy", "dmy"] = "mdy"


class Change(Form):
    """A form with a password."""

    name: str = ""
    new_password: str = ""


def test_a_refused_act_leaves_no_row(session: Session) -> None:
    def act() -> Response:
        session.execute(text("INSERT INTO sign_in_failures (email_sha256, address) VALUES ('', 'x')"))
        raise Invalid("Not so.", fields={"name": "Too odd."})

    answer = attempt(session, act, redraw=lambda failure: PlainTextResponse(failure.fields["name"], 422))
    assert (answer.status_code, answer.body) == (422, b"Too odd.")
    assert session.scalar(text("SELECT count(*) FROM sign_in_failures")) == 0


def test_fields_that_do_not_fit_have_a_sentence_each() -> None:
    with pytest.raises(Invalid) as caught:
        validated(Terms, {"count": "11", "name": "x", "order": "ymd"})
    assert caught.value.fields == {
        "count": "This may be at most 10.",
        "name": "This must have at least 2 characters.",
        "order": "This must be 'mdy' or 'dmy'.",
    }


def test_what_fits_is_given_as_the_model() -> None:
    assert validated(Terms, {"count": "7", "name": "abc"}).count == 7


def test_a_form_drawn_again_repeats_no_password_and_no_token() -> None:
    form = Change(csrf_token="t", name="Ann", new_password="secret")
    assert form.typed() == {"name": "Ann"}
