"""Telling headings, numbered paragraphs and list items apart, one paragraph after the other.

A contract says by its first words what a part is: "ARTICLE IV", "5.1 Term.", "(a) …", a line of capitals. The
same rules serve plain text, PDF and Word; where a Word file says by its styles what a paragraph is, that goes
before what its words look like.
"""

import re
from dataclasses import dataclass, field, replace

from .blocks import MAX_BLOCKS, Block, BlockKind
from .labels import HEAD, Label, Style, read_label
from .nesting import Nesting

_SMALL_WORDS = frozenset((
    "a", "an", "and", "any", "as", "at", "but", "by", "for", "from", "in", "into", "its", "nor", "not", "of",
    "on", "or", "out", "per", "than", "the", "to", "up", "upon", "via", "vs", "with", "within", "without",
))  # fmt: skip
_KNOWN_HEADINGS = re.compile(
    r"(?:recitals?|witnesse?th|w i t n e s s e t h|background|preamble|preliminary statement|definitions"
    r"|table of contents|contents|signatures?|whereas)[ \t]?:?",
    re.IGNORECASE,
)
_CONTENTS = re.compile(r"(?:table of contents|contents)[ \t]?:?", re.IGNORECASE)
# Lines of capitals that are names, blanks to sign on, or cries, and head nothing.
_NO_HEADING = re.compile(
    r"(?:by|name|title|date|its|address|attn|attention|tel|fax|e-?mail|party)\b.{0,60}:|.{0,90}_{3}"
    r"|.{0,90}\b(?:inc|llc|l\.l\.c|ltd|limited|corp|corporation|company|gmbh|plc|n\.a|l\.p|lp|s\.a|co)[.,]{0,2}$"
    r"|(?:and|or|between|by and between|dated|as follows)[ \t:,]{0,3}$|\[",
    re.IGNORECASE,
)
LEADERS = re.compile(r"(?:\.[ \t]?){3,90}[ \t]{0,40}(?:[ivx\d]{1,4})?$|[ \t\xa0]{2,60}\d{1,3}$")
_ENDS_IN_NUMBER = re.compile(r"[ \t.]\d{1,3}$")
_RUN_IN_END = re.compile(
    r"[.:](?=[ \t\xa0\n])|[ \t\xa0][-–—](?=[ \t\xa0])|[.:]?[—–](?=\w)|[ \t\xa0]{3}(?=[ \t\xa0]{0,60}[\d(])"
)
# "ARTICLE 1 DEFINITIONS AND TERM 1.1 For the …": capitals that end where a sentence begins.
_CAPITALS_RUN = re.compile(r"(?:[A-Z&][A-Z&,;'’/-]{0,30}[ \xa0]{1,3}){1,12}(?=[\d(\"“]|[A-Z][a-z])")
_LONGEST_HEADING = 150


