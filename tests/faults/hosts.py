"""Two machines without data of their own, as network namespaces, over one Postgres and one store of files."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import psycopg
import pytest
from httpx2 import Client

from app.embedded.account import choose_account, choose_binaries
from app.embedded.cluster import make_cluster
from tests import outbound, stores
from tests.servers import ROOT, environment, until

SITE = "http://engross.test"  # by which people know it, whichever machine answers
SECRET_KEY = "the same on every machine " * 2
NUMBER = os.getpid()
NETWORK = f"10.77.{NUMBER % 250}"
PORT = 8000


class Host:
    """One machine: a web process and a worker, which share nothing with other machines but the network."""

    def __init__(self, name: str, address: str, directory: Path, settings: dict[str, str]) -> None:
        directory.mkdir()
        self.address = address
        self.data_dir = directory / "data"
        self.log = directory / "log"
        self._name = name
        self._directory = directory
        self._settings = settings
        self._started: list[subprocess.Popen[bytes]] = []

    def serve(self) -> None:
        """Start its web process; returns when that answers."""
        self._start("serve", "--host", self.address, "--port", str(PORT), "--no-worker", "--behind-proxy")
        until(self._answers)

    def work(self) -> "subprocess.Popen[bytes]":
        """Start its worker."""
        return self._start("worker")

    def browser(self, **cookies: str) -> Client:
        """Somebody's browser, whose requests come to this machine."""
        headers = {"Host": "engross.test", "Origin": SITE, "Sec-Fetch-Site": "same-origin"}
        return Client(
            base_url=f"http://{self.address}:{PORT}",
            headers=headers | {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())},
            timeout=60,
        )

    def program(self, token: str) -> Client:
        """A program with a token, whose calls come to this machine."""
        return Client(
            base_url=f"http://{self.address}:{PORT}/api/v1",
            headers={"Host": "engross.test", "Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def _start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                ["ip", "netns", "exec", self._name, sys.executable, "-m", "app.cli", *arguments],
                cwd=self._directory,
                env=environment(self.data_dir, TMPDIR=str(self._directory), **self._settings),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        return process

    def _answers(self) -> bool:
        assert self._started[-1].poll() is None, self.log.read_text()
        try:
            with urlopen(f"http://{self.address}:{PORT}/healthz", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def end(self) -> None:
        """Leave nothing of it running."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def network() -> Iterator[list[tuple[str, str]]]:
    """A bridge on this machine, and two network namespaces on it: name and address of each."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces need root and the command `ip`")
    bridge = f"eg{NUMBER}"
    with ExitStack() as undo:
        try:
            run("ip", "link", "add", bridge, "type", "bridge")
            undo.callback(run, "ip", "link", "del", bridge)
            run("ip", "address", "add", f"{NETWORK}.1/24", "dev", bridge)
            run("ip", "link", "set", bridge, "up")
            found = []
            for number in (2, 3):
                name, inside, outside = f"engross-{NUMBER}-{number}", f"in{number}", f"eg{NUMBER}v{number}"
                run("ip", "netns", "add", name)
                undo.callback(run, "ip", "netns", "del", name)
                run("ip", "link", "add", outside, "type", "veth", "peer", "name", inside, "netns", name)
                run("ip", "link", "set", outside, "master", bridge, "up")
                run("ip", "-n", name, "address", "add", f"{NETWORK}.{number}/24", "dev", inside)
                run("ip", "-n", name, "link", "set", inside, "up")
                run("ip", "-n", name, "link", "set", "lo", "up")  # on which it reaches itself
                found.append((name, f"{NETWORK}.{number}"))
        except subprocess.CalledProcessError as error:
            pytest.skip(f"this machine makes no network namespaces: {error.stderr.decode().strip()}")
        yield found


def allow() -> None:
    """Tests may reach what they have made; everything else stays held against them."""
    outbound.reached[:] = [place for place in outbound.reached if f"'{NETWORK}." not in place]


@contextmanager
def postgres(directory: Path) -> Iterator[str]:
    """A Postgres that asks for a password, on the bridge; the address of an empty database on it."""
    directory.chmod(0o711)
    home = directory / "postgres"
    home.mkdir()
    cluster = home / "cluster"
    account = choose_account(cluster)
    account.give(home)
    binaries = choose_binaries(account, configured=None, major=None)
    make_cluster(cluster, binaries=binaries, account=account, durable=True)
    access = f"local all all trust\nhost all all {NETWORK}.0/24 scram-sha-256\n"
    (cluster / "pg_hba.conf").write_text(access)
    settings = {"listen_addresses": f"{NETWORK}.1", "port": "5432", "unix_socket_directories": str(home)}
    with (directory / "postgres.log").open("wb") as log:
        process = account.spawn(
            [binaries.directory / "postgres", "-D", cluster, *(f"--{k}={v}" for k, v in settings.items())],
            directory=home,
            output=log,
        )
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                connection = psycopg.connect(host=str(home), user="postgres", autocommit=True)
                break
            except psycopg.OperationalError:
                assert time.monotonic() < deadline, (directory / "postgres.log").read_text()
                time.sleep(0.1)
        with connection:
            connection.execute("CREATE ROLE engross LOGIN PASSWORD 'over-the-wire'")
            connection.execute("CREATE DATABASE engross OWNER engross")
        yield f"postgresql+psycopg://engross:over-the-wire@{NETWORK}.1:5432/engross"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


@contextmanager
def two_hosts(directory: Path, database_url: str, names: list[tuple[str, str]]) -> Iterator[list[Host]]:
    """Both machines, on which nothing runs yet, and the store of files that they share."""
    with stores.Store(f"{NETWORK}.1") as store:
        Thread(target=store.serve_forever, daemon=True).start()
        settings = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "BASE_URL": SITE,
            "ENGROSS_STORAGE_URL": store.url,
            "AWS_ACCESS_KEY_ID": stores.KEY,
            "AWS_SECRET_ACCESS_KEY": stores.SECRET,
            "LOG_LEVEL": "WARNING",
            "PYTHONPATH": str(ROOT),
        }
        hosts = [Host(name, address, directory / name, settings) for name, address in names]
        try:
            yield hosts
        finally:
            for host in hosts:
                host.end()
            store.shutdown()
