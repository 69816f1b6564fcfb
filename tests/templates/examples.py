"""Example contexts for the pages around a sample, with every name that those pages are given."""

from datetime import UTC, datetime
from types import SimpleNamespace as Given
from typing import Any

NOON = datetime(2026, 11, 5, 12, 3, tzinfo=UTC)
PROJECT = Given(slug="nda", name="Confidentiality <b>agreements</b>")
VIEWER = Given(
    id=7, name="Anna Keller", email="anna@example.org", is_admin=False, single_keys=True, projects=[PROJECT]
)
HOSTILE = "</textarea><script>alert(1)</script>"


def _block(number: int, kind: str, text: str) -> dict[str, object]:
    place = {
        "anchor": f"b{number}",
        "start": number * 100,
        "body": number * 100 + 4,
        "end": number * 100 + len(text),
        "page": 1,
    }
    return place | {"kind": kind, "level": 1, "number": f"{number}.1", "text": text}


def _evidence(number: int, **more: object) -> dict[str, object]:
    entry = {"number": number, "clause_name": "", "words": "", "is_loose": False, "is_misquoted": False}
    data = {"clause": "term", "output": {"start": 0, "end": 9}, "document": {"start": 204, "end": 213}}
    return entry | {"quote": HOSTILE, "anchor": "b2", "place": "2.1", "data": data} | more


def _finding(key: str, **more: object) -> dict[str, object]:
    finding = {"key": key, "message": "Not borne out.", "reason": "", "output": None, "document": None}
    about = {"is_unexplained": False, "takes_focus": False, "is_repeated": False, "anchor": "b1"}
    return finding | about | more


def _group(
    severity: str, check: str, findings: list[dict[str, object]], *, is_folded: bool = False
) -> dict[str, object]:
    # Without the severity that the page has from the group, a finding would be no finding.
    listed = [finding | {"severity": severity, "check": check} for finding in findings]
    about = {"id": f"findings-{severity}-{check}", "severity": severity, "check": check}
    return about | {"findings": listed, "is_folded": is_folded}


def _around() -> dict[str, Any]:
    return {
        "project": PROJECT,
        "document": Given(
            id=3,
            title="Loan <of> equipment",
            client="Harbour plc",
            matter="M-1",
            page_count=2,
            word_count=3000,
            media_label="PDF",
            original_url="/documents/3/original",
            page_url="/documents/3",
        ),
        "blocks": [_block(1, "heading", "Term"), _block(2, "paragraph", f"One year. {HOSTILE}")],
        "outline": [{"anchor": "b1", "number": "1", "title": "Term", "level": 1}],
        "instruction": Given(key="summary", text="Summarize."),
        "guidelines": Given(version=2, html="<p>Plain words.</p>"),
        "clauses": [
            {
                "key": "term",
                "name": "Term",
                "required": True,
                "state": "covered",
                "position": 1,
                "evidence": [1],
                "best": {"anchor": "b2", "number": "2.1", "why": "term", "is_likely": True, "words": HOSTILE},
                "passages": [{"anchor": "b2", "number": "2.1", "why": "initial term"}],
            },
            {
                "key": "law",
                "name": "Governing law",
                "required": False,
                "state": "",
                "position": 2,
                "evidence": [],
                "best": None,
                "passages": [],
            },
        ],
        "evidence": [
            _evidence(1, clause_name="Term", words=f"One year. {HOSTILE}"),
            _evidence(2, is_loose=True, is_misquoted=True),
        ],
        "sentences": [
            {
                "text": f"One year. {HOSTILE}",
                "behind": " ",
                "start": 0,
                "evidence": [1],
                "pieces": [
                    {"text": "One year.", "start": 0, "severity": "warning", "is_long": True},
                    {"text": f" {HOSTILE}", "start": 9, "severity": ""},
                ],
            },
            {
                "text": "Irish law.",
                "behind": "",
                "start": 60,
                "evidence": [],
                "pieces": [{"text": "Irish law.", "start": 60, "severity": ""}],
            },
        ],
        "can_mark": False,
        "policy": Given(min_words=60, max_words=160),
        "word_count": 1284,
        "findings": Given(
            count="1 error, 6 warnings",
            groups=[
                _group("error", "length", [_finding("b2", message="Too long.")]),
                _group(
                    "warning",
                    "facts",
                    [
                        _finding(
                            "a1",
                            message=f"“£5” is not in it. {HOSTILE}",
                            reason="It is meant.",
                            output={"start": 0, "end": 9},
                            document={"start": 204, "end": 213},
                        ),
                        _finding("a2", is_unexplained=True, takes_focus=True),
                    ],
                ),
                _group(
                    "warning", "evidence", [_finding(f"c{number}") for number in range(4)], is_folded=True
                ),
            ],
        ),
        "facts": Given(borne_out=7, all=9),
        "decisions": [
            Given(
                action="request_changes",
                action_label="Changes requested",
                reviewer_name="Rita Osei",
                at=NOON,
                reason="See 7.2.",
                revision_number=1,
            )
        ],
        "lease_message": "",
        "errors": {},
    }


