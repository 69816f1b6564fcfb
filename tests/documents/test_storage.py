"""A file is complete or absent, whatever happens while it is copied: in a directory and in a shared store."""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.documents import objects
from app.documents.objects import open_store
from app.documents.storage import Directory, Originals, originals
from app.errors import CannotRun, Invalid, StorageAway, StorageFull
from app.settings import get_settings, read_settings
from tests import stores

SWEEP_BEFORE = timedelta(days=1)
MEGABYTE = 1 << 20


class FailingStream(BytesIO):
    """Gives some bytes and then fails, as a connection or a disk does."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"x" * 10)
        self.error = error

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() == 10:
            raise self.error
        return super().read(size)


@pytest.fixture
def machine(server: stores.Store, tmp_path: Path) -> Callable[..., objects.Objects]:
    """Opens the shared store as one more machine does, with a data directory of its own."""

    def open_on(name: str = "one", **settings: str) -> objects.Objects:
        given = {
            "engross_storage_url": server.url,
            "aws_access_key_id": stores.KEY,
            "aws_secret_access_key": stores.SECRET,
        } | settings
        return open_store(read_settings(data_dir=tmp_path / name, secret_key="k" * 32, **given))

    return open_on


@pytest.fixture(params=["directory", "objects"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Originals:
    """Each of the two; objects in a real store, where ENGROSS_TEST_STORAGE_URL names one."""
    if request.param == "directory":
        return Directory(tmp_path / "originals")
    if url := os.environ.get("ENGROSS_TEST_STORAGE_URL"):
        bucket, _, query = url.partition("?")
        settings = read_settings(
            data_dir=tmp_path, secret_key="k" * 32, engross_storage_url=f"{bucket}/{uuid4().hex}?{query}"
        )
        return open_store(settings)
    opened: Originals = request.getfixturevalue("machine")()
    return opened


def kept(store: Originals) -> list[str]:
    """The hashes of all that lies there, by the sweep's own list."""
    found: list[str] = []

    def all_of_them(hashes: list[str]) -> set[str]:
        found.extend(hashes)
        return set(hashes)

    store.sweep(named=all_of_them, before=datetime.now(UTC) + SWEEP_BEFORE)
    return sorted(found)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_file_lies_under_its_hash_once(store: Originals) -> None:
    stored = [store.put(BytesIO(b"contract"), limit=100) for _ in range(2)]
    assert stored[0] == stored[1]
    assert stored[0].sha256 == digest(b"contract")
    assert stored[0].byte_count == 8
    assert kept(store) == [stored[0].sha256]
    assert store.exists(stored[0].sha256)
    with store.open(stored[0].sha256) as stream:
        assert stream.read() == b"contract"
    assert store.path(stored[0].sha256).read_bytes() == b"contract"


def test_an_empty_file_is_one_too(store: Originals) -> None:
    stored = store.put(BytesIO(), limit=0)
    assert (stored.byte_count, store.path(stored.sha256).read_bytes()) == (0, b"")


def test_what_was_never_put_is_not_there(store: Originals) -> None:
    assert not store.exists(digest(b"never"))
    with pytest.raises(FileNotFoundError), store.open(digest(b"never")):
        pass
    with pytest.raises(FileNotFoundError):
        store.path(digest(b"never")).read_bytes()


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), ConnectionError()])
def test_what_fails_on_the_way_leaves_nothing(store: Originals, error: Exception) -> None:
    with pytest.raises(type(error)):
        store.put(FailingStream(error), limit=100)
    assert kept(store) == []
    assert not store.exists(digest(b"x" * 10))


def test_a_full_disk_is_told_in_a_sentence(store: Originals) -> None:
    with pytest.raises(StorageFull, match="disk is full"):
        store.put(FailingStream(OSError(28, "No space left on device")), limit=100)
    assert kept(store) == []


def test_the_limit_is_counted_while_copying(store: Originals) -> None:
    assert store.put(BytesIO(b"x" * 100), limit=100).byte_count == 100
    with pytest.raises(Invalid) as refused:
        store.put(BytesIO(b"x" * 101), limit=100)
    assert refused.value.code == "file_too_large"
    assert kept(store) == [digest(b"x" * 100)]


def test_the_same_bytes_put_at_once_are_one_file(store: Originals) -> None:
    contents = [b"one", b"two" * MEGABYTE] * 8
    with ThreadPoolExecutor(8) as pool:
        put = list(pool.map(lambda content: store.put(BytesIO(content), limit=9 * MEGABYTE), contents))
    assert [stored.sha256 for stored in put] == [digest(content) for content in contents]
    assert kept(store) == sorted({digest(content) for content in contents})
    with ThreadPoolExecutor(8) as pool:
        read = list(pool.map(lambda content: store.path(digest(content)).read_bytes(), contents))
    assert read == contents


