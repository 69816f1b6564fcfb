"""The guards that are taken out one at a time: where each stands, and which tests have to miss it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """`old` stands once in `file`; with `new` in its place one of `tests` has to turn red."""

    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def removed_from(self, text: str) -> str:
        """The file's text without the guard. Raises ValueError where it is not there exactly once."""
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file} holds this {text.count(self.old)} times: {self.old}")
        return text.replace(self.old, self.new)


_BETTER = "migrations/versions/0004_more_guards.py"
_FIRST = "migrations/versions/0003_guards.py"
_CONTENTS, _STEPS = "tests/guards/test_contents.py", "tests/guards/test_steps.py"

# Held by the database itself, when the Python code is gone around.
DATABASE = {
    "database: places are counted": Guard(_BETTER, ">= place.overlap", ">= 1000", (_STEPS,)),
    "database: a reviewer is not the author": Guard(
        _BETTER, "IF subject.annotator_id = NEW.reviewer_id\n", "IF false\n", (_STEPS,)
    ),
    "database: whoever decides is a reviewer": Guard(
        _BETTER, "AND m.role = 'reviewer' AND u.disabled_at IS NULL", "OR true", (_STEPS,)
    ),
    "database: approvals are counted": Guard(
        _BETTER, "IF OLD.status <> 'approved' AND NEW.status = 'approved'", "IF false", (_STEPS,)
    ),
    "database: a save counts on": Guard(
        _BETTER, "IF NEW.number = OLD.number THEN", "IF false THEN", (_CONTENTS,)
    ),
    "database: what is replaced is kept": Guard(
        _BETTER,
        "SELECT FROM draft_saves WHERE sample_id = OLD.sample_id",
        "SELECT FROM samples",
        (_CONTENTS,),
    ),
    "database: history only grows": Guard(
        _FIRST,
        'INSERT_ONLY = ("events", "revisions",',
        'INSERT_ONLY = ("revisions",',
        (_CONTENTS,),
    ),
    "database: status is where the events lead": Guard(
        _BETTER,
        '("samples", "has_event", "AFTER INSERT OR UPDATE OF status"',
        '("samples", "has_event", "AFTER DELETE"',
        (_STEPS,),
    ),
    "database: only legal steps": Guard(
        _BETTER, "IF OLD.status <> NEW.status AND", "IF false AND", (_STEPS,)
    ),
    "database: a revision is the draft": Guard(
        _BETTER,
        "IF (NEW.draft_number, NEW.output,",
        "IF false AND (NEW.draft_number, NEW.output,",
        (_CONTENTS,),
    ),
}

