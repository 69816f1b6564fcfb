"""Texts that break programs, and how a page is searched for what broke out of its place."""

from lxml import html

from tests.factories import CONTRACT

# Markup in every form in which it could leave its place: text, attribute, script, template, htmx, link.
MARKUP = (
    """<script>m4rk()</script>"'`><m4rk m4rk=1 hx-get="/m4rk" hx-on:load="m4rk()" onclick=m4rk()>"""
    """</textarea></title></option>--><img src=//m4rk onerror=m4rk()><a href="javascript:m4rk()">"""
    """{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>[m4rk](javascript:m4rk())"""
)
OVERRIDE = "pay \u202eton\u202c \u2066x\u2069 \U000e0068\U000e0069"
TEXTS: dict[str, str] = {
    "empty": "",
    "invisible": "\u200b\u2060\ufeff\u3164\u2800\U000e0041\ufe0f",
    "space": " \t\u00a0\u2003",
    "nul": "a\0b",
    "half a character": "a\ud800b",
    "line separators and controls": "a\u2028b\u2029c\u0085d\x01\x1b[31m\x7f",
    "directions and tags": OVERRIDE,
    "decomposed": "Zoe\u0308 \u212b",
    "line ends": "a\rb\r\nc\n",
    "markup": MARKUP,
    "formula": "=cmd|' /C calc'!A0",
    "wildcards": "%_\\*?' OR 1=1 --",
    "path": "../../etc/passwd\r\nX-Evil: 1",
    "number": "9" * 5000,
    "not a number": "NaN",
    "long": "x" * 300_000,
    "marks": "[" * 20_000,
    "contract": CONTRACT,
}


def broken_out(text: str) -> list[str]:
    """What of MARKUP became markup of the page: elements, attributes, links, scripts."""
    if "m4rk" not in text:
        return []
    found = []
    for element in html.fromstring(text).iter():
        if not isinstance(element.tag, str):
            continue
        names = {element.tag, *element.keys()}
        address = element.get("href", "") + element.get("src", "") + element.get("action", "")
        if "m4rk" in names or any(name.startswith(("on", "hx-on")) for name in names):
            found.append(f"<{element.tag} {dict(element.attrib)}>"[:200])
        elif address.strip().lower().startswith(("javascript:", "//m4rk")):
            found.append(address[:200])
        elif element.tag == "script" and (element.text or "").strip():
            found.append((element.text or "")[:200])
    return found
