"""Every check once, in the order in which findings are shown; its kinds of findings and what these weigh."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from app.checks.clauses import check_clauses
from app.checks.copying import check_copying
from app.checks.evidence import check_evidence
from app.checks.facts import check_facts
from app.checks.findings import Finding, Severity, Subject
from app.checks.length import check_length
from app.checks.personal_data import check_personal_data
from app.checks.polarity import check_polarity
from app.checks.residue import check_residue
from app.checks.shape import check_shape

MOST = 100  # findings of a check that are shown: who has more has to begin somewhere
OFF = "off"  # what a project may say instead of a severity

OnError = Callable[[str, Exception], None]  # is told the name of the check that broke, and at what


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of findings: what it is called, and its severity where the project does not say another.

    A fixed one holds for every project.
    """

    name: str
    title: str
    severity: Severity
    is_fixed: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A rule on a pair. Its version is raised with every change of what it finds."""

    name: str
    version: int
    find: Callable[[Subject], Iterable[Finding]]
    kinds: tuple[Kind, ...]
    needs_facts: bool = False  # those that were read out of the contract


def _raise(_check: str, error: Exception) -> None:
    raise error


ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE
CHECKS = (
    Check(
        "length",
        1,
        check_length,
        (
            Kind("empty", "The summary is empty", ERROR, is_fixed=True),
            Kind("too_long", "More words than the project allows", ERROR),
            Kind("too_short", "Fewer words than the project asks for", NOTE),
        ),
    ),
    Check(
        "clauses",
        2,
        check_clauses,
        (
            Kind("undecided", "A required clause is undecided", ERROR),
            Kind("clauses", "A clause's state is not what summary and contract show", NOTE),
        ),
    ),
    Check(
        "facts",
        2,
        check_facts,
        (Kind("facts", "A fact that the contract does not bear out", WARNING),),
        needs_facts=True,
    ),
    Check(
        "polarity",
        2,
        check_polarity,
        (Kind("polarity", "The contract says the opposite, or an exception is left out", WARNING),),
    ),
    Check(
        "evidence",
        2,
        check_evidence,
        (Kind("evidence", "A sentence without evidence, or evidence that is out of date", WARNING),),
    ),
    Check(
        "copying",
        1,
        check_copying,
        (
            Kind(
                "copying",
                "Long runs of the contract's own words, or nearly another sample's summary",
                WARNING,
            ),
        ),
    ),
    Check(
        "personal_data",
        1,
        check_personal_data,
        (Kind("personal_data", "Addresses and numbers of people", WARNING),),
    ),
    Check("shape", 1, check_shape, (Kind("shape", "Not one paragraph of prose", NOTE),)),
    Check(
        "residue",
        2,
        check_residue,
        (Kind("residue", "Placeholders, marks and characters that were left over", NOTE),),
    ),
)
VERSIONS = {check.name: check.version for check in CHECKS}
KINDS = {kind.name: kind for check in CHECKS for kind in check.kinds}


def run_checks(subject: Subject, *, on_error: OnError = _raise) -> list[Finding]:
    """The first findings of each check with the project's severities, errors first; none that is off.

    A check that breaks is told to `on_error`. Where that goes on, so do the other checks.
    """
    return _by_severity(finding for check in CHECKS for finding in _try(check, subject, on_error))


def _try(check: Check, subject: Subject, on_error: OnError) -> list[Finding]:
    if subject.contract.is_read or not check.needs_facts:
        try:
            return _found(check, subject)
        except Exception as error:  # noqa: BLE001 -- whatever a check breaks at, nobody's words are lost for it
            on_error(check.name, error)
    name = check.name.replace("_", " ")
    message = f"The check of {name} could not be made: tell whoever runs the server."
    return [Finding(check.name, message, value="not made")]


def _found(check: Check, subject: Subject) -> list[Finding]:
    severities = {kind.name: _severity(kind, subject.severities) for kind in check.kinds}
    found = _by_severity(
        replace(finding, severity=Severity(severity))
        for finding in check.find(subject)
        if (severity := severities[finding.kind or finding.check]) != OFF
    )
    more = Counter(finding.severity for finding in found[MOST:])
    return found[:MOST] + [
        _more(check, severity, more[severity]) for severity in (ERROR, WARNING) if more[severity]
    ]


def _more(check: Check, severity: Severity, number: int) -> Finding:
    """What stands for those that are not shown, so that none goes through without a reason."""
    message = (
        f"And {number} more of this check: correct those that are shown first, or say why all of them stand."
    )
    return Finding(check.name, message, value=f"{number} more", severity=severity)


def _by_severity(found: Iterable[Finding]) -> list[Finding]:
    return sorted(found, key=lambda finding: list(Severity).index(finding.severity))


def _severity(kind: Kind, of_project: Mapping[str, str]) -> str:
    return kind.severity if kind.is_fixed else of_project.get(kind.name, kind.severity)
