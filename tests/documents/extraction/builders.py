"""Small Word and PDF files, written part by part, so that a test shows what stands in them."""

import io
import zipfile
import zlib
from collections.abc import Iterable, Mapping

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT_TYPES = f'<Types xmlns="{_PACKAGE}/content-types"/>'
ROOT_RELATIONSHIPS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
)


def paragraph(
    text: str = "", *, style: str = "", numbered: tuple[int, int] | None = None, runs: str = ""
) -> str:
    """A w:p with one run of text, or with `runs` as they are; `numbered` is (list, level)."""
    properties = f'<w:pStyle w:val="{style}"/>' if style else ""
    if numbered:
        properties += f'<w:numPr><w:ilvl w:val="{numbered[1]}"/><w:numId w:val="{numbered[0]}"/></w:numPr>'
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs or run(text)}</w:p>"


def run(text: str, *, properties: str = "") -> str:
    """A w:r."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def docx(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    """A Word file with this body, and other parts by their kind: {"numbering": "<w:abstractNum…"}."""
    parts = parts or {}
    relationships = "".join(
        f'<Relationship Id="p{index}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        for index, kind in enumerate(parts)
    )
    files = {
        "[Content_Types].xml": CONTENT_TYPES,
        "_rels/.rels": ROOT_RELATIONSHIPS,
        "word/document.xml": f"<w:document {W} {MC}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{relationships}</Relationships>'
        ),
    }
    for kind, content in parts.items():
        files[f"word/{kind}.xml"] = f"<w:{kind} {W}>{content}</w:{kind}>"
    return zipped(files.items())


def zipped(files: Iterable[tuple[str, str | bytes]]) -> bytes:
    """A ZIP of these files, in this order, names repeated where they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def numbering(levels: Iterable[tuple[str, str]], *, extra: str = "", overrides: str = "") -> str:
    """One list, number 1, with levels of (format, text); list 2 shares it with `overrides`."""
    written = "".join(
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{style}"/>'
        f'{extra}<w:lvlText w:val="{text}"/></w:lvl>'
        for index, (style, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="0">{written}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'
        f'<w:num w:numId="2"><w:abstractNumId w:val="0"/>{overrides}</w:num>'
    )


def pdf(pages: Iterable[Iterable[tuple[float, float, float, str]]], *, trailer: str = "") -> bytes:
    """A PDF whose pages hold lines of (x, y, size, text) in Helvetica."""
    streams = [
        "".join(f"BT /F1 {size} Tf {x} {y} Td ({_escaped(text)}) Tj ET\n" for x, y, size, text in lines)
        for lines in pages
    ]
    return pdf_of_streams([stream.encode("cp1252") for stream in streams], trailer=trailer)


def pdf_of_streams(streams: list[bytes], *, trailer: str = "", resources: str = "") -> bytes:
    """A PDF with these content streams, compressed."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(streams)))
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(streams)} >>".encode(),
        font.encode(),
    ]
    for index, stream in enumerate(streams):
        packed = zlib.compress(stream)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * index} 0 R "
            f"/Resources << /Font << /F1 3 0 R >> {resources} >> >>".encode()
        )
        objects.append(
            f"<< /Length {len(packed)} /Filter /FlateDecode >>\nstream\n".encode() + packed + b"\nendstream"
        )
    return _assembled(objects, trailer)


def column(
    lines: Iterable[str], *, x: float = 72, top: float = 700, size: float = 11
) -> list[tuple[float, float, float, str]]:
    """Lines under one another at a usual distance."""
    return [(x, top - 1.2 * size * index, size, line) for index, line in enumerate(lines)]


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: list[bytes], trailer: str) -> bytes:
    written, offsets = bytearray(b"%PDF-1.7\n"), []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(written))
        written += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    start = len(written)
    written += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    written += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    written += (
        f"trailer << /Size {len(objects) + 1} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF".encode()
    )
    return bytes(written)
