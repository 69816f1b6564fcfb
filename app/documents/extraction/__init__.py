"""Reading contracts: from a file or a string to one canonical text with its blocks. Pure: no SQL, no HTTP."""

from .blocks import MAX_BLOCKS, Block, BlockKind, Extracted, Unreadable, blocks_from_json, blocks_to_json
from .plain import from_plain_text

__all__ = [
    "MAX_BLOCKS",
    "Block",
    "BlockKind",
    "Extracted",
    "Unreadable",
    "blocks_from_json",
    "blocks_to_json",
    "from_plain_text",
]
