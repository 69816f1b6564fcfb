"""Who may do what: the one table from which the cases of every route are made.

One row for each method of each route. `yes` are those who may. `no` are those who see what it is about and
may not, and are told so (403). For everybody else it does not exist, or they are asked to sign in. Rows of
a sample need no `no`: whoever sees the sample (`people.SEEN_BY`) and may not is told so, and whoever may,
but not now (`when` names the sample's places in which it can be done), is told that things moved on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.rights.people import (
    ADMINS,
    ANNOTATORS,
    ENGINEERS,
    EVERYBODY,
    LEADS,
    MEMBERS,
    NOBODY,
    OWNER,
    REVIEWERS,
    SEEN_BY,
    SIGNED_IN,
)

WORKING = LEADS | REVIEWERS | ANNOTATORS
EXPORTING = LEADS | ENGINEERS
READERS = LEADS | REVIEWERS  # of all documents of the project
HOLDING = READERS | {"owner", "rival", "writing engineer"}  # … and as annotators of a task of the document
DECIDERS = frozenset({"reviewer", "editor"})  # reviewers who neither wrote it nor ever held its task
ANYWHERE = tuple(SEEN_BY)
EDITABLE = ("draft", "changes_requested")
WAITING = ("submitted", "edited")
HELD = ("draft", "submitted", "edited", "changes_requested", "approved", "withdrawn")

WORDS = "Other words that are long enough for this project."
FILE = {"files": "a contract"}
REASON = {"reason": "Because."}
LEAD = frozenset({"lead"})  # the one who prepared the act
BULK = {"noun": "tasks", "act": "priority", "scope": "all", "set_priority": "-2"}
REPORT = {"passage": "1.1", "message": "It is torn."}
DECIDED = {"clause.term": "covered", "clause.governing_law": "absent"}
TEXT = DECIDED | {"output": WORDS, "based_on": "1", "editor": "page-2"}
DRAFT = {"output": WORDS, "based_on": 1, "editor": "page-2"}
CONFIRMED = TEXT | {"guidelines_version": "1"}
DECISION = {"action": "reject", "comment": "It is wrong.", "revision": "<revision>"}
WORDING = {"output": WORDS, "revision": "<revision>"}
PROJECT = {"slug": "anew", "name": "Anew", "lead": "<email>"}
POLICY = {"min_words": "1", "max_words": "9", "overlap": "10", "approvals": "2", "lease_minutes": "9",
          "date_order": "mdy", "kind": "too_short", "severity": "off", "based_on": "1"}  # fmt: skip
CLAUSES = {"key": "term", "name": "Terms", "heading_cues": "", "phrase_cues": "", "based_on": "<clauses>"}
WORDINGS = {"phrasing": "Say it shortly: '{contract}'", "based_on": "<phrasings>"}
OTHER_EDITOR: dict[str, frozenset[str]] = {"edited": frozenset({"editor"})}


@dataclass(frozen=True)
class Row:
    """One method of one route."""

    route: str
    yes: frozenset[str]
    no: frozenset[str] = NOBODY
    send: Mapping[str, object] | None = None
    when: tuple[str, ...] = ANYWHERE
    but: Mapping[str, frozenset[str]] = field(default_factory=dict)  # place → who of `yes` may not there
    scope: str = ""  # which a token needs
    answers: int = 0  # where whoever may is answered with a refusal that is not about rights
    hidden: int = 404  # how it is answered where it does not exist
    of: str = "submitted"  # the place of the document that it is tried on
    changes: bool = True  # whether it changes a row when it is done
    path: str = ""  # where the route's own would not name what is meant
    writes: bool = False  # a GET that notes something: a reader's own lease, that data left
    moved_on: bool = False  # whoever sees it is led on where it cannot be done now

    @property
    def method(self) -> str:
        """GET, POST …"""
        return self.route.split(" ")[0]

    @property
    def template(self) -> str:
        """The route's path with its parameters."""
        return self.route.split(" ")[1]

    @property
    def is_api(self) -> bool:
        """Whether a program calls it, with a token."""
        return self.template.startswith("/api/v1/") and bool(self.scope)