def test_a_file_of_several_parts_comes_back_as_it_was(store: Originals) -> None:
    content = os.urandom(20 * MEGABYTE + 1)
    stored = store.put(BytesIO(content), limit=len(content))
    assert (stored.byte_count, stored.sha256) == (len(content), digest(content))
    assert store.path(stored.sha256).read_bytes() == content


@pytest.mark.parametrize("name", ["../../etc/passwd", "A" * 64, "", "0" * 63, "0" * 63 + "/"])
def test_only_a_hash_names_a_file(store: Originals, name: str) -> None:
    for ask in (store.path, store.open, store.exists):
        with pytest.raises(ValueError, match="SHA-256"):
            ask(name)


def test_the_sweep_takes_what_is_old_and_no_row_names_and_nothing_else(store: Originals) -> None:
    named, unnamed, again = (
        store.put(BytesIO(content), limit=100).sha256 for content in (b"named", b"unnamed", b"again")
    )
    before = datetime.now(UTC)
    time.sleep(1.1)  # some stores count seconds
    young = store.put(BytesIO(b"young"), limit=100).sha256
    store.put(BytesIO(b"again"), limit=100)  # an import that is just beginning relies on it
    asked: list[Any] = []

    def is_named(hashes: list[str]) -> set[str]:
        asked.extend(hashes)
        return {named}

    assert store.sweep(named=is_named, before=before) == 1
    assert set(asked) == {named, unnamed}
    assert {named, young, again} <= set(kept(store))
    # By the second sweep it is gone for good, wherever the first one put it.
    store.sweep(named=lambda _: {named, young, again}, before=datetime.now(UTC) + SWEEP_BEFORE)
    assert kept(store) == sorted([named, young, again])
    assert not store.exists(unnamed)


def test_the_sweep_of_a_directory_takes_what_a_crash_left_half_written(tmp_path: Path) -> None:
    store = Directory(tmp_path / "originals")
    store.put(BytesIO(b"whole"), limit=100)
    unfinished = store.root / "incoming" / "half"
    unfinished.write_bytes(b"half of it")
    long_ago = time.time() - 2 * 24 * 3600
    os.utime(unfinished, (long_ago, long_ago))
    assert store.sweep(named=set, before=datetime.now(UTC) - SWEEP_BEFORE) == 1
    assert not unfinished.exists()
    assert kept(store) == [digest(b"whole")]


def test_a_file_that_is_put_again_while_it_is_swept_is_still_there(
    machine: Callable[..., objects.Objects], server: stores.Store
) -> None:
    one, other = machine("one"), machine("other")
    sha256 = one.put(BytesIO(b"contract"), limit=100).sha256
    later = datetime.now(UTC) + SWEEP_BEFORE

    def put_again(method: str, _: str) -> int:
        if method == "DELETE":  # in the moment between the look at its age and its removal
            server.refuse = lambda *_: 0
            other.put(BytesIO(b"contract"), limit=100)
        return 0

    server.refuse = put_again
    assert one.sweep(named=lambda _: set(), before=later) == 1
    for _ in range(3):  # its row has been committed by the next one
        assert other.exists(sha256)
        one.sweep(named=set, before=later)
    assert machine("third").path(sha256).read_bytes() == b"contract"


def test_what_one_machine_puts_another_reads(machine: Callable[..., objects.Objects]) -> None:
    stored = machine("one").put(BytesIO(b"contract"), limit=100)
    with machine("other").open(stored.sha256) as stream:
        assert stream.read() == b"contract"


@pytest.mark.parametrize("broken", ["partNumber=2", "uploadId=", "uploads"])
def test_an_upload_that_breaks_off_is_no_object(
    machine: Callable[..., objects.Objects], server: stores.Store, broken: str
) -> None:
    store, content = machine(), b"x" * (20 * MEGABYTE)
    server.refuse = lambda method, path: 400 if broken in path and method in {"PUT", "POST"} else 0
    with pytest.raises(StorageAway):
        store.put(BytesIO(content), limit=len(content))
    assert server.objects == {}
    assert server.uploads == {}, "the parts that came were thrown away"
    server.refuse = lambda *_: 0
    assert not store.exists(digest(content))
    assert store.put(BytesIO(content), limit=len(content)).sha256 == digest(content)
    assert store.exists(digest(content))


CRASH = """
import os, sys
from app.documents.storage import originals
class Stream:
    left = {count}
    def read(self, size):
        self.left -= 1
        return b"x" * size if self.left >= 0 else b""
before = __import__("resource").getrusage(__import__("resource").RUSAGE_SELF).ru_maxrss
print(originals().put(Stream(), limit=1 << 30).byte_count, flush=True)
print(__import__("resource").getrusage(__import__("resource").RUSAGE_SELF).ru_maxrss - before)
"""