@dataclass(slots=True)
class Outliner:
    """Collects the blocks of one text; give it the paragraphs in order."""

    blocks: list[Block] = field(default_factory=list)
    _nesting: Nesting = field(default_factory=Nesting)
    _in_contents: bool = False
    _articles: bool = False

    @property
    def full(self) -> bool:
        """Whether the next block must be the last one."""
        return len(self.blocks) >= MAX_BLOCKS - 2

    def finish_with(self, start: int, end: int) -> None:
        """All that is left as one block, for a text of more pieces than anybody reads."""
        self.blocks.append(Block(BlockKind.PARAGRAPH, start, end, body=start))

    def add(
        self, paragraph: str, start: int, *, following: int = 0, lead: int = 0, page: int | None = None
    ) -> None:
        """Adds one paragraph that stands at `start`.

        `following` is the length of the paragraph after it (a lone line of words heads a long one); `lead` is
        how many of its first characters are bold or underlined.
        """
        end = start + len(paragraph)
        label = self._nesting.accept(read_label(paragraph))
        if self._of_contents(paragraph):
            self._append(BlockKind.ROW, start, end, page=page)
            return
        if label is None:
            self._add_unnumbered(paragraph, start, following=following, lead=lead, page=page)
            return
        level = self._level(paragraph, label)
        self._add_numbered(paragraph, start, label, level=level, lead=lead, page=page)

    def add_labelled(self, paragraph: str, start: int, label: Label, *, level: int, lead: int = 0) -> None:
        """Adds a paragraph whose number the source worked out itself."""
        self._nesting.stand_at(level)
        self._add_numbered(paragraph, start, label, level=level, lead=lead, page=None)

    def add_known(
        self, kind: BlockKind, start: int, end: int, *, level: int = 0, number: str = "", body: int = 0,
        page: int | None = None,
    ) -> None:  # fmt: skip
        """Adds a block of which the source says what it is; `body` is counted from `start`."""
        if kind is BlockKind.HEADING and number == "" and level <= 1:
            self._nesting.forget()
        self._append(kind, start, end, level=level, number=number, body=body, page=page)

    def _level(self, paragraph: str, label: Label) -> int:
        if label.style is Style.NAMED and label.parts == 1 and paragraph[:7].lower() == "article":
            self._articles = True
        return self._nesting.enter(label, under_article=self._articles)

    def _add_numbered(
        self,
        paragraph: str,
        start: int,
        label: Label,
        *,
        level: int,
        lead: int,
        page: int | None,
        nested: bool = False,
    ) -> None:
        end = start + len(paragraph)
        bullet = label.style is Style.BULLET
        heading = 0 if bullet else run_in_heading(paragraph, label.body, lead=lead)
        if heading == 0:
            listed = bullet or label.style in (Style.PARENTHESIS, Style.LETTER)
            kind = BlockKind.ITEM if listed else BlockKind.PARAGRAPH
            self._append(kind, start, end, level=level, number=label.shown, body=label.body, page=page)
            return
        cut = start + heading
        self._append(
            BlockKind.HEADING, start, cut, level=min(level, 6), number=label.shown, body=label.body, page=page
        )
        rest = paragraph[heading:].lstrip()
        if not rest:
            return
        # "ARTICLE IV  TERM  4.1 …" may be one line. One number within a line, not any number of them.
        within = read_label(rest) if label.style is Style.NAMED and not nested else None
        if within is not None and within.style in (Style.NAMED, Style.DECIMAL):
            depth = self._level(rest, within)
            self._add_numbered(rest, end - len(rest), within, level=depth, lead=0, page=page, nested=True)
        else:
            self._append(BlockKind.PARAGRAPH, end - len(rest), end, level=level, page=page)

    def _add_unnumbered(
        self, paragraph: str, start: int, *, following: int, lead: int, page: int | None
    ) -> None:
        end = start + len(paragraph)
        if not self._is_heading(paragraph, following=following, lead=lead):
            self._append(BlockKind.PARAGRAPH, start, end, page=page)
            return
        if self._continues_heading(paragraph):
            self.blocks[-1] = replace(self.blocks[-1], end=end)
            return
        known = _KNOWN_HEADINGS.fullmatch(paragraph) or is_capitals(paragraph)
        self._in_contents = bool(_CONTENTS.fullmatch(paragraph))
        self._append(BlockKind.HEADING, start, end, level=1 if known else 2, page=page)

    def _append(
        self, kind: BlockKind, start: int, end: int, *, level: int = 0, number: str = "", body: int = 0,
        page: int | None = None,
    ) -> None:  # fmt: skip
        self.blocks.append(Block(kind, start, end, level, number, start + body, page))

    def _of_contents(self, paragraph: str) -> bool:
        """A line of a table of contents, which must not be taken for the heading that it names."""
        if len(paragraph) > _LONGEST_HEADING + 50:
            self._in_contents = False
            return False
        if "\n" not in paragraph and LEADERS.search(paragraph, max(0, len(paragraph) - 120)):
            return True
        return self._in_contents and bool(_ENDS_IN_NUMBER.search(paragraph))

    def _is_heading(self, paragraph: str, *, following: int, lead: int) -> bool:
        if len(paragraph) > _LONGEST_HEADING or paragraph[-1] in ";,":
            return False
        if _KNOWN_HEADINGS.fullmatch(paragraph):
            return True
        if _NO_HEADING.match(paragraph):
            return False
        if is_capitals(paragraph):
            return True
        if "\n" in paragraph or paragraph[-1] in ".:" or len(paragraph) > 110:
            return False
        return lead >= len(paragraph) or (len(paragraph) <= 70 and is_title(paragraph) and following >= 120)

    def _continues_heading(self, paragraph: str) -> bool:
        """ "ARTICLE IV" on one line and "TERM" on the next are one heading."""
        last = self.blocks[-1] if self.blocks else None
        if last is None or last.kind is not BlockKind.HEADING or _KNOWN_HEADINGS.fullmatch(paragraph):
            return False
        return bool(last.number) and last.body >= last.end and last.end - last.start < 40


def run_in_heading(paragraph: str, body: int, *, lead: int = 0) -> int:
    """How much of a numbered paragraph is its heading: up to "Term." in "5. Term. This …"; 0 for nothing.

    The whole length where the paragraph is nothing but a heading. `lead` is how many characters are set apart
    by bold or underlined type.
    """
    rest = paragraph[body : body + HEAD]
    if not rest:
        return len(paragraph) if _names_a_part(paragraph) else 0
    if body < lead < len(paragraph) and lead - body <= 120 and paragraph[body:lead].strip(" .:"):
        return lead + len(paragraph[lead : lead + 2]) - len(paragraph[lead : lead + 2].lstrip(".:"))
    whole = len(paragraph) - body <= _LONGEST_HEADING and rest[-1] not in ";,"
    if whole and (is_title(rest.rstrip(".:")) or is_capitals(rest) or lead >= len(paragraph)):
        return len(paragraph)
    capitals = _CAPITALS_RUN.match(rest)
    if capitals and is_capitals(capitals[0]):
        return body + len(capitals[0].rstrip())
    for found in _RUN_IN_END.finditer(rest, 0, 112):
        phrase = rest[: found.start()].strip("\"“”'_*")
        if not is_title(phrase):
            return 0
        if len(phrase.split()[-1].rpartition(".")[2]) > 1 and rest[found.end() :].strip():  # not after "U.S."
            return body + (found.end() if found[0][0] in ".:" else found.start())
    return 0


def is_capitals(phrase: str) -> bool:
    """A phrase in capitals, at least four letters of it."""
    if not phrase.isupper() or phrase.endswith(";"):
        return False
    letters, capitals = sum(map(str.isalpha, phrase)), sum(map(str.isupper, phrase))
    return capitals >= 4 and 2 * capitals > letters  # a line of Japanese with "IP" in it is no cry


def is_title(phrase: str) -> bool:
    """A phrase that is written like a title: every word but the small ones begins with a capital."""
    words = phrase.replace("/", " ").replace("-", " ").split()
    if not 1 <= len(words) <= 14 or len(phrase) > 110 or not phrase[0].isupper():
        return False
    cores = [word.strip("()[],;:\"“”'’&_*.") for word in words]
    lettered = [core for core in cores if core and core[0].isalpha()]
    if sum(map(len, lettered)) < 3:
        return False
    return all(core[0].isupper() or core in _SMALL_WORDS for core in lettered)


def _names_a_part(paragraph: str) -> bool:
    return paragraph[0].isupper() and paragraph[:1].isalpha() and len(paragraph) > 4
