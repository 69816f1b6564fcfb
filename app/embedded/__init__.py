"""The Postgres that starts by itself where DATABASE_URL is not set.

    with EmbeddedPostgres(settings.data_dir, pg_bin=settings.engross_pg_bin) as postgres:
        configure(postgres.url)

Any number of processes may do so with one data directory, one after another or at once; `postgres` says who
looks after the server then, and `places` where things lie. Postgres's programs are found on the machine.
"""

from app.embedded.binaries import Binaries, find_binaries
from app.embedded.errors import EmbeddedError
from app.embedded.postgres import EmbeddedPostgres

__all__ = ["Binaries", "EmbeddedError", "EmbeddedPostgres", "find_binaries"]
