"""The proof that trials by kills can fail: a Postgres that may forget is found out by the same checker."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from app.embedded.cluster import SUPERUSER, connect
from app.embedded.server import find_postmaster
from tests.faults.checker import find_wrong
from tests.faults.conftest import Serve
from tests.faults.load import under_load
from tests.faults.office import open_office
from tests.servers import Server, until


def let_forget(server: Server, engine: Engine) -> None:
    """Make its Postgres acknowledge what is not on disk. Engross would not have started on such a one."""
    postmaster = find_postmaster(server.cluster)
    assert postmaster is not None
    assert postmaster.socket_directory is not None
    with connect(postmaster.socket_directory, user=SUPERUSER) as connection:
        connection.execute("ALTER ROLE engross SET synchronous_commit = off")
        # The log's writer sleeps meanwhile, and is not woken by how much there is to write.
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("ALTER SYSTEM SET wal_writer_flush_after = '1GB'")
        connection.execute("SELECT pg_reload_conf()")
        # Waited for: what ends a moment later would look alive to whoever asks next.
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE usename = 'engross'"
        )
    with engine.connect() as again:
        assert again.scalar(text("SHOW synchronous_commit")) == "off"


def test_a_postgres_that_may_forget_is_found_out(
    serve: Serve, look: Callable[[Server], Engine], record_property: Callable[[str, object], None]
) -> None:
    server = serve("--no-worker")
    engine = look(server)
    office = open_office(engine, contracts=1000)
    let_forget(server, engine)
    with under_load(server.url, office) as load:
        until(lambda: load.count("submit") >= 10)
        server.kill_postgres()
        answered = load.count("save")
        until(lambda: load.count("save") > answered)
    wrong = find_wrong(load.calls, engine)
    record_property("sentences", len(wrong))
    assert any("is lost" in sentence or "are lost" in sentence for sentence in wrong), wrong
