"""Making a project and changing its name, system prompt and policy."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actors import Actor, SystemActor
from app.accounts.models import User
from app.audit import service as audit
from app.errors import Conflict, Invalid, NotAllowed
from app.projects import clauses, defaults, guidelines, instructions, naming, queries
from app.projects.clause_set import ClauseSpec
from app.projects.defaults import InstructionSpec
from app.projects.models import Member, Project
from app.projects.policy import Policy, PolicyChange, change
from app.projects.rules import Right, Role


def may_create(actor: Actor) -> bool:
    """Whether the actor may make projects: an admin, or the program's operator."""
    return isinstance(actor, SystemActor) or actor.is_admin


def create_project(
    session: Session,
    *,
    slug: str,
    name: str,
    lead: User,
    actor: Actor,
    at: datetime,
    system_prompt: str = "",
    policy: PolicyChange | None = None,
    instruction_specs: Sequence[InstructionSpec] = (defaults.INSTRUCTION,),
    clause_specs: Sequence[ClauseSpec] = defaults.CLAUSES,
    guidelines_markdown: str = defaults.GUIDELINES,
) -> Project:
    """A new project, with `lead` as its first lead and guidelines version 1.

    Raises NotAllowed unless an admin or the operator asks, Invalid for what does not hold together, and
    Conflict with code `slug_taken`.
    """
    if not may_create(actor):
        raise NotAllowed("Only an admin may create a project.")
    naming.check_slug(slug)
    if lead.disabled_at is not None:
        sentence = f"{lead.name} is disabled and cannot lead a project."
        raise Invalid(sentence, fields={"lead": sentence})
    if not instruction_specs:
        sentence = "A project needs an instruction."
        raise Invalid(sentence, fields={"instructions": sentence})
    values = {
        "slug": slug,
        "name": naming.clean_name(name),
        "system_prompt": naming.clean_system_prompt(system_prompt),
        **asdict(change(Policy(), policy or {})),
    }
    project = _insert(session, values=values, at=at)
    session.add(Member(project_id=project.id, user_id=lead.id, role=Role.LEAD, created_at=at))
    for spec in instruction_specs:
        instructions.insert(session, project, key=spec.key, phrasings=spec.phrasings, at=at)
    clauses.replace(session, project, clause_specs, at=at)
    guidelines.insert(session, project, version=1, markdown=guidelines_markdown, author_id=actor.id, at=at)
    audit.record(
        session,
        verb="project.create",
        subject_type="project",
        subject_id=project.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"slug": slug, "name": project.name, "lead": lead.name},
    )
    session.flush()
    session.expire(project)
    return project


def _insert(session: Session, *, values: dict[str, object], at: datetime) -> Project:
    statement = (
        insert(Project).values(**values, created_at=at).on_conflict_do_nothing(index_elements=["slug"])
    )
    project: Project | None = session.scalar(statement.returning(Project))
    if project is None:
        raise Conflict(
            f"There is already a project with the short name “{values['slug']}”.", code="slug_taken"
        )
    return project


def policy_of(project: Project) -> Policy:
    """The project's policy as it stands."""
    return Policy(**{name: getattr(project, name) for name in Policy.__slots__})


def basics_fingerprint(project: Project) -> str:
    """What a form that shows the name and the system prompt is based on."""
    return naming.fingerprint(project.name, project.system_prompt)


def update_project(
    session: Session,
    *,
    slug: str,
    actor: Actor,
    at: datetime,
    name: str | None = None,
    system_prompt: str | None = None,
    policy: PolicyChange | None = None,
    based_on: str | None = None,
    based_on_policy: int | None = None,
) -> Project:
    """Change what is given and leave the rest. `policy_version` moves only when a value of the policy does.

    `based_on` is the `basics_fingerprint`, and `based_on_policy` the policy version, that the form showed;
    a stale one raises Conflict. Slots that people hold stay theirs when `overlap` is lowered: it limits new
    ones only.
    """
    project = queries.get_project_for_change(session, slug, actor, Right.MANAGE)
    if based_on is not None and based_on != basics_fingerprint(project):
        raise _stale("name or system prompt")
    if based_on_policy is not None and based_on_policy != project.policy_version:
        raise _stale("policy")
    _change_basics(session, project, name=name, system_prompt=system_prompt, actor=actor, at=at)
    if policy:
        _change_policy(session, project, policy, actor=actor, at=at)
    session.flush()
    return project


def _stale(what: str) -> Conflict:
    return Conflict(
        f"The project's {what} changed while this page was open. Look at what stands there now; "
        "what you typed is kept here.",
        code="stale_settings",
    )


def _change_basics(
    session: Session,
    project: Project,
    *,
    name: str | None,
    system_prompt: str | None,
    actor: Actor,
    at: datetime,
) -> None:
    wanted = {
        "name": project.name if name is None else naming.clean_name(name),
        "system_prompt": (
            project.system_prompt if system_prompt is None else naming.clean_system_prompt(system_prompt)
        ),
    }
    changed = [field for field, value in wanted.items() if getattr(project, field) != value]
    if not changed:
        return
    details: dict[str, object] = {"changed": changed}
    if "name" in changed:
        details |= {"from": project.name, "to": wanted["name"]}
    for field in changed:
        setattr(project, field, wanted[field])
    audit.record(
        session,
        verb="project.update",
        subject_type="project",
        subject_id=project.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details=details,
    )


def _change_policy(
    session: Session, project: Project, values: PolicyChange, *, actor: Actor, at: datetime
) -> None:
    before = asdict(policy_of(project))
    after = asdict(change(policy_of(project), values))
    changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if not changed:
        return
    for name, (_, value) in changed.items():
        setattr(project, name, value)
    project.policy_version += 1
    audit.record(
        session,
        verb="project.change_policy",
        subject_type="project",
        subject_id=project.id,
        project_id=project.id,
        actor=actor,
        at=at,
        details={"version": project.policy_version, "changed": changed},
    )
