"""Pages that are older than what the server has: the one before a refusal, the one before a decision."""

from tests.work.conftest import World
from tests.work.test_pages import fields


def test_a_page_that_is_drawn_again_writes_under_a_name_of_its_own(world: World) -> None:
    """The page before it may be shown again (Back), and would overwrite what is written after it."""
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft") | {"output": "Only the term, in five words."}
    answer = client.post(f"{url}/submission", data=values)
    again = fields(answer.text, f"{url}/draft")
    assert answer.status_code == 422
    assert again["editor"] != values["editor"]


def test_a_text_that_comes_after_the_approval_is_shown_beside_what_was_approved(world: World) -> None:
    client = world.browser("owner")
    url = f"/samples/{world.samples['draft']}"
    values = fields(client.get(url).text, f"{url}/draft") | {"output": "Typed too late for that."}
    url = f"/samples/{world.samples['approved']}"
    answer = client.post(f"{url}/submission", data=values | {"based_on": "1"})
    assert answer.status_code == 409
    assert "You wrote: “Typed too late for that.”" in answer.text
    assert "<textarea" not in answer.text
