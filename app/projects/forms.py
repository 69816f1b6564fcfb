"""What a browser may send about a project, and what an API client may."""

from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

from app.errors import Invalid
from app.projects import library
from app.projects.clause_set import ClauseSpec, cues, key_of
from app.projects.defaults import InstructionSpec
from app.projects.policy import PolicyChange
from app.projects.rules import Role
from app.web.forms import Form, validated
from app.web.pagination import ListQuery, Words

RoleName = Literal["annotator", "reviewer", "lead", "engineer"]


class MembersQuery(ListQuery):
    """What narrows and sorts a project's members."""

    q: Words = ""
    role: RoleName | Literal[""] = ""
    sort: Literal["name", "-name", "email", "-email"] = "name"


class ProjectForm(Form):
    """A new project; the rest of it is set up on its settings page."""

    slug: str = ""
    name: str = ""
    lead: str = ""


class BasicsForm(Form):
    """Name and system prompt."""

    name: str = ""
    system_prompt: str = ""
    based_on: str = ""


class _PolicyValues(BaseModel):
    min_words: int
    max_words: int
    overlap: int
    approvals: int
    reviewer_edits: bool
    lease_minutes: int
    date_order: str
    severities: dict[str, str]
    based_on: int


class PolicyForm(Form):
    """The policy as text fields; a box that is not ticked is not sent.

    `kind` and `severity` are the rows of findings' severities as parallel lists; a kind without a row has its
    default.
    """

    min_words: str = ""
    max_words: str = ""
    overlap: str = ""
    approvals: str = ""
    reviewer_edits: str = "false"
    lease_minutes: str = ""
    date_order: str = ""
    kind: list[str] = Field(default_factory=list)
    severity: list[str] = Field(default_factory=list)
    based_on: str = ""

    def values(self) -> tuple[PolicyChange, int]:
        """The policy, and the version that the form showed; raises Invalid for what is no number."""
        if len(self.kind) != len(self.severity):
            raise Invalid("The rows of this form are not complete; load the page again.")
        severities = dict(zip(self.kind, self.severity, strict=True))
        parsed = validated(_PolicyValues, self.typed() | {"severities": severities}).model_dump()
        based_on: int = parsed.pop("based_on")
        return cast(PolicyChange, parsed), based_on


class PhrasingsForm(Form):
    """The wordings of an instruction, one a field; an emptied field takes its wording away."""

    phrasing: list[str] = Field(default_factory=list)
    based_on: str = ""

    def texts(self) -> list[str]:
        """The wordings that are not empty."""
        return [text for text in self.phrasing if text.strip()]


class InstructionForm(Form):
    """A new instruction."""

    key: str = ""
    phrasing: list[str] = Field(default_factory=list)

    def texts(self) -> list[str]:
        """The wordings that are not empty."""
        return [text for text in self.phrasing if text.strip()]


class ClausesForm(Form):
    """The clause rows as parallel lists; `required` and `remove` hold the numbers of the ticked rows.

    `pick` holds keys of clauses of the library.
    """

    key: list[str] = Field(default_factory=list)
    name: list[str] = Field(default_factory=list)
    heading_cues: list[str] = Field(default_factory=list)
    phrase_cues: list[str] = Field(default_factory=list)
    required: list[str] = Field(default_factory=list)
    remove: list[str] = Field(default_factory=list)
    pick: list[str] = Field(default_factory=list)
    based_on: str = ""

    def with_picked(self) -> "ClausesForm":
        """The form with a row for each clause that was picked from the library, as if it had been typed."""
        if unknown := set(self.pick) - library.clauses().keys():
            raise Invalid(f"The library has no clause “{min(unknown)}”.")
        rows = [library.clauses()[key] for key in dict.fromkeys(self.pick) if key not in self.key]
        return self.model_copy(
            update={
                "key": [*self.key, *(row.key for row in rows)],
                "name": [*self.name, *(row.name for row in rows)],
                "heading_cues": [*self.heading_cues, *(", ".join(row.headings) for row in rows)],
                "phrase_cues": [*self.phrase_cues, *(", ".join(row.phrases) for row in rows)],
                "required": [*self.required, *(str(len(self.key) + number) for number in range(len(rows)))],
                "pick": [],
            }
        )

    def specs(self) -> list[ClauseSpec]:
        """The clauses that are filled in or picked, and stay; a new one gets its key from its name."""
        if self.pick:
            return self.with_picked().specs()
        rows = (self.key, self.name, self.heading_cues, self.phrase_cues)
        if len({len(column) for column in rows}) > 1:
            raise Invalid("The rows of this form are not complete; load the page again.")
        return [
            ClauseSpec(
                key=key.strip() or key_of(name),
                name=name,
                required=str(number) in self.required,
                heading_cues=cues(headings),
                phrase_cues=cues(phrases),
            )
            for number, (key, name, headings, phrases) in enumerate(zip(*rows, strict=True))
            if (name.strip() or key.strip()) and str(number) not in self.remove
        ]


