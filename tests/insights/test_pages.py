"""The page and its CSVs: drawings that are told in words too, tables that no spreadsheet obeys."""

import csv
import io
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from lxml import etree, html
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.insights.tables import Name, Table, as_csv
from app.samples.workflow import Action
from tests.factories import Factory
from tests.insights.conftest import MONDAY, History
from tests.insights.test_numbers import HOUR, work
from tests.web.browsers import browser, program

RANGE = {"since": "2026-01-05", "until": "2026-01-18", "by": "week"}


@pytest.fixture
def committed(live_database: Engine) -> Iterator[History]:
    with Session(live_database, expire_on_commit=False) as session:
        make = Factory(session)
        project = make.project()
        history = History(make, project, make.annotator(project), make.reviewer(project), make.lead(project))
        work(history)
        history.annotator.name = "=1+1"
        session.commit()
        yield history


def path(history: History, rest: str = "") -> str:
    return f"/projects/{history.project.slug}/insights{rest}"


def get(app: FastAPI, history: History, user: User, rest: str = "") -> str:
    answer = browser(app, user).get(path(history, rest), params=RANGE)
    assert answer.status_code == 200
    return answer.text


def test_each_drawing_is_well_formed_and_told_in_words_and_has_its_table_and_csv(
    application: FastAPI, committed: History
) -> None:
    page = get(application, committed, committed.lead)
    drawings = html.fromstring(page).xpath("//svg[@role='img']")
    assert len(drawings) == 4
    for drawing in drawings:
        etree.fromstring(etree.tostring(drawing))
        title, description = drawing.get("aria-labelledby").split()
        assert drawing.xpath(f".//title[@id='{title}']")[0].text
        assert "From " in drawing.xpath(f".//desc[@id='{description}']")[0].text
    for name in Name:
        assert f"/insights/{name}.csv?since=2026-01-05" in page
    assert " style=" not in page


def test_every_table_is_a_csv_that_no_spreadsheet_takes_for_formulas(
    application: FastAPI, committed: History
) -> None:
    for name in Name:
        rows = list(csv.reader(io.StringIO(get(application, committed, committed.lead, f"/{name}.csv"))))
        assert len(rows) > 1
        assert {len(row) for row in rows} == {len(rows[0])}
    assert "'=1+1" in get(application, committed, committed.lead, "/writers.csv")
    for sign in ("=", "+", "-", "@", "\t", "\r"):
        assert list(csv.reader(io.StringIO(as_csv(Table(("name",), [(f"{sign}A1",)])), newline="")))[1] == [
            f"'{sign}A1"
        ]


def test_a_table_that_is_none_does_not_exist(application: FastAPI, committed: History) -> None:
    assert browser(application, committed.lead).get(path(committed, "/people.csv")).status_code == 404


def test_no_page_or_csv_names_anybody_to_those_who_see_totals(
    application: FastAPI, committed: History
) -> None:
    make = committed.make
    engineer, colleague = make.engineer(committed.project), make.annotator(committed.project)
    make.session.commit()
    for user in (engineer, colleague):
        for rest in ("", *(f"/{name}.csv" for name in Name)):
            said = get(application, committed, user, rest)
            assert committed.annotator.email not in said
            assert committed.reviewer.name not in said
            assert "See 7.2." not in said


def test_the_api_gives_the_numbers_and_refuses_a_range_with_its_code(
    application: FastAPI, committed: History
) -> None:
    client = program(application, committed.lead)
    found = client.get(f"/api/v1{path(committed)}", params=RANGE).json()
    assert [each["approved"] for each in found["progress"]] == [1, 0]
    assert found["words"]["count"] == 1
    refused = client.get(f"/api/v1{path(committed)}", params={"by": "year"})
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_range")


def test_a_new_project_s_page_says_what_will_be_there(application: FastAPI, committed: History) -> None:
    make = committed.make
    lead = make.lead(project := make.project())
    make.session.commit()
    answer = browser(application, lead).get(f"/projects/{project.slug}/insights")
    assert "Nothing to count yet" in answer.text


def test_a_reason_and_a_title_are_text_and_no_markup(application: FastAPI, committed: History) -> None:
    sample = committed.begin(MONDAY)
    committed.submit(sample, MONDAY + HOUR)
    committed.decide(sample, Action.REJECT, MONDAY + 2 * HOUR, comment="<script>alert(1)</script>")
    committed.make.session.commit()
    page = get(application, committed, committed.lead)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
