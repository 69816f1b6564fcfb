"""From a file in storage to a contract that can be added: told apart by content, never by its name."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from app.documents import extraction
from app.documents.readings import extract_original
from app.documents.rules import title_from, title_from_name
from app.documents.service import Contract, Original
from app.documents.storage import file_limit, originals
from app.imports.lines import ContractLine, Line, parse_contract, parse_values, read_lines
from app.imports.metadata_csv import FileMetadata
from app.imports.pairs import Split, Wording, is_pair, parse_pair, split
from app.settings import get_settings


@dataclass(frozen=True, slots=True)
class Pair:
    """All that a new sample is made of, and its contract."""

    contract: Contract
    split: Split
    output: str


def holds_lines(sha256: str) -> bool:
    """Whether the file is a list of contracts: JSONL, one JSON array, or a CSV with a column of texts."""
    return _kind(sha256) in {extraction.JSONL, extraction.JSON, extraction.CSV}


def is_archive(sha256: str) -> bool:
    """Whether the file is a zip of files; False also where it cannot be told what it is."""
    with suppress(extraction.Unreadable, FileNotFoundError):
        return _kind(sha256) == extraction.ZIP
    return False


def _kind(sha256: str) -> str:
    return extraction.sniff(originals().path(sha256))


def read_file(*, name: str, sha256: str, byte_count: int, said: FileMetadata) -> Contract:
    """The contract that a file holds. Raises Unreadable or Invalid with the sentence for the report."""
    extracted = extract_original(name=name, sha256=sha256)
    return Contract(
        extracted=extracted,
        original=Original(name, sha256, byte_count, extracted.media_type),
        title=title_from(said.title, extracted.title, title_from_name(name)),
        metadata=said.metadata,
    )


def lines_of(sha256: str) -> Iterator[Line]:
    """The rows of a list of contracts. Raises Invalid where the file as a whole is broken."""
    # Any character may be written as six bytes of JSON, and beside the text stand other keys.
    longest = 6 * get_settings().engross_contract_characters + (1 << 20)
    with originals().open(sha256) as stream:
        yield from read_lines(stream, kind=_kind(sha256), longest=longest)


def read_line(
    *, name: str, line: Line, said: FileMetadata, wordings: Sequence[Wording], system_prompt: str
) -> Contract | Pair:
    """The contract or the pair of one row, with the row alone as its original: nobody sees the others.

    Raises Unreadable or Invalid with the sentence for the report.
    """
    limit = get_settings().engross_contract_characters
    values = parse_values(line)
    if not is_pair(values):
        parsed = parse_contract(values, max_characters=limit)
        return _as_contract(name, parsed, said, line.content or b"", "application/json")
    pair = parse_pair(values)
    taken = split(pair, wordings, system_prompt=system_prompt)
    parsed = parse_contract({**values, "text": taken.contract}, max_characters=limit)
    # Its original is the contract alone: whoever writes on it anew must not find the output there.
    contract = _as_contract(name, parsed, said, taken.contract.encode(errors="surrogatepass"), "text/plain")
    return Pair(contract, taken, pair.output)


def _as_contract(
    name: str, parsed: ContractLine, said: FileMetadata, original: bytes, media_type: str
) -> Contract:
    extracted = extraction.from_plain_text(parsed.text, title=parsed.title)
    stored = originals().put(BytesIO(original), limit=file_limit())
    return Contract(
        extracted=extracted,
        original=Original(name, stored.sha256, stored.byte_count, media_type),
        title=title_from(parsed.title, extracted.title, name),
        metadata=parsed.metadata.over(said.metadata),
    )
