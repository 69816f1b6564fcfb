"""Markdown: its headings, lists and tables become blocks, its marks of emphasis and its HTML go."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .blocks import Extracted
from .marked import Marked, assemble
from .plain import canonical

EXTRACTOR = "markdown"
VERSION = "2"
_KEPT_AS_TEXT = ("text", "code_inline", "html_inline")


def read_markdown(text: str, *, max_characters: int) -> Extracted:
    """The text of a Markdown document as it reads when it is rendered, numbers kept."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(canonical(text))
    assembly = assemble(_paragraphs(tokens), max_characters=max_characters)
    return assembly.extracted(
        title="", extractor=EXTRACTOR, extractor_version=VERSION, media_type="text/markdown"
    )


def _paragraphs(tokens: Sequence[Token]) -> Iterator[Marked]:
    depth, mark = 0, ""
    cells: list[str] = []
    start = Token("start", "", 0)
    for before, token in pairwise([start, *tokens]):
        if token.type.endswith(("_list_open", "_list_close")):
            depth += token.nesting
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup} " if token.info else "• "
        elif token.type == "tr_close":
            yield Marked("row", 0, "", " | ".join(filter(None, cells)))
            cells = []
        elif token.type == "inline" and before.type in ("td_open", "th_open"):
            cells.append(_words(token))
        elif token.type == "inline" and before.type == "heading_open":
            yield Marked("heading", int(before.tag[1]), "", _words(token))
        elif token.type in ("inline", "fence", "code_block"):
            words = _words(token) if token.type == "inline" else token.content.rstrip()
            yield Marked("text", depth, mark, words)
            mark = ""


def _words(token: Token) -> str:
    """An inline token as it reads: no emphasis, a link's words and not its address."""
    parts = []
    for child in token.children or ():
        if child.type in _KEPT_AS_TEXT:
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" " if child.type == "softbreak" else "\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts).strip()
