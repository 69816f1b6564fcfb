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
from .titles import names_kind

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
    r"(?:by|name|title|date|its|address|attn|attention|tel|fax|e-?mail|party|to|if|dear|ladies|where|example"
    r"|cop(?:y|ies)|note|with)\b.{0,60}:|.{0,90}_{3}"
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
# "1. Duties (a) The Agent shall …", "13. Secrets 13.1 Each party …": a number ends a heading, and so does
# the first word of a sentence, "2. Records The Agent agrees …".
_NEXT_NUMBER = re.compile(
    r"[ \t\xa0]{1,80}(?=\((?:a|A|i|1)\)[ \t\xa0]{1,9}[\"“A-Z]|(\d{1,3}(?:\.\d{1,3}){1,4})\.?[ \t\xa0])"
)
_SENTENCE = re.compile(
    r"[ \t\xa0]{1,80}(?=(?:The|This|These|Each|Every|Either|Neither|If|In|No|Any|All|Upon|Except|Unless"
    r"|Subject|It|During|For)[ \xa0])"
)
_TRAILING_NUMBERS = re.compile(r"(?:[ \t\xa0]+[\d(][^ \t\xa0]{0,12}){1,4}\s*$")
_REFERRING = _SMALL_WORDS | {"section", "sections", "clause", "article", "paragraph", "exhibit", "schedule"}
_MARKDOWN_HEADING = re.compile(r"(#{1,6})[ \t]{1,8}(?=[^\s#])")
_MARKDOWN_BOLD = re.compile(r"(?:\*\*|__)[^*_\n]{1,150}(?:\*\*|__)")
_LONGEST_HEADING = 150
_PARTED = (Style.NAMED, Style.DECIMAL)


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
        marked = _MARKDOWN_HEADING.match(paragraph)
        if marked and len(paragraph) <= _LONGEST_HEADING and "\n" not in paragraph:
            self._add_marked(paragraph, start, marked, page=page)
            return
        if _MARKDOWN_BOLD.fullmatch(paragraph):
            lead = len(paragraph)
        label = self._nesting.accept(read_label(paragraph))
        if self._of_contents(paragraph):
            self._append(BlockKind.ROW, start, end, page=page)
            return
        if label is None:
            self._add_unnumbered(paragraph, start, following=following, lead=lead, page=page)
            return
        level = self._level(paragraph, label)
        self._add_numbered(paragraph, start, label, level=level, lead=lead, page=page)

    def _add_marked(self, paragraph: str, start: int, marked: re.Match[str], *, page: int | None) -> None:
        """Adds a line that plain text marks as a heading in Markdown's way: "## 3. Term"."""
        label = read_label(paragraph[marked.end() :])
        known = label if label and paragraph[marked.end() + label.body :] else None
        self.add_known(
            BlockKind.HEADING,
            start,
            start + len(paragraph),
            level=len(marked[1]),
            number=known.shown if known else "",
            body=marked.end() + (known.body if known else 0),
            page=page,
        )

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
        within = read_label(rest) if label.style in _PARTED and not nested else None
        if within is not None and within.style in (*_PARTED, Style.PARENTHESIS):
            depth = self._level(rest, within)
            self._add_numbered(rest, end - len(rest), within, level=depth, lead=0, page=page, nested=True)
        else:
            self._append(BlockKind.PARAGRAPH, end - len(rest), end, level=level, page=page)

    def _add_unnumbered(
        self, paragraph: str, start: int, *, following: int, lead: int, page: int | None
    ) -> None:
        end = start + len(paragraph)
        if opening := self._opening_title(paragraph):
            self._append(BlockKind.HEADING, start, start + opening, level=1, page=page)
            rest = paragraph[opening:].lstrip()
            self._append(BlockKind.PARAGRAPH, end - len(rest), end, page=page)
            return
        if not self._is_heading(paragraph, following=following, lead=lead):
            self._append(BlockKind.PARAGRAPH, start, end, page=page)
            return
        if self._continues_heading(paragraph):
            self.blocks[-1] = replace(self.blocks[-1], end=end)
            return
        known = _KNOWN_HEADINGS.fullmatch(paragraph) or is_capitals(paragraph)
        self._in_contents = bool(_CONTENTS.fullmatch(paragraph))
        self._append(BlockKind.HEADING, start, end, level=1 if known else 2, page=page)

    def _opening_title(self, paragraph: str) -> int:
        """How much of a text's first paragraph is the contract's title: "SUPPLY AGREEMENT This is made …"."""
        found = _CAPITALS_RUN.match(paragraph) if not self.blocks else None
        title = found[0].partition(" THIS ")[0].rstrip() if found else ""
        return len(title) if is_capitals(title) and names_kind(title) and " " in title else 0

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
        if paragraph[-1] == ":" and len(paragraph) <= 60 and following >= 120:
            return is_title(paragraph[:-1])
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
    if numbered := _before_next_number(rest, paragraph[:body].strip(" \t\xa0.:")):
        return body + numbered
    whole = len(paragraph) - body <= _LONGEST_HEADING and rest[-1] not in ";,"
    if whole and (is_title(rest.rstrip(".:")) or is_capitals(rest) or lead >= len(paragraph)):
        return len(paragraph)
    capitals = _CAPITALS_RUN.match(rest)
    if capitals and is_capitals(capitals[0]) and not _refers_onward(capitals[0]):
        before, this, _ = capitals[0].partition(
            " THIS "
        )  # "SUPPLY AGREEMENT THIS SUPPLY AGREEMENT is made …"
        begins_anew = this and not _refers_onward(before)
        return body + len((before if begins_anew else capitals[0]).rstrip())
    for found in _RUN_IN_END.finditer(rest, 0, 112):
        phrase = rest[: found.start()].strip("\"“”'_*")
        if not is_title(phrase):
            break
        if len(phrase.split()[-1].rpartition(".")[2]) > 1 and rest[found.end() :].strip():  # not after "U.S."
            return body + (found.end() if found[0][0] in ".:" else found.start())
    return _before_sentence(rest, body)


