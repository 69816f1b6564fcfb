"""Markdown as HTML: what a lead writes can do no harm on anybody's page."""

import pytest

from app.web.markdown import render


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "![x](https://elsewhere.example/pixel.png)",
        '[x](https://a.example "\\"onmouseover=alert(1)")',
        "<div hx-get='/projects' hx-trigger='load'>x</div>",
        "```html\n<script>alert(1)</script>\n```",
        "[x](//elsewhere.example) [y](/sign-out)",
    ],
)
def test_nothing_in_it_runs_loads_or_leads_inside(text: str) -> None:
    html = str(render(text))
    for harmful in ("<script", "<img", "<div", 'href="javascript', 'href="data', 'href="/', " onmouseover="):
        assert harmful not in html.lower()


def test_links_lead_out_without_vouching_for_where() -> None:
    assert render("[x](https://a.example)") == (
        '<p><a href="https://a.example" rel="noopener nofollow">x</a></p>\n'
    )


@pytest.mark.parametrize(
    ("text", "top", "headings"),
    [
        ("# A\n## B\n### C", 2, ["<h2>A</h2>", "<h3>B</h3>", "<h4>C</h4>"]),
        ("## A\n### B", 2, ["<h2>A</h2>", "<h3>B</h3>"]),
        ("# A\n## B", 3, ["<h3>A</h3>", "<h4>B</h4>"]),
        ("# A\n###### B", 3, ["<h3>A</h3>", "<h6>B</h6>"]),
    ],
)
def test_headings_follow_the_title_that_they_stand_under(text: str, top: int, headings: list[str]) -> None:
    html = str(render(text, top_heading=top))
    assert [line for line in html.splitlines() if line.startswith("<h")] == headings


def test_lists_tables_and_quotations_are_kept() -> None:
    html = str(render("- a\n- b\n\n> c\n\n| d |\n| - |\n| e |\n\n**f** `g` ~~h~~"))
    for kept in (
        "<li>a</li>",
        "<blockquote>",
        "<td>e</td>",
        "<strong>f</strong>",
        "<code>g</code>",
        "<s>h</s>",
    ):
        assert kept in html
