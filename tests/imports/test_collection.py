"""The shared collection of real documents, as a folder and as one zip: what becomes of each file.

`pytest -s` prints what a file takes.
"""

import io
import json
import time
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.documents.models import Document
from app.imports import queries
from app.imports.processing import process
from app.imports.service import IncomingFile, keep, start_import
from tests.documents.extraction.test_real_documents import ODD
from tests.factories import NOON, Factory
from tests.imports.conftest import stored

DOCUMENTS = Path(__file__).parents[2].parent / "shared" / "data" / "documents"
pytestmark = [
    pytest.mark.skipif(not DOCUMENTS.is_dir(), reason="the shared documents are not on this machine"),
    pytest.mark.long,
]


def listed() -> list[str]:
    """The documents that the manifest names."""
    lines = (DOCUMENTS / "manifest.jsonl").read_text().splitlines()
    return [json.loads(line)["file"] for line in lines]


def as_folder(names: list[str]) -> list[IncomingFile]:
    kept = []
    for name in names:
        with (DOCUMENTS / name).open("rb") as file:
            kept.append(keep(f"documents/{name}", file))
    return kept


def as_zip(names: list[str]) -> list[IncomingFile]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.write(DOCUMENTS / name, name)
    return [stored("documents.zip", buffer.getvalue())]


def test_the_collection_goes_in_as_a_folder_and_again_as_a_zip(live: Session, make_live: Factory) -> None:
    project = make_live.project()
    lead = make_live.lead(project)
    names = listed()
    assert len(names) == 62
    created: dict[str, str] = {}
    for files, folder, expected in (
        (as_folder(names), "documents/", {"created"}),
        (as_zip(names), "documents.zip/", {"duplicate"}),
    ):
        started = start_import(live, project=project, files=files, actor=lead, at=NOON)
        live.commit()
        process(started.id, now=clock.now)
        live.expire_all()
        report = {file.name: file for file in queries.list_files(live, started.id)}
        assert set(report) == {folder + name for name in names}
        for name in names:
            file, odd = report[folder + name], ODD.get(name.rpartition("/")[2])
            if odd is None:
                # A derived file may hold the very text of the one that it was made of.
                assert file.status in expected | {"duplicate"}, (name, file.reason)
            else:
                assert (file.status, odd in file.reason) == ("failed", True), (name, file.reason)
        created |= {name: file.status for name, file in report.items()}
    readable = [name for name in names if ODD.get(name.rpartition("/")[2]) is None]
    new = [name for name in readable if created[f"documents/{name}"] == "created"]
    assert live.scalar(select(func.count()).select_from(Document)) == len(new) > 45
    doubles = sorted(set(readable) - set(new))
    print("duplicates within the collection:", doubles)  # noqa: T201 -- asked for by -s


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_a_real_document_is_taken_in_within_seconds(live: Session, make_live: Factory, kind: str) -> None:
    project = make_live.project()
    names = [name for name in listed() if name.startswith(f"{kind}/")]
    files = as_folder(names)
    started = start_import(live, project=project, files=files, actor=make_live.lead(project), at=NOON)
    live.commit()
    before = time.monotonic()
    process(started.id, now=clock.now)
    each = (time.monotonic() - before) / len(names)
    print(f"{kind}: {each:.2f} s each, of {len(names)}")  # noqa: T201 -- asked for by -s
    assert queries.count_files(live, [started.id])[started.id].created == len(names)
    assert each < 30
