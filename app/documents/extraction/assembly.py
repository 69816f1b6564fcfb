"""Putting a canonical text together from paragraphs, with its blocks, for sources that are no plain text."""

import re

from .blocks import BlockKind, Extracted, Unreadable
from .labels import Label, Style
from .outline import Outliner
from .titles import clip, find_title
from .wording import too_long

_WORD = re.compile(r"[^\W_]")
_TIGHT = (BlockKind.ROW, BlockKind.ITEM)
_LISTED = (Style.PARENTHESIS, Style.LETTER, Style.BULLET)


class Assembly:
    """Collects paragraphs in reading order. Paragraphs stand a blank line apart, rows and items a line."""

    def __init__(self, *, max_characters: int) -> None:
        self._outliner = Outliner()
        self._parts: list[str] = []
        self._length = 0
        self._limit = max_characters
        self._merged_from = -1  # where the last block began to take in all that followed

    def add(self, paragraph: str, *, following: int = 0, lead: int = 0, page: int | None = None) -> None:
        """Adds a paragraph whose first words say what it is; see Outliner.add."""
        start = self._place(paragraph, tight=False)
        if start >= 0:
            self._outliner.add(paragraph, start, following=following, lead=lead, page=page)

    def add_labelled(self, paragraph: str, label: Label, *, level: int, lead: int = 0) -> None:
        """Adds a paragraph whose number the source worked out; see Outliner.add_labelled."""
        start = self._place(paragraph, tight=label.style in _LISTED)
        if start >= 0:
            self._outliner.add_labelled(paragraph, start, label, level=level, lead=lead)

    def add_known(
        self,
        kind: BlockKind,
        text: str,
        *,
        level: int = 0,
        number: str = "",
        body: int = 0,
        page: int | None = None,
    ) -> None:
        """Adds a paragraph of which the source says what it is; `body` counts from its start."""
        start = self._place(text, tight=kind in _TIGHT)
        if start >= 0:
            end = start + len(text)
            self._outliner.add_known(kind, start, end, level=level, number=number, body=body, page=page)

    def extracted(
        self,
        *,
        title: str,
        extractor: str,
        extractor_version: str,
        media_type: str,
        page_count: int | None = None,
        notes: tuple[str, ...] = (),
    ) -> Extracted:
        """All that was added. Raises Unreadable where there is not one letter or digit in it."""
        text = "".join(self._parts)
        if not _WORD.search(text):
            raise Unreadable("This file holds no text. Choose the file that holds the contract.")
        if self._merged_from >= 0:
            self._outliner.finish_with(self._merged_from, len(text))
        blocks = tuple(self._outliner.blocks)
        return Extracted(
            text=text,
            blocks=blocks,
            title=clip(title.strip()) or find_title(text, blocks),
            extractor=extractor,
            extractor_version=extractor_version,
            media_type=media_type,
            page_count=page_count,
            notes=notes,
        )

    def _place(self, text: str, *, tight: bool) -> int:
        """Puts a paragraph at the end of the text; where it begins, or -1 once there are too many blocks."""
        blocks = self._outliner.blocks
        separator = "" if not blocks else "\n" if tight and blocks[-1].kind in _TIGHT else "\n\n"
        start = self._length + len(separator)
        self._length = start + len(text)
        if self._length > self._limit:
            raise Unreadable(too_long(self._limit))
        self._parts += [separator, text]
        if not self._outliner.full:
            return start
        if self._merged_from < 0:
            self._merged_from = start
        return -1
