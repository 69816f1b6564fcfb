"""The one structured form of a contract: its canonical text, and blocks that point into it.

Everything that is shown beside a summary (headings, numbered paragraphs, the outline, evidence) is an offset
into the canonical text. Offsets count Unicode code points and ends are exclusive, as everywhere in Engross.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

# A reader's page and a jsonb column both suffer from a text that is all tiny paragraphs. The longest of 97
# filed contracts has 4,000 blocks; what comes after this many is one last block.
MAX_BLOCKS = 100_000


class BlockKind(StrEnum):
    """What a stretch of the contract is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"  # "(a) …", "A. …", "• …": one of a list
    ROW = "row"  # of a table, or of a table of contents
    FOOTNOTE = "footnote"
    PAGE = "page"  # a page number or a separating rule that stands in the text: no part of what was agreed


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of the canonical text; ordered, never overlapping, leaving out only white space."""

    kind: BlockKind
    start: int
    end: int
    level: int = 0  # a heading's level, 1 to 6; else how deep the numbering is nested, 0 for none
    number: str = ""  # as the contract shows it: "5.1", "(a)", "Schedule A"
    body: int = 0  # where the text after the number begins; equal to start where there is no number
    page: int | None = None  # counted from 1, where the source has pages

    def to_json(self) -> list[Any]:
        """The block as a short list, for a JSON column."""
        return [self.kind.value, self.start, self.end, self.level, self.number, self.body, self.page]

    @classmethod
    def from_json(cls, row: Sequence[Any]) -> "Block":
        """The block that `to_json` wrote; ValueError where the list is not one of those."""
        kind, start, end, level, number, body, page = row
        whole = all(type(value) is int for value in (start, end, level, body))
        if not (whole and type(number) is str and (page is None or type(page) is int)):
            raise ValueError("This is not a block as to_json writes it.")
        return cls(BlockKind(kind), start, end, level, number, body, page)


def blocks_to_json(blocks: Iterable[Block]) -> list[list[Any]]:
    """All blocks of a text for one JSON column."""
    return [block.to_json() for block in blocks]


def blocks_from_json(rows: Iterable[Sequence[Any]]) -> tuple[Block, ...]:
    """The blocks that `blocks_to_json` wrote."""
    return tuple(Block.from_json(row) for row in rows)


@dataclass(frozen=True, slots=True)
class Extracted:
    """A contract as it was read: immutable, and with the name and version of what read it."""

    text: str
    blocks: tuple[Block, ...]
    title: str
    extractor: str
    extractor_version: str
    media_type: str
    page_count: int | None = None
    notes: tuple[str, ...] = ()  # sentences for people: what was left out, what was guessed

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values, for the way from the reading process to its caller."""
        return {
            "text": self.text,
            "blocks": blocks_to_json(self.blocks),
            "title": self.title,
            "extractor": self.extractor,
            "extractor_version": self.extractor_version,
            "media_type": self.media_type,
            "page_count": self.page_count,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Extracted":
        """What `to_json` wrote."""
        return cls(**{**value, "blocks": blocks_from_json(value["blocks"]), "notes": tuple(value["notes"])})


class Unreadable(Exception):
    """A file that cannot be taken in. `reason` is for the person who imported it and says what to do."""

    def __init__(self, reason: str, *, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail  # for the log: where it went wrong; never a word of the contract