# Held by the code.
CODE = {
    "places are counted after the lock": Guard(
        "app/tasks/leases.py",
        "if queries.count_taken(session, task.id, but_user_id=user_id) >= project.overlap:",
        "if False:",
        ("tests/races",),
    ),
    "a change locks the sample first": Guard(
        "app/samples/queries.py", "        .with_for_update(of=Sample)\n", "", ("tests/races",)
    ),
    "nobody decides on what they wrote a part of": Guard(
        "app/samples/workflow.py",
        "        and not actor.wrote_part\n",
        "",
        ("tests/reviews/test_reviewing.py", "tests/samples/test_workflow.py"),
    ),
    "what another page replaces is kept": Guard(
        "app/samples/writing.py",
        "        keep_save(session, sample)\n",
        "        pass\n",
        ("tests/samples/test_writing.py",),
    ),
    "a commit comes before the answer": Guard(
        "app/database.py",
        'Depends(get_session, scope="function")',
        "Depends(get_session)",
        ("tests/web/test_errors.py",),
    ),
    "an export is one snapshot": Guard(
        "app/releases/service.py",
        'isolation_level="REPEATABLE READ", ',
        "",
        ("tests/releases/test_export.py",),
    ),
    "only what is approved leaves": Guard(
        "app/releases/queries.py",
        ", Sample.status == Status.APPROVED)\n    )\n",
        ")\n    )\n",
        ("tests/releases/test_export.py",),
    ),
    "a repeated call is done once": Guard(
        "app/accounts/dependencies.py",
        "    if digest is not None:\n",
        "    if digest is None:\n",
        ("tests/web/test_api.py",),
    ),
    "a form carries its session's token": Guard(
        "app/accounts/dependencies.py",
        "request.method not in SAFE_METHODS and not",
        "False and not",
        ("tests/web/test_security.py", "tests/web/test_routes.py"),
    ),
    "no other site asks for a change": Guard(
        "app/web/security.py",
        "            and not self._is_ours(scope)\n",
        "            and False\n",
        ("tests/web/test_security.py",),
    ),
    "pages are not stored": Guard(
        "app/web/security.py", '    "Cache-Control": "no-store",\n', "", ("tests/web/test_security.py",)
    ),
    "the page runs nothing inline": Guard(
        "app/web/security.py",
        "script-src 'self';",
        "script-src 'self' 'unsafe-inline';",
        ("tests/web/test_security.py",),
    ),
    "a body has a limit": Guard(
        "app/web/security.py",
        "                if received > limit:\n",
        "                if False:\n",
        ("tests/web/test_security.py",),
    ),
    "a text has a limit": Guard(
        "app/samples/content.py",
        "    elif len(text) > most:\n",
        "    elif False:\n",
        ("tests/samples/test_writing.py", "tests/samples/test_content.py"),
    ),
    "a host is one of ours": Guard(
        "app/web/security.py", ".lower() in self.hosts:", ".lower():", ("tests/web/test_security.py",)
    ),
    "a list is of one project": Guard(
        "app/samples/queries.py",
        ".where(Sample.project_id == project_id)\n        .options(\n            contains_eager",
        ".options(\n            contains_eager",
        ("tests/rights",),
    ),
    "a stranger sees no project": Guard(
        "app/samples/queries.py",
        "    statement = exists().where(Member.project_id == Sample.project_id, Member.user_id == user_id)\n",
        "    statement = exists().where(Member.project_id == Sample.project_id)\n",
        ("tests/rights", "tests/work/test_pages.py"),
    ),
    "a token's scope is asked": Guard(
        "app/accounts/dependencies.py",
        "        if self.scope not in caller.scopes:\n",
        "        if False:\n",
        ("tests/rights",),
    ),
    "whoever is disabled is out": Guard(
        "app/accounts/queries.py",
        "            UserSession.expires_at > func.now(),\n            User.disabled_at.is_(None),\n",
        "            UserSession.expires_at > func.now(),\n",
        ("tests/accounts/test_admin.py",),
    ),
    "a revoked token is worth nothing": Guard(
        "app/accounts/queries.py",
        "            ApiToken.token_sha256 == digest(token),\n            ApiToken.revoked_at.is_(None),\n",
        "            ApiToken.token_sha256 == digest(token),\n",
        ("tests/accounts/test_admin.py", "tests/accounts/test_account.py"),
    ),
    "a link works once": Guard(
        "app/accounts/queries.py",
        "            OneTimeLink.spent_at.is_(None),\n            OneTimeLink.expires_at > func.now(),\n",
        "            OneTimeLink.expires_at > func.now(),\n",
        ("tests/accounts/test_links.py",),
    ),
    "guessing is slowed down": Guard(
        "app/accounts/sign_in.py",
        "    return seconds if seconds > 0 else None\n",
        "    return None\n",
        ("tests/accounts/test_sign_in.py",),
    ),
    "a removed member's stored answers are gone": Guard(
        "app/projects/members.py",
        "after=frozenset(), at=at)\n    forget_answers(session, user_id=user.id)\n",
        "after=frozenset(), at=at)\n",
        ("tests/projects", "tests/rights"),
    ),
    "a project keeps a lead": Guard(
        "app/projects/members.py",
        "    if not session.scalar(select(another)):\n",
        "    if False:\n",
        ("tests/projects/test_members.py",),
    ),
    "the site keeps an administrator": Guard(
        "app/accounts/people.py",
        "    if admins and all(admin.id == without for admin in admins):\n",
        "    if False:\n",
        ("tests/accounts/test_admin.py",),
    ),
    "a withdrawn contract stops the work": Guard(
        "app/samples/workflow.py",
        "    if sample.withdrawn and action in _STOPPED_BY_WITHDRAWAL:\n",
        "    if False:\n",
        ("tests/samples/test_workflow.py", "tests/samples/test_submission.py"),
    ),
    "a taken submission is not recalled": Guard(
        "app/samples/workflow.py",
        "condition=lambda _actor, sample: not sample.review_began,",
        "condition=_always,",
        ("tests/samples/test_workflow.py", "tests/races"),
    ),
    "a decision can be undone for ten seconds": Guard(
        "app/reviews/queries.py",
        "            Review.created_at > DATABASE_TIME - timedelta(seconds=UNDO_SECONDS),\n",
        "",
        ("tests/reviews/test_reviewing.py",),
    ),
    "whoever writes has attested": Guard(
        "app/samples/submission.py",
        "    if attestation is None:\n",
        "    if False:\n",
        ("tests/samples/test_submission.py",),
    ),
    "a database that forgets is not served": Guard(
        "app/operation/opening.py",
        "    if unsafe := list_unsafe_settings(engine):\n",
        "    if unsafe := []:\n",
        ("tests/test_cli.py",),
    ),
    "templates escape": Guard(
        "app/web/templates.py", "autoescape=True", "autoescape=False", ("tests/templates/test_pages.py",)
    ),
    "XML brings no entities": Guard(
        "app/documents/extraction/docx_package.py",
        "resolve_entities=False",
        "resolve_entities=True",
        ("tests/documents/extraction", "tests/bad_input"),
    ),
}

GUARDS = DATABASE | CODE
