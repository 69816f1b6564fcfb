"""What an idle site takes: memory of its processes, and seconds of its first start."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.loop import postgres_processes
from tests.servers import Server

MEGABYTE = 1_000_000
SETTLING = 10.0  # seconds of doing nothing


def run(*, full: bool = False) -> dict[str, str]:  # noqa: ARG001 -- it has one size
    """Figures by name: proportional set size (shared memory is counted once)."""
    with TemporaryDirectory(prefix="engross-bench-") as name:
        Path(name).chmod(0o711)  # root's Postgres runs as somebody else
        server = Server(Path(name) / "data", LOG_LEVEL="WARNING")
        try:
            server.ready()
            time.sleep(SETTLING)
            postgres = set(postgres_processes(server))
            app = server.processes().keys() - postgres
            memory = {
                "app": sum(map(_proportional_bytes, app)),
                "Postgres": sum(map(_proportional_bytes, postgres)),
            }
        finally:
            server.destroy()
    return {
        "idle: app, worker and Postgres": f"{sum(memory.values()) / MEGABYTE:.0f} MB",
        "of which Postgres": f"{memory['Postgres'] / MEGABYTE:.0f} MB",
        "a first start, from the command to the first answer": f"{server.seconds:.1f} s",
    }


def _proportional_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0
