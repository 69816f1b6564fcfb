"""A contract in markdown as a Word file whose clauses are numbered by Word, as law firms send them.

Only what the demo's contracts are made of: headings, numbered clauses, lettered items, tables, paragraphs.
"""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from lxml import etree

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MIME = "application/vnd.openxmlformats-officedocument.wordprocessingml"
_W = f"{{{_WORD}}}"

# The parts that are the same in every file. The one list has three levels: 1, 1.1, (a).
_PARTS = {
    "[Content_Types].xml": f"""<Types xmlns="{_PACKAGE}/content-types">
        <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
        <Override PartName="/word/document.xml" ContentType="{_MIME}.document.main+xml"/>
        <Override PartName="/word/styles.xml" ContentType="{_MIME}.styles+xml"/>
        <Override PartName="/word/numbering.xml" ContentType="{_MIME}.numbering+xml"/></Types>""",
    "_rels/.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
        <Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>""",
    "word/_rels/document.xml.rels": f"""<Relationships xmlns="{_PACKAGE}/relationships">
        <Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/>
        <Relationship Id="r2" Type="{_OFFICE}/numbering" Target="numbering.xml"/></Relationships>""",
    "word/styles.xml": f"""<w:styles xmlns:w="{_WORD}">
        <w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
        <w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style></w:styles>""",
    "word/numbering.xml": f"""<w:numbering xmlns:w="{_WORD}">
        <w:abstractNum w:abstractNumId="0"><w:multiLevelType w:val="multilevel"/>
        <w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1"/></w:lvl>
        <w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>
        <w:lvl w:ilvl="2"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%3)"/></w:lvl>
        </w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>""",
}
# What each level of the list looks like in markdown.
_NUMBERED = tuple(map(re.compile, (r"## \d+ ", r"\d+\.\d+ ", r"\([a-z]\) ")))
_RULE = re.compile(r"\| -")


def word_file(markdown: str) -> bytes:
    """The Word file of a contract; the same bytes for the same text."""
    blocks = re.split(r"\n{2,}", markdown.strip())
    document = _make("document", _make("body", *map(_block, blocks)))
    parts: dict[str, str | bytes] = {**_PARTS, "word/document.xml": etree.tostring(document)}
    file = BytesIO()
    with ZipFile(file, "w") as package:
        for name, xml in parts.items():
            entry = ZipInfo(name)  # with a fixed time
            entry.compress_type = ZIP_DEFLATED
            package.writestr(entry, xml)
    return file.getvalue()


def _block(block: str) -> etree._Element:
    """A paragraph or a table. The number at a paragraph's start is left to Word, which counts to the same."""
    if block.startswith("|"):
        rows = [line.strip("| ").split(" | ") for line in block.splitlines() if not _RULE.match(line)]
        return _make("tbl", *(_make("tr", *(_make("tc", _paragraph(cell)) for cell in row)) for row in rows))
    style = "Title" if block.startswith("# ") else "Heading1" if block.startswith("## ") else ""
    for level, number in enumerate(_NUMBERED):
        if found := number.match(block):
            return _paragraph(block[found.end() :], style=style, level=level)
    return _paragraph(block.lstrip("# "), style=style)


def _paragraph(text: str, *, style: str = "", level: int | None = None) -> etree._Element:
    properties = _make("pPr")
    if style:
        properties.append(_make("pStyle", val=style))
    if level is not None:
        properties.append(_make("numPr", _make("ilvl", val=str(level)), _make("numId", val="1")))
    return _make("p", properties, _make("r", _make("t", text=" ".join(text.split()))))


def _make(name: str, *children: etree._Element, text: str | None = None, **values: str) -> etree._Element:
    attributes = {_W + key: value for key, value in values.items()}
    element = etree.Element(_W + name, attributes, nsmap={"w": _WORD})
    element.text = text
    element.extend(children)
    return element
