"""Files and lines become documents with tasks, each once, whatever is wrong with their neighbours."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, undefer

from app import clock, logs
from app.accounts.models import User
from app.audit.models import Event
from app.documents.models import Document, DocumentText
from app.documents.storage import originals
from app.errors import Invalid, NotAllowed
from app.imports import processing, queries, taking
from app.imports.jobs import resume
from app.imports.models import Import, ImportFile
from app.imports.processing import MOST_STARTS, Interrupted, lock_name, process
from app.imports.service import IncomingFile, start_import
from app.jobs import locks
from app.projects.models import Project
from app.settings import get_settings
from app.tasks import making
from app.tasks.making import ToPut
from app.tasks.models import Task
from tests.factories import CONTRACT, NOON, Factory
from tests.imports.conftest import stored

# Open data that is not part of the repository: CUAD's contracts, one a line.
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "contracts" / "contracts.jsonl"


def begin(session: Session, project: Project, lead: User, *files: IncomingFile) -> int:
    started = start_import(session, project=project, files=files, actor=lead, at=NOON)
    session.commit()
    return started.id


def report(session: Session, import_id: int) -> list[tuple[str, str]]:
    session.expire_all()
    return [(file.name, file.status) for file in queries.list_files(session, import_id)]


@pytest.fixture
def project(make_live: Factory) -> Project:
    return make_live.project()


@pytest.fixture
def lead(make_live: Factory, project: Project) -> User:
    return make_live.lead(project)


def test_a_text_file_becomes_a_document_with_its_text_file_and_task(
    live: Session, project: Project, lead: User
) -> None:
    import_id = begin(live, project, lead, stored("Services Agreement.txt", CONTRACT))
    assert process(import_id, now=clock.now)

    document = live.scalars(select(Document)).one()
    words = live.scalars(select(DocumentText).options(undefer(DocumentText.text))).one()
    task = live.scalars(select(Task)).one()
    assert (document.title, document.created_by_id) == ("Services Agreement", lead.id)
    assert words.text == CONTRACT
    assert words.character_count == len(CONTRACT)
    assert [(file.name, file.media_type) for file in document.files] == [
        ("Services Agreement.txt", "text/plain")
    ]
    assert (task.document_id, task.text_id) == (document.id, words.id)
    assert live.get_one(Import, import_id, populate_existing=True).status == "done"
    verbs = live.scalars(select(Event.verb).order_by(Event.id)).all()
    assert verbs == ["import.start", "document.import", "import.finish"]


def test_each_line_of_a_jsonl_file_is_taken_in_or_refused_for_itself(
    live: Session, project: Project, lead: User
) -> None:
    lines = [
        json.dumps(
            {"title": "First", "text": "One contract.", "client": "Acme", "rights_expire_on": "2027-12-31"}
        ),
        "",
        '{"title": "Unclosed", "text": "Two',
        '{"title": "No text"}',
        '{"text": "a", "text": "b"}',
        '{"text": "a \\ud800 half"}',
        '{"text": "a \\u0000 nul"}',
        '{"text": "Three contracts.", "client": 7}',
        '["no", "object"]',
        '{"text": "Another contract.", "rights_expire_on": "soon"}',
        "   ",
        '{"text": "   "}',
        json.dumps({"text": "Last contract.", "anything": {"else": 1}}),
    ]
    import_id = begin(live, project, lead, stored("all.jsonl", "\n".join(lines)))
    assert process(import_id, now=clock.now)

    rows = queries.list_files(live, import_id)
    assert [row.name for row in rows if row.status == "created"] == ["all.jsonl:1", "all.jsonl:13"]
    reasons = {row.line: row.reason for row in rows if row.status == "failed"}
    assert set(reasons) == {3, 4, 5, 6, 7, 8, 9, 10, 12}
    assert "not complete JSON" in reasons[3]
    assert "“text”" in reasons[4]
    assert "twice" in reasons[5]
    assert "“client”" in reasons[8]
    first = live.scalars(select(Document).order_by(Document.id)).first()
    assert first is not None
    assert (first.title, first.client, str(first.rights_expire_on)) == ("First", "Acme", "2027-12-31")
    counts = queries.count_files(live, [import_id])[import_id]
    assert (counts.total, counts.done, counts.created, counts.failed) == (11, 11, 2, 9)


def test_the_same_text_again_is_a_duplicate_that_names_the_document(
    live: Session, project: Project, lead: User
) -> None:
    import_id = begin(
        live, project, lead, stored("a.txt", CONTRACT), stored("b.txt", CONTRACT.replace("\n", "\r\n"))
    )
    process(import_id, now=clock.now)
    document = live.scalars(select(Document)).one()
    second = queries.list_files(live, import_id)[1]
    assert (second.status, second.document_id) == ("duplicate", document.id)
    assert second.reason == f"The same text is here already: document {document.id}, “{document.title}”."
    assert live.scalar(select(func.count()).select_from(Task)) == 1


def test_the_same_text_in_another_project_is_no_duplicate(
    live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    other = make_live.project()
    make_live.document(other, text=CONTRACT, title="Secret matter")
    import_id = begin(live, project, lead, stored("a.txt", CONTRACT))
    process(import_id, now=clock.now)
    assert report(live, import_id) == [("a.txt", "created")]


def test_an_import_in_which_every_file_fails_has_failed(live: Session, project: Project, lead: User) -> None:
    import_id = begin(
        live, project, lead, stored("empty.txt", b""), stored("old.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    )
    process(import_id, now=clock.now)
    assert report(live, import_id) == [("empty.txt", "failed"), ("old.doc", "failed")]
    assert all(row.reason.endswith(".") for row in queries.list_files(live, import_id))
    assert live.get_one(Import, import_id, populate_existing=True).status == "failed"


def test_two_processors_at_once_take_each_file_in_once(live: Session, project: Project, lead: User) -> None:
    files = [stored(f"{number}.txt", f"Contract number {number}.") for number in range(6)]
    import_id = begin(live, project, lead, *files)
    with ThreadPoolExecutor(2) as pool:
        held = list(pool.map(lambda _: process(import_id, now=clock.now), range(2)))
    assert True in held
    assert [status for _, status in report(live, import_id)] == ["created"] * 6
    assert live.scalar(select(func.count()).select_from(Document)) == 6
    assert live.scalar(select(func.count()).select_from(Event).where(Event.verb == "import.finish")) == 1


def test_two_imports_of_the_same_files_at_once_add_each_text_once(
    live: Session, project: Project, lead: User
) -> None:
    lines = "\n".join(json.dumps({"text": f"Contract number {number}."}) for number in range(20))
    imports = [begin(live, project, lead, stored(f"{name}.jsonl", lines)) for name in "ab"]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda import_id: process(import_id, now=clock.now), imports))
    counts = queries.count_files(live, imports)
    assert sum(count.created for count in counts.values()) == 20
    assert sum(count.duplicate for count in counts.values()) == 20
    assert live.scalar(select(func.count()).select_from(Document)) == 20


def test_an_interrupted_import_goes_on_where_it_stopped(
    live: Session, project: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processing, "ROWS_TOGETHER", 1)
    lines = "\n".join(json.dumps({"text": f"Contract number {number}."}) for number in range(5))
    import_id = begin(live, project, lead, stored("a.txt", CONTRACT), stored("b.jsonl", lines))
    asked = iter([False, False, False, False, True])
    with pytest.raises(Interrupted):
        process(import_id, now=clock.now, should_stop=lambda: next(asked))
    assert queries.count_files(live, [import_id])[import_id].queued == 3
    assert process(import_id, now=clock.now)
    counts = queries.count_files(live, [import_id])[import_id]
    assert (counts.queued, counts.created, counts.duplicate) == (0, 6, 0)


def test_a_row_that_fails_keeps_none_of_those_that_are_taken_in_with_it(
    live: Session, project: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def make_tasks(session: Session, wanted: list[ToPut], **other: object) -> object:
        if any(each.document.title == "Contract 2" for each in wanted):
            raise ValueError("a fault of ours")
        return making.make_tasks(session, wanted, **other)

    monkeypatch.setattr(taking, "make_tasks", make_tasks)
    rows = [{"title": f"Contract {number}", "text": f"Contract number {number}."} for number in range(4)]
    import_id = begin(live, project, lead, stored("a.jsonl", "\n".join(map(json.dumps, rows))))
    assert process(import_id, now=clock.now)
    outcomes = [status for name, status in report(live, import_id) if name != "a.jsonl"]
    assert outcomes == ["created", "created", "failed", "created"]
    assert live.scalar(select(func.count()).select_from(Task)) == 3


def test_metadata_of_a_csv_goes_to_the_files_that_it_names(
    live: Session, project: Project, lead: User
) -> None:
    sheet = "file,title,client,rights_expire_on\na.txt,The lease,Acme,2027-01-31\n"
    import_id = begin(live, project, lead, stored("a.txt", CONTRACT), stored("Metadata.csv", sheet))
    process(import_id, now=clock.now)
    document = live.scalars(select(Document)).one()
    assert (document.title, document.client, str(document.rights_expire_on)) == (
        "The lease",
        "Acme",
        "2027-01-31",
    )
    assert report(live, import_id) == [("a.txt", "created")]


def test_a_csv_that_names_a_file_which_is_not_there_takes_nothing_in(
    live: Session, project: Project, lead: User
) -> None:
    import_id = begin(
        live, project, lead, stored("a.txt", CONTRACT), stored("metadata.csv", "file,client\nb.txt,Acme\n")
    )
    process(import_id, now=clock.now)
    failed = live.get_one(Import, import_id, populate_existing=True)
    assert failed.status == "failed"
    assert failed.reason == "metadata.csv, line 2: no file of this import is called “b.txt”."
    assert live.scalar(select(func.count()).select_from(Document)) == 0


def test_nobody_but_a_lead_imports(live: Session, make_live: Factory, project: Project) -> None:
    for person in (make_live.annotator(project), make_live.reviewer(project), make_live.engineer(project)):
        with pytest.raises(NotAllowed):
            start_import(live, project=project, files=[stored("a.txt", CONTRACT)], actor=person, at=NOON)
    assert live.scalar(select(func.count()).select_from(Import)) == 0


def test_an_import_of_nothing_is_refused(live: Session, project: Project, lead: User) -> None:
    with pytest.raises(Invalid, match="at least one file"):
        start_import(live, project=project, files=[], actor=lead, at=NOON)


def test_names_are_shown_without_folders_controls_and_direction_tricks(
    live: Session, project: Project, lead: User
) -> None:
    names = [
        "../../etc/passwd",
        "C:\\x\\lease\r\n.txt",
        "evil\u202etxt.exe",
        "合同" * 300 + ".pdf",
        "\0",
        "..",
    ]
    started = start_import(
        live, project=project, files=[IncomingFile(name, "0" * 64, 1) for name in names], actor=lead, at=NOON
    )
    shown = [file.name for file in live.scalars(select(ImportFile).where(ImportFile.import_id == started.id))]
    assert shown[:3] == ["passwd", "lease .txt", "eviltxt.exe"]
    assert len(shown[3]) == 300
    assert shown[3].endswith("….pdf")
    assert shown[4:] == ["unnamed", "unnamed"]


@pytest.mark.skipif(not SHARED.exists(), reason="the open contracts are not on this machine")
def test_twenty_filed_contracts_are_taken_in_from_one_file(
    live: Session, project: Project, lead: User
) -> None:
    with SHARED.open("rb") as file:
        head = b"".join(next(file) for _ in range(20))
    import_id = begin(live, project, lead, stored("contracts.jsonl", head))
    process(import_id, now=clock.now)
    counts = queries.count_files(live, [import_id])[import_id]
    assert (counts.created, counts.failed) == (20, 0)
    first = live.scalars(select(Document).order_by(Document.id)).first()
    assert first is not None
    assert first.contract_type == "Co-Branding"
    words = live.scalars(
        select(DocumentText).options(undefer(DocumentText.text)).where(DocumentText.document_id == first.id)
    ).one()
    assert words.text == json.loads(head.splitlines()[0])["text"]


def test_only_imports_that_nobody_works_on_are_queued_again(
    live: Session, project: Project, lead: User
) -> None:
    files = [stored("a.txt", CONTRACT)]
    at_work, left, finished = (begin(live, project, lead, *files) for _ in range(3))
    process(finished, now=clock.now)
    live.execute(text("DELETE FROM procrastinate_jobs"))
    live.commit()
    with locks.try_only_one(lock_name(at_work)):
        resume(0)
        resume(1)
    queued = live.scalars(text("SELECT (args ->> 'import_id')::int FROM procrastinate_jobs")).all()
    assert queued == [left]


def test_a_fault_of_ours_fails_one_file_and_says_no_word_of_it_in_the_log(
    live: Session,
    project: Project,
    lead: User,
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(get_settings())  # to where this test listens
    live.execute(text("ALTER TABLE documents ADD CONSTRAINT broken CHECK (title <> 'Hidden words.')"))
    live.commit()
    import_id = begin(live, project, lead, stored("merger.txt", "Hidden words."), stored("b.txt", CONTRACT))
    process(import_id, now=clock.now)
    assert [status for _, status in report(live, import_id)] == ["failed", "created"]
    logged = capsys.readouterr()
    assert "import_file_failed" in logged.out + logged.err
    assert "idden" not in logged.out + logged.err


def test_an_import_whose_bytes_were_lost_ends_and_says_so(
    live: Session, project: Project, lead: User
) -> None:
    lines = stored("a.jsonl", '{"text": "One contract."}\n{"text": "Two contracts."}\n')
    import_id = begin(live, project, lead, lines, stored("b.txt", CONTRACT))
    asked = iter([False, False, True])
    with pytest.raises(Interrupted):
        process(import_id, now=clock.now, should_stop=lambda: next(asked))
    originals().path(lines.sha256).unlink()
    process(import_id, now=clock.now)
    assert [status for _, status in report(live, import_id)] == ["created", "failed", "failed"]
    ended = live.get_one(Import, import_id, populate_existing=True)
    assert (ended.status, ended.reason) == ("done", "A file is no longer in storage. Import it again.")


def test_an_import_of_nothing_but_metadata_fails_with_a_reason(
    live: Session, project: Project, lead: User
) -> None:
    import_id = begin(live, project, lead, stored("metadata.csv", "file,client\n"))
    process(import_id, now=clock.now)
    ended = live.get_one(Import, import_id, populate_existing=True)
    assert (ended.status, ended.reason) == ("failed", "This import holds no contract, only metadata.csv.")


def test_an_import_that_kills_its_worker_every_time_is_given_up(
    live: Session, project: Project, lead: User
) -> None:
    import_id = begin(live, project, lead, stored("lease.txt", CONTRACT))
    live.get_one(Import, import_id).start_count = MOST_STARTS
    live.commit()
    assert process(import_id, now=clock.now)
    live.expire_all()
    given_up = live.get_one(Import, import_id)
    assert (given_up.status, live.scalar(select(func.count()).select_from(Document))) == ("failed", 0)
    assert "again and again" in given_up.reason


def test_a_file_of_too_many_lines_is_refused_with_the_limit(
    live: Session, project: Project, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENGROSS_IMPORT_LINES", "2")
    get_settings.cache_clear()
    lines = "".join(json.dumps({"title": f"T{n}", "text": f"{CONTRACT} {n}"}) + "\n" for n in range(3))
    import_id = begin(live, project, lead, stored("all.jsonl", lines))
    process(import_id, now=clock.now)
    ((name, status),) = report(live, import_id)
    assert (name, status) == ("all.jsonl", "failed")
