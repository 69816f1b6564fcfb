"""A check that comes later, and samples that were handed in before it."""

from collections.abc import Callable, Iterator

import pytest

from app.checks import registry
from app.checks.findings import Finding, Subject
from app.checks.registry import VERSIONS, WARNING, Check, Kind
from app.checks.spans import Span


def check_swans(subject: Subject) -> Iterator[Finding]:
    """No swan is black."""
    at = subject.output.find("black swan")
    if at >= 0:
        yield Finding("swans", "A black swan: swans are white.", value="black", output=Span(at, at + 10))


@pytest.fixture
def add_check(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on there are no black swans."""

    def add() -> None:
        swans = Check("swans", 1, check_swans, (Kind("swans", "Swans that are black", WARNING),))
        monkeypatch.setattr(registry, "CHECKS", (*registry.CHECKS, swans))
        monkeypatch.setitem(VERSIONS, "swans", 1)

    return add