def writing() -> dict[str, Any]:
    """What samples/writing.html is given."""
    return _around() | {
        "sample": Given(
            id=12,
            status="draft",
            annotator_name="Anna Keller",
            is_imported=False,
            revision_count=0,
            due_on=NOON.date(),
        ),
        "draft": Given(number=7, output=f"One year. {HOSTILE}", saved_at=NOON, is_stored=True),
        "editor": "e1",
        "lease": Given(expires_at=NOON),
        "actions": ["submit", "skip"],
        "attested": False,
        "left_count": 38,
        "limits": Given(output_characters=20_000, evidence_characters=20_000, evidence_entries=500),
        "can_mark": True,
        "by_words": Given(
            paragraph="2.1", quote=HOSTILE, supports="clause:term", options=[("clause:term", "Term")]
        ),
    }


def reviewing() -> dict[str, Any]:
    """What samples/reviewing.html is given."""
    return _around() | {
        "sample": Given(id=12, status="submitted", annotator_name="Anna Keller", is_imported=False),
        "revision": Given(id=9, number=2, author_name="Anna Keller", output=HOSTILE, submitted_at=NOON),
        "against": Given(number=1),
        "diff": [
            Given(kind="same", text="One "),
            Given(kind="added", text="year"),
            Given(kind="removed", text="day"),
        ],
        "checked_again_at": NOON,
        "approvals": Given(given=0, needed=2),
        "actions": ["approve", "request_changes", "reject", "edit"],
        "waiting_count": 3,
        "undo": Given(sample_id=11, review_number=4, label="Approved sample 11", seconds=10),
        "reason_draft": "",
        "wording": "One year.",
        "edit_open": False,
        "edit_warnings": [
            Given(key="4f1c", message="The contract does not say “two years”.", reason="As amended.")
        ],
    }


def reading() -> dict[str, Any]:
    """What samples/sample.html is given."""
    return reviewing() | {"against": None, "diff": None, "actions": ["recall", "resume", "release", "reopen"]}


def history() -> dict[str, Any]:
    """What samples/history.html is given."""
    about = {name: _around()[name] for name in ("project", "document")}
    return about | {
        "sample": Given(id=12, status="approved", annotator_name="Anna Keller", is_imported=False),
        "kept": [Given(output=HOSTILE, saved_at=NOON)],
        "events": [
            Given(
                at=NOON,
                actor_name="Rita Osei",
                verb_label="requested changes",
                before="submitted",
                after="changes_requested",
                comment=HOSTILE,
            )
        ],
        "revisions": [
            Given(
                number=1,
                author_name="Anna Keller",
                submitted_at=NOON,
                output=HOSTILE,
                sha256="ab" * 32,
                diff=None,
                findings=_around()["findings"],
            )
        ],
    }


def conflict() -> dict[str, Any]:
    """What samples/conflict.html and its fragment are given."""
    sample = Given(id=12, status="draft", annotator_name="Anna Keller", is_imported=False)
    texts: dict[str, Any] = {
        "mine": HOSTILE,
        "theirs": "Two years.",
        "theirs_at": NOON,
        "number": 9,
        "editor": "e1",
    }
    texts |= {"clause_states": {"term": "covered", "law": ""}, "reasons": {"4f1c": HOSTILE}}
    return {"project": PROJECT, "sample": sample} | texts
