"""Word's automatic numbering: a paragraph says only "level 2 of list 7"; the number is worked out here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from .docx_package import W
from .docx_styles import NumberedAs, is_on, value_of
from .number_formats import formatted

_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_SUFFIXES = {"space": " ", "nothing": ""}
_BULLETS = {
    "\uf0b7": "•",
    "\uf0a7": "▪",
    "\uf0d8": "▸",
    "\uf0a8": "☐",
    "\uf06f": "☐",
    "o": "○",
    "\uf0fc": "✓",
}


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a list."""

    start: int = 1
    format: str = "decimal"
    text: str = ""  # "%1.%2": placeholders count levels from 1
    suffix: str = " "
    legal: bool = False  # all numbers in it as arabic digits
    restart: int | None = None  # the level (from 1) after which it starts anew; 0: never
    style: str = ""


@dataclass(frozen=True, slots=True)
class Number:
    """A paragraph's number as it is shown, with what parts it from the text; levels count from 0."""

    shown: str
    suffix: str
    level: int
    bullet: bool


class Numbering:
    """Counts through one document; ask once for each numbered paragraph, in order."""

    def __init__(self, root: etree._Element | None) -> None:
        self._abstract: dict[str, tuple[Level, ...]] = {}
        self._lists: dict[str, tuple[str, tuple[Level, ...], dict[int, int]]] = {}
        self._counters: dict[str, list[int | None]] = {}
        self._started: set[tuple[str, int]] = set()
        if root is not None:
            self._read(root)

    def next(self, numbered: NumberedAs | None, style_id: str) -> Number | None:
        """The number of the next paragraph of this list; None where it has none after all."""
        if numbered is None or numbered.list_id is None or numbered.list_id not in self._lists:
            return None
        abstract_id, levels, starts = self._lists[numbered.list_id]
        index = numbered.level if numbered.level is not None else _level_of_style(levels, style_id)
        if not 0 <= index < len(levels):
            return None
        counters = self._counters.setdefault(abstract_id, [None] * _LEVELS)
        if (numbered.list_id, index) not in self._started and index in starts:
            counters[index] = None
        self._started.add((numbered.list_id, index))
        _advance(counters, levels, index, starts)
        return _shown(counters, levels, index)

    def _read(self, root: etree._Element) -> None:
        links: dict[str, str] = {}  # a list that takes its levels from a numbering style
        style_lists: dict[str, str] = {}
        for element in root.iterchildren(W + "abstractNum"):
            abstract_id = element.get(W + "abstractNumId", "")
            self._abstract[abstract_id] = _levels(element)
            if value_of(element, "numStyleLink"):
                links[abstract_id] = value_of(element, "numStyleLink")
            if value_of(element, "styleLink"):
                style_lists[value_of(element, "styleLink")] = abstract_id
        for element in root.iterchildren(W + "num"):
            abstract_id = value_of(element, "abstractNumId")
            abstract_id = style_lists.get(links.get(abstract_id, ""), abstract_id)
            if abstract_id not in self._abstract:
                continue
            levels, starts = _overridden(self._abstract[abstract_id], element)
            self._lists[element.get(W + "numId", "")] = (abstract_id, levels, starts)


def _levels(abstract: etree._Element) -> tuple[Level, ...]:
    levels = [Level()] * _LEVELS
    for element in abstract.iterchildren(W + "lvl"):
        index = element.get(W + "ilvl", "")
        if index.isdecimal() and int(index) < _LEVELS:
            levels[int(index)] = _level(element)
    return tuple(levels)


def _level(element: etree._Element) -> Level:
    legal = element.find(W + "isLgl")
    restart = value_of(element, "lvlRestart")
    return Level(
        start=_whole(value_of(element, "start"), 1),
        format=value_of(element, "numFmt") or "decimal",
        text=value_of(element, "lvlText"),
        suffix=_SUFFIXES.get(value_of(element, "suff"), " "),
        legal=legal is not None and is_on(legal.get(W + "val", "1")),
        restart=int(restart) if restart.isdecimal() else None,
        style=value_of(element, "pStyle"),
    )


def _overridden(
    levels: tuple[Level, ...], number: etree._Element
) -> tuple[tuple[Level, ...], dict[int, int]]:
    """The levels of one list, and where it starts anew though it shares its counters with others."""
    own = list(levels)
    starts: dict[int, int] = {}
    for element in number.iterchildren(W + "lvlOverride"):
        index = element.get(W + "ilvl", "")
        if not index.isdecimal() or int(index) >= _LEVELS:
            continue
        redefined = element.find(W + "lvl")
        if redefined is not None:
            own[int(index)] = _level(redefined)
        start = value_of(element, "startOverride")
        if start.isdecimal():
            starts[int(index)] = _whole(start, 1)
            own[int(index)] = replace(own[int(index)], start=starts[int(index)])
    return tuple(own), starts


def _advance(counters: list[int | None], levels: Sequence[Level], index: int, starts: dict[int, int]) -> None:
    """Counts one up at a level; deeper levels begin anew unless they say otherwise."""
    current = counters[index]
    counters[index] = starts.get(index, levels[index].start) if current is None else current + 1
    for above in range(index):
        if counters[above] is None:
            counters[above] = levels[above].start
    for below in range(index + 1, _LEVELS):
        restart = levels[below].restart if below < len(levels) else None
        if restart is None or index + 1 <= restart:
            counters[below] = None


def _shown(counters: Sequence[int | None], levels: Sequence[Level], index: int) -> Number | None:
    level = levels[index]
    if level.format == "bullet":
        mark = _BULLETS.get(level.text, level.text.strip())
        mark = mark if mark and mark < "\ue000" else "•"
        return Number(mark, " ", index, bullet=True)

    def fill(found: re.Match[str]) -> str:
        at = int(found[1]) - 1
        value = counters[at] if counters[at] is not None else levels[at].start
        return formatted(value or 0, "decimal" if level.legal and at <= index else levels[at].format)

    shown = _PLACEHOLDER.sub(fill, level.text).strip()
    return Number(shown, level.suffix, index, bullet=False) if shown else None


def _level_of_style(levels: Sequence[Level], style_id: str) -> int:
    """A style that names a list without a level stands at the level that names the style."""
    return next((index for index, level in enumerate(levels) if style_id and level.style == style_id), 0)


def _whole(value: str, otherwise: int) -> int:
    return int(value) if value.isdecimal() and len(value) <= 6 else otherwise