def in_a_process(server: stores.Store, tmp_path: Path, *, megabytes: int) -> "subprocess.Popen[str]":
    environment = os.environ | {
        "DATA_DIR": str(tmp_path),
        "ENGROSS_STORAGE_URL": server.url,
        "AWS_ACCESS_KEY_ID": stores.KEY,
        "AWS_SECRET_ACCESS_KEY": stores.SECRET,
    }
    code = CRASH.format(count=megabytes)
    return subprocess.Popen([sys.executable, "-c", code], env=environment, text=True, stdout=subprocess.PIPE)


def test_a_process_that_is_killed_while_it_sends_leaves_nothing_that_counts_as_a_file(
    machine: Callable[..., objects.Objects], server: stores.Store, tmp_path: Path
) -> None:
    def kill_it(_: str, path: str) -> int:
        if "partNumber=3" in path:
            process.kill()
            process.wait()
        return 0

    server.refuse = kill_it
    process = in_a_process(server, tmp_path / "killed", megabytes=30)
    assert process.wait() == -9
    server.refuse = lambda *_: 0
    store, content = machine(), b"x" * (30 * MEGABYTE)
    assert server.objects == {}
    assert not store.exists(digest(content))
    assert store.put(BytesIO(content), limit=len(content)).sha256 == digest(content)


def test_a_large_file_takes_no_more_memory_than_a_few_of_its_parts(
    server: stores.Store, tmp_path: Path
) -> None:
    process = in_a_process(server, tmp_path, megabytes=80)
    said, _ = process.communicate()
    count, kilobytes = map(int, said.split())
    assert count == 80 * MEGABYTE
    assert kilobytes < 60_000


def test_a_copy_whose_object_holds_other_bytes_is_refused(
    machine: Callable[..., objects.Objects], server: stores.Store
) -> None:
    store = machine()
    sha256 = store.put(BytesIO(b"contract"), limit=100).sha256
    server.objects[f"engross/originals/{sha256}"] = stores.Kept(b"forgery!")
    with pytest.raises(RuntimeError, match="does not hold what was put there"):
        store.path(sha256)
    assert not any(path.read_bytes() for path in (store._copies).iterdir())


def test_copies_are_fetched_once_and_do_not_lie_about(
    machine: Callable[..., objects.Objects], server: stores.Store
) -> None:
    store = machine()
    first, second = (store.put(BytesIO(content), limit=100).sha256 for content in (b"first", b"second"))
    copy = store.path(first)
    server.refuse = lambda *_: 400
    assert store.path(first) == copy
    server.refuse = lambda *_: 0
    long_ago = time.time() - objects.COPIES_KEPT - 1
    os.utime(copy, (long_ago, long_ago))
    store.path(second)
    assert not copy.exists()
    assert store.path(first).read_bytes() == b"first"


def test_a_store_that_is_away_is_no_missing_file(
    machine: Callable[..., objects.Objects], server: stores.Store
) -> None:
    store = machine()
    sha256 = store.put(BytesIO(b"contract"), limit=100).sha256
    server.refuse = lambda *_: 403
    acts: list[Callable[[], object]] = [
        lambda: store.put(BytesIO(b"contract"), limit=100),
        lambda: store.exists(sha256),
        lambda: store.path(sha256),
        lambda: store.open(sha256),
        lambda: store.sweep(named=set, before=datetime.now(UTC)),
    ]
    for act in acts:
        with pytest.raises(StorageAway):
            act()
    assert not any(store._copies.iterdir())


def test_the_probe_leaves_nothing(store: Originals) -> None:
    assert "can be written" in store.probe()
    assert kept(store) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"engross_storage_url": "s3://nowhere?endpoint="}, "There is no bucket nowhere: make it"),
        ({"aws_access_key_id": "another-key"}, "may not be used: the key in AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_store_that_cannot_be_used_is_refused_in_one_sentence_without_its_key(
    machine: Callable[..., objects.Objects], server: stores.Store, changed: dict[str, str], sentence: str
) -> None:
    if "engross_storage_url" in changed:
        changed = {
            "engross_storage_url": changed["engross_storage_url"] + server.url.partition("endpoint=")[2]
        }
    with pytest.raises(CannotRun, match=sentence) as refused:
        machine(**changed).probe()
    assert stores.SECRET not in str(refused.value)


def test_a_store_that_nobody_answers_at_is_refused_in_one_sentence(
    machine: Callable[..., objects.Objects],
) -> None:
    with pytest.raises(CannotRun, match="does not answer: see ENGROSS_STORAGE_URL"):
        machine(engross_storage_url="s3://bucket?endpoint=http://127.0.0.1:1").probe()


def test_without_its_extra_the_setting_is_refused_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, server: stores.Store
) -> None:
    monkeypatch.setenv("ENGROSS_STORAGE_URL", server.url)
    monkeypatch.delitem(sys.modules, "app.documents.objects")
    monkeypatch.setitem(sys.modules, "obstore", None)
    get_settings.cache_clear()
    try:
        with pytest.raises(CannotRun, match="needs the extra `objects`, which is not installed"):
            originals()
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()
