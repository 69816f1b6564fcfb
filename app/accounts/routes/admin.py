"""Administration of people: who there is, inviting, links and mails, access, the site role."""

from typing import Annotated, cast

from fastapi import APIRouter, Form, Query
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from app import clock, paging
from app.accounts import links, mailing, people, queries
from app.accounts.dependencies import CurrentAdmin
from app.accounts.forms import AccessForm, ButtonForm, InviteForm, SiteRoleForm
from app.accounts.memberships import list_memberships
from app.accounts.models import User
from app.audit.queries import list_site_events
from app.database import SessionDep
from app.errors import Invalid
from app.settings import get_settings
from app.site.events import label
from app.web.dependencies import RowId
from app.web.forms import attempt
from app.web.htmx import redirect
from app.web.notices import notice
from app.web.pagination import Cursor
from app.web.templates import page

router = APIRouter(prefix="/admin")

STATES = (("", "Everybody"), ("active", "Active"), ("invited", "Invited"), ("disabled", "Disabled"),
          ("admin", "Administrators"))  # fmt: skip
EVENTS = 20


@router.get("")
def show_people(
    request: Request,
    session: SessionDep,
    _: CurrentAdmin,
    q: Annotated[str, Query(max_length=200)] = "",
    state: str = "",
    cursor: Cursor = None,
) -> Response:
    """Everybody with an account."""
    after = cast("tuple[str, int]", paging.decode(cursor, str, int)) if cursor else None
    known = state if state in dict(STATES) else ""
    found = queries.list_users(session, search=q, state=known, after=after, limit=paging.PAGE_SIZE + 1)
    shown, last = paging.cut(found, paging.PAGE_SIZE)
    here = request.url.include_query_params(q=q, state=known).remove_query_params("cursor")
    next_url = here.include_query_params(cursor=paging.encode(last.name.lower(), last.id)) if last else None
    return page(
        request,
        "admin/people.html",
        people=shown,
        q=q,
        state=known,
        states=STATES,
        first_url=f"{here.path}?{here.query}" if cursor else "",
        next_url=f"{next_url.path}?{next_url.query}" if next_url else "",
    )


@router.get("/invitation")
def show_invitation(request: Request, _: CurrentAdmin) -> Response:
    """The form for a new person."""
    return _invitation_page(request, InviteForm())


def _invitation_page(request: Request, form: InviteForm, failure: Invalid | None = None) -> Response:
    errors = failure.fields if failure else {}
    status = 422 if failure else 200
    is_mailed = mailing.is_configured()
    return page(
        request, "admin/invitation.html", status=status, form=form, errors=errors, is_mailed=is_mailed
    )


@router.post("/users")
def invite(
    request: Request, session: SessionDep, admin: CurrentAdmin, form: Annotated[InviteForm, Form()]
) -> Response:
    """Add a person, and mail them the link that they need, or show it where no mail is sent."""

    def act() -> Response:
        at = clock.now()
        user = people.create(
            session,
            email=form.email,
            name=form.name,
            is_admin=form.is_admin,
            password=None,
            actor=admin,
            at=at,
        )
        if mailing.is_configured():
            return _mailed(session, user=user, admin=admin)
        return _link_page(request, session, user=user, admin=admin)

    return attempt(session, act, redraw=lambda failure: _invitation_page(request, form, failure))


def _mailed(session: Session, *, user: User, admin: User) -> Response:
    mailing.ask(session, user=user, actor=admin, at=clock.now())
    return notice(redirect(f"/admin/users/{user.id}"), f"A link is on its way to {user.email}.")


def _link_page(request: Request, session: Session, *, user: User, admin: User) -> Response:
    """A new link for the person. It stands on this one answer and nowhere else, so this is no redirect."""
    settings = get_settings()
    days = settings.engross_link_days
    token = people.make_link(session, user=user, days=days, actor=admin, at=clock.now())
    url = links.url(settings.base_url, token)
    return page(request, "admin/link.html", status=201, person=user, url=url, days=days)


@router.get("/invitations")
def show_invitations(
    request: Request, session: SessionDep, _: CurrentAdmin, cursor: Cursor = None
) -> Response:
    """Who was invited and has chosen no password yet, with the state of their link."""
    after = cast("tuple[str, int]", paging.decode(cursor, str, int)) if cursor else None
    found = queries.list_users(session, state="invited", after=after, limit=paging.PAGE_SIZE + 1)
    shown, last = paging.cut(found, paging.PAGE_SIZE)
    ids = [user.id for user in shown]
    following = paging.encode(last.name.lower(), last.id) if last else ""
    return page(
        request,
        "admin/invitations.html",
        people=shown,
        links=queries.map_open_links(session, ids),
        mails=queries.map_latest_mails(session, ids),
        is_mailed=mailing.is_configured(),
        first_url="/admin/invitations" if cursor else "",
        next_url=f"/admin/invitations?cursor={following}" if following else "",
    )


@router.get("/users/{user_id}")
def show_person(request: Request, session: SessionDep, _: CurrentAdmin, user_id: RowId) -> Response:
    """One person: where they belong and are signed in, their tokens, and what can be done with them."""
    person = queries.get_user(session, user_id)
    return page(
        request,
        "admin/person.html",
        person=person,
        memberships=list_memberships(session, user_id),
        sessions=queries.list_sessions(session, user_id),
        tokens=queries.list_tokens(session, user_id),
        link_until=queries.map_open_links(session, [user_id]).get(user_id),
        mail=queries.find_latest_mail(session, user_id),
        is_mailed=mailing.is_configured(),
        events=list_site_events(session, user_id=user_id, limit=EVENTS),
        label=label,
    )


@router.post("/users/{user_id}/mails")
def send_mail(
    session: SessionDep, admin: CurrentAdmin, user_id: RowId, _: Annotated[ButtonForm, Form()]
) -> Response:
    """Mail the person a link with which they choose a (new) password."""
    return _mailed(session, user=queries.get_user_for_change(session, user_id), admin=admin)


@router.post("/users/{user_id}/link")
def make_link(
    request: Request,
    session: SessionDep,
    admin: CurrentAdmin,
    user_id: RowId,
    _: Annotated[ButtonForm, Form()],
) -> Response:
    """A link with which the person chooses a (new) password."""
    user = queries.get_user_for_change(session, user_id)
    return _link_page(request, session, user=user, admin=admin)


@router.post("/users/{user_id}/access")
def set_access(
    session: SessionDep, admin: CurrentAdmin, user_id: RowId, form: Annotated[AccessForm, Form()]
) -> Response:
    """Disable or enable a person."""
    change = people.disable if form.access == "disabled" else people.enable
    user = change(session, user_id=user_id, actor=admin, at=clock.now())
    return notice(redirect(f"/admin/users/{user.id}"), f"{user.name} is {form.access}.")


@router.post("/users/{user_id}/site-role")
def set_site_role(
    session: SessionDep, admin: CurrentAdmin, user_id: RowId, form: Annotated[SiteRoleForm, Form()]
) -> Response:
    """Make or unmake an administrator."""
    is_admin = form.site_role == "admin"
    user = people.set_admin(session, user_id=user_id, is_admin=is_admin, actor=admin, at=clock.now())
    done = "an administrator" if is_admin else "no administrator any more"
    return notice(redirect(f"/admin/users/{user.id}"), f"{user.name} is {done}.")
