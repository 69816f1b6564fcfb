"""The client on the real application: a pair is written, reviewed and taken out by scripts alone."""

from pathlib import Path

import pytest

from app.client import Engross, Problem
from tests.factories import SUMMARY
from tests.web.browsers import SITE
from tests.work.conftest import World


def client(world: World, name: str) -> Engross:
    """The client with that person's token."""
    caller = world.program(name)
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    return Engross(SITE, token, transport=caller._transport, sleep=lambda _: None)


def test_a_pair_is_written_reviewed_and_exported_by_scripts_alone(world: World, tmp_path: Path) -> None:
    slug = world.project.slug
    with client(world, "colleague") as site:
        assert site.me()["memberships"] == [{"project": slug, "roles": ["annotator"]}]
        site.call("PUT", "projects", slug, "attestation")
        sample = site.take_writing(slug)
        assert sample is not None
        number, clauses = sample["draft"]["number"], {"term": "covered", "governing_law": "covered"}  # type: ignore[index]
        saved = site.save(sample["id"], SUMMARY, based_on=number, clauses=clauses)
        with pytest.raises(Problem) as raised:
            site.save(sample["id"], "Other words.", based_on=number, editor="another")
        assert (raised.value.code, raised.value.body["draft"]["output"]) == ("stale_draft", SUMMARY)
        site.submit(sample["id"], based_on=saved["number"])
    with client(world, "reviewer") as site:
        assert sample["id"] in [row["id"] for row in site.samples(slug, status="submitted")]
        taken = site.take_reviewing(slug)
        assert taken is not None
        assert taken["status"] == "submitted"
        with pytest.raises(Problem) as raised:
            site.review(sample["id"], "reject", revision=1)
        assert set(raised.value.errors) == {"reason"}
        assert site.review(sample["id"], "approve", revision=1)["sample"]["status"] == "approved"
        assert site.sample(sample["id"])["status"] == "approved"
    with client(world, "engineer") as site:
        written = site.export(slug, tmp_path / "train.jsonl")
        assert written.rows == 2
        assert written.bytes == (tmp_path / "train.jsonl").stat().st_size
        assert list(site.exclusions(slug)) == []
        with pytest.raises(Problem) as raised:
            site.sample(sample["id"])
        assert (raised.value.status, raised.value.code) == (404, "not_found")
