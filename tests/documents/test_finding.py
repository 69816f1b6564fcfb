"""Likely places, found in the background: what is behind is caught up, what holds is kept, nothing twice."""

import hashlib
import json
import subprocess
from collections.abc import Sequence
from typing import NoReturn

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from app import database, logs
from app.documents import finder, finding, queries
from app.documents.finder import Clauses, Texts
from app.documents.models import Document, DocumentText, TextPassages
from app.jobs import locks
from app.projects import clauses, library
from app.projects.clause_set import ClauseSpec
from app.projects.models import Project
from app.reviews import desk
from app.samples.content import Content
from tests.conftest import PROGRAMS_BROKEN
from tests.factories import NOON, Factory
from tests.statements import recorded_statements

TERM = ClauseSpec("term", "Term", phrase_cues=("three (3) years",))
LAW = ClauseSpec("law", "Law", phrase_cues=("english law",))
ABSENT = ClauseSpec("assignment", "Assignment", phrase_cues=("assign",))


def stored(session: Session, document: Document) -> TextPassages:
    return session.get_one(TextPassages, document.texts[0].id, populate_existing=True)


def set_clauses(session: Session, make: Factory, project: Project, *specs: ClauseSpec) -> dict[str, int]:
    """The ids of the clause rows, by key."""
    lead = make.lead(project)
    clauses.set_clauses(session, slug=project.slug, specs=specs, actor=lead, at=NOON)
    return {clause.key: clause.id for clause in project.clauses}


def behind(session: Session) -> Sequence[int]:
    """The projects that have a text that is behind."""
    return session.scalars(queries.projects_behind(finder.VERSION)).all()


def is_queued(session: Session) -> bool:
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = :name AND status = 'todo'"
    return bool(session.scalar(text(waiting), {"name": finding.TASK}))


def test_a_text_has_its_row_from_the_beginning_and_counts_as_behind(session: Session, make: Factory) -> None:
    project = make.project()
    row = stored(session, make.document(project))
    assert (row.project_id, row.finder_version, row.clause_set_version, row.found) == (project.id, 0, 0, {})
    assert project.id in behind(session)


def test_what_is_found_is_the_passage_with_its_score_and_its_reasons(session: Session, make: Factory) -> None:
    project = make.project()
    document = make.document(project)
    ids = set_clauses(session, make, project, TERM, ABSENT)
    assert finding.find_some(session, project.id) == 1
    found = queries.find_passages(session, document.texts[0].id)
    assert found[ids["assignment"]] == []
    (passage,) = found[ids["term"]]
    assert (passage.anchor, passage.is_likely, passage.reasons) == ("b2", True, ("three (3) years",))
    assert "three (3) years" in document_text(session, document)[passage.start : passage.end]


def document_text(session: Session, document: Document) -> str:
    return queries.get_text(session, document.id).text


def test_nothing_is_behind_once_it_was_found(session: Session, make: Factory) -> None:
    project = make.project()
    make.document(project)
    finding.find_some(session, project.id)
    assert project.id not in behind(session)
    assert finding.find_some(session, project.id) == 0


