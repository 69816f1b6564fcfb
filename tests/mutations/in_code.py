"""Guards of the code: what it asks, counts, locks and refuses."""

from tests.mutations.guard import Guard

GUARDS = {
    "places are counted after the lock": Guard(
        "app/tasks/leases.py",
        "queries.taken(_USER_ID) < _OVERLAP",
        "true()",
        ("tests/tasks/test_claims.py",),
    ),
    "a change locks the sample first": Guard(
        "app/samples/queries.py",
        "wanted.with_only_columns(Sample.id).with_for_update(of=Sample)",
        "wanted.with_only_columns(Sample.id)",
        ("tests/tasks/test_claims.py",),
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
    "an error of the checks blocks": Guard(
        "app/samples/submission.py",
        "    if errors:\n",
        "    if False:\n",
        ("tests/samples/test_submission.py",),
    ),
    "a warning of the checks asks for a reason": Guard(
        "app/samples/submission.py",
        "    if missing:\n",
        "    if False:\n",
        ("tests/reviews/test_reviewing.py",),
    ),
    "a reviewer's wording is asked as a writer's is": Guard(
        "app/reviews/service.py",
        "settle(checked.findings, before.reasons | reasons)",
        "before.reasons | reasons",
        ("tests/reviews/test_reviewing.py",),
    ),
    "a check that breaks loses no words": Guard(
        "app/checks/registry.py",
        "            on_error(check.name, error)\n",
        "            raise error\n",
        ("tests/samples/test_writing.py",),
    ),
    "a commit comes before the answer": Guard(
        "app/database.py",
        'Depends(get_session, scope="function")',
        "Depends(get_session)",
        ("tests/web/test_errors.py::test_a_commit_that_fails_is_answered_500_and_never_200",),
    ),
    # Read in pages, as it is not, it is one only by its isolation; with neither it is none.
    "an export is one snapshot": Guard(
        "app/releases/service.py",
        """isolation_level="REPEATABLE READ", postgresql_readonly=True) as snapshot,
        Session(snapshot) as session,
        session.begin(),
    ):
        project = session.get_one(Project, export.project_id)
        statement = queries.exported(project, export.wanted, export.actor, with_metadata=export.with_metadata)
        for row in stream(snapshot, statement):
""",
        """postgresql_readonly=True) as snapshot,
        Session(snapshot) as session,
        session.begin(),
    ):
        project = session.get_one(Project, export.project_id)
        statement = queries.exported(project, export.wanted, export.actor, with_metadata=export.with_metadata)
        for row in (row for at in (0, 50) for row in stream(snapshot, statement.limit(50).offset(at))):
""",
        ("tests/releases/test_export.py::test_an_export_is_one_snapshot",),
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
        "    if digest is not None and False:\n",
        ("tests/web/test_api.py",),
    ),
    "a form carries its session's token": Guard(
        "app/accounts/dependencies.py",
        "request.method not in SAFE_METHODS and not is_form_token",
        "False and not is_form_token",
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
        "visible_to(actor).where(Sample.project_id == project_id)\n    if",
        "visible_to(actor)\n    if",
        ("tests/samples/test_writing.py",),
    ),
    "activity does not name a rival's sample": Guard(
        "app/work/queries.py",
        "        statement = statement.where(~hidden)\n",
        "",
        ("tests/work/test_lists.py",),
    ),
    "what changed after the preview is left out": Guard(
        "app/work/bulk.py",
        "is_same = row.refusal or row.state == shown[row.id]",
        "is_same = True",
        ("tests/work/test_bulk_requests.py",),
    ),
    "rights are asked again when many rows change": Guard(
        "app/work/bulk.py",
        "    require(roles, Right.MANAGE)\n",
        "",
        ("tests/work/test_bulk_requests.py",),
    ),
    "a stranger sees no project": Guard(
        "app/samples/queries.py",
        "Member.project_id == Sample.project_id, Member.user_id == user_id, Member.role.in_(roles)",
        "Member.project_id == Sample.project_id, Member.role.in_(roles)",
        ("tests/work/test_pages.py",),
    ),
    "a token's scope is asked": Guard(
        "app/accounts/dependencies.py",
        "        if self.scope not in caller.scopes:\n",
        "        if False:\n",
        ("tests/work/test_api.py",),
    ),
    "whoever is disabled is out": Guard(
        "app/accounts/queries.py",
        "        UserSession.expires_at > func.now(),\n        User.disabled_at.is_(None),\n",
        "        UserSession.expires_at > func.now(),\n",
        ("tests/accounts/test_admin.py",),
    ),
    "a revoked token is worth nothing": Guard(
        "app/accounts/queries.py",
        '== bindparam("token_sha256"),\n        ApiToken.revoked_at.is_(None),\n',
        '== bindparam("token_sha256"),\n',
        ("tests/accounts/test_admin.py", "tests/accounts/test_account.py"),
    ),
    "a link works once": Guard(
        "app/accounts/queries.py",
        "            OneTimeLink.token_sha256 == digest(token),\n"
        "            OneTimeLink.spent_at.is_(None),\n",
        "            OneTimeLink.token_sha256 == digest(token),\n",
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
        ("tests/work/test_api.py", "tests/rights/test_losing_rights.py"),
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
        ("tests/samples/test_workflow.py", "tests/tasks/test_claims.py"),
    ),
    "a decision can be undone for ten seconds": Guard(
        "app/reviews/queries.py",
        "            Review.created_at > DATABASE_TIME - timedelta(seconds=UNDO_SECONDS),\n",
        "",
        ("tests/reviews/test_reviewing.py",),
    ),
    "whoever writes has attested": Guard(
        "app/samples/submission.py",
        "    if attested_at is None:\n",
        "    if False:\n",
        ("tests/samples/test_submission.py",),
    ),
    "a database that forgets is not served": Guard(
        "app/operation/opening.py",
        "    if unsafe := list_unsafe_settings(engine):\n",
        "    if unsafe := []:\n",
        ("tests/test_cli.py::test_a_database_that_forgets_is_refused_by_the_names_of_what_is_off",),
    ),
    "a save that was held up undoes no later one": Guard(
        "app/samples/writing.py",
        "    if is_late and not is_known:\n",
        "    if False:\n",
        ("tests/samples/test_order_of_saves.py",),
    ),
    "a submission that is repeated after its decision is none": Guard(
        "app/samples/submission.py",
        "known_revisions is not None and known_revisions < sample.revision_count",
        "False",
        ("tests/samples/test_order_of_saves.py",),
    ),
    "another window's save is no conflict with oneself alone": Guard(
        "app/samples/writing.py",
        "    elif not is_known and _others_saved_since(session, draft, based_on, sent, name):\n",
        "    elif False:\n",
        ("tests/samples/test_writing.py",),
    ),
    "a person's claims follow one another": Guard(
        "app/samples/queries.py",
        "    return _get_locked(session, sample_id, actor, _LOCK_TO_WRITE)\n",
        "    return _get_locked(session, sample_id, actor, _LOCK[True])\n",
        ("tests/races/test_leases.py",),
    ),
    "the policy is held while places are counted": Guard(
        "app/projects/queries.py",
        '    .where(Project.id == bindparam("of_project"))\n    .with_for_update(read=True)\n',
        '    .where(Project.id == bindparam("of_project"))\n',
        ("tests/races/test_leases.py",),
    ),
    "whoever lost the role saves nothing": Guard(
        "app/samples/writing.py",
        "    facts = actor_facts(session, sample, actor)\n    require_writer(facts, sample_facts(sample))\n",
        "    facts = actor_facts(session, sample, actor)\n",
        ("tests/rights/test_losing_rights.py",),
    ),
    "a queued import asks for its person's right": Guard(
        "app/imports/taking.py",
        "    if files and not may_still_import(session, files[0].import_):\n",
        "    if False:\n",
        ("tests/rights/test_queued_imports.py",),
    ),
    "an export holds no rival of one's own": Guard(
        "app/releases/queries.py",
        "_has_rival(), _may_not_read(actor))\n",
        "_has_rival())\n",
        ("tests/rights/test_leaks.py",),
    ),
    "a reset ends tokens": Guard(
        "app/accounts/links.py",
        "        if purpose is Purpose.RESET:",
        "        if False:",
        ("tests/rights/test_accounts.py",),
    ),
    "a slow body holds no connection": Guard(
        "app/main.py",
        "    received = [Depends(receive_body)]\n",
        "    received = [Depends(lambda: None)]\n",
        ("tests/bad_input/test_framing.py",),
    ),
    "hidden characters are shown": Guard(
        "app/web/templates.py", "        finalize=_shown,\n", "", ("tests/bad_input/test_shown.py",)
    ),
    "a line of an import is bounded": Guard(
        "app/imports/lines.py",
        '    if len(_TEXTS.sub(b"", line.content)) > MOST_BETWEEN_TEXTS:\n',
        "    if False:\n",
        ("tests/bad_input/test_uploads.py",),
    ),
    "the headers of a request have an end": Guard(
        "app/operation/web_process.py",
        "        http=BoundedProtocol,\n",
        '        http="httptools",\n',
        ("tests/bad_input/test_framing.py",),
    ),
    "kept text is one person's": Guard(
        "static/js/kept.js",
        "`engross ${document.body.dataset.viewer} `",
        "`engross anybody `",
        ("tests/browser/test_kept_forms.py",),
    ),
    "a page saves for its own person only": Guard(
        "static/js/autosave.js",
        "  if (current.viewer !== viewer) return",
        "  if (false) return",
        ("tests/browser/test_writer_sessions.py",),
    ),
    "what is swept lies aside first": Guard(
        "app/documents/objects.py",
        """                obstore.copy(self._store, key, f"{SWEPT}/{key.rpartition('/')[2]}")\n""",
        "",
        ("tests/documents/test_storage.py",),
    ),
    "a copy is what its hash says": Guard(
        "app/documents/objects.py",
        "        if digest.hexdigest() != sha256:\n",
        "        if False:\n",
        ("tests/documents/test_storage.py",),
    ),
    "a store that is away fails no file": Guard(
        "app/imports/taking.py",
        "(Interrupted, OperationalError, StorageAway)\n",
        "(Interrupted, OperationalError)\n",
        ("tests/imports/test_shared_store.py",),
    ),
    "machines that share a store share a key": Guard(
        "app/settings.py",
        "        if self.engross_storage_url and self.secret_key is None:\n",
        "        if False:\n",
        ("tests/test_settings.py",),
    ),
    "templates escape": Guard(
        "app/web/templates.py", "autoescape=True", "autoescape=False", ("tests/templates/test_pages.py",)
    ),
}
