"""The oracle of writing: taking work, saving, submitting and the ways back."""

from tests.life.rights import is_writer, judge, needs_reason, require, see
from tests.life.state import Act, Content, Outcome, Refused, Revision, Sample, State


def take(state: State, act: Act, saw: Outcome, *, alone: bool) -> Outcome:
    """Own live draft, own draft that can be retaken, what came back, then the next task that waits."""
    require(state, act.who, act.on, "annotator")
    own = [
        sample
        for sample in state.samples.values()
        if sample.project == act.on and sample.annotator == act.who and not state.withdrawn(sample.doc)
    ]
    drafts = [sample for sample in own if sample.status == "draft"]
    choices = [sample.key for sample in drafts if sample.place is not None]
    choices = choices or [sample.key for sample in drafts if state.has_room(sample.doc, act.who)]
    choices = choices or [sample.key for sample in own if sample.status == "changes_requested"]
    if not choices:
        waiting = [
            f"{doc}/{act.who}"
            for doc, withdrawn in state.projects[act.on].documents.items()
            if not withdrawn and f"{doc}/{act.who}" not in state.samples and state.has_room(doc, act.who)
        ]
        # Beside another claim a task that is being claimed right now is passed over.
        choices = waiting[:1] if alone else waiting
    if not choices:
        return Outcome("ok", None)
    chosen = saw.gave if saw.gave in choices else choices[0]
    _begin(state, str(chosen))
    return Outcome("ok", chosen)


def _begin(state: State, key: str) -> None:
    sample = state.samples.get(key)
    if sample is None:
        doc, who = key.split("/")
        sample = state.samples[key] = Sample(doc, who)
        sample.note("sample.start", who)
    if sample.status == "draft":
        state.write_on(sample)


def save(state: State, act: Act) -> Outcome:
    """Every text is the draft afterwards, or kept beside it; the lease is renewed where it is free."""
    sample = _own(state, act)
    if not 0 <= act.number <= sample.number:
        raise Refused("Invalid", "invalid")
    same = bool(sample.number) and sample.draft == act.content
    beside = ""
    if sample.status not in {"draft", "changes_requested"}:
        beside = "not_editable"
    elif not same and any(
        not act.editor or editors != {act.editor}
        for number, editors in sample.written.items()
        if number > act.number
    ):
        beside = "stale_draft"
    if beside and not same:
        sample.kept[act.who, act.content, None] += 1
    elif not beside:
        _store(sample, act)
    leased = sample.status == "draft" and not state.withdrawn(sample.doc) and _renew(state, sample)
    return Outcome(f"kept {beside}") if beside else Outcome("ok", (sample.number, leased))


def _own(state: State, act: Act) -> Sample:
    """The sample, of which the person is the annotator, and still one of the project's."""
    sample = see(state, act.who, act.on)
    if not is_writer(state, act.who, sample):
        raise Refused("NotAllowed", "not_allowed")
    return sample


def _store(sample: Sample, act: Act) -> None:
    if sample.number and sample.draft == act.content:
        sample.written[sample.number].add(act.editor)
        return
    if sample.number and (not act.editor or sample.written[sample.number] != {act.editor}):
        sample.kept[sample.author, sample.draft, sample.number] += 1
    replace_draft(sample, act.content, act.who, act.editor)


def replace_draft(sample: Sample, content: Content, author: str, editor: str) -> None:
    """The next number of the draft; a decision that was taken on the one before can be undone no more."""
    sample.number += 1
    sample.draft, sample.author = content, author
    sample.written[sample.number] = {editor}
    sample.undoable = None


def _renew(state: State, sample: Sample) -> bool:
    if isinstance(sample.place, int):
        sample.place = state.projects[sample.project].lease_minutes
    elif state.has_room(sample.doc, sample.annotator):
        state.write_on(sample)
    return sample.place is not None


