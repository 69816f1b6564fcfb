"""Markdown that a person wrote, as HTML that can do no harm.

Raw HTML is shown as text by the parser, and what the parser makes passes an allow-list once more: no image
(the page must not load anything from elsewhere), no relative link, no attribute but those named here.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from app.hidden import marked

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_CLEANER = nh3.Cleaner(
    tags={
        *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code"),
        *("em", "strong", "s", "a", "table", "thead", "tbody", "tr", "th", "td"),
    },
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel="noopener nofollow",
)
# Each of these may become a piece of its own, and a hundred thousand pieces take seconds.
_PIECES = re.compile(r"[\n\[\]!*_`~<&\\|]")
MOST_PIECES = 10_000
# Rows of a table are filled up to its columns, with cells that no character of the text stands for.
MOST_CELLS = 30_000


@lru_cache(maxsize=32)
def render(text: str, *, top_heading: int = 2) -> Markup:
    """The text as HTML, which templates print without escaping it again.

    Its highest heading becomes `<h{top_heading}>` and the others follow, so that the page around it keeps
    its outline: 2 below a page's title, 3 below the title of a dialog or a section. A text of more marks and
    lines than people write is shown as it was written.
    """
    text = marked(text)
    if _is_costly(text):
        return Markup("<pre>{}</pre>").format(escape(text))
    tokens = _PARSER.parse(text)
    _shift_headings(tokens, top_heading)
    return Markup(_CLEANER.clean(_PARSER.renderer.render(tokens, _PARSER.options, {})))  # noqa: S704 -- cleaned


def _is_costly(text: str) -> bool:
    columns = max(line.count("|") for line in text.split("\n"))
    cells = columns * text.count("\n")
    return cells > MOST_CELLS or sum(1 for _ in _PIECES.finditer(text)) > MOST_PIECES


def _shift_headings(tokens: Sequence[Token], top: int) -> None:
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + top, 6)}"
