"""Guards of the database itself, which hold when the code is gone around."""

from tests.mutations.guard import Guard

_BETTER = "migrations/versions/0004_more_guards.py"
_FIRST = "migrations/versions/0003_guards.py"
_CONTENTS, _STEPS = "tests/guards/test_contents.py", "tests/guards/test_steps.py"

GUARDS = {
    "database: places are counted": Guard(_BETTER, ">= place.overlap", ">= 1000", (_STEPS,)),
    "database: a reviewer is not the author": Guard(
        _BETTER,
        "RAISE EXCEPTION 'user % may not review their own work', NEW.reviewer_id\n"
        "                    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'own_work';\n",
        "NULL;\n",
        (_STEPS,),
    ),
    "database: whoever decides is a reviewer": Guard(
        _BETTER, "AND m.role = 'reviewer' AND u.disabled_at IS NULL", "OR true", (_STEPS,)
    ),
    "database: approvals are counted": Guard(
        _BETTER, "IF OLD.status <> 'approved' AND NEW.status = 'approved'", "IF false", (_STEPS,)
    ),
    "database: a save counts on": Guard(
        _BETTER, "IF NEW.number = OLD.number THEN", "IF false THEN", (_CONTENTS,)
    ),
    "database: what is replaced is kept": Guard(
        _BETTER,
        "SELECT FROM draft_saves WHERE sample_id = OLD.sample_id",
        "SELECT FROM draft_saves WHERE true OR sample_id = OLD.sample_id",
        (_CONTENTS,),
    ),
    "database: history only grows": Guard(
        _FIRST,
        'INSERT_ONLY = ("events", "revisions",',
        'INSERT_ONLY = ("revisions",',
        (_CONTENTS,),
    ),
    "database: status is where the events lead": Guard(
        _BETTER,
        '("samples", "has_event", "AFTER INSERT OR UPDATE OF status"',
        '("samples", "has_event", "AFTER DELETE"',
        (_STEPS,),
    ),
    "database: only legal steps": Guard(
        _BETTER, "IF OLD.status <> NEW.status AND", "IF false AND", (_STEPS,)
    ),
    "database: a revision is the draft": Guard(
        _BETTER,
        "IF (NEW.draft_number, NEW.output,",
        "IF false AND (NEW.draft_number, NEW.output,",
        (_CONTENTS,),
    ),
    "database: what is given back opens its task": Guard(
        "migrations/versions/0009_open_tasks.py",
        "\"(OLD.state = 'held') <> (NEW.state = 'held')\"",
        "\"OLD.state <> 'held' AND NEW.state = 'held'\"",
        ("tests/races/test_leases.py",),
    ),
}
