"""Zips: each entry a row of the report, within limits, all at once, and never again after a kill."""

import io
import json
import re
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.documents.models import Document
from app.documents.storage import originals
from app.imports import archives, expanding, queries
from app.imports.models import Import, ImportFile
from app.imports.processing import Interrupted, process
from app.imports.service import IncomingFile, start_import
from app.projects.models import Project
from app.settings import get_settings
from app.tasks.models import Task
from tests.documents.extraction.builders import docx, paragraph, zipped
from tests.factories import CONTRACT, NOON, Factory
from tests.imports.conftest import stored

Bring = Callable[..., int]


@pytest.fixture
def project(make_live: Factory) -> Project:
    return make_live.project()


@pytest.fixture
def bring(live: Session, make_live: Factory, project: Project) -> Bring:
    """Import these files to the end; the import's id."""
    lead: User = make_live.lead(project)

    def brought(*files: IncomingFile, wait: bool = False) -> int:
        started = start_import(live, project=project, files=files, actor=lead, at=NOON)
        live.commit()
        if not wait:
            process(started.id, now=clock.now)
        return started.id

    return brought


def report(session: Session, import_id: int) -> dict[str, tuple[str, str]]:
    session.expire_all()
    return {file.name: (file.status, file.reason) for file in queries.list_files(session, import_id)}


def limit(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    monkeypatch.setenv(name, str(value))
    get_settings.cache_clear()


def test_each_entry_of_a_zip_is_a_row_under_its_path(live: Session, bring: Bring) -> None:
    content = zipped(
        [
            ("2026/", ""),
            ("2026/Lease_A.docx", docx(paragraph("A lease in Word."))),
            ("2026/twin.txt", CONTRACT),
            ("2026/ü/Vertrag.txt", CONTRACT),
            ("rows.csv", "title,text,priority\nFirst,One contract.,-3\n,,\n"),
            ("picture.png", b"\x89PNG\r\n\x1a\n"),
            (".DS_Store", "x"),
            ("__MACOSX/2026/._twin.txt", "x"),
            ("2026/Thumbs.db", "x"),
        ]
    )
    import_id = bring(stored("all.zip", content))
    found = report(live, import_id)
    assert {name: status for name, (status, _) in found.items()} == {
        "all.zip/2026/Lease_A.docx": "created",
        "all.zip/2026/twin.txt": "created",
        "all.zip/2026/ü/Vertrag.txt": "duplicate",
        "all.zip/picture.png": "failed",
        "all.zip/rows.csv:2": "created",
        "all.zip/rows.csv:3": "failed",
    }
    assert live.get_one(Import, import_id).notes == ["all.zip: 3 hidden files were passed over."]
    titles = live.scalars(select(Document.title).order_by(Document.id)).all()
    assert titles == ["A lease in Word.", "Services Agreement", "First"]
    assert live.scalar(select(Task.priority).join(Document).where(Document.title == "First")) == -3


@pytest.mark.parametrize("folder", ["", "Contracts 2026/"])
def test_the_metadata_of_a_zip_describes_its_entries(live: Session, bring: Bring, folder: str) -> None:
    sheet = "file,title,client,priority,due_on\nx/a.txt,The lease,Acme,5,2027-01-31\nb.txt,,Beta,,\n"
    inner = [("metadata.csv", sheet), ("x/a.txt", CONTRACT), ("x/b.txt", CONTRACT + " B.")]
    content = zipped([(folder + name, text) for name, text in inner])
    import_id = bring(stored("all.zip", content), stored("c.txt", CONTRACT + " C."))
    assert {status for status, _ in report(live, import_id).values()} == {"created"}
    rows = live.execute(
        select(Document.title, Document.client, Task.priority, Task.due_on).join(Task).order_by(Document.id)
    ).all()
    assert [(title, client, priority, str(due)) for title, client, priority, due in rows] == [
        ("Services Agreement", None, 0, "None"),
        ("The lease", "Acme", 5, "2027-01-31"),
        ("Services Agreement", "Beta", 0, "None"),
    ]


def test_a_zip_whose_metadata_is_wrong_takes_nothing_in(live: Session, bring: Bring) -> None:
    content = zipped([("metadata.csv", "file,client\nother.txt,Acme\n"), ("a.txt", CONTRACT)])
    import_id = bring(stored("all.zip", content))
    reason = "all.zip/metadata.csv, line 2: no file of this import is called “other.txt”."
    assert live.get_one(Import, import_id, populate_existing=True).reason == reason
    assert live.scalar(select(func.count()).select_from(Document)) == 0


def _encrypted(content: bytes) -> bytes:
    """The first entry's flags say that it is encrypted, in both places."""
    changed = bytearray(content)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        changed[changed.index(mark) + offset] |= 1
    return bytes(changed)


def _link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        link = zipfile.ZipInfo("link.txt")
        link.create_system = 3
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    return buffer.getvalue()


def _lzma() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a.txt", "words " * 1000)
    return buffer.getvalue()


def _damaged() -> bytes:
    content = zipped([("a.txt", "some words " * 100)])
    start = content.index(b"a.txt") + 5
    return content[:start] + b"\xff\xff\xff\xff" + content[start + 4 :]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (_encrypted(zipped([("a.txt", CONTRACT)])), "a.txt", "protected by a password"),
        (_link(), "link.txt", "a link to another file"),
        (_lzma(), "a.txt", "packed in a way"),
        (_damaged(), "a.txt", "damaged in the zip"),
        (zipped([("b.zip", zipped([("c.txt", "Words.")]))]), "b.zip", "a zip within a zip"),
        (zipped([("a.txt", b"x" * 1_000_001)]), "a.txt", "larger than 1 MB"),
    ],
    ids=["encrypted", "link", "lzma", "damaged", "nested", "large"],
)
def test_an_entry_that_cannot_be_taken_fails_for_itself(
    live: Session, bring: Bring, monkeypatch: pytest.MonkeyPatch, content: bytes, name: str, reason: str
) -> None:
    limit(monkeypatch, "ENGROSS_FILE_MB", 1)
    with io.BytesIO(content) as opened, zipfile.ZipFile(opened, "a") as archive:
        archive.writestr("good.txt", CONTRACT)
        archive.close()
        content = opened.getvalue()
    found = report(live, bring(stored("all.zip", content)))
    assert found["all.zip/good.txt"] == ("created", "")
    status, said = found[f"all.zip/{name}"]
    assert (status, reason in said) == ("failed", True)
    assert (said[0].isupper(), said[-1]) == (True, ".")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_of_two_entries_of_one_name_the_first_is_taken(live: Session, bring: Bring) -> None:
    import_id = bring(stored("all.zip", zipped([("a.txt", CONTRACT), ("./a.txt", "Another contract.")])))
    rows = queries.list_files(live, import_id)
    assert [(row.name, row.status) for row in rows] == [
        ("all.zip/a.txt", "failed"),
        ("all.zip/a.txt", "created"),
    ][::-1]
    assert "two files of this name" in rows[1].reason


