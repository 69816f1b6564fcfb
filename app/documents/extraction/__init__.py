"""Reading contracts: from a file or a string to one canonical text with its blocks. Pure: no SQL, no HTTP."""

from .blocks import MAX_BLOCKS, Block, BlockKind, Extracted, Unreadable, blocks_from_json, blocks_to_json
from .plain import from_plain_text
from .sandbox import extract
from .sniffing import CSV, DOCX, HTML, JSON, JSONL, MARKDOWN, PDF, RTF, TEXT, ZIP, delimiter_of, sniff

__all__ = [
    "CSV",
    "DOCX",
    "HTML",
    "JSON",
    "JSONL",
    "MARKDOWN",
    "MAX_BLOCKS",
    "PDF",
    "RTF",
    "TEXT",
    "ZIP",
    "Block",
    "BlockKind",
    "Extracted",
    "Unreadable",
    "blocks_from_json",
    "blocks_to_json",
    "delimiter_of",
    "extract",
    "from_plain_text",
    "sniff",
]