class GuidelinesForm(Form):
    """The text of the next version."""

    markdown: str = ""
    based_on: str = ""


class MemberForm(Form):
    """A person, by their address, and all of their roles."""

    email: str = ""
    roles: list[str] = Field(default_factory=list)

    def role_set(self) -> list[Role]:
        """The roles; raises Invalid for a word that is none."""
        unknown = set(self.roles) - set(Role)
        if unknown:
            raise Invalid("There is no such role.", fields={"roles": "There is no such role."})
        return [Role(role) for role in self.roles]


class RemovalForm(Form):
    """The member who goes."""

    email: str = ""


class AttestationForm(Form):
    """The guidelines' version that the page showed."""

    version: str = ""


class Version(BaseModel):
    """A version number that a form carried."""

    version: int


class _Body(BaseModel):
    # Strict: `"2"` is no number and `1` is no yes, so that a client's mistake is told and not guessed at.
    model_config = ConfigDict(extra="forbid", strict=True)


class InstructionBody(_Body):
    """An instruction with all of its wordings."""

    key: str
    phrasings: list[str]

    def spec(self) -> InstructionSpec:
        """As the use cases take it."""
        return InstructionSpec(key=self.key, phrasings=tuple(self.phrasings))


class ClauseBody(_Body):
    """A clause. Cues that are left out stay as they are."""

    key: str
    name: str
    required: bool = True
    heading_cues: list[str] | None = None
    phrase_cues: list[str] | None = None

    def spec(self) -> ClauseSpec:
        """As the use cases take it."""
        return ClauseSpec(
            key=self.key,
            name=self.name,
            required=self.required,
            heading_cues=None if self.heading_cues is None else tuple(self.heading_cues),
            phrase_cues=None if self.phrase_cues is None else tuple(self.phrase_cues),
        )


class PolicyBody(_Body):
    """Some or all of the policy's values; those that are left out stay."""

    min_words: int = 0
    max_words: int = 0
    overlap: int = 0
    approvals: int = 0
    reviewer_edits: bool = False
    lease_minutes: int = 0
    date_order: Literal["mdy", "dmy"] = "mdy"
    severities: Annotated[
        dict[str, Literal["error", "warning", "note", "off"]],
        Field(
            max_length=100,
            description="By kind of finding. Replaced as a whole: what is left out has its default.",
        ),
    ] = Field(default_factory=dict)

    def change(self) -> PolicyChange:
        """What was sent, and nothing else."""
        return cast(PolicyChange, self.model_dump(exclude_unset=True))


class GuidelinesBody(_Body):
    """Guidelines as they are given out. `version` is the one that the text was based on."""

    markdown: str
    version: int | None = None


class ProjectChangeBody(_Body):
    """What to change of a project. Instructions that are not named stay; clauses are replaced as a whole."""

    name: str = ""
    system_prompt: str = ""
    instructions: list[InstructionBody] = Field(default_factory=list)
    clauses: list[ClauseBody] = Field(default_factory=list)
    policy: PolicyBody = Field(default_factory=PolicyBody)
    guidelines: GuidelinesBody | Annotated[str, Field(description="The text of the next version.")] = ""

    def has(self, field: str) -> bool:
        """Whether the client sent this field."""
        return field in self.model_fields_set


class ProjectBody(ProjectChangeBody):
    """A new project. `lead` is an address; by default the caller leads it."""

    slug: str
    name: str
    lead: str | None = None


class RolesBody(_Body):
    """All roles of a member."""

    roles: list[RoleName]


class AttestationBody(_Body):
    """The guidelines' version that the person was shown; by default the current one."""

    version: int | None = None
