"""The oracle of everything around the samples: policy, roles, people, documents; and of any act at all."""

from collections.abc import Callable

from tests.life import reviewing, writing
from tests.life.rights import require
from tests.life.state import Act, Outcome, Refused, State


def change_policy(state: State, act: Act) -> Outcome:
    """New values count from now on; the version moves only when one does."""
    require(state, act.who, act.on, "lead")
    project = state.projects[act.on]
    wanted = dict(act.values)
    if any(getattr(project, name) != value for name, value in wanted.items()):
        for name, value in wanted.items():
            setattr(project, name, value)
        project.policy += 1
        project.events["project.change_policy", act.who] += 1
    return Outcome("ok")


def publish(state: State, act: Act) -> Outcome:
    """New guidelines, for which everybody attests anew."""
    require(state, act.who, act.on, "lead")
    project = state.projects[act.on]
    project.guidelines += 1
    project.events["guidelines.publish", act.who] += 1
    return Outcome("ok")


def attest(state: State, act: Act) -> Outcome:
    """Once for each version, and only for the current one."""
    require(state, act.who, act.on, "annotator")
    project = state.projects[act.on]
    if act.number != project.guidelines:
        raise Refused("Conflict", "guidelines_outdated")
    if (act.who, act.number) not in project.attested:
        project.attested.add((act.who, act.number))
        project.events["attestation.give", act.who] += 1
    return Outcome("ok")


def set_roles(state: State, act: Act) -> Outcome:
    """Exactly these roles; none at all removes the member. A project keeps a lead who can sign in."""
    require(state, act.who, act.on, "lead")
    project = state.projects[act.on]
    before, after = state.roles(act.person, act.on), frozenset(act.roles)
    if not after and not before:
        raise Refused("NotFound", "not_found")
    if before == after:
        return Outcome("ok")
    if act.person in state.disabled and after - before:
        raise Refused("Invalid", "invalid")
    leads = [who for who, roles in project.roles.items() if "lead" in roles and who not in state.disabled]
    if "lead" in before - after and not set(leads) - {act.person}:
        raise Refused("Conflict", "last_lead")
    project.roles[act.person] = after
    project.events["member.set" if after else "member.remove", act.who] += 1
    return Outcome("ok")


def withdraw(state: State, act: Act) -> Outcome:
    """Out of the queues and every export; only who may read all documents learns that it exists."""
    return _flag(state, act, withdrawn=True, refusal="already_withdrawn")


def restore(state: State, act: Act) -> Outcome:
    """Back, with all that it had."""
    return _flag(state, act, withdrawn=False, refusal="not_withdrawn")


def _flag(state: State, act: Act, *, withdrawn: bool, refusal: str) -> Outcome:
    name = act.on[0]
    roles = state.roles(act.who, name)
    if not roles & {"lead", "reviewer"}:
        raise Refused("NotFound", "not_found")
    if "lead" not in roles:
        raise Refused("NotAllowed", "not_allowed")
    project = state.projects[name]
    if withdrawn and not act.reason.strip():
        raise Refused("Invalid", "invalid")
    if project.documents[act.on] == withdrawn:
        raise Refused("Conflict", refusal)
    project.documents[act.on] = withdrawn
    project.events[f"document.{act.verb}", act.who] += 1
    return Outcome("ok")


def import_document(state: State, act: Act) -> Outcome:
    """A new document, and with it a task."""
    require(state, act.who, act.on, "lead")
    project = state.projects[act.on]
    project.documents[f"{act.on}{len(project.documents) + 1}"] = False
    for event in (("import.start", act.who), ("document.import", act.who), ("import.finish", "system")):
        project.events[event] += 1
    return Outcome("ok")


def export(state: State, act: Act) -> Outcome:
    """Approved text leaves; that it left is noted."""
    require(state, act.who, act.on, "lead", "engineer")
    state.projects[act.on].events["project.export", act.who] += 1
    return Outcome("ok")


def disable(state: State, act: Act) -> Outcome:
    """An administrator keeps a person out, or lets them in again."""
    out = act.verb == "disable"
    if (act.person in state.disabled) != out:
        (state.disabled.add if out else state.disabled.remove)(act.person)
        state.site_events[f"user.{act.verb}", act.who] += 1
    return Outcome("ok")


def release_departed(state: State, _act: Act) -> Outcome:
    """The system frees what people hold who are disabled or no annotators any more."""
    for sample in state.samples.values():
        gone = sample.annotator in state.disabled
        gone = gone or "annotator" not in state.roles(sample.annotator, sample.project)
        if gone and sample.status in {"draft", "changes_requested"}:
            writing.depart(sample, "release", "system")
    return Outcome("ok")


_ORACLES: dict[str, Callable[[State, Act], Outcome]] = {
    "save": writing.save,
    "heartbeat": writing.heartbeat,
    "submit": writing.submit,
    "hand_in": writing.hand_in,
    "recall": writing.recall,
    "skip": writing.let_go,
    "release": writing.let_go,
    "resume": writing.resume,
    "reopen": writing.reopen,
    "open": reviewing.open_for_review,
    "approve": reviewing.decide,
    "request_changes": reviewing.decide,
    "reject": reviewing.decide,
    "undo": reviewing.undo,
    "edit": reviewing.edit,
    "policy": change_policy,
    "guidelines": publish,
    "attest": attest,
    "roles": set_roles,
    "withdraw": withdraw,
    "restore": restore,
    "import": import_document,
    "export": export,
    "disable": disable,
    "enable": disable,
    "release_departed": release_departed,
}


def foretell(state: State, act: Act, saw: Outcome, *, alone: bool = True) -> Outcome:
    """What must come of an act, done to `state`. A refusal changes nothing.

    `saw` is what did come of it: where several answers are right, the oracle goes on from the given one.
    """
    if act.who in state.disabled:
        return Outcome("NotSignedIn invalid_token")
    try:
        if act.verb == "take":
            return writing.take(state, act, saw, alone=alone)
        if act.verb == "take_review":
            return reviewing.take_review(state, act, saw, alone=alone)
        return _ORACLES[act.verb](state, act)
    except Refused as refusal:
        return Outcome(str(refusal))
