"""From a file in storage to a contract that can be added: told apart by content, never by its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from app.documents import extraction
from app.documents.extraction import Extracted
from app.documents.rules import Metadata, title_from, title_from_name
from app.documents.service import Original
from app.documents.storage import file_limit, originals
from app.errors import Invalid
from app.imports.lines import Line, parse_line, read_lines
from app.imports.metadata_csv import FileMetadata
from app.settings import get_settings


@dataclass(frozen=True, slots=True)
class Contract:
    """All that a new document is made of."""

    extracted: Extracted
    original: Original
    title: str
    metadata: Metadata


def holds_lines(sha256: str) -> bool:
    """Whether the file is JSONL, one contract a line."""
    return extraction.sniff(originals().path(sha256)) == extraction.JSONL


def read_file(*, name: str, sha256: str, byte_count: int, said: FileMetadata) -> Contract:
    """The contract that a file holds. Raises Unreadable or Invalid with the sentence for the report."""
    settings = get_settings()
    path = originals().path(sha256)
    if extraction.sniff(path, name=name) == extraction.ZIP:
        raise Invalid("Zip archives cannot be imported. Unpack it and choose the files in it.")
    extracted = extraction.extract(
        path,
        name=name,
        seconds=settings.engross_extraction_seconds,
        megabytes=settings.engross_extraction_mb,
        max_characters=settings.engross_contract_characters,
    )
    return Contract(
        extracted=extracted,
        original=Original(name, sha256, byte_count, extracted.media_type),
        title=title_from(said.title, extracted.title, title_from_name(name)),
        metadata=said.metadata,
    )


def lines_of(sha256: str) -> Iterator[Line]:
    """The lines of a JSONL file that are not blank."""
    # Any character may be written as six bytes of JSON, and beside the text stand other keys.
    longest = 6 * get_settings().engross_contract_characters + (1 << 20)
    with originals().open(sha256) as stream:
        yield from read_lines(stream, longest=longest)


def read_line(*, name: str, line: Line, said: FileMetadata) -> Contract:
    """The contract of one line. Its original is the line alone: who may see it need not see the others.

    Raises Unreadable or Invalid with the sentence for the report.
    """
    parsed = parse_line(line.content, max_characters=get_settings().engross_contract_characters)
    extracted = extraction.from_plain_text(parsed.text, title=parsed.title)
    stored = originals().put(BytesIO(line.content or b""), limit=file_limit())
    return Contract(
        extracted=extracted,
        original=Original(name, stored.sha256, stored.byte_count, "application/json"),
        title=title_from(parsed.title, extracted.title, name),
        metadata=parsed.metadata.over(said.metadata),
    )
