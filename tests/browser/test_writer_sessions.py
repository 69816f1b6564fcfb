"""Sessions that end, people who change and rights that go, while a writing page is open with text in it."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app import clock
from app.accounts.models import User
from app.documents.models import Document
from app.projects.models import Member
from app.samples.models import Sample
from app.tasks.models import Slot, Task
from tests.browser.conftest import SignIn
from tests.browser.desks import Desk, new_desk, summary_field
from tests.browser.saving import (
    TYPED,
    change_person,
    expect_not_saved,
    expect_nothing_kept,
    expect_saved,
    kept_beside,
    kept_here,
    offered,
    refuse,
    stored,
)
from tests.browser.site import Site


def _come_back(page: Page) -> None:
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_text_of_an_ended_session_is_saved_when_the_same_person_signs_in_and_by_nobody_else(
    page: Page, site: Site, desk: Desk
) -> None:
    somebody_else = new_desk(site).annotator
    change_person(page.context, site, None)
    summary_field(page).fill(TYPED)
    expect_not_saved(page, "signed out")
    change_person(page.context, site, somebody_else)
    _come_back(page)
    expect_not_saved(page, "somebody else is signed in")
    assert (stored(site, desk), kept_beside(site, desk)) == ("", set())

    change_person(page.context, site, desk.annotator)
    _come_back(page)
    expect_saved(page)
    expect(summary_field(page)).to_have_value(TYPED)
    assert stored(site, desk) == TYPED


def test_a_page_of_one_person_saves_nothing_under_another_of_the_same_project(
    page: Page, site: Site, desk: Desk, sign_in: SignIn
) -> None:
    """Also not where the other one may write on samples of this project themselves."""
    with site.preparing() as make:
        project = make.session.get_one(Sample, desk.sample_id).task.document.project
        colleague = make.annotator(project)
    change_person(page.context, site, colleague)
    other = page.context.new_page()
    other.goto("/")
    other.get_by_role("heading", name="My work").wait_for()
    summary_field(page).fill(TYPED)
    expect_not_saved(page, "somebody else is signed in")
    other.goto(desk.path)
    assert TYPED not in other.content()
    assert (stored(site, desk), kept_beside(site, desk)) == ("", set())


def test_a_reload_after_a_change_of_person_shows_nothing_of_the_first_one(
    page: Page, site: Site, desk: Desk
) -> None:
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/draft", refuse)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    change_person(page.context, site, new_desk(site).annotator)
    page.goto(desk.path)
    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
    assert TYPED not in page.content()
    change_person(page.context, site, desk.annotator)
    page.goto(desk.path)
    expect(offered(page)).to_have_text(TYPED)


def test_signing_out_saves_first(page: Page, site: Site, desk: Desk) -> None:
    summary_field(page).fill(TYPED)
    _press_sign_out(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert stored(site, desk) == TYPED
    expect_nothing_kept(page)


def test_signing_out_asks_where_text_cannot_be_saved_and_keeps_it(page: Page, site: Site, desk: Desk) -> None:
    page.route("**/draft", refuse)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    with page.expect_event("dialog") as asked:
        page.once("dialog", lambda dialog: dialog.dismiss())
        _press_sign_out(page)
    assert "not saved" in asked.value.message
    expect(summary_field(page)).to_have_value(TYPED)

    page.once("dialog", lambda dialog: dialog.accept())
    _press_sign_out(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    change_person(page.context, site, desk.annotator)
    page.goto(desk.path)
    expect(offered(page)).to_have_text(TYPED)


def test_another_tab_asks_before_signing_out_while_this_one_has_unsaved_text(
    page: Page, site: Site, desk: Desk
) -> None:
    page.context.route("**/draft", refuse)
    summary_field(page).fill(TYPED)
    expect_not_saved(page)
    other = page.context.new_page()
    other.goto("/")
    other.once("dialog", lambda dialog: dialog.accept())
    with other.expect_event("dialog"):
        _press_sign_out(other)
    expect(other.get_by_role("heading", name="Sign in")).to_be_visible()
    expect(summary_field(page)).to_have_value(TYPED)


def _press_sign_out(page: Page) -> None:
    if not page.get_by_role("button", name="Sign out").is_visible():
        page.locator("header details > summary").click()
    page.get_by_role("button", name="Sign out").click()


def _disable(session: Session, desk: Desk) -> None:
    session.execute(update(User).where(User.id == desk.annotator.id).values(disabled_at=clock.now()))


def _remove(session: Session, desk: Desk) -> None:
    session.execute(delete(Member).where(Member.user_id == desk.annotator.id))


@pytest.mark.parametrize(
    ("take_away", "said"),
    [(_disable, "signed out"), (_remove, "There is no such sample")],
    ids=["disabled", "removed"],
)
def test_whoever_loses_their_rights_while_typing_is_told_and_keeps_the_text(
    take_away, said: str, page: Page, site: Site, desk: Desk
) -> None:
    with site.preparing() as make:
        take_away(make.session, desk)
    summary_field(page).fill(TYPED)
    expect_not_saved(page, said)
    expect(summary_field(page)).to_have_value(TYPED)
    assert TYPED in kept_here(page)
    assert stored(site, desk) == ""


def test_a_contract_that_is_withdrawn_while_somebody_types_is_said_and_the_text_saved(
    page: Page, site: Site, desk: Desk
) -> None:
    with site.preparing() as make:
        document = _task(make.session, desk).document_id
        withdrawn = {"withdrawn_at": clock.now()}
        make.session.execute(update(Document).where(Document.id == document).values(**withdrawn))
    summary_field(page).fill(TYPED)
    expect_saved(page)
    expect(page.locator("#lease-message")).to_contain_text("withdrawn")
    assert stored(site, desk) == TYPED


def test_the_text_is_saved_also_after_somebody_else_took_the_task_and_neither_sees_the_others(
    page: Page, site: Site, desk: Desk, sign_in: SignIn
) -> None:
    with site.preparing() as make:
        task = _task(make.session, desk)
        ended = {"lease_expires_at": func.clock_timestamp() - func.make_interval(0, 0, 0, 0, 0, 1)}
        make.session.execute(update(Slot).where(Slot.task_id == task.id).values(**ended))
        colleague = make.annotator(make.session.get_one(Sample, desk.sample_id).task.document.project)
    other = sign_in(colleague)
    other.goto("/")
    other.get_by_role("button", name="Start writing").click()
    expect(summary_field(other)).to_be_visible()
    assert not other.url.endswith(desk.path)

    summary_field(page).fill(TYPED)
    expect_saved(page)
    expect(page.locator("#lease-message")).to_contain_text("Somebody else has taken this task")
    page.get_by_role("group", name="Term").get_by_text("Covered").click()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("alert").filter(has_text="cannot be submitted")).to_be_visible()
    expect(summary_field(page)).to_have_value(TYPED)
    assert stored(site, desk) == TYPED
    assert TYPED not in other.content()


def _task(session: Session, desk: Desk) -> Task:
    return session.scalars(select(Task).join(Sample).where(Sample.id == desk.sample_id)).one()