TABLE: tuple[Row, ...] = (
    # Before anybody is signed in.
    Row("GET /static", EVERYBODY, path="/static/0/css/base.css"),
    Row("GET /healthz", EVERYBODY),
    Row("GET /readyz", EVERYBODY),
    Row("GET /version", EVERYBODY),
    Row("GET /api/v1/openapi.json", EVERYBODY),
    Row("GET /api/v1/docs", EVERYBODY),
    Row("GET /sign-in", EVERYBODY),
    Row("POST /sign-in", EVERYBODY, send={"email": "nobody@example.org", "password": "-"}, answers=422),
    Row("GET /forgotten-password", EVERYBODY, answers=404),  # no mail is configured here
    Row("POST /forgotten-password", EVERYBODY, send={"email": "<email>"}, answers=404, changes=False),
    Row("GET /links/{token}", EVERYBODY),
    Row("POST /links/{token}", EVERYBODY, send={"password": "correct horse"}),
    # One's own account.
    Row("POST /sign-out", SIGNED_IN),
    Row("GET /account", SIGNED_IN),
    Row("POST /account/profile", SIGNED_IN, send={"name": "Another Name"}),
    Row("POST /account/password", SIGNED_IN, send={"new_password": "correct horse"}, answers=422),
    Row("POST /account/sessions/removal", SIGNED_IN),
    Row("POST /account/sessions/{session_id}/removal", OWNER, hidden=303),
    Row("POST /account/tokens", SIGNED_IN, send={"name": "mine", "days": "1"}),
    Row("POST /account/tokens/{token_id}/revocation", OWNER),
    Row("GET /api/v1/me", SIGNED_IN, scope="read"),
    Row("PATCH /api/v1/me", SIGNED_IN, send={"name": "Another Name"}, scope="write"),
    Row("GET /api/v1/sessions", SIGNED_IN, scope="read"),
    Row("DELETE /api/v1/sessions/{session_id}", OWNER, hidden=204, scope="write"),
    Row("GET /api/v1/tokens", SIGNED_IN, scope="read"),
    Row("DELETE /api/v1/tokens/{token_id}", OWNER, scope="write"),
    # The site.
    Row("GET /admin", ADMINS, SIGNED_IN),
    Row("GET /admin/invitation", ADMINS, SIGNED_IN),
    Row("POST /admin/users", ADMINS, SIGNED_IN, {"email": "new@example.org", "name": "New",
        "is_admin": "false"}),
    Row("GET /admin/users/{user_id}", ADMINS, SIGNED_IN),
    Row("GET /admin/invitations", ADMINS, SIGNED_IN),
    Row("POST /admin/users/{user_id}/link", ADMINS, SIGNED_IN),
    Row("POST /admin/users/{user_id}/mails", ADMINS, SIGNED_IN, answers=409, changes=False),
    Row("POST /admin/users/{user_id}/access", ADMINS, SIGNED_IN, {"access": "disabled"}),
    Row("POST /admin/users/{user_id}/site-role", ADMINS, SIGNED_IN, {"site_role": "admin"}),
    Row("GET /admin/sessions", ADMINS, SIGNED_IN),
    Row("POST /admin/sessions/{session_id}/removal", ADMINS, SIGNED_IN),
    Row("GET /admin/tokens", ADMINS, SIGNED_IN),
    Row("POST /admin/tokens/{token_id}/revocation", ADMINS, SIGNED_IN),
    Row("GET /admin/workers", ADMINS, SIGNED_IN),
    Row("POST /admin/jobs/{job_id}/attempts", ADMINS, SIGNED_IN),
    Row("GET /admin/storage", ADMINS, SIGNED_IN),
    Row("GET /admin/activity", ADMINS, SIGNED_IN),
    Row("GET /api/v1/users", ADMINS, SIGNED_IN, scope="admin"),
    Row("GET /metrics", ADMINS, SIGNED_IN),
    Row("POST /api/v1/users", ADMINS, SIGNED_IN, {"email": "new@example.org", "name": "New"}, scope="admin"),
    Row("GET /api/v1/users/{email}", ADMINS, SIGNED_IN, scope="admin"),
    Row("POST /api/v1/users/{email}/mails", ADMINS, SIGNED_IN, scope="admin", answers=409, changes=False),
    Row("GET /api/v1/users/{email}/tokens", ADMINS, SIGNED_IN, scope="admin"),
    Row("DELETE /api/v1/users/{email}/tokens/{token_id}", ADMINS, SIGNED_IN, scope="admin",
        path="/api/v1/users/{token_owner}/tokens/{token_id}"),
    Row("GET /api/v1/users/{email}/sessions", ADMINS, SIGNED_IN, scope="admin"),
    Row("DELETE /api/v1/users/{email}/sessions", ADMINS, SIGNED_IN, scope="admin"),
    Row("GET /api/v1/health/jobs", ADMINS, SIGNED_IN, scope="admin"),
    Row("POST /api/v1/health/jobs/{job_id}/attempts", ADMINS, SIGNED_IN, scope="admin"),
    Row("GET /api/v1/health/storage", ADMINS, SIGNED_IN, scope="admin"),
    Row("GET /api/v1/events", ADMINS, SIGNED_IN, scope="admin"),
    Row("PATCH /api/v1/users/{email}", ADMINS, SIGNED_IN, {"disabled": True}, scope="admin"),
    # Projects.
    Row("GET /", SIGNED_IN),
    Row("GET /projects", SIGNED_IN),
    Row("GET /projects/new", ADMINS, SIGNED_IN),
    Row("POST /projects", ADMINS, SIGNED_IN, PROJECT),
    Row("GET /projects/{project}", MEMBERS),
    Row("GET /projects/{project}/activity", WORKING, MEMBERS),
    Row("POST /projects/{project}/attestation", ANNOTATORS, MEMBERS, {"version": "1"}),
    Row("GET /projects/{project}/settings", LEADS, MEMBERS),
    Row("POST /projects/{project}/settings", LEADS, MEMBERS, {"name": "Anew", "based_on": "<basics>"}),
    Row("POST /projects/{project}/policy", LEADS, MEMBERS, POLICY),
    Row("POST /projects/{project}/clauses", LEADS, MEMBERS, CLAUSES),
    Row("POST /projects/{project}/clauses/preview", LEADS, MEMBERS, {"pick": "insurance"}, changes=False),
    Row("POST /projects/{project}/instructions", LEADS, MEMBERS, {"key": "anew", "phrasing": "Anew."}),
    Row("POST /projects/{project}/instructions/{key}", LEADS, MEMBERS, WORDINGS),
    Row("GET /projects/{project}/guidelines", MEMBERS),
    Row("GET /projects/{project}/guidelines/edit", LEADS, MEMBERS),
    Row("POST /projects/{project}/guidelines/preview", LEADS, MEMBERS, {"markdown": "Hm."}, changes=False),
    Row("POST /projects/{project}/guidelines", LEADS, MEMBERS, {"markdown": "New.", "based_on": "1"}),
    Row("GET /projects/{project}/members", LEADS, MEMBERS),
    Row("POST /projects/{project}/members", LEADS, MEMBERS, {"email": "<email>", "roles": "engineer"}),
    Row("POST /projects/{project}/members/removal", LEADS, MEMBERS, {"email": "<member>"}),
    Row("GET /api/v1/projects", SIGNED_IN, scope="read"),
    Row("POST /api/v1/projects", ADMINS, SIGNED_IN, PROJECT, scope="admin"),
    Row("GET /api/v1/projects/{project}", MEMBERS, scope="read"),
    Row("PATCH /api/v1/projects/{project}", LEADS, MEMBERS, {"name": "Anew"}, scope="write"),
    Row("GET /api/v1/projects/{project}/clauses", MEMBERS, scope="read"),
    Row("GET /api/v1/clause-library", SIGNED_IN, scope="read"),
    Row("GET /api/v1/projects/{project}/guidelines", MEMBERS, scope="read"),
    Row("GET /api/v1/projects/{project}/guidelines/{version}", MEMBERS, scope="read"),
    Row("GET /api/v1/projects/{project}/members", LEADS, MEMBERS, scope="read"),
    Row("PUT /api/v1/projects/{project}/members/{email}", LEADS, MEMBERS, {"roles": ["lead"]}, scope="write"),
    Row("DELETE /api/v1/projects/{project}/members/{email}", LEADS, MEMBERS, scope="write",
        path="/api/v1/projects/{project}/members/{member}"),
    Row("PUT /api/v1/projects/{project}/attestation", ANNOTATORS, MEMBERS, {"version": 1}, scope="write"),
    Row("GET /api/v1/projects/{project}/activity", WORKING, MEMBERS, scope="read"),
    # Documents and imports.
    Row("GET /projects/{project}/documents", READERS, MEMBERS),
    Row("GET /documents/{document_id}", HOLDING),
    Row("GET /documents/{document_id}/original", HOLDING),
    Row("POST /documents/{document_id}/withdrawal", LEADS, READERS, REASON),
    Row("POST /documents/{document_id}/restoration", LEADS, READERS, of="withdrawn"),
    Row("POST /documents/{document_id}/reading", LEADS, READERS),
    Row("GET /documents/{document_id}/reading", READERS, HOLDING),
    Row("POST /documents/{document_id}/text-reports", HOLDING, send=REPORT),
    Row("POST /documents/{document_id}/text-reports/{report_id}/settlement", LEADS, READERS),
    Row("POST /projects/{project}/imports", LEADS, MEMBERS, FILE),
    Row("GET /imports/{import_id}", LEADS),
    Row("GET /imports/{import_id}/progress", LEADS),
    Row("GET /api/v1/projects/{project}/documents", READERS, MEMBERS, scope="read"),
    Row("GET /api/v1/documents/{document_id}", HOLDING, scope="read"),
    Row("PUT /api/v1/documents/{document_id}/withdrawal", LEADS, READERS, REASON, scope="write"),
    Row("DELETE /api/v1/documents/{document_id}/withdrawal", LEADS, READERS, scope="write", of="withdrawn"),
    Row("PUT /api/v1/documents/{document_id}/reading", LEADS, READERS, scope="write"),
    Row("GET /api/v1/documents/{document_id}/reading", READERS, HOLDING, scope="read"),
    Row("POST /api/v1/documents/{document_id}/text-reports", HOLDING, send=REPORT, scope="write"),
    Row("GET /api/v1/documents/{document_id}/original", HOLDING, scope="read"),
    Row("GET /api/v1/documents/{document_id}/passages", HOLDING, scope="read"),
    Row("GET /api/v1/documents/{document_id}/text-reports", READERS, HOLDING, scope="read"),
    Row("PUT /api/v1/documents/{document_id}/text-reports/{report_id}/settlement", LEADS, READERS,
        scope="write"),
    Row("GET /api/v1/projects/{project}/imports", LEADS, MEMBERS, scope="read"),
    Row("POST /api/v1/projects/{project}/imports", LEADS, MEMBERS, FILE, scope="import"),
    Row("GET /api/v1/imports/{import_id}", LEADS, scope="read"),
    # Tasks, and acts on many rows.
    Row("GET /projects/{project}/tasks", READERS, MEMBERS),
    Row("GET /api/v1/projects/{project}/tasks", READERS, MEMBERS, scope="read"),
    Row("PATCH /api/v1/tasks/{task_id}", LEADS, READERS, {"priority": -1}, scope="write"),
    Row("POST /projects/{project}/bulk-acts", LEADS, MEMBERS, BULK),
    Row("GET /bulk-acts/{act_id}", LEAD),
    Row("POST /bulk-acts/{act_id}/completion", LEAD),
    Row("POST /bulk-acts/{act_id}/undo", LEAD, answers=409, changes=False),
    Row("POST /api/v1/projects/{project}/bulk-acts", LEADS, MEMBERS,
        {"kind": "tasks.plan", "filter": {}, "values": {"priority": -2}}, scope="write"),
    Row("GET /api/v1/bulk-acts/{act_id}", LEAD, scope="read"),
    Row("POST /api/v1/bulk-acts/{act_id}/completion", LEAD, scope="write"),
    Row("DELETE /api/v1/bulk-acts/{act_id}/completion", LEAD, scope="write", answers=409, changes=False),
    # Writing.
    Row("POST /projects/{project}/queue/writing", ANNOTATORS, MEMBERS),
    Row("GET /projects/{project}/samples", MEMBERS),
    Row("GET /samples/{sample_id}", WORKING),
    Row("GET /samples/{sample_id}/history", WORKING),
    Row("POST /samples/{sample_id}/draft", OWNER, send=TEXT, when=EDITABLE),
    Row("PUT /samples/{sample_id}/draft", OWNER, send=TEXT, when=EDITABLE),
    Row("PUT /samples/{sample_id}/lease", OWNER, when=HELD),
    Row("POST /samples/{sample_id}/submission", OWNER, send=TEXT, when=EDITABLE),
    Row("POST /samples/{sample_id}/attestation", OWNER, send=CONFIRMED, when=EDITABLE),
    Row("POST /samples/{sample_id}/recall", OWNER, when=WAITING),
    Row("POST /samples/{sample_id}/skip", OWNER, send=REASON, when=EDITABLE),
    Row("POST /samples/{sample_id}/resume", OWNER, when=("skipped",)),
    Row("POST /samples/{sample_id}/release", LEADS, send=REASON, when=EDITABLE),
    Row("POST /samples/{sample_id}/reopen", LEADS, send=REASON, when=("approved", "rejected")),
    Row("POST /api/v1/projects/{project}/queue/writing", ANNOTATORS, MEMBERS, scope="write"),
    Row("GET /api/v1/projects/{project}/samples", MEMBERS, scope="read"),
    Row("GET /api/v1/samples/{sample_id}", WORKING, scope="read"),
    Row("GET /api/v1/samples/{sample_id}/history", WORKING, scope="read"),
    Row("PUT /api/v1/samples/{sample_id}/draft", OWNER, send=DRAFT, when=EDITABLE, scope="write"),
    Row("PUT /api/v1/samples/{sample_id}/lease", OWNER, when=HELD, scope="write"),
    Row("POST /api/v1/samples/{sample_id}/submission", OWNER, send={"based_on": 1}, scope="write",
        when=(*EDITABLE, "submitted", "withdrawn")),  # once more is the same submission
    Row("DELETE /api/v1/samples/{sample_id}/submission", OWNER, when=WAITING, scope="write"),
    Row("POST /api/v1/samples/{sample_id}/skip", OWNER, send=REASON, when=EDITABLE, scope="write"),
    Row("POST /api/v1/samples/{sample_id}/resume", OWNER, when=("skipped",), scope="write"),
    Row("POST /api/v1/samples/{sample_id}/release", LEADS, send=REASON, when=EDITABLE, scope="write"),
    Row("POST /api/v1/samples/{sample_id}/reopen", LEADS, send=REASON, when=("approved", "rejected"),
        scope="write"),
    # Reviewing.
    Row("POST /projects/{project}/queue/reviewing", REVIEWERS, MEMBERS),
    Row("GET /samples/{sample_id}/review", DECIDERS, when=WAITING, but=OTHER_EDITOR, moved_on=True,
        writes=True),
    Row("POST /samples/{sample_id}/reviews", DECIDERS, send=DECISION, when=WAITING, but=OTHER_EDITOR),
    Row("POST /samples/{sample_id}/reviews/{review_id}/undo", DECIDERS, when=(), but=OTHER_EDITOR),
    Row("POST /samples/{sample_id}/edits", DECIDERS, send=WORDING | DECIDED, when=WAITING),
    Row("POST /api/v1/projects/{project}/queue/reviewing", REVIEWERS, MEMBERS, scope="review"),
    Row("POST /api/v1/samples/{sample_id}/reviews", DECIDERS, send=DECISION, when=WAITING, but=OTHER_EDITOR,
        scope="review"),
    Row("DELETE /api/v1/samples/{sample_id}/reviews/{review_id}", DECIDERS, when=(), but=OTHER_EDITOR,
        scope="review"),
    Row("POST /api/v1/samples/{sample_id}/edits", DECIDERS, send=WORDING, when=WAITING, scope="review"),
    # Checks.
    Row("GET /projects/{project}/checks", LEADS, MEMBERS),
    Row("POST /projects/{project}/checks/runs", LEADS, MEMBERS),
    Row("GET /api/v1/projects/{project}/checks", LEADS, MEMBERS, scope="read"),
    Row("GET /api/v1/projects/{project}/checks/findings", LEADS, MEMBERS, scope="read"),
    Row("POST /api/v1/projects/{project}/checks/runs", LEADS, MEMBERS, scope="write"),
    # What leaves.
    Row("GET /projects/{project}/export", EXPORTING, MEMBERS),
    Row("GET /projects/{project}/export/download", EXPORTING, MEMBERS, writes=True),
    Row("GET /projects/{project}/insights", MEMBERS),
    Row("GET /projects/{project}/insights/{table}.csv", MEMBERS,
        path="/projects/{project}/insights/progress.csv"),
    Row("GET /api/v1/projects/{project}/insights", MEMBERS, scope="read"),
    Row("GET /api/v1/projects/{project}/export", EXPORTING, MEMBERS, scope="export", writes=True),
    Row("GET /api/v1/projects/{project}/export/exclusions", EXPORTING, MEMBERS, scope="export"),
)  # fmt: skip
