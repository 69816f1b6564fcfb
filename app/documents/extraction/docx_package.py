"""The ZIP that a Word file is: opened within limits, its XML parsed without entities, network or DTD."""

import posixpath
import zipfile
from typing import BinaryIO

from lxml import etree

from .blocks import Unreadable

MOST_ENTRIES = 10_000
MOST_UNPACKED = 2 * 1024**3  # bytes, all entries together
LARGEST_PART = 100 * 1024**2  # bytes of one XML part; its tree takes about five times that in memory

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
# ISO's "strict" flavour has other names for the same vocabulary.
_STRICT = b"http://purl.oclc.org/ooxml/"
_TRANSITIONAL = (
    (b"http://purl.oclc.org/ooxml/wordprocessingml/main", W[1:-1].encode()),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/",
        b"http://schemas.openxmlformats.org/officeDocument/2006/",
    ),
)

_DAMAGED = "This Word document is cut off or damaged. Open it in Word, save it anew, and import that."
_TOO_LARGE = (
    "This Word document unpacks to more than is allowed (10,000 parts, 2 GB). Save it anew and import that."
)
_SUSPICIOUS = (
    "This document is not built as Word builds them ({}). Open it in Word, save it anew, and import that."
)


class Package:
    """A Word file's parts by name. Raises Unreadable for damage and for everything over the limits."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError) as error:
            raise Unreadable(_DAMAGED) from error
        entries = self._zip.infolist()
        if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_UNPACKED:
            raise Unreadable(_TOO_LARGE)
        names = [entry.filename.lower() for entry in entries]
        if len(set(names)) != len(names):
            # Two readers may take different ones of two parts with one name: refuse to choose.
            raise Unreadable(_SUSPICIOUS.format("two parts have the same name"))
        self._entries = {entry.filename: entry for entry in entries}
        self.main = self._main_part()
        self._related = self._relationships(self.main)

    def names(self, kind: str) -> list[str]:
        """The parts that the document refers to as `kind`: "header", "footnotes", "numbering"."""
        return [name for related, name in self._related if related == kind and name in self._entries]

    def part(self, kind: str) -> etree._Element | None:
        """The first part of a kind, parsed; None where there is none."""
        names = self.names(kind)
        return self.xml(names[0]) if names else None

    def xml(self, name: str) -> etree._Element:
        """A part, parsed."""
        parser = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        try:
            root = etree.fromstring(self._read(name), parser)
        except etree.XMLSyntaxError as error:
            if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:  # not in the stubs
                raise MemoryError from error
            raise Unreadable(_DAMAGED, detail=f"XML in {posixpath.basename(name)[:40]}") from error
        if root.getroottree().docinfo.internalDTD is not None:
            raise Unreadable(_SUSPICIOUS.format("it declares entities"))
        return root

    def _read(self, name: str) -> bytes:
        entry = self._entries.get(name)
        if entry is None:
            raise Unreadable(_DAMAGED, detail="a part is missing")
        if entry.file_size > LARGEST_PART:
            raise Unreadable(_TOO_LARGE)
        try:
            with self._zip.open(entry) as part:
                data = part.read(LARGEST_PART + 1)
        except (
            zipfile.BadZipFile,
            EOFError,
            OSError,
            ValueError,
            RuntimeError,
            NotImplementedError,
        ) as error:
            raise Unreadable(_DAMAGED, detail=type(error).__name__) from error
        if len(data) > LARGEST_PART:
            raise Unreadable(_TOO_LARGE)
        if _STRICT in data:
            for strict, transitional in _TRANSITIONAL:
                data = data.replace(strict, transitional)
        return data

    def _main_part(self) -> str:
        for kind, name in self._relationships(""):
            if kind == "officeDocument" and name in self._entries:
                return name
        if "word/document.xml" in self._entries:
            return "word/document.xml"
        raise Unreadable(_DAMAGED, detail="no main part")

    def _relationships(self, source: str) -> list[tuple[str, str]]:
        """Kind and part name of each relationship within the package; external targets are never followed."""
        folder, base = posixpath.split(source)
        name = posixpath.join(folder, "_rels", f"{base}.rels")
        if name not in self._entries:
            return []
        found = []
        for element in self.xml(name).iter(_RELATIONSHIP):
            if element.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, element.get("Target", "")))
            found.append((element.get("Type", "").rpartition("/")[2], target.lstrip("/")))
        return found
