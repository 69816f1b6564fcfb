"""A contract as pages and API clients draw it: its blocks with their words, and its headings. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.checks.contract import Contract
from app.checks.values.reading import read_facts
from app.documents.extraction import Block, BlockKind


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading, and the anchor of the block that it leads to."""

    anchor: str
    number: str
    title: str
    level: int


@dataclass(frozen=True, slots=True)
class RenderedBlock:
    """A block with its words: `text` is the canonical text from `body` to `end`, behind its number."""

    anchor: str
    kind: str
    level: int
    number: str
    text: str
    start: int
    body: int
    end: int
    page: int | None


LONGEST_HEADING = 160


def blocks_of(rows: Iterable[Sequence[Any]]) -> list[Block]:
    """The blocks that the database keeps as JSON."""
    return [Block.from_json(row) for row in rows]


def anchor_of(index: int) -> str:
    """The anchor of a text's block by its place, from 0."""
    return f"b{index}"


def names_of(blocks: Iterable[Block]) -> list[str]:
    """What a reader would call each block: its number or that of the last one before it that has one.

    A number in brackets stands behind those above it: "13.1(c)". "" before the first number.
    """
    above: list[tuple[int, str]] = []  # depth and name of the numbers around the block, the outermost first
    names = []
    name = ""
    for block in blocks:
        if block.number:
            while above and above[-1][0] >= block.level:
                above.pop()
            around = above[-1][1] if above and block.number.endswith(")") else ""
            name = around + block.number
            above.append((block.level, name))
        names.append(name)
    return names


def read_contract(text: str, blocks: Sequence[Block]) -> Contract:
    """The contract as the checks see it, with its facts read out of it and its numbered paragraphs named."""
    names = names_of(blocks)
    last = ["", *names]
    places = [(block.start, names[at]) for at, block in enumerate(blocks) if names[at] != last[at]]
    return Contract(text, read_facts(text), places)


def outline(text: str, blocks: Sequence[Block]) -> list[OutlineEntry]:
    """The headings in their order; a heading of two lines reads as one."""
    return [
        OutlineEntry(
            anchor=anchor_of(index), number=block.number, title=_title(text, block), level=block.level
        )
        for index, block in enumerate(blocks)
        if block.kind is BlockKind.HEADING
    ]


def rendered_blocks(text: str, blocks: Sequence[Block]) -> list[RenderedBlock]:
    """Every block with its words, in order."""
    return [
        RenderedBlock(
            anchor=anchor_of(index),
            kind=block.kind.value,
            level=block.level,
            number=block.number,
            text=text[block.body : block.end],
            start=block.start,
            body=block.body,
            end=block.end,
            page=block.page,
        )
        for index, block in enumerate(blocks)
    ]


def _title(text: str, block: Block) -> str:
    words = " ".join(text[block.body : min(block.end, block.body + 4 * LONGEST_HEADING)].split())
    return words if len(words) <= LONGEST_HEADING else words[: LONGEST_HEADING - 1] + "…"
