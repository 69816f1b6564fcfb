"""What the pages of accounts send."""

from typing import Literal

from pydantic import BaseModel, Field

from app.accounts.rules import MAX_EMAIL, MAX_TOKEN_DAYS
from app.web.forms import Form


class SignInForm(Form):
    """An address and a password; `next` is the page to go to."""

    email: str = ""
    password: str = ""
    next: str = "/"


class ForgottenForm(Form):
    """The address of an account whose password was forgotten."""

    email: str = Field("", max_length=MAX_EMAIL)


class LinkForm(Form):
    """The button of a one-time link, with the password where the link is for choosing one."""

    password: str = ""


class ButtonForm(Form):
    """The button alone, as for all acts that need no more words."""


class ProfileForm(Form):
    """One's own name and habits."""

    name: str = ""
    single_keys: bool = False


class PasswordForm(Form):
    """The password so far, and the new one."""

    old_password: str = ""
    new_password: str = ""


class TokenForm(Form):
    """A new API token; `days` empty: without an end."""

    name: str = ""
    scopes: list[str] = Field(default_factory=list)
    days: str = ""


class TokenDays(BaseModel):
    """How long a token is good for."""

    days: int | None = Field(ge=1, le=MAX_TOKEN_DAYS)


class InviteForm(Form):
    """A new person."""

    email: str = ""
    name: str = ""
    is_admin: bool = False


class AccessForm(Form):
    """Let a person in, or keep them out."""

    access: Literal["enabled", "disabled"]


class SiteRoleForm(Form):
    """Make or unmake an administrator."""

    site_role: Literal["admin", "none"]
