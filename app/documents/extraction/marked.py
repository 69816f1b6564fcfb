"""Paragraphs of which the source says what they are, as Markdown, HTML and RTF do, made into a text."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from .assembly import Assembly
from .blocks import BlockKind
from .labels import read_label


@dataclass(frozen=True, slots=True)
class Marked:
    """One paragraph, or one row of a table with its cells parted by bars."""

    kind: Literal["heading", "row", "text"]
    level: int  # a heading's, or how deep a list's item stands
    mark: str  # of a list's item: "2. ", "• "
    words: str


_END = Marked("text", 0, "", "")


def assemble(paragraphs: Iterable[Marked], *, max_characters: int) -> Assembly:
    """The canonical text of these paragraphs with its blocks; empty ones are left out."""
    assembly = Assembly(max_characters=max_characters)
    said = [paragraph for paragraph in paragraphs if paragraph.words.strip()]
    for marked, following in pairwise([*said, _END]):
        shown = marked.mark + marked.words
        if marked.kind == "heading":
            label = read_label(shown)
            known = label if label and shown[label.body :] else None
            assembly.add_known(
                BlockKind.HEADING,
                shown,
                level=marked.level,
                number=known.shown if known else "",
                body=known.body if known else 0,
            )
        elif marked.kind == "row":
            assembly.add_known(BlockKind.ROW, shown)
        elif marked.mark:
            number = marked.mark.strip().rstrip(".")
            assembly.add_known(
                BlockKind.ITEM, shown, level=marked.level, number=number, body=len(marked.mark)
            )
        else:
            assembly.add(shown, following=len(following.words))
    return assembly
