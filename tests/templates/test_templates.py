"""What every template must be, told from its source alone."""

import re
from pathlib import Path

import pytest
from jinja2 import meta

from app.web import templates

FOLDER = templates.ROOT / "templates"
ALL = sorted(str(path.relative_to(FOLDER)) for path in FOLDER.rglob("*.html"))
FRAGMENTS = [name for name in ALL if Path(name).name.startswith("_")]
NEEDS = re.compile(r"\{# needs:(?P<names>[\w\s,]*)#\}")


def _source(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _undeclared(name: str) -> set[str]:
    """The names that a template and everything it includes take from the context."""
    tree = templates.environment.parse(_source(name))
    names = (
        meta.find_undeclared_variables(tree) - templates.environment.globals.keys() - templates.ALWAYS_GIVEN
    )
    for included in meta.find_referenced_templates(tree):
        if included and Path(included).name.startswith("_"):
            names |= _declared(included)
    return names


def _declared(name: str) -> set[str]:
    match = NEEDS.match(_source(name).splitlines()[0])
    assert match, f"{name} does not begin with a line such as {{# needs: sample #}}"
    return {word.strip() for word in match["names"].split(",") if word.strip()}


@pytest.mark.parametrize("name", ALL)
def test_every_template_compiles(name: str) -> None:
    assert templates.environment.get_template(name).name == name


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_uses_what_it_declares_and_nothing_else(name: str) -> None:
    inherited = re.findall(r"\bset (\w+) =", _source(name))
    assert _undeclared(name) - set(inherited) == _declared(name)


@pytest.mark.parametrize("name", ALL)
def test_nothing_in_a_template_is_refused_by_the_content_security_policy(name: str) -> None:
    source = _source(name)
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<style", source)
    assert not re.search(r"\s(hx-)?on[:\w-]*\s*=\s*[\"'][^\"']*[(;]", source), "an inline event handler"
    assert "hx-on" not in source
    assert not re.search(r"[\"']\s*js:", source)
    assert not re.search(r"hx-trigger=\"[^\"]*\[", source), "a trigger filter is evaluated as code"
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", source, re.DOTALL):
        assert "src=" in attributes
        assert not body.strip()


@pytest.mark.parametrize("name", ALL)
def test_html_is_trusted_only_with_the_reason_beside_it(name: str) -> None:
    lines = _source(name).splitlines()
    for number, line in enumerate(lines):
        if re.search(r"\|\s*safe\b", line):
            assert "{#" in line or "{#" in lines[number - 1], (
                f"{name}:{number + 1} trusts HTML without a reason"
            )


@pytest.mark.parametrize("name", ALL)
def test_a_template_can_be_read_in_one_go(name: str) -> None:
    assert len(_source(name).splitlines()) <= 120


def _with_includes(name: str) -> set[str]:
    tree = templates.environment.parse(_source(name))
    included = {found for found in meta.find_referenced_templates(tree) if found and "/_" in found}
    return {name}.union(*map(_with_includes, included))


@pytest.mark.parametrize("name", [name for name in ALL if 'extends "layouts/desk.html"' in _source(name)])
def test_a_page_with_a_contract_carries_htmx_where_something_on_it_asks_by_it(name: str) -> None:
    asks = any(" hx-" in _source(each) for each in _with_includes(name))
    assert asks == ("{% block htmx %}" in _source(name))
