"""The clause library: what ships is whole, fits a project's rules, and says where it comes from."""

from app.projects import clause_set, library
from app.projects.clause_set import ClauseSpec


def test_the_library_has_the_41_categories_and_weights_for_each() -> None:
    assert len(library.clauses()) == 41
    assert list(library.weights()) == list(library.clauses())
    assert all(weights.signs for weights in library.weights().values())


def test_no_bias_is_so_high_that_too_many_right_places_are_lost() -> None:
    biases = {key: weights.bias for key, weights in library.weights().items()}
    assert max(biases.values()) == -0.2  # as bench/clauses.py found it
    assert biases["parties"] < biases["governing_law"]


def test_each_clause_of_the_library_asks_a_question() -> None:
    assert all(clause.question.endswith("?") for clause in library.clauses().values())


def test_each_clause_of_the_library_may_stand_in_a_project_with_all_others() -> None:
    clause_set.check([
        ClauseSpec(clause.key, clause.name, heading_cues=clause.headings, phrase_cues=clause.phrases)
        for clause in library.clauses().values()
    ])  # fmt: skip


def test_the_weights_name_their_source_and_its_licence() -> None:
    header = (library.HERE / "weights.toml").read_text(encoding="utf-8")[:1_000]
    assert "The Atticus Project" in header
    assert "CC BY 4.0" in header


def test_the_weights_stay_a_small_file() -> None:
    assert (library.HERE / "weights.toml").stat().st_size < 400_000


def test_no_cue_of_the_library_is_taken_apart_by_the_form_that_shows_it() -> None:
    for clause in library.clauses().values():
        assert clause_set.cues(", ".join(clause.headings)) == clause.headings, clause.key
        assert clause_set.cues(", ".join(clause.phrases)) == clause.phrases, clause.key


def test_no_weight_is_of_the_name_of_a_company() -> None:
    signs = {sign for weights in library.weights().values() for sign in weights.signs}
    assert not [sign for sign in signs for name in ("stremick", "ibm", "cisco", "shaq") if name in sign]
