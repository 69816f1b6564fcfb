"""What a Word style says of a paragraph, with what it inherits: outline level, numbering, name."""

from dataclasses import dataclass

from lxml import etree

from .docx_package import W

_DEEPEST = 20  # styles based on styles; a circle ends here


@dataclass(frozen=True, slots=True)
class NumberedAs:
    """A list and the level in it; `list_id` "0" takes a number away."""

    list_id: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What counts for extraction."""

    name: str = ""
    outline: int | None = None  # 0 for "heading 1"; 9 is body text
    numbered: NumberedAs | None = None
    bold: bool = False


class Styles:
    """The paragraph styles of one document."""

    def __init__(self, root: etree._Element | None) -> None:
        self._elements: dict[str, etree._Element] = {}
        self._resolved: dict[str, ParagraphStyle] = {}
        self._default = ""
        for element in root.iterchildren(W + "style") if root is not None else ():
            style_id = element.get(W + "styleId")
            if element.get(W + "type") == "paragraph" and style_id:
                self._elements[style_id] = element
                if is_on(element.get(W + "default", "0")):
                    self._default = style_id

    def of(self, paragraph: etree._Element) -> ParagraphStyle:
        """The style of a paragraph, with what it inherits."""
        style_id = value_of(paragraph, "pPr", "pStyle") or self._default
        if style_id not in self._resolved:
            self._resolved[style_id] = self._resolve(style_id)
        return self._resolved[style_id]

    def _resolve(self, style_id: str) -> ParagraphStyle:
        name, outline, bold = "", None, False
        list_id, level = None, None
        for _ in range(_DEEPEST):
            element = self._elements.get(style_id)
            if element is None:
                break
            name = name or value_of(element, "name")
            outline = outline if outline is not None else outline_of(element)
            own = numbering_of(element)
            if own is not None and list_id is None:  # a style may set the level and inherit the list
                list_id, level = own.list_id, level if level is not None else own.level
            bold = bold or is_bold(element)
            style_id = value_of(element, "basedOn")
        if outline is None and name.lower().startswith("heading ") and name[8:9].isdigit():
            outline = int(name[8]) - 1
        numbered = NumberedAs(list_id, level) if list_id is not None else None
        return ParagraphStyle(name=name.lower(), outline=outline, numbered=numbered, bold=bold)


def value_of(element: etree._Element, *path: str) -> str:
    """The w:val of a descendant, "" where there is none."""
    found: etree._Element | None = element
    for name in path:
        found = found.find(W + name) if found is not None else None
    return found.get(W + "val", "") if found is not None else ""


def outline_of(element: etree._Element) -> int | None:
    """The outline level that a style or a paragraph sets itself."""
    value = value_of(element, "pPr", "outlineLvl")
    return int(value) if value.isdecimal() else None


def numbering_of(element: etree._Element) -> NumberedAs | None:
    """The numbering that a style or a paragraph sets itself."""
    properties = element.find(f"{W}pPr/{W}numPr")
    if properties is None:
        return None
    level = value_of(properties, "ilvl")
    return NumberedAs(value_of(properties, "numId") or None, int(level) if level.isdecimal() else None)


def is_bold(element: etree._Element) -> bool:
    """Whether a style's or a run's own properties set it in bold or underline it."""
    properties = element.find(W + "rPr")
    if properties is None:
        return False
    bold = properties.find(W + "b")
    underline = properties.find(W + "u")
    underlined = underline is not None and underline.get(W + "val", "none") != "none"
    return underlined or (bold is not None and is_on(bold.get(W + "val", "1")))


def is_on(value: str) -> bool:
    """A Word on-off value."""
    return value.lower() not in ("0", "false", "off", "none")
