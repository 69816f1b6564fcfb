"""JSON: who the caller is."""

from pydantic import BaseModel

from app.accounts.dependencies import ApiUser, requires
from app.accounts.memberships import list_memberships
from app.database import SessionDep
from app.web.api import api_router

router = api_router()


class MembershipView(BaseModel):
    """One project of the caller."""

    project: str
    roles: list[str]


class Me(BaseModel):
    """The person behind the token."""

    email: str
    name: str
    admin: bool
    memberships: list[MembershipView]


@router.get("/me", dependencies=[requires("read")], tags=["account"])
def get_me(session: SessionDep, user: ApiUser) -> Me:
    """The person behind the token, with their roles in each project."""
    memberships = [
        MembershipView(project=membership.slug, roles=membership.roles)
        for membership in list_memberships(session, user.id)
    ]
    return Me(email=user.email, name=user.name, admin=user.is_admin, memberships=memberships)
