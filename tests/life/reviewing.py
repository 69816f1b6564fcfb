"""The oracle of reviewing: taking a submission, deciding, undoing, editing."""

from tests.life.rights import judge, may_decide, needs_reason, require, see
from tests.life.state import Act, Outcome, Refused, Review, Revision, Sample, State
from tests.life.writing import add_revision, refuse_blocked, replace_draft


def places(state: State, sample: Sample, revision: Revision) -> int:
    """How many reviewers may have the revision before them: one for each missing approval, one at least."""
    given = [review for review in revision.standing if review.action == "approve"]
    return max(state.projects[sample.project].approvals - len(given), 1)


def is_open_to(state: State, who: str, sample: Sample) -> bool:
    """Whether the others leave a place before this revision."""
    revision = sample.revisions[-1]
    others = [reviewer for reviewer in revision.leases if reviewer != who]
    return len(others) < places(state, sample, revision)


def has_decided(who: str, sample: Sample) -> bool:
    """Whether this person's decision on the current revision stands."""
    return any(review.who == who for review in sample.revisions[-1].standing)


def take_review(state: State, act: Act, saw: Outcome, *, alone: bool) -> Outcome:
    """What one has before one, then the oldest submission."""
    require(state, act.who, act.on, "reviewer")
    waiting = [
        sample
        for sample in state.samples.values()
        if sample.project == act.on
        and sample.status == "submitted"
        and may_decide(state, act.who, sample)
        and not has_decided(act.who, sample)
        and is_open_to(state, act.who, sample)
    ]
    waiting.sort(key=lambda sample: (act.who not in sample.revisions[-1].leases, sample.submitted))
    if not waiting:
        return Outcome("ok", None)
    chosen = next((sample for sample in waiting if sample.key == saw.gave), waiting[0])
    if alone:
        chosen = waiting[0]
    _lease(state, act.who, chosen)
    return Outcome("ok", chosen.key)


def _lease(state: State, who: str, sample: Sample) -> None:
    sample.revisions[-1].leases[who] = state.projects[sample.project].lease_minutes
    sample.began = True


def open_for_review(state: State, act: Act) -> Outcome:
    """Reading by address; leased where a place is left for somebody who has still to decide."""
    sample = see(state, act.who, act.on)
    if sample.status != "submitted":
        return Outcome("ok")
    judge(state, act.who, act.on, "approve")
    if has_decided(act.who, sample):
        return Outcome("ok")
    if not is_open_to(state, act.who, sample):
        return Outcome("others have it")
    _lease(state, act.who, sample)
    return Outcome("ok")


def _refuse_rivals(state: State, who: str, sample: Sample) -> None:
    if has_decided(who, sample):
        raise Refused("Conflict", "already_decided")
    if who not in sample.revisions[-1].leases and not is_open_to(state, who, sample):
        raise Refused("Conflict", "leased_by_another")


def decide(state: State, act: Act) -> Outcome:
    """Approvals count for one revision; one request for changes or rejection ends the round."""
    sample = judge(state, act.who, act.on, act.verb)
    if act.number != len(sample.revisions):
        raise Refused("Conflict", "stale_revision")
    needs_reason(act.verb, act.reason)
    _refuse_rivals(state, act.who, sample)
    revision = sample.revisions[-1]
    review = Review(act.who, act.verb)
    revision.reviews.append(review)
    revision.leases.pop(act.who, None)
    approvals = [each for each in revision.standing if each.action == "approve"]
    if act.verb == "reject":
        sample.status, sample.place = "rejected", None
    elif act.verb == "request_changes":
        sample.status = "changes_requested"
    elif len(approvals) >= state.projects[sample.project].approvals:
        sample.status = "approved"
    sample.note(f"sample.{act.verb}", act.who)
    sample.undoable = review
    return Outcome("ok", sample.status)


def undo(state: State, act: Act) -> Outcome:
    """One's own last decision, within ten seconds, where nobody acted since; `number` counts all reviews."""
    sample = judge(state, act.who, act.on, "undo")
    reviews = [review for revision in sample.revisions for review in revision.reviews]
    review = sample.undoable
    if review is None or act.number >= len(reviews) or reviews[act.number] is not review:
        raise Refused("NotFound", "not_found")
    if sample.place != "held" and not state.has_room(sample.doc, sample.annotator):
        raise Refused("Conflict", "slot_taken")
    sample.place, sample.status, review.undone = "held", "submitted", True
    sample.note("sample.undo", act.who)
    if is_open_to(state, act.who, sample):
        _lease(state, act.who, sample)
    return Outcome("ok")


def edit(state: State, act: Act) -> Outcome:
    """The reviewer's wording is the next revision, and what stood there is kept."""
    sample = judge(state, act.who, act.on, "edit")
    if act.number != len(sample.revisions):
        raise Refused("Conflict", "stale_revision")
    _refuse_rivals(state, act.who, sample)
    refuse_blocked(act.content)
    sample.kept[sample.author, sample.draft, sample.number] += 1
    replace_draft(sample, act.content, act.who, "a reviewer's page")
    add_revision(state, sample, act.who, sample.revisions[-1].guidelines)
    sample.note("sample.edit", act.who)
    return Outcome("ok")
