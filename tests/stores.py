"""A small S3-compatible store on this machine: as much of the protocol as the application speaks.

    python -m tests.stores HOST PORT BUCKET

Objects lie in memory. It takes requests that name the right key, and checks what their signature covers of
a body: its SHA-256. `ENGROSS_TEST_STORAGE_URL`, with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, runs the
tests of both kinds of storage on another store instead.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import md5, sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import uuid4
from xml.sax.saxutils import escape

KEY, SECRET = "the-key", "the-secret"
BUCKET = "originals-of-tests"


@dataclass
class Kept:
    """An object."""

    content: bytes
    at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def tag(self) -> str:
        return f'"{md5(self.content, usedforsecurity=False).hexdigest()}"'


class Store(ThreadingHTTPServer):
    """The server: `objects` by key, and `uploads` whose parts are no object yet."""

    request_queue_size = 64

    def __init__(self, host: str = "127.0.0.1", port: int = 0, bucket: str = BUCKET) -> None:
        super().__init__((host, port), Handler)
        self.bucket = bucket
        self.objects: dict[str, Kept] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.refuse: Callable[[str, str], int] = lambda *_: 0  # of method and path; 0 is: as usual
        self.lock = Lock()

    @property
    def url(self) -> str:
        """As ENGROSS_STORAGE_URL names it."""
        host, port = self.server_address[:2]
        return f"s3://{self.bucket}/engross?endpoint=http://{host}:{port}"


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Store
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.wfile = self.connection.makefile("wb", buffering=1 << 16)  # one packet for a small answer

    def handle_any(self) -> None:
        address = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(address.query, True).items()}
        bucket, _, self.key = unquote(address.path).removeprefix("/").partition("/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        signed = re.search(r"Credential=([^/]+)/", self.headers.get("Authorization", ""))
        if status := self.server.refuse(self.command, self.path):
            self.answer(status)
        elif signed is None or signed[1] != KEY or "Signature=" not in self.headers["Authorization"]:
            self.fail(403, "AccessDenied")
        elif self.headers.get("x-amz-content-sha256") not in {sha256(body).hexdigest(), "UNSIGNED-PAYLOAD"}:
            self.fail(400, "XAmzContentSHA256Mismatch")
        elif bucket != self.server.bucket:
            self.fail(404, "NoSuchBucket")
        else:
            with self.server.lock:
                getattr(self, f"on_{self.command.lower()}")(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = handle_any  # noqa: N815 -- the names that are called

    def on_get(self, _: bytes) -> None:
        if not self.key:
            self.list_objects()
        elif (found := self.server.objects.get(self.key)) is None:
            self.fail(404, "NoSuchKey")
        else:
            content, headers = found.content, {}
            if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
                first, last = int(wanted[1]), int(wanted[2] or len(content) - 1)
                headers["Content-Range"] = f"bytes {first}-{min(last, len(content) - 1)}/{len(content)}"
                content = content[first : last + 1]
            shown = found.at.strftime("%a, %d %b %Y %H:%M:%S GMT")
            headers |= {"ETag": found.tag, "Last-Modified": shown}
            self.answer(206 if wanted else 200, content, **headers)

    on_head = on_get

    def on_put(self, body: bytes) -> None:
        if "uploadId" in self.query:
            self.server.uploads[self.query["uploadId"]][int(self.query["partNumber"])] = body
            self.answer(200, ETag=Kept(body).tag)
        elif source := self.headers.get("x-amz-copy-source"):
            copied = self.server.objects.get(unquote(source).lstrip("/").partition("/")[2])
            if copied is None:
                self.fail(404, "NoSuchKey")
            else:
                self.server.objects[self.key] = Kept(copied.content)
                self.answer(200, f"<CopyObjectResult><ETag>{copied.tag}</ETag></CopyObjectResult>".encode())
        else:
            self.server.objects[self.key] = Kept(body)
            self.answer(200, ETag=Kept(body).tag)

    def on_post(self, body: bytes) -> None:
        if "uploads" in self.query:
            upload = uuid4().hex
            self.server.uploads[upload] = {}
            named = f"<Bucket>{self.server.bucket}</Bucket><Key>{escape(self.key)}</Key>"
            result = f"{named}<UploadId>{upload}</UploadId>"
            tag = "InitiateMultipartUploadResult"
        else:
            parts = self.server.uploads.pop(self.query["uploadId"])
            listed = [int(number) for number in re.findall(rb"<PartNumber>(\d+)<", body)]
            self.server.objects[self.key] = kept = Kept(b"".join(parts[number] for number in listed))
            result, tag = f"<ETag>{kept.tag}</ETag>", "CompleteMultipartUploadResult"
        self.answer(200, f"<{tag}>{result}</{tag}>".encode())

    def on_delete(self, _: bytes) -> None:
        if "uploadId" in self.query:
            self.server.uploads.pop(self.query["uploadId"], None)
        else:
            self.server.objects.pop(self.key, None)
        self.answer(204)

    def list_objects(self) -> None:
        prefix, after = self.query.get("prefix", ""), self.query.get("continuation-token", "")
        most = min(int(self.query.get("max-keys", 1000)), 1000)
        keys = sorted(key for key in self.server.objects if key.startswith(prefix) and key > after)
        shown = "".join(map(self.listed, keys[:most]))
        more = "<IsTruncated>false</IsTruncated>"
        if len(keys) > most:
            last = escape(keys[most - 1])
            more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{last}</NextContinuationToken>"
        self.answer(200, f"<ListBucketResult>{more}{shown}</ListBucketResult>".encode())

    def listed(self, key: str) -> str:
        kept = self.server.objects[key]
        at = kept.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        size = f"<Size>{len(kept.content)}</Size><ETag>{escape(kept.tag)}</ETag>"
        return f"<Contents><Key>{escape(key)}</Key><LastModified>{at}</LastModified>{size}</Contents>"

    def fail(self, status: int, code: str) -> None:
        self.answer(status, f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *arguments: object) -> None:
        """Says nothing."""


@contextmanager
def running() -> Iterator[Store]:
    """A store of this test's own, on a free port of this machine."""
    with Store() as store:
        Thread(target=store.serve_forever, daemon=True).start()
        yield store
        store.shutdown()


if __name__ == "__main__":
    Store(sys.argv[1], int(sys.argv[2]), sys.argv[3]).serve_forever()
