"""All guards that are taken out one at a time."""

from tests.mutations import in_code, in_database

GUARDS = in_database.GUARDS | in_code.GUARDS