def test_no_name_of_an_entry_leads_out_of_the_archive(live: Session, bring: Bring, tmp_path: Path) -> None:
    names = ["../../evil.txt", "/etc/cron.txt", "C:\\x\\boot.txt", "a/../../b.txt", "n\u202ex\r\n/e.txt"]
    content = zipped([(name, f"Contract {number}.") for number, name in enumerate(names)])
    found = report(live, bring(stored("all.zip", content)))
    assert found == dict.fromkeys(
        (f"all.zip/{name}" for name in ["evil.txt", "cron.txt", "boot.txt", "b.txt", "nx/e.txt"]),
        ("created", ""),
    )
    assert [path.name for path in tmp_path.rglob("*.txt")] == []


def test_a_name_in_the_old_code_page_of_zips_is_shown_in_letters(live: Session, bring: Bring) -> None:
    content = zipped([("Vertr?ge.txt", CONTRACT)]).replace(b"Vertr?ge", "Verträge".encode("cp437"))
    assert list(report(live, bring(stored("all.zip", content)))) == ["all.zip/Verträge.txt"]


def test_a_zip_of_too_many_entries_is_refused_by_the_setting_s_name(
    live: Session, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped([(f"{number}.txt", "x") for number in range(10_001)])
    refusal = "This zip has more than 10,000 entries (ENGROSS_ZIP_ENTRIES): split it into several."
    assert report(live, bring(stored("all.zip", content))) == {"all.zip": ("failed", refusal)}
    monkeypatch.setattr(archives, "_LONGEST_LIST", 1000)  # a list of millions of entries is not even read
    assert report(live, bring(stored("all.zip", content))) == {"all.zip": ("failed", refusal)}


def test_a_zip_that_bursts_is_refused_before_it_does(live: Session, bring: Bring) -> None:
    content = zipped([(f"{number}.txt", bytes(1_000_000)) for number in range(21)])
    declared = re.sub(
        rb"PK\x01\x02.{20}.{4}",
        lambda found: found[0][:-4] + (100_000_000).to_bytes(4, "little"),
        content,
        flags=re.DOTALL,
    )
    refusal = "This zip unpacks to more than 2,000 MB (ENGROSS_ZIP_MB): split it into several."
    assert report(live, bring(stored("bomb.zip", declared))) == {"bomb.zip": ("failed", refusal)}


def test_an_entry_that_lies_about_its_size_is_cut_there_and_fails(live: Session, bring: Bring) -> None:
    content = bytearray(zipped([("a.txt", bytes(50_000_000)), ("good.txt", CONTRACT)]))
    start = content.index(b"PK\x01\x02")
    content[start + 24 : start + 28] = (1000).to_bytes(4, "little")
    tracemalloc.start()
    found = report(live, bring(stored("all.zip", bytes(content))))
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()
    assert "damaged in the zip" in found["all.zip/a.txt"][1]
    assert found["all.zip/good.txt"][0] == "created"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04 not a zip", zipped([("a.txt", CONTRACT * 50)])[:-30], zipped([(".x", "")])]
)
def test_a_zip_that_is_none_or_empty_fails_with_a_sentence(
    live: Session, bring: Bring, content: bytes
) -> None:
    ((status, reason),) = report(live, bring(stored("all.zip", content))).values()
    assert (status, reason.startswith(("This zip is cut off", "There is no file in this zip"))) == (
        "failed",
        True,
    )