def test_clauses_that_change_queue_the_job_and_only_they_are_looked_for(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    document = make.document(project)
    before = set_clauses(session, make, project, TERM, ABSENT)
    finding.find_some(session, project.id)
    session.execute(text("DELETE FROM procrastinate_jobs"))
    after = set_clauses(session, make, project, LAW, TERM)
    assert is_queued(session)
    asked: list[str] = []
    find_apart = finder.find_apart

    def noted(wanted: Clauses, texts: Texts) -> object:
        asked.extend(key for key, *_ in wanted)
        return find_apart(wanted, texts)

    monkeypatch.setattr(finder, "find_apart", noted)
    finding.find_some(session, project.id)
    assert asked == ["law"]
    assert after["term"] == before["term"]
    assert set(stored(session, document).found) == {str(id_) for id_ in after.values()}


def test_while_clauses_change_what_holds_is_shown_and_the_rest_is_searched_for_by_name(
    session: Session, make: Factory
) -> None:
    project = make.project()
    set_clauses(session, make, project, TERM)
    sample = make.sample(project)
    finding.find_some(session, project.id)
    set_clauses(session, make, project, LAW, TERM)
    session.expire_all()
    law, term = states(session, sample)
    assert (law["passages"], law["best"]) == ([], None)
    assert [place["anchor"] for place in term["passages"]] == ["b2"]


def states(session: Session, sample: object) -> list[dict[str, object]]:
    shown = desk.desk_context(session, sample, sample.annotator, Content(""))
    return list(shown["clauses"])


def test_a_newer_finder_looks_for_everything_again_and_an_older_one_for_nothing(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    row = stored(session, make.document(project))
    finding.find_some(session, project.id)
    row.found = {clause: [] for clause in row.found}
    session.flush()
    monkeypatch.setattr(finder, "VERSION", finder.VERSION + 1)
    assert finding.find_some(session, project.id) == 1
    session.refresh(row)
    assert any(row.found.values())
    monkeypatch.setattr(finder, "VERSION", finder.VERSION - 1)
    assert finding.find_some(session, project.id) == 0


def test_a_text_that_the_finder_breaks_at_is_passed_over_and_the_next_one_is_found(
    session: Session, make: Factory
) -> None:
    project = make.project()
    broken = Document(project_id=project.id, title="Broken", text_sha256=b"broken")
    broken.texts = [
        DocumentText(
            extractor="plain",
            extractor_version="1",
            sha256=b"broken",
            character_count=1,
            word_count=1,
            text="x",
            blocks=[["nonsense"]],
        )
    ]
    session.add(broken)
    session.flush()
    whole = make.document(project)
    assert finding.find_some(session, project.id) == 2
    assert stored(session, broken).found == {}
    assert not is_read(session, broken)
    assert set(stored(session, whole).found) == {str(clause.id) for clause in project.clauses}
    assert is_read(session, whole)
    assert finding.find_some(session, project.id) == 0


def is_read(session: Session, document: Document) -> bool:
    return queries.get_checked_contract(session, document.texts[0].id)[0].is_read


def test_a_contract_at_which_the_reader_breaks_is_no_error_before_the_finder_came_either(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(text: str, _blocks: object) -> NoReturn:
        raise ZeroDivisionError(text)

    document = make.document(make.project())
    monkeypatch.setattr(queries, "read_contract", break_down)
    with pytest.raises(ZeroDivisionError):
        is_read(session, document)
    monkeypatch.setattr(logs, "broken", PROGRAMS_BROKEN)
    with capture_logs() as lines:
        assert not is_read(session, document)
    assert [line["event"] for line in lines] == ["contract_not_read"]


def test_a_text_that_ends_the_finder_keeps_no_other_out(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    deadly, whole = make.document(project), make.document(project)
    words = document_text(session, deadly)
    find_apart = finder.find_apart

    def dying(wanted: Clauses, texts: Texts) -> object:
        if any(each == words for each, _ in texts):
            raise subprocess.CalledProcessError(-9, "finder")
        return find_apart(wanted, texts)

    monkeypatch.setattr(finder, "find_apart", dying)
    assert finding.find_some(session, project.id) == 2
    assert stored(session, deadly).found == {}
    assert set(stored(session, whole).found) == {str(clause.id) for clause in project.clauses}
    assert finding.find_some(session, project.id) == 0


def test_a_turn_takes_so_many_texts_as_memory_allows_but_at_least_one(
    session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make.project()
    for _ in range(3):
        make.document(project)
    monkeypatch.setattr(finding, "CHARACTERS_TOGETHER", 1)
    assert [finding.find_some(session, project.id) for _ in range(4)] == [1, 1, 1, 0]


def test_a_turn_costs_the_same_statements_for_any_number_of_texts(session: Session, make: Factory) -> None:
    costs = []
    for count in (1, 5):
        project = make.project()
        for _ in range(count):
            make.document(project)
        with recorded_statements(session) as statements:
            finding.find_some(session, project.id)
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 6


def test_the_desk_reads_all_places_in_one_statement(session: Session, make: Factory) -> None:
    sample = make.sample(make.project())
    finding.find_some(session, sample.project_id)
    with recorded_statements(session) as statements:
        desk.desk_context(session, sample, sample.annotator, Content(""))
    assert sum("passages" in statement for statement in statements) == 1


def test_every_project_is_caught_up_and_a_stop_ends_it_between_two_turns(live_database: Engine) -> None:
    with database.transaction() as session:
        make = Factory(session)
        for project in (make.project(), make.project()):
            make.document(project)
    finding.catch_up(should_stop=iter([False, True]).__next__)
    assert count_behind(live_database) == 1
    finding.catch_up()
    assert count_behind(live_database) == 0


def test_nothing_is_done_where_another_process_is_at_it(live_database: Engine) -> None:
    with database.transaction() as session:
        make = Factory(session)
        make.document(make.project())
    with locks.try_only_one(finding.TASK):
        finding.catch_up()
    assert count_behind(live_database) == 1


def count_behind(engine: Engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).where(TextPassages.finder_version == 0)) or 0


@pytest.fixture
def many(session: Session, make: Factory) -> Project:
    """A project with twenty thousand texts, none of which is behind."""
    project = make.project()
    session.execute(
        text(
            "WITH added AS (INSERT INTO documents (project_id, title, text_sha256)"
            " SELECT :project, 'Contract', sha256(n::text::bytea) FROM generate_series(1, 20000) n"
            " RETURNING id)"
            " INSERT INTO document_texts (document_id, extractor, extractor_version, sha256, character_count,"
            " word_count, text, blocks) SELECT id, 'plain', '1', '', 1, 1, 'x', '[]' FROM added"
        ),
        {"project": project.id},
    )
    session.execute(
        text("UPDATE passages SET finder_version = :version, clause_set_version = 1"),
        {"version": finder.VERSION},
    )
    session.execute(text("ANALYZE passages"))
    return project


def test_that_nothing_is_behind_is_known_by_an_index(session: Session, many: Project) -> None:
    sql = queries.projects_behind(finder.VERSION).compile(
        session.connection(), compile_kwargs={"literal_binds": True}
    )
    plan = json.dumps(session.scalar(text(f"EXPLAIN (FORMAT JSON) {sql}")))
    assert '"Index Name": "ix_passages_behind"' in plan
    assert "ROW(finder_version, clause_set_version) < ROW(" in plan.replace("passages.", "")
    assert many.id not in behind(session)


def test_what_passages_rank_by_does_not_change_without_a_new_version() -> None:
    weights = (library.HERE / "weights.toml").read_bytes()
    assert (finder.VERSION, hashlib.sha256(weights).hexdigest()[:16]) == (3, "f3c1384302c6c5ae")
