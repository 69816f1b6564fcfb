"""Reading contracts: from a file or a string to one canonical text with its blocks. Pure: no SQL, no HTTP."""

from .blocks import MAX_BLOCKS, Block, BlockKind, Extracted, Unreadable, blocks_from_json, blocks_to_json
from .plain import from_plain_text
from .sandbox import extract
from .sniffing import DOCX, JSONL, MARKDOWN, PDF, TEXT, ZIP, sniff

__all__ = [
    "DOCX",
    "JSONL",
    "MARKDOWN",
    "MAX_BLOCKS",
    "PDF",
    "TEXT",
    "ZIP",
    "Block",
    "BlockKind",
    "Extracted",
    "Unreadable",
    "blocks_from_json",
    "blocks_to_json",
    "extract",
    "from_plain_text",
    "sniff",
]
