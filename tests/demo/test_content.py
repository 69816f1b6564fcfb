"""The files that the demo is made of fit together."""

from datetime import UTC, datetime, time
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.checks.length import count_words
from app.demo.content import HERE, Passage, load_acts, load_contracts, load_guidelines, load_project
from app.demo.evidence import Source, evidence_of
from app.demo.story import moment, moment_of
from app.documents.extraction import DOCX, extract, sniff

MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOURCE = Source(document_id=1, text="1.1 It runs for three\nyears.\n\n1.2 English law governs it.")


def test_every_summary_keeps_to_the_projects_length_and_decides_its_clauses() -> None:
    project = load_project()
    keys = {clause.key for clause in project.clauses}
    contracts = load_contracts()
    assert len(contracts) == 12
    for contract in contracts.values():
        assert contract.read()
        for text in (*contract.summaries, contract.flawed):
            assert project.policy.min_words <= count_words(text.output) <= project.policy.max_words
            assert set(text.clauses) == keys
            assert "\n" not in text.output


def test_a_word_file_says_what_its_markdown_says_and_word_counts_its_clauses(tmp_path: Path) -> None:
    made = [contract for contract in load_contracts().values() if contract.as_word]
    assert made
    for contract in made:
        path = tmp_path / contract.name
        path.write_bytes(contract.read())
        from_word = extract(path, name=contract.name)
        from_markdown = extract(HERE / "contracts" / contract.file, name=contract.file)
        assert (sniff(path), from_word.title) == (DOCX, from_markdown.title)
        assert from_word.text.split() == from_markdown.text.split()
        numbers = [block.number for block in from_word.blocks if block.number]
        assert {"1", "1.1", "(a)"} <= set(numbers)
        assert b"<w:t>1.1" not in ZipFile(path).read("word/document.xml")


def test_the_story_is_told_of_people_and_contracts_that_are_there() -> None:
    names = {person.name for person in load_project().people}
    for act in load_acts():
        assert act.who in names
        assert act.contract in load_contracts() or act.act in {"attest", "publish_guidelines"}
        assert act.replace[0] in load_contracts()[act.contract or "01"].flawed.output


def test_the_second_version_of_the_guidelines_says_one_thing_more() -> None:
    first, second = load_guidelines()
    added = set(second.splitlines()) - set(first.splitlines())
    assert len(added) == 1
    assert len(first.splitlines()) == len(second.splitlines()) - 1


def test_an_act_of_the_day_before_a_monday_happened_on_a_friday() -> None:
    assert moment(MONDAY, days=1, clock=time(9, 30)) == datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("hour", [0, 12, 23])
def test_the_story_runs_forwards_at_whatever_hour_it_is_built(hour: int) -> None:
    built = MONDAY.replace(hour=hour)
    times = [moment_of(act, built) for act in load_acts()]
    assert times == sorted(times)
    assert times[-1] < built


def test_a_quote_is_found_across_the_lines_of_the_contract() -> None:
    passage = Passage(clause="term", says="three", quote="runs for three years")
    [entry] = evidence_of("A contract. Its term is three years.", [passage], SOURCE)
    assert entry["output"] == {"start": 12, "end": 36}
    assert entry["document"] == {"start": 7, "end": 27, "quote": "runs for three\nyears"}


def test_a_passage_of_which_the_summary_does_not_speak_is_no_evidence() -> None:
    assert evidence_of("English law.", [Passage(says="three", quote="three years")], SOURCE) == []


def test_a_quote_that_the_contract_does_not_hold_is_an_error() -> None:
    with pytest.raises(LookupError, match="four years"):
        evidence_of("Four years.", [Passage(says="Four", quote="four years")], SOURCE)
