"""Every check once, in the order in which findings are shown."""

from collections.abc import Callable, Iterable

from app.checks.clauses import check_clauses
from app.checks.findings import Finding, Severity, Subject
from app.checks.length import check_length, check_shape

CHECKS: tuple[Callable[[Subject], Iterable[Finding]], ...] = (check_length, check_clauses, check_shape)


def run_checks(subject: Subject) -> list[Finding]:
    """All findings, errors first."""
    found = [finding for check in CHECKS for finding in check(subject)]
    order = list(Severity)
    return sorted(found, key=lambda finding: order.index(finding.severity))
