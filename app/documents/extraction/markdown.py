"""Markdown: its headings, lists and tables become blocks, its marks of emphasis and its HTML go."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from .assembly import Assembly
from .blocks import BlockKind, Extracted
from .labels import read_label
from .plain import canonical

EXTRACTOR = "markdown"
VERSION = "1"
_KEPT_AS_TEXT = ("text", "code_inline", "html_inline")


def read_markdown(text: str, *, max_characters: int) -> Extracted:
    """The text of a Markdown document as it reads when it is rendered, numbers kept."""
    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(canonical(text))
    assembly = Assembly(max_characters=max_characters)
    paragraphs = [paragraph for paragraph in _paragraphs(tokens) if paragraph[3].strip()]
    for (kind, level, mark, words), (_, _, _, following) in pairwise([*paragraphs, ("", 0, "", "")]):
        shown = mark + words
        if kind == "heading":
            label = read_label(shown)
            known = label if label and shown[label.body :] else None
            assembly.add_known(
                BlockKind.HEADING,
                shown,
                level=level,
                number=known.shown if known else "",
                body=known.body if known else 0,
            )
        elif kind == "row":
            assembly.add_known(BlockKind.ROW, shown)
        elif mark:
            number = mark.strip().rstrip(".")
            assembly.add_known(BlockKind.ITEM, shown, level=level, number=number, body=len(mark))
        else:
            assembly.add(shown, following=len(following))
    return assembly.extracted(
        title="", extractor=EXTRACTOR, extractor_version=VERSION, media_type="text/markdown"
    )


def _paragraphs(tokens: Sequence[Token]) -> Iterator[tuple[str, int, str, str]]:
    """Kind, level, the mark of a list item, and the words, of each paragraph in order."""
    depth, mark = 0, ""
    cells: list[str] = []
    start = Token("start", "", 0)
    for before, token in pairwise([start, *tokens]):
        if token.type.endswith(("_list_open", "_list_close")):
            depth += token.nesting
        if token.type == "list_item_open":
            mark = f"{token.info}{token.markup} " if token.info else "• "
        elif token.type == "tr_close":
            yield "row", 0, "", " | ".join(filter(None, cells))
            cells = []
        elif token.type == "inline" and before.type in ("td_open", "th_open"):
            cells.append(_words(token))
        elif token.type == "inline" and before.type == "heading_open":
            yield "heading", int(before.tag[1]), "", _words(token)
        elif token.type in ("inline", "fence", "code_block"):
            yield "text", depth, mark, _words(token) if token.type == "inline" else token.content.rstrip()
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
