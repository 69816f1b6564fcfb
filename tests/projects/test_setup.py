"""Making and changing a project: the effect, the event, and each refusal."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actors import OPERATOR, Actor
from app.accounts.models import User
from app.audit.models import Event
from app.errors import Conflict, Invalid, NotAllowed, NotFound
from app.projects import clauses, guidelines, instructions, library, queries, service
from app.projects.clause_set import ClauseSpec
from app.projects.defaults import InstructionSpec
from app.projects.models import Attestation, Clause, Guidelines, Phrasing, Project
from app.projects.rules import Role
from tests.factories import NOON, Factory


def _events(session: Session, project: Project) -> list[Event]:
    session.flush()
    return list(session.scalars(select(Event).where(Event.project_id == project.id).order_by(Event.id)))


def _create(session: Session, lead: User, actor: Actor = OPERATOR, **values: object) -> Project:
    given: dict[str, object] = {"slug": "nda", "name": "NDAs", "lead": lead, "actor": actor, "at": NOON}
    return service.create_project(session, **(given | values))  # type: ignore[arg-type]


def test_a_new_project_has_the_products_instruction_clauses_and_guidelines(
    session: Session, make: Factory
) -> None:
    lead = make.user()
    project = _create(session, lead, make.user(admin=True))
    assert [row.key for row in project.instructions] == ["summary"]
    assert project.instructions[0].phrasings[0].text == (
        "Summarize the following contract in one paragraph that states its term, its limits on liability "
        "and its governing law: '{contract}'"
    )
    assert [(row.key, row.name, row.required) for row in project.clauses] == [
        ("term", "Term", True),
        ("liability", "Limits of liability", True),
        ("governing_law", "Governing law", True),
    ]
    current = queries.find_guidelines(session, project.id)
    assert current
    assert (current.version, project.policy_version, project.clause_set_version) == (1, 1, 1)
    assert queries.roles_in(session, project.id, lead) == {Role.LEAD}
    assert [event.verb for event in _events(session, project)] == ["project.create"]


def test_only_an_admin_or_the_operator_makes_projects(session: Session, make: Factory) -> None:
    with pytest.raises(NotAllowed, match="Only an admin"):
        _create(session, make.user(), make.user())
    with pytest.raises(NotAllowed):
        _create(session, make.user(), make.lead(make.project()))
    assert _create(session, make.user(), OPERATOR).slug == "nda"


def test_a_short_name_is_used_once(session: Session, make: Factory) -> None:
    _create(session, make.user())
    with pytest.raises(Conflict) as refused:
        _create(session, make.user())
    assert refused.value.code == "slug_taken"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"slug": "new"}, "slug"),
        ({"name": " "}, "name"),
        ({"policy": {"overlap": 11}}, "overlap"),
        ({"system_prompt": "x" * 20_001}, "system_prompt"),
        ({"instruction_specs": ()}, "instructions"),
        ({"instruction_specs": (InstructionSpec("summary", ()),)}, "phrasings"),
        ({"instruction_specs": (InstructionSpec("Summary!", ("Do it.",)),)}, "key"),
        ({"instruction_specs": (InstructionSpec("a", ("Do.",)), InstructionSpec("a", ("Do.",)))}, "key"),
        ({"clause_specs": (ClauseSpec("a", "A"), ClauseSpec("a", "B"))}, "clauses"),
        ({"guidelines_markdown": "\n"}, "markdown"),
        ({"guidelines_markdown": "x" * 200_001}, "markdown"),
    ],
)
def test_a_project_that_does_not_hold_together_is_refused_at_its_field(
    session: Session, make: Factory, values: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        _create(session, make.user(), **values)
    assert field in refused.value.fields


def test_a_disabled_person_cannot_lead(session: Session, make: Factory) -> None:
    lead = make.user()
    lead.disabled_at = NOON
    with pytest.raises(Invalid, match="is disabled"):
        _create(session, lead)


def test_the_policys_version_moves_exactly_when_a_value_does(session: Session, make: Factory) -> None:
    project = make.project(overlap=3)
    lead = make.lead(project)
    change = {"slug": project.slug, "actor": lead, "at": NOON}
    service.update_project(session, **change, policy={"overlap": 1, "date_order": "dmy"}, based_on_policy=1)
    assert (project.overlap, project.date_order, project.policy_version) == (1, "dmy", 2)
    service.update_project(session, **change, policy={"overlap": 1})
    service.update_project(session, **change, name="Another name", system_prompt="Be brief.")
    assert (project.policy_version, project.name, project.system_prompt) == (2, "Another name", "Be brief.")
    events = _events(session, project)
    assert [event.verb for event in events] == ["project.change_policy", "project.update"]
    assert events[0].details == {"version": 2, "changed": {"overlap": [3, 1], "date_order": ["mdy", "dmy"]}}


def test_a_change_of_severities_is_a_change_of_the_policy_and_told_in_the_projects_history(
    session: Session, make: Factory
) -> None:
    project = make.project(severities={"too_short": "error"})
    change = {"slug": project.slug, "actor": make.lead(project), "at": NOON}
    service.update_project(session, **change, policy={"severities": {"too_short": "off"}})
    service.update_project(
        session, **change, policy={"severities": {"too_short": "off", "too_long": "error"}}
    )
    assert (project.severities, project.policy_version) == ({"too_short": "off"}, 2)
    [event] = _events(session, project)
    changed = {"severities": [{"too_short": "error"}, {"too_short": "off"}]}
    assert event.details == {"version": 2, "changed": changed}


def test_a_page_that_is_older_than_the_data_changes_nothing(session: Session, make: Factory) -> None:
    project = make.project()
    key = project.instructions[0].key
    change = {"slug": project.slug, "actor": make.lead(project), "at": NOON}
    basics = service.basics_fingerprint(project)
    wordings = instructions.phrasings_fingerprint(project.instructions[0])
    service.update_project(session, **change, name="Newer", policy={"overlap": 2}, based_on=basics)
    instructions.set_phrasings(session, **change, key=key, texts=["Newer."], based_on=wordings)
    clauses.set_clauses(session, **change, specs=[ClauseSpec("law", "Law")], based_on=1)
    guidelines.publish_guidelines(session, **change, markdown="Newer.", based_on=1)
    before = len(_events(session, project))
    stale = [
        lambda: service.update_project(session, **change, name="Older", based_on=basics),
        lambda: service.update_project(session, **change, policy={"overlap": 5}, based_on_policy=1),
        lambda: instructions.set_phrasings(session, **change, key=key, texts=["Older."], based_on=wordings),
        lambda: clauses.set_clauses(session, **change, specs=[], based_on=1),
        lambda: guidelines.publish_guidelines(session, **change, markdown="Older.", based_on=1),
    ]
    for act in stale:
        with pytest.raises(Conflict, match="what you typed is kept") as refused:
            act()
        assert refused.value.code == "stale_settings"
    assert len(_events(session, project)) == before
    assert (project.name, project.overlap) == ("Newer", 2)


def test_a_new_wording_leaves_tasks_with_the_one_they_have(session: Session, make: Factory) -> None:
    project = make.project()
    task = make.task(project)
    old = task.phrasing
    change = {"slug": project.slug, "key": "summary", "actor": make.lead(project), "at": NOON}
    instruction = instructions.set_phrasings(session, **change, texts=["Second: {contract}", "Third."])
    assert [row.text for row in instruction.phrasings] == ["Second: {contract}", "Third."]
    assert (old.retired_at, task.phrasing_id) == (NOON, old.id)
    kept = instruction.phrasings[1].id
    instructions.set_phrasings(session, **change, texts=["Third.", "Fourth."])
    assert [row.text for row in instruction.phrasings] == ["Third.", "Fourth."]
    assert instruction.phrasings[0].id == kept
    instructions.set_phrasings(session, **change, texts=["Third.", "Fourth."])
    assert [event.details["added"] for event in _events(session, project)] == [2, 1]
    assert session.scalar(select(func.count()).where(Phrasing.instruction_id == instruction.id)) == 4


@pytest.mark.parametrize("texts", [[], ["Same.", "Same."], ["{contract} {contract}"], ["ok", ""], ["a\0b"]])
def test_wordings_that_cannot_be_used_are_refused(session: Session, make: Factory, texts: list[str]) -> None:
    project = make.project()
    with pytest.raises(Invalid) as refused:
        instructions.set_phrasings(
            session, slug=project.slug, key="summary", texts=texts, actor=make.lead(project), at=NOON
        )
    assert "phrasings" in refused.value.fields


def test_an_instruction_is_added_once(session: Session, make: Factory) -> None:
    project = make.project()
    change = {
        "slug": project.slug,
        "phrasings": ["List the parties."],
        "actor": make.lead(project),
        "at": NOON,
    }
    added = instructions.add_instruction(session, key="parties", **change)
    assert [row.key for row in project.instructions] == ["summary", "parties"]
    assert added.phrasings[0].text == "List the parties."
    with pytest.raises(Invalid, match="already has an instruction “parties”"):
        instructions.add_instruction(session, key="parties", **change)
    with pytest.raises(NotFound, match="no instruction “absent”"):
        instructions.set_phrasings(
            session, slug=project.slug, key="absent", texts=["x"], actor=OPERATOR, at=NOON
        )


def test_cues_that_are_left_out_are_the_current_ones_or_else_the_products_own(
    session: Session, make: Factory
) -> None:
    project = make.project()
    lead = make.lead(project)
    specs = [
        ClauseSpec("term", "Term", heading_cues=("period",)),
        ClauseSpec("liability", "Liability"),
        ClauseSpec("insurance", "Insurance", phrase_cues=()),
        ClauseSpec("invented", "Invented"),
    ]
    clauses.set_clauses(session, slug=project.slug, specs=specs, actor=lead, at=NOON)
    term, liability, insurance, invented = project.clauses
    assert (term.heading_cues, term.phrase_cues) == (["period"], [])  # it was there, without cues
    assert "liability" in liability.heading_cues
    assert insurance.heading_cues == list(library.clauses()["insurance"].headings)
    assert insurance.phrase_cues == invented.heading_cues == []


def test_clauses_are_retired_and_written_anew_only_where_they_differ(session: Session, make: Factory) -> None:
    project = make.project()
    change = {"slug": project.slug, "actor": make.lead(project), "at": NOON}
    term, law = project.clauses
    same = [ClauseSpec("term", term.name), ClauseSpec("governing_law", law.name)]
    clauses.set_clauses(session, **change, specs=same)
    assert project.clause_set_version == 1
    cued = ClauseSpec("term", "Term", heading_cues=("duration",), phrase_cues=("for a period of",))
    clauses.set_clauses(session, **change, specs=[same[1], cued, ClauseSpec("cap", "Cap", required=False)])
    assert [(row.key, row.required) for row in project.clauses] == [
        ("governing_law", True),
        ("term", True),
        ("cap", False),
    ]
    assert project.clauses[0].id == law.id
    assert term.retired_at == NOON
    assert project.clause_set_version == 2
    clauses.set_clauses(session, **change, specs=[ClauseSpec("term", "The term")])
    assert (project.clauses[0].heading_cues, project.clauses[0].name) == (["duration"], "The term")
    assert session.scalar(select(func.count()).where(Clause.project_id == project.id)) == 5
    assert [event.details["version"] for event in _events(session, project)] == [2, 3]


def test_the_same_guidelines_make_no_version_and_other_ones_do(session: Session, make: Factory) -> None:
    project = make.project()
    change = {"slug": project.slug, "actor": make.lead(project), "at": NOON}
    assert guidelines.publish_guidelines(session, **change, markdown="Write well.").version == 1
    assert guidelines.publish_guidelines(session, **change, markdown="Write better.").version == 2
    assert [row.version for row in queries.list_guidelines(session, project.id)] == [2, 1]
    first = queries.find_guidelines(session, project.id, 1)
    assert first
    assert first.markdown == "Write well."
    assert [event.details["version"] for event in _events(session, project)] == [2]


def test_an_attestation_is_given_once_and_for_the_current_guidelines(session: Session, make: Factory) -> None:
    project = make.project()
    annotator, lead = make.annotator(project, attested=False), make.lead(project)
    for version in (1, 1, None):
        given = guidelines.attest(session, slug=project.slug, version=version, actor=annotator, at=NOON)
        assert (given.guidelines_version, given.at) == (1, NOON)
    assert [event.verb for event in _events(session, project)] == ["attestation.give"]
    guidelines.publish_guidelines(session, slug=project.slug, markdown="New.", actor=lead, at=NOON)
    for version in (1, 3):
        with pytest.raises(Conflict) as refused:
            guidelines.attest(session, slug=project.slug, version=version, actor=annotator, at=NOON)
        assert refused.value.code == "guidelines_outdated"
        assert refused.value.details == {"version": 2}
    assert session.scalar(select(func.count()).select_from(Attestation)) == 1


def test_who_writes_nothing_attests_nothing(session: Session, make: Factory) -> None:
    project = make.project()
    for actor in (make.reviewer(project), make.lead(project), make.engineer(project)):
        with pytest.raises(NotAllowed):
            guidelines.attest(session, slug=project.slug, version=1, actor=actor, at=NOON)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.REVIEWER, Role.ENGINEER, None])
def test_only_a_lead_changes_a_project(session: Session, make: Factory, role: Role | None) -> None:
    project = make.project()
    actor = make.member(project, role) if role else make.user(admin=True)
    change = {"slug": project.slug, "actor": actor, "at": NOON}
    acts = [
        lambda: service.update_project(session, **change, name="Mine"),
        lambda: instructions.add_instruction(session, **change, key="x", phrasings=["X."]),
        lambda: instructions.set_phrasings(session, **change, key="summary", texts=["X."]),
        lambda: clauses.set_clauses(session, **change, specs=[]),
        lambda: guidelines.publish_guidelines(session, **change, markdown="X."),
    ]
    for act in acts:
        with pytest.raises(NotAllowed if role else NotFound):
            act()
    assert _events(session, project) == []
    assert session.scalar(select(func.count()).select_from(Guidelines)) == 1
