"""A small S3-compatible server in this process: list, look at, get and put objects, also in parts."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class Objects(dict[str, bytes]):
    """Everything that was put, by "bucket/key"; ``down`` makes the server answer nothing but errors."""

    down = False
    endpoint = ""

    def __init__(self) -> None:
        super().__init__()
        self.parts: dict[str, dict[int, bytes]] = {}
        self.gets = 0


@contextmanager
def s3_server() -> Iterator[Objects]:
    """Objects behind a server on loopback, at ``objects.endpoint``."""
    objects = Objects()

    class Handler(_Handler):
        held = objects

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    objects.endpoint = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield objects
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    held: Objects

    def log_message(self, *_: object) -> None:
        pass

    def _asked(self) -> tuple[str, dict[str, str]]:
        address = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query, keep_blank_values=True).items()}
        return unquote(address.path).strip("/"), query

    def _answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        length = headers.pop("length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _error(self, status: int, code: str) -> None:
        self._answer(status, f"{HEAD}<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode())

    def _facts(self, content: bytes) -> dict[str, str]:
        return {
            "ETag": f'"{md5(content, usedforsecurity=False).hexdigest()}"',
            "Last_Modified": formatdate(usegmt=True),
        }

    def do_HEAD(self) -> None:
        name, _ = self._asked()
        if self.held.down:
            return self._answer(400)
        if name not in self.held:
            bucket = "/" not in name and any(key.startswith(name + "/") for key in self.held)
            return self._answer(200 if bucket else 404)
        content = self.held[name]
        return self._answer(200, length=str(len(content)), **self._facts(content))

    def do_GET(self) -> None:
        name, query = self._asked()
        if self.held.down:
            return self._error(400, "Gone")
        if "list-type" in query:
            return self._list(name, query)
        if name not in self.held:
            return self._error(404, "NoSuchKey")
        self.held.gets += 1
        content = self.held[name]
        if wanted := self.headers.get("Range"):
            first, last = wanted.removeprefix("bytes=").split("-")
            part = content[int(first) : int(last) + 1]
            where = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            return self._answer(206, part, Content_Range=where, **self._facts(content))
        return self._answer(200, content, **self._facts(content))

    def _list(self, bucket: str, query: dict[str, str]) -> None:
        prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
        keys = sorted(key.removeprefix(bucket + "/") for key in self.held if key.startswith(bucket + "/"))
        found, folders = [], set()
        for key in (key for key in keys if key.startswith(prefix)):
            rest = key[len(prefix) :]
            if delimiter and delimiter in rest:
                folders.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                found.append(key)
        body = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.held[f'{bucket}/{key}'])}</Size>"
            "<LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents>"
            for key in found
        ) + "".join(
            f"<CommonPrefixes><Prefix>{escape(each)}</Prefix></CommonPrefixes>" for each in sorted(folders)
        )
        count = f"<KeyCount>{len(found) + len(folders)}</KeyCount><IsTruncated>false</IsTruncated>"
        self._answer(200, f"{HEAD}<ListBucketResult>{count}{body}</ListBucketResult>".encode())

    def _body(self) -> bytes:
        content = self._received()
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return content
        whole = b""  # signed chunks: "size;signature\r\n", bytes, "\r\n"
        while content:
            size, _, content = content.partition(b"\r\n")
            length = int(size.split(b";")[0], 16)
            if length == 0:
                break
            whole, content = whole + content[:length], content[length + 2 :]
        return whole

    def _received(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        whole = b""
        while length := int(self.rfile.readline().split(b";")[0], 16):
            whole += self.rfile.read(length)
            self.rfile.readline()
        while self.rfile.readline().strip():  # trailers
            pass
        return whole

    def do_PUT(self) -> None:
        name, query = self._asked()
        content = self._body()
        if self.held.down:
            return self._error(400, "Gone")
        if "uploadId" in query:
            self.held.parts[query["uploadId"]][int(query["partNumber"])] = content
        else:
            self.held[name] = content
        return self._answer(200, ETag=self._facts(content)["ETag"])

    def do_POST(self) -> None:
        name, query = self._asked()
        self._body()
        if self.held.down:
            return self._error(400, "Gone")
        if "uploads" in query:
            upload = uuid.uuid4().hex
            self.held.parts[upload] = {}
            told = f"<UploadId>{upload}</UploadId>"
            return self._answer(
                200, f"{HEAD}<InitiateMultipartUploadResult>{told}</InitiateMultipartUploadResult>".encode()
            )
        parts = self.held.parts.pop(query["uploadId"])
        self.held[name] = b"".join(parts[number] for number in sorted(parts))
        return self._answer(
            200,
            f"{HEAD}<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>".encode(),
        )

    def do_DELETE(self) -> None:
        name, query = self._asked()
        self.held.parts.pop(query.get("uploadId", ""), None)
        self.held.pop(name, None)
        self._answer(204)