def test_a_zip_that_is_interrupted_has_no_rows_and_is_taken_apart_anew(
    live: Session, bring: Bring, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = zipped([(f"{number}.txt", f"Contract {number}.") for number in range(5)])
    import_id = bring(stored("all.zip", content), wait=True)
    asked = iter([False, False, True])
    with pytest.raises(Interrupted):
        process(import_id, now=clock.now, should_stop=lambda: next(asked))
    assert list(report(live, import_id)) == ["all.zip"]
    process(import_id, now=clock.now)
    assert [status for status, _ in report(live, import_id).values()] == ["created"] * 5


def test_a_zip_that_two_take_apart_at_once_has_its_rows_once(live: Session, bring: Bring) -> None:
    import_id = bring(stored("all.zip", zipped([("a.txt", CONTRACT), (".b", "")])), wait=True)
    file = live.scalars(select(ImportFile).where(ImportFile.import_id == import_id)).one()
    live.rollback()
    for _ in range(2):
        expanding.expand_archive(file, pause=lambda: None)
    assert list(report(live, import_id)) == ["all.zip/a.txt"]
    assert live.get_one(Import, import_id).notes == ["all.zip: 1 hidden file was passed over."]


def test_the_row_of_a_csv_keeps_itself_alone_as_its_original(live: Session, bring: Bring) -> None:
    bring(stored("contracts.csv", 'title,text\nA,"One\ncontract."\nB,Two contracts.\n'))
    document = live.scalars(select(Document).order_by(Document.id)).first()
    assert document is not None
    (file,) = document.files
    assert (file.name, file.media_type) == ("contracts.csv:2", "application/json")
    kept = json.loads(originals().path(file.sha256).read_bytes())
    assert kept == {"title": "A", "text": "One\ncontract."}


def test_folders_keep_their_paths_and_their_hidden_files_are_counted(live: Session, bring: Bring) -> None:
    import_id = bring(
        stored(".deals/2026/a.txt", CONTRACT),
        stored(".deals/2026/.DS_Store", "x"),
        stored(".deals/metadata.csv", "file,client\na.txt,Acme\n"),
        stored("b.txt", CONTRACT + " B."),
    )
    assert list(report(live, import_id)) == [".deals/2026/a.txt", "b.txt"]
    assert live.get_one(Import, import_id).notes == ["1 hidden file was passed over."]
    assert live.scalars(select(Document.client).order_by(Document.id)).all() == ["Acme", None]
