"""Imported pairs: samples that wait for review, of nobody, in no slot, and all that follows from that."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.documents.models import Document
from app.errors import Conflict, NotAllowed
from app.imports import queries
from app.imports.models import ImportFile
from app.imports.processing import process
from app.imports.service import IncomingFile, start_import
from app.operation.invariants import find_broken
from app.projects.models import Phrasing, Project
from app.reviews import service as reviews
from app.reviews.leases import take_next as take_review
from app.samples import submission, writing
from app.samples.content import Sent
from app.samples.models import Sample
from app.samples.queries import get_visible
from app.samples.workflow import Action
from app.tasks.models import Slot, Task
from app.tasks.queries import count_waiting
from tests.factories import CONTRACT, NOON, SUMMARY, Factory
from tests.imports.conftest import stored

SFT = Path(__file__).parents[2].parent / "shared" / "data" / "sft"


@pytest.fixture
def project(make_live: Factory) -> Project:
    return make_live.project()


@pytest.fixture
def lead(make_live: Factory, project: Project) -> User:
    """Who imports; a reviewer too, who must not decide on what they brought in."""
    return make_live.member(project, "lead", "reviewer")


def pair(output: str = SUMMARY, contract: str = CONTRACT, wording: str = "") -> dict[str, str]:
    return {"instruction": wording, "input": contract, "output": output}


def known(project: Project) -> str:
    return project.instructions[0].phrasings[0].text


def bring(live: Session, project: Project, lead: User, *rows: dict[str, str]) -> list[ImportFile]:
    said = [{**row, "instruction": row["instruction"] or known(project)} for row in rows]
    lines = "\n".join(json.dumps(row) for row in said)
    return take(live, project, lead, stored("pairs.jsonl", lines))


def take(live: Session, project: Project, lead: User, *files: IncomingFile) -> list[ImportFile]:
    started = start_import(live, project=project, files=files, actor=lead, at=NOON)
    live.commit()
    assert process(started.id, now=clock.now)
    live.expire_all()
    assert find_broken(live.connection()) == []
    return list(queries.list_files(live, started.id))


def only_sample(live: Session) -> Sample:
    return live.scalars(select(Sample).where(Sample.import_id.is_not(None))).one()


def decide(live: Session, sample: Sample, reviewer: User, action: Action) -> int:
    decision = reviews.decide(
        live,
        sample_id=sample.id,
        revision_number=sample.revision_count,
        action=action,
        comment="The cap is missing.",
        actor=reviewer,
        at=clock.now(),
    )
    live.commit()
    assert find_broken(live.connection()) == []
    return decision.review.id


def test_a_pair_arrives_as_a_submitted_sample_of_nobody_that_holds_no_slot(
    live: Session, project: Project, lead: User
) -> None:
    [file] = bring(live, project, lead, pair())
    sample = only_sample(live)
    assert (file.status, file.sample_id, file.document_id) == ("created", sample.id, sample.task.document_id)
    assert (sample.status, sample.annotator_id, sample.slot_id, sample.importer_id) == (
        "submitted",
        None,
        None,
        lead.id,
    )
    [revision] = sample.revisions
    assert (revision.number, revision.author_id, revision.output) == (1, None, SUMMARY)
    assert live.scalars(select(Slot)).all() == []
    assert sample.task.phrasing.text == known(project)


def test_its_task_is_not_given_to_annotators_until_a_reviewer_sends_it_back(
    live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    bring(live, project, lead, pair())
    annotator, reviewer = make_live.annotator(project), make_live.reviewer(project)
    live.commit()
    assert count_waiting(live, project, annotator.id) == 0
    decide(live, only_sample(live), reviewer, Action.REQUEST_CHANGES)

    taken = writing.take_next(live, project_slug=project.slug, actor=annotator, at=clock.now())
    assert taken is not None
    assert (taken.annotator_id, taken.status, taken.draft.output) == (annotator.id, "draft", SUMMARY)
    assert taken.draft.number == 0  # nothing of it is theirs until they save
    writing.save_draft(
        live,
        sample_id=taken.id,
        sent=Sent(SUMMARY + " Liability is capped.", {"term": "covered", "governing_law": "covered"}),
        based_on=0,
        editor="page",
        actor=annotator,
        at=clock.now(),
    )
    submission.submit(live, sample_id=taken.id, based_on=1, reasons={}, actor=annotator, at=clock.now())
    live.commit()
    assert find_broken(live.connection()) == []


def test_whoever_imported_it_is_neither_offered_it_nor_may_decide_on_it(
    live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    bring(live, project, lead, pair())
    sample = only_sample(live)
    assert take_review(live, project_slug=project.slug, actor=lead) is None
    with pytest.raises(NotAllowed):
        decide(live, sample, lead, Action.APPROVE)
    live.rollback()
    reviewer = make_live.reviewer(project)
    live.commit()
    offered = take_review(live, project_slug=project.slug, actor=reviewer)
    assert offered is not None
    assert offered.id == sample.id
    decide(live, sample, reviewer, Action.APPROVE)
    assert get_visible(live, sample.id, reviewer).status == "approved"


def test_a_rejected_pair_gives_its_place_back_and_an_undone_rejection_needs_it_again(
    live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    bring(live, project, lead, pair())
    sample, reviewer, annotator = only_sample(live), make_live.reviewer(project), make_live.annotator(project)
    live.commit()
    review_id = decide(live, sample, reviewer, Action.REJECT)
    reviews.undo(live, sample_id=sample.id, review_id=review_id, actor=reviewer, at=clock.now())
    live.commit()
    assert count_waiting(live, project, annotator.id) == 0
    review_id = decide(live, sample, reviewer, Action.REJECT)
    assert writing.take_next(live, project_slug=project.slug, actor=annotator, at=clock.now()) is not None
    live.commit()
    with pytest.raises(Conflict, match="taken this task"):
        reviews.undo(live, sample_id=sample.id, review_id=review_id, actor=reviewer, at=clock.now())


def test_a_reviewer_may_edit_it_and_somebody_else_approves(
    live: Session, make_live: Factory, project: Project, lead: User
) -> None:
    bring(live, project, lead, pair())
    sample, editor, reviewer = only_sample(live), make_live.reviewer(project), make_live.reviewer(project)
    live.commit()
    clauses = {"term": "covered", "governing_law": "covered"}
    reviews.edit(
        live,
        sample_id=sample.id,
        revision_number=1,
        sent=Sent(SUMMARY + " Liability is capped.", clauses),
        reasons={},
        actor=editor,
        at=clock.now(),
    )
    live.commit()
    assert find_broken(live.connection()) == []
    decide(live, sample, reviewer, Action.APPROVE)
    submission.reopen(live, sample_id=sample.id, reason="A later amendment.", actor=lead, at=clock.now())
    live.commit()
    assert find_broken(live.connection()) == []
    assert live.get_one(Task, sample.task_id, populate_existing=True).imported_count == 0


def test_the_same_pair_is_a_duplicate_and_the_same_contract_with_another_output_is_none(
    live: Session, project: Project, lead: User
) -> None:
    files = bring(live, project, lead, pair(), pair(), pair("Another summary, of as many words."))
    assert [file.status for file in files] == ["created", "duplicate", "created"]
    assert files[1].reason == f"The same pair is here already: sample {files[0].sample_id}."
    assert files[2].document_id == files[0].document_id
    assert live.get_one(Task, only_task(live)).imported_count == 2


def only_task(live: Session) -> int:
    return live.scalars(select(Task.id)).one()


def test_an_unknown_wording_is_a_phrasing_that_is_given_to_no_document(
    live: Session, project: Project, lead: User
) -> None:
    files = bring(
        live,
        project,
        lead,
        pair(wording="Who are the parties?"),
        pair("They are A and B.", wording="Name the parties."),
        pair("C and D.", "Another contract.", wording="Who are the parties?"),
    )
    assert [file.status for file in files] == ["created"] * 3
    wordings = live.scalars(select(Phrasing).where(Phrasing.imported).order_by(Phrasing.id)).all()
    assert [found.text for found in wordings] == ["Who are the parties?", "Name the parties."]
    live.refresh(project)
    assert [found.text for found in project.instructions[0].phrasings] == [known(project)]
    # A contract that came with a pair is put to nobody, until it is imported as a contract.
    tasks = live.scalars(select(Task).order_by(Task.id)).all()
    assert [task.phrasing_id for task in tasks] == [wordings[0].id, wordings[1].id, wordings[0].id]
    [again] = take(live, project, lead, stored("nda.txt", "Another contract."))
    assert again.status == "duplicate"
    assert again.reason.endswith("Now it is also there to be written on.")
    assert len(live.scalars(select(Task)).all()) == 4


def test_a_contract_that_waits_to_be_written_on_takes_the_wording_of_its_pair(
    live: Session, make_live: Factory, lead: User, project: Project
) -> None:
    take(live, project, lead, stored("nda.txt", CONTRACT))
    [file] = bring(live, project, lead, pair())
    assert file.status == "created"
    assert count_waiting(live, project, make_live.annotator(project).id) == 0


def test_a_withdrawn_contract_takes_no_pair(live: Session, project: Project, lead: User) -> None:
    take(live, project, lead, stored("nda.txt", CONTRACT))
    document = live.scalars(select(Document)).one()
    document.withdrawn_at, document.withdrawn_by_id, document.withdrawn_reason = (
        NOON,
        lead.id,
        "Wrong client.",
    )
    live.commit()
    [file] = bring(live, project, lead, pair())
    assert (file.status, "is withdrawn" in file.reason) == ("failed", True)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (pair(wording="What\0 is it?"), "NUL character"),
        (pair(wording="What \ud800 is it?"), "half of a character"),
        (pair(wording="w" * 20_001), "the limit is 20,000"),
        (pair(wording="{contract} or {contract}"), "once"),
        (pair("It\0 ends."), "NUL character"),
        (pair("It \ud800 ends."), "half of a character"),
        (pair("x" * 1_000_000), "the limit is 20,000"),
        (pair(contract="A\0 contract."), "NUL characters"),
        (pair(contract="A \ud800 contract."), "halves of characters"),
    ],
)
def test_a_text_that_cannot_be_kept_is_refused_in_a_sentence_and_leaves_nothing(
    live: Session, project: Project, lead: User, row: dict[str, str], said: str
) -> None:
    [file] = bring(live, project, lead, row)
    assert (file.status, said in file.reason) == ("failed", True), file.reason
    assert live.scalars(select(Document)).all() == []


def test_line_separators_of_unicode_in_a_pair_are_kept_to_the_character(
    live: Session, project: Project, lead: User
) -> None:
    bring(live, project, lead, pair("One\u2028two\u2029three\u0085four."))
    assert only_sample(live).revisions[0].output == "One\u2028two\u2029three\u0085four."


def test_the_original_of_a_pair_does_not_hold_its_output(live: Session, project: Project, lead: User) -> None:
    bring(live, project, lead, pair())
    [original] = live.scalars(select(Document)).one().files
    assert (original.media_type, original.byte_count) == ("text/plain", len(CONTRACT.encode()))


@pytest.mark.skipif(not SFT.is_dir(), reason="the open instruction sets are not beside the project")
def test_open_instruction_sets_go_in_whole_with_a_reason_for_each_row_that_does_not(
    live: Session, project: Project, lead: User
) -> None:
    names = ("dolly.jsonl", "oasst_trees_sample.jsonl", "self_instruct_seed_tasks.jsonl")
    for name in names:
        rows = [json.loads(line) for line in (SFT / name).read_text().splitlines()[:120]]
        lines = "\n".join(json.dumps(row) for row in rows)
        files = take(live, project, lead, stored(name, lines))
        assert len(files) == len(rows)
        assert all(file.reason for file in files if file.status != "created")
        for row, file in zip(rows, files, strict=True):
            if name == "dolly.jsonl":
                assert (file.status == "failed") == (not row["context"].strip()), file.reason
