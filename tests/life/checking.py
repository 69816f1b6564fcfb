"""What has to hold after every step, whatever the step was."""

import json
from functools import cache

from sqlalchemy import Connection, TextClause, literal, select, text, union_all
from sqlalchemy.orm import Session

from app import database
from app.accounts.actors import OPERATOR
from app.accounts.models import User
from app.operation.invariants import find_broken
from app.projects.models import Project
from app.releases import queries
from app.releases.formats import Format
from app.releases.queries import Filter
from app.releases.service import Export, export_lines
from app.samples.models import Sample
from app.samples.queries import may_see
from tests.life.reading import Found, Names
from tests.life.rights import sees
from tests.life.state import Act, State
from tests.life.world import PEOPLE, World


def nothing_is_broken(connection: Connection) -> None:
    """The ten statements, asked as the doctor asks them."""
    broken = find_broken(connection)
    assert not broken, [(each.invariant.id, each.invariant.statement, each.rows) for each in broken]


def no_word_is_lost(found: Found, acknowledged: list[Act]) -> None:
    """Each acknowledged save is the draft, stands beside it, or gave way to a later save of the same page."""
    later: set[tuple[str, str]] = set()
    for save in reversed(acknowledged):
        sample = found[save.on]
        kept = {words for _, words, _ in sample["kept"]}
        is_there = sample["draft"][1] == save.content or save.content in kept
        assert is_there or (save.editor and (save.on, save.editor) in later), f"Lost: {save}"
        later.add((save.on, save.editor))


@cache
def _who_sees_what(users: tuple[tuple[str, int], ...]) -> TextClause:
    """The product's own rule for everybody at once; compiled once, since that takes longer than to ask."""
    rules = [
        select(literal(who), Sample.id).where(may_see(User(id=user_id)))
        for who, user_id in users
        if who in PEOPLE
    ]
    compiled = union_all(*rules).compile(
        dialect=database.get_engine().dialect, compile_kwargs={"literal_binds": True}
    )
    return text(str(compiled))


def everybody_sees_their_own(connection: Connection, world: World, names: Names, state: State) -> None:
    """Each sample exists for exactly those who may see it."""
    keys = {sample_id: key for key, sample_id in names.samples.items()}
    asked = _who_sees_what(tuple(world.users.items()))
    shown = {(who, keys[sample_id]) for who, sample_id in connection.execute(asked)}
    wanted = {(who, key) for key, s in state.samples.items() for who in PEOPLE if sees(state, who, s)}
    assert shown == wanted, f"shown too much: {shown - wanted}, too little: {wanted - shown}"


def what_leaves_is_what_was_approved(world: World, names: Names, state: State) -> None:
    """An export holds the approved samples and nothing else; the others are listed with their reason."""
    for name, project_id in world.projects.items():
        approved = [s for s in state.samples.values() if s.project == name and s.status == "approved"]
        approved.sort(key=lambda s: (names.documents[s.doc], names.samples[s.key]))
        leaves, stays = [], []
        for sample in approved:
            rivals = [other for other in approved if other.doc == sample.doc]
            row = names.samples[sample.key]
            if state.withdrawn(sample.doc):
                stays.append((row, "withdrawn"))
            elif len(rivals) > 1:
                stays.append((row, "several_approved"))
            else:
                leaves.append((str(row), sample.revisions[-1].content.text))
        export = Export(project_id, world.slugs[name], "", Format.MESSAGES, True, Filter(), OPERATOR)
        rows = [json.loads(line.data) for line in export_lines(export)]
        assert [(row["metadata"]["id"], row["messages"][-1]["content"]) for row in rows] == leaves
        with Session(database.get_engine()) as session:
            excluded = queries.list_exclusions(session, session.get_one(Project, project_id), OPERATOR)
            assert [(row, reason) for row, _, _, reason in excluded] == stays
