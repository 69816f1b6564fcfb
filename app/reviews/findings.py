"""Findings as the pages show them: in groups, with their reasons and where they stand."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

from app.checks.findings import Severity
from app.documents.extraction import Block
from app.documents.outline import anchor_of

_FEW = 3  # a longer group of warnings or notes is folded


def findings_context(
    findings: Sequence[Mapping[str, Any]],
    reasons: Mapping[str, str],
    *,
    blocks: Sequence[Block] = (),
    unexplained: Sequence[str] = (),
    facts: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """What the pages show of the findings, as revisions keep them, errors first.

    `blocks` are the contract's: with them, links lead to the paragraph without a script. `unexplained` are
    the keys of those whose reason was missing when the summary was to be handed in. A finding that has the
    key of an earlier one is repeated: their reason is the same. `facts` says how many there are of `all`, and
    how many the contract has `borne_out`.
    """
    starts, known = [block.start for block in blocks], set[str]()
    views = []
    for finding in findings:
        key = finding["key"]
        views.append(
            _place(finding, starts)
            | {name: finding[name] for name in ("key", "check", "severity", "message")}
            | {
                "reason": reasons.get(key, ""),
                "is_unexplained": key in unexplained,
                "takes_focus": [key] == [*unexplained[:1]] and key not in known,
                "is_repeated": key in known,
            }
        )
        known.add(key)
    groups = []
    for (severity, check), each in groupby(views, key=lambda view: (view["severity"], view["check"])):
        listed = list(each)
        groups.append(
            {
                "id": f"findings-{severity}-{check}",
                "severity": severity,
                "check": check.replace("_", " "),
                "findings": listed,
                "is_folded": severity != Severity.ERROR
                and len(listed) > _FEW
                and not any(view["is_unexplained"] for view in listed),
            }
        )
    return {"findings": {"count": _count(findings), "groups": groups}, "facts": facts}


def _place(finding: Mapping[str, Any], starts: Sequence[int]) -> dict[str, Any]:
    document = finding.get("document")
    block = max(bisect_right(starts, document["start"]) - 1, 0) if document and starts else None
    return {
        "output": finding.get("output"),
        "document": document,
        "anchor": "pane-contract" if block is None else anchor_of(block),
    }


def _count(findings: Sequence[Mapping[str, Any]]) -> str:
    """How many there are: “2 errors, 3 warnings, 1 note”; "" where there are none."""
    said = []
    for severity in Severity:
        number = sum(finding["severity"] == severity for finding in findings)
        if number:
            said.append(f"{number} {severity}{'' if number == 1 else 's'}")
    return ", ".join(said)
