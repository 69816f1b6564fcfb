"""Who acts: a person, or the program itself at the command line and in the background."""

from dataclasses import dataclass

from app.accounts.models import User


@dataclass(frozen=True, slots=True)
class SystemActor:
    """An actor that is no user. It passes every check of rights and is named as such in the history."""

    name: str
    id: None = None


OPERATOR = SystemActor("operator")  # whoever has a shell on the server
SYSTEM = SystemActor("system")  # background jobs

Actor = User | SystemActor