def heartbeat(state: State, act: Act) -> Outcome:
    """An open page keeps its lease; what is in review needs none."""
    sample = _own(state, act)
    if state.withdrawn(sample.doc):
        raise Refused("Conflict", "withdrawn")
    if sample.place == "held":
        return Outcome("ok", False)
    if sample.status != "draft":
        raise Refused("Conflict", "wrong_status")
    if not _renew(state, sample):
        raise Refused("Conflict", "slot_taken")
    return Outcome("ok", True)


def submit(state: State, act: Act) -> Outcome:
    """One revision of exactly the draft that the page showed; twice is once."""
    sample = _own(state, act)
    if sample.status == "submitted":
        latest = sample.revisions[-1]
        if (latest.author, latest.draft_number) == (act.who, act.number):
            return Outcome("ok")
    judge(state, act.who, act.on, "submit")
    if act.number != sample.number:
        raise Refused("Conflict", "stale_draft")
    refuse_blocked(sample.draft)
    if sample.place is None and not state.has_room(sample.doc, act.who):
        raise Refused("Conflict", "slot_taken")
    project = state.projects[sample.project]
    if (act.who, project.guidelines) not in project.attested:
        raise Refused("Invalid", "attestation_missing")
    add_revision(state, sample, act.who, project.guidelines)
    sample.place, sample.status = "held", "submitted"
    state.submissions += 1
    sample.submitted = state.submissions
    sample.note("sample.submit", act.who)
    return Outcome("ok")


def refuse_blocked(content: Content) -> None:
    """An empty summary and an undecided clause stop a submission."""
    if not content.text.strip() or content.clauses == "undecided":
        raise Refused("Invalid", "findings_block")


def add_revision(state: State, sample: Sample, author: str, guidelines: int) -> None:
    """The draft as it stands, frozen."""
    policy = state.projects[sample.project].policy
    sample.revisions.append(Revision(author, sample.draft, sample.number, guidelines, policy))
    sample.began = False


def hand_in(state: State, act: Act) -> Outcome:
    """The page's own button: saved first, and saved also where the submission is refused."""
    sample = _own(state, act)
    if (sample.status, sample.draft) == ("submitted", act.content):
        return Outcome("ok")
    saved = save(state, act)
    if saved.said != "ok":
        return saved
    try:
        return submit(state, Act("submit", act.who, act.on, number=sample.number))
    except Refused as refusal:
        return Outcome(f"saved, {refusal}")


def recall(state: State, act: Act) -> Outcome:
    """Back to the draft, in the place that it has, also where the project asks for fewer people by now."""
    sample = judge(state, act.who, act.on, "recall")
    sample.status, sample.place = "draft", None
    sample.note("sample.recall", act.who)
    state.write_on(sample)
    return Outcome("ok")


def let_go(state: State, act: Act) -> Outcome:
    """Skip and release: the place is free, and the draft stays."""
    sample = judge(state, act.who, act.on, act.verb)
    needs_reason(act.verb, act.reason)
    depart(sample, act.verb, act.who)
    return Outcome("ok")


def depart(sample: Sample, verb: str, who: str) -> None:
    """The sample is left."""
    sample.status, sample.place = "skipped", None
    sample.note(f"sample.{verb}", who)


def resume(state: State, act: Act) -> Outcome:
    """Go on, where a place is free."""
    sample = judge(state, act.who, act.on, "resume")
    if not state.has_room(sample.doc, act.who):
        raise Refused("Conflict", "slot_taken")
    sample.status = "draft"
    state.write_on(sample)
    sample.note("sample.resume", act.who)
    return Outcome("ok")


def reopen(state: State, act: Act) -> Outcome:
    """Back to its annotator; what was approved has its place still, what was rejected needs a free one."""
    sample = judge(state, act.who, act.on, "reopen")
    needs_reason("reopen", act.reason)
    if sample.place != "held" and not state.has_room(sample.doc, sample.annotator):
        raise Refused("Conflict", "slot_taken")
    sample.status, sample.place = "changes_requested", "held"
    sample.note("sample.reopen", act.who)
    return Outcome("ok")
