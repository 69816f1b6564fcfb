"""Evidence in a save: what a page leaves out is filled in, and no evidence keeps a text from being saved."""

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.errors import Invalid, NotAllowed, NotFound
from app.projects.models import Member
from app.samples import submission, writing
from app.samples.content import Named, Sent
from app.samples.evidence import LONGEST, MOST, Entry
from app.samples.models import Sample
from tests.factories import NOON, Factory

OUTPUT = "It runs for three years. English law governs."
LAW: Entry = {"clause": "governing_law"}


@pytest.fixture
def sample(make: Factory) -> Sample:
    return make.sample(make.project(), output=OUTPUT)


def save(session: Session, sample: Sample, sent: Sent, *, based_on: int | None = None) -> writing.SaveOutcome:
    return writing.save_draft(
        session,
        sample_id=sample.id,
        sent=sent,
        based_on=sample.draft.number if based_on is None else based_on,
        editor="page.1",
        actor=sample.annotator,
        at=NOON,
    )


def named(quote: str, supported: Entry, paragraph: str = "") -> Sent:
    return Sent(OUTPUT, from_page=True, named=Named(quote, paragraph, supported))


def spot(start: int, end: int, **more: object) -> Entry:
    return {"document": {"start": start, "end": end}, **more}


def test_a_page_sends_places_and_the_draft_has_quotes_and_sentences(session: Session, sample: Sample) -> None:
    save(
        session, sample, Sent(OUTPUT, evidence=[spot(0, 8, output={"start": 30, "end": 30})], from_page=True)
    )
    assert sample.draft.evidence == [
        {
            "output": {"start": 25, "end": 45},
            "document": {"start": 0, "end": 8, "quote": "Services"},
        }
    ]


def test_evidence_is_named_by_its_words(session: Session, sample: Sample) -> None:
    outcome = save(session, sample, named("English  law", LAW, "2.1"))
    assert outcome.not_found is None
    (entry,) = sample.draft.evidence
    assert (entry["clause"], entry["document"]["quote"]) == ("governing_law", "English law")
    save(session, sample, named("English law", LAW))  # sent once more: the answer was lost
    assert sample.draft.evidence == [entry]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (named("No such words", LAW), "stand nowhere in the contract"),
        (named("English law", LAW, "1.1"), "stand nowhere in paragraph 1.1"),
        (named("x" * (LONGEST + 1), LAW), "at most 20,000"),
        (Sent(" ", named=Named("English law", "", {"output": {"start": 0, "end": 0}})), "Write the sentence"),
    ],
)
def test_words_that_are_not_found_are_told_and_all_else_is_saved(
    session: Session, sample: Sample, sent: Sent, sentence: str
) -> None:
    outcome = save(session, sample, sent)
    assert outcome.not_found is not None
    assert sentence in outcome.not_found.message
    assert (sample.draft.output, sample.draft.evidence) == (sent.output, [])


def test_a_submission_with_words_that_are_not_found_is_a_draft_that_is_saved(
    session: Session, sample: Sample
) -> None:
    refusal = submission.save_and_submit(
        session,
        sample_id=sample.id,
        sent=Sent(f"{OUTPUT} It ends.", named=Named("No such words", "", LAW)),
        based_on=1,
        editor="page.1",
        reasons={},
        actor=sample.annotator,
        at=NOON,
    )
    assert isinstance(refusal, Invalid)
    assert (sample.status, sample.draft.output) == ("draft", f"{OUTPUT} It ends.")


def test_a_page_that_is_older_than_the_draft_names_no_sentence_and_removes_nothing(
    session: Session, sample: Sample
) -> None:
    save(session, sample, named("English law", LAW))
    sentence: Entry = {"output": {"start": 30, "end": 30}}
    outcome = save(session, sample, named("three (3) years", sentence), based_on=1)
    assert outcome.not_found is not None
    assert "choose the sentence again" in outcome.not_found.message
    save(session, sample, Sent(OUTPUT, from_page=True, removed=0), based_on=1)
    assert len(sample.draft.evidence) == 1
    save(session, sample, Sent(OUTPUT, from_page=True, removed=0))
    assert sample.draft.evidence == []


def test_a_page_with_too_many_entries_still_saves_its_text(session: Session, make: Factory) -> None:
    sample = make.sample(make.project(), output=OUTPUT)
    entries = [spot(start, start + length) for start in range(40) for length in range(1, 15)]
    save(session, sample, Sent("Another text.", evidence=entries, from_page=True))
    assert (sample.draft.output, len(sample.draft.evidence)) == ("Another text.", MOST)


def test_no_piece_of_evidence_takes_a_whole_contract(session: Session, make: Factory) -> None:
    project = make.project()
    document = make.document(project, text="word " * 5_000)
    sample = make.sample(project, task=make.task(project, document=document))
    with pytest.raises(Invalid, match="at most 20,000 characters of the contract"):
        save(session, sample, Sent(OUTPUT, evidence=[spot(0, LONGEST + 1)], from_page=True))


def test_nobody_else_marks_evidence_and_nobody_after_they_were_removed(
    session: Session, make: Factory, sample: Sample
) -> None:
    project = sample.task.document.project
    for other, refusal in ((make.lead(project), NotAllowed), (make.annotator(project), NotFound)):
        with pytest.raises(refusal):
            writing.save_draft(
                session,
                sample_id=sample.id,
                sent=named("English law", LAW),
                based_on=1,
                editor="",
                actor=other,
                at=NOON,
            )
    session.execute(delete(Member).where(Member.user_id == sample.annotator_id))
    with pytest.raises(NotFound):
        save(session, sample, named("English law", LAW))
    assert sample.draft.evidence == []