def _before_next_number(rest: str, number: str) -> int:
    """How much of a text stands before a number that goes one deeper than its own, if that is a heading."""
    for found in _NEXT_NUMBER.finditer(rest, 0, 112):
        phrase = rest[: found.start()].rstrip(" \t\xa0.:")
        if not _heads(phrase):
            return 0
        first_of_part = number[:1].isalpha() and (found[1] or "").endswith((".1", ".01"))
        if found[1] is None or first_of_part or found[1].startswith(f"{number}."):
            return found.start()
    return 0


def _before_sentence(rest: str, body: int) -> int:
    """Where a heading without a full stop ends: its words are a title, and a sentence begins behind them."""
    found = _SENTENCE.search(rest, 0, 82)
    if found is None:
        return 0
    phrase, after = rest[: found.start()], rest[found.end() :].split(maxsplit=7)[:7]
    opens = _SENTENCE.match(f" {phrase} ") is not None  # "The Agent Upon request …" is one already
    return body + found.start() if not opens and _heads(phrase) and sum(map(str.islower, after)) >= 2 else 0


def _heads(phrase: str) -> bool:
    """Whether words that no full stop ends are a heading: a title, and no sentence that refers onward."""
    if len(phrase) < 4 or ". " in phrase or ": " in phrase or not (phrase[-1].isalnum() or phrase[-1] == ")"):
        return False
    return (is_title(phrase) or is_capitals(phrase)) and not _refers_onward(phrase)


def _refers_onward(phrase: str) -> bool:
    """Whether words end in "under Section", "under Section 4" or a comma: a sentence goes on behind them."""
    last = _TRAILING_NUMBERS.sub("", phrase).split()[-1:]
    return phrase.rstrip().endswith(",") or not last or last[0].lower() in _REFERRING


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
