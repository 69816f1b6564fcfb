"""From a number that Hypothesis draws to an act: mostly one that may succeed, and now and then any at all."""

from collections.abc import Sequence
from typing import TypeVar

from tests.life.rights import TABLE, is_fit, offered
from tests.life.state import DECISIONS, EMPTY, Act, Content, Sample, State
from tests.life.world import PEOPLE, ROLES

Option = TypeVar("Option")
REASONS = ("Because.", "Because.", "Because.", " ")
PAGES = ("page 1", "page 1", "page 2", "")
POLICIES = (
    ("overlap", (1, 2, 3)),
    ("approvals", (1, 2, 3)),
    ("reviewer_edits", (0, 1)),
    ("lease_minutes", (30, 60, 240)),
)
SETS_OF_ROLES = (
    (),
    ("annotator",),
    ("reviewer",),
    ("annotator", "reviewer"),
    ("lead", "reviewer"),
    ("engineer",),
)


def pick(options: Sequence[Option], number: int) -> Option:
    """One of them."""
    return options[number % len(options)]


def who_and_what(state: State, action: str, number: int) -> tuple[str, str]:
    """A person and a sample: mostly such that the action is offered, where there are such.

    One of five times somebody who may do it on a sample that may not be in a state for it, and one of five
    times anybody.
    """
    anybody = [(who, key) for key in state.samples for who in PEOPLE]
    inside = [(who, key) for who, key in anybody if who not in state.disabled]
    samples = state.samples
    part = TABLE[action][1] if action in TABLE else "annotator"
    fit = [(who, key) for who, key in inside if is_fit(state, who, samples[key], part)]
    rest, kind = divmod(number, 5)
    if kind == 1 or not fit:
        return pick(anybody, rest)
    ready = [(who, key) for who, key in fit if action in offered(state, who, samples[key])]
    return pick(ready if ready and kind != 2 else fit, rest)


def words(sample: Sample, number: int, fresh: str) -> Content:
    """Mostly new words; or the same again, none, some with an undecided clause, earlier ones."""
    rest, kind = divmod(number, 10)
    if kind == 1:
        return sample.draft
    if kind == 2:
        return Content("", "covered")
    if kind == 3:
        return Content(f"Undecided words {fresh}.", "undecided")
    if kind == 4:
        return Content(sample.draft.text, pick(("law absent", "covered"), rest))
    if kind == 5 and sample.kept:
        return pick(sorted(sample.kept), rest)[1]
    return Content(f"It runs for three years, as words {fresh} say.", "covered")


def based_on(current: int, number: int) -> int:
    """Mostly what stands; or what stood before, or what never stood."""
    rest, kind = divmod(number, 8)
    if kind == 1:
        return max(current - 1, 0)
    if kind == 2:
        return rest % (current + 1)
    return current + 3 if kind == 3 and rest % 4 == 0 else current


def act_on_sample(state: State, verb: str, numbers: tuple[int, int, int], fresh: str) -> Act:
    """An act on a sample, with all that is sent."""
    first, second, third = numbers
    who, key = who_and_what(state, verb, first)
    sample = state.samples[key]
    if verb in {"save", "hand_in"}:
        page, content = pick(PAGES, third), words(sample, second, fresh)
        return Act(verb, who, key, number=based_on(sample.number, third), editor=page, content=content)
    if verb == "submit":
        return Act(verb, who, key, number=based_on(sample.number, second))
    if verb in DECISIONS:
        revision = max(based_on(len(sample.revisions), second), 1)
        return Act(verb, who, key, number=revision, reason=pick(REASONS, third))
    if verb == "edit":
        revision = max(based_on(len(sample.revisions), third), 1)
        return Act(verb, who, key, number=revision, content=words(sample, second, fresh))
    if verb == "undo":
        reviews = [review for revision in sample.revisions for review in revision.reviews]
        return Act(verb, who, key, number=max(based_on(len(reviews), second) - 1, 0))
    return Act(verb, who, key, reason=pick(REASONS, third))


def act_on_project(state: State, verb: str, numbers: tuple[int, int]) -> Act:
    """An act of somebody on a project; mostly of somebody whose role fits."""
    first, second = numbers
    project = "B" if second % 7 == 3 else "A"
    wanted = {"take": "annotator", "attest": "annotator", "take_review": "reviewer"}.get(verb, "lead")
    fitting = [who for who in PEOPLE if wanted in state.roles(who, project) and who not in state.disabled]
    rest, any_at_all = divmod(first, 6)
    who = pick(fitting, rest) if fitting and any_at_all != 1 else pick(PEOPLE, rest)
    if verb == "policy":
        name, values = pick(POLICIES, second)
        return Act(verb, who, project, values=((name, pick(values, second // 4)),))
    if verb == "roles":
        person = pick(PEOPLE, second)
        usual = ROLES[project].get(person, ())
        return Act(verb, who, project, person=person, roles=pick((usual, *SETS_OF_ROLES), second // 10))
    if verb == "attest":
        current = state.projects[project].guidelines
        return Act(verb, who, project, number=max(current - (second % 4 == 1), 1))
    if verb in {"withdraw", "restore"}:
        documents = state.projects[project].documents
        fit = [doc for doc, withdrawn in documents.items() if withdrawn == (verb == "restore")]
        doc = pick(fit or list(documents), second // 3)
        return Act(verb, who, doc, reason=pick(REASONS, second))
    return Act(verb, who, project)


def rivals(state: State, key: str, fresh: str) -> list[Act]:
    """All acts that can be done at once around one sample, each of which would be allowed alone."""
    sample = state.samples[key]
    name = sample.project
    project = state.projects[name]
    content = Content(f"It runs for three years, as words {fresh} say.", "covered")
    acts = [
        Act("save", sample.annotator, key, number=sample.number, editor=page, content=content)
        for page in ("page 1", "page 2")
    ]
    acts += [Act("save", sample.annotator, key, number=sample.number, editor="page 3", content=EMPTY)]
    reviews = [review for revision in sample.revisions for review in revision.reviews]
    for who in PEOPLE:
        for action in sorted(offered(state, who, sample)):
            number = sample.number if action == "submit" else len(sample.revisions)
            number = len(reviews) - 1 if action == "undo" else number
            wording = Content(f"A reviewer's words {fresh} run for years.", "covered")
            acts.append(Act(action, who, key, number=number, content=wording if action == "edit" else EMPTY))
            if action == "approve":
                acts.append(Act("open", who, key))
        for role, verb in (("annotator", "take"), ("reviewer", "take_review")):
            if role in state.roles(who, name):
                acts.append(Act(verb, who, name))
    leads = [who for who in PEOPLE if "lead" in state.roles(who, name)]
    for lead in leads:
        acts.append(Act("roles", lead, name, person=sample.annotator, roles=("engineer",)))
        acts.append(Act("restore" if state.withdrawn(sample.doc) else "withdraw", lead, sample.doc))
        acts.append(Act("policy", lead, name, values=(("overlap", 3 - min(project.overlap, 2)),)))
        acts.append(Act("policy", lead, name, values=(("approvals", 3 - min(project.approvals, 2)),)))
        acts.append(Act("guidelines", lead, name))
    return [act for act in acts if act.who not in state.disabled]
