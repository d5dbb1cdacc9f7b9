"""Bad uploads: each is refused as what it is, none is a server error, and none makes the server grow.

``LOOKALIKE_BAD_UPLOADS=10000`` sends more than the test suite does.
"""

from __future__ import annotations

import io
import os
import struct
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from tests.conftest import drawn_photo, encoded
from tests.interfaces.http.conftest import opened

from lookalike.interfaces.settings import ServeSettings

UPLOADS = int(os.environ.get("LOOKALIKE_BAD_UPLOADS", "150"))
REFUSED = {413, 415, 422}
GROWTH_MB = 40.0
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")


@pytest.fixture
def client(tmp_path):
    settings = ServeSettings(decoders=2, deadline_s=60.0, max_body_bytes=4_000_000)
    with opened(tmp_path / "store", settings) as client:
        yield client


def seeds() -> list[bytes]:
    """Good photos of each kind, and odd ones: other colour models, turned, animated."""
    picture = drawn_photo(3)
    found = [encoded(picture, kind) for kind in KINDS]
    found += [encoded(picture.convert(mode), "TIFF") for mode in ("CMYK", "1", "L", "P")]
    exif = picture.getexif()
    exif[0x0112] = 6
    found.append(encoded(picture, "JPEG", exif=exif))
    found.append(encoded(picture, "GIF", save_all=True, append_images=[drawn_photo(4)] * 3))
    return found


def bomb(width: int, height: int) -> bytes:
    """A small PNG that says it is very large."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(200_000), 9)), (b"IEND", b""))
    body = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


FIXED = (
    b"",
    b"\x00" * 3000,
    bomb(50_000, 50_000),
    bomb(2**31 - 1, 2**31 - 1),
    bomb(0, 0),
    b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    b"%PDF-1.7\n1 0 obj <</Type /Catalog>> endobj",
    b"%!PS-Adobe-3.0 EPSF-3.0\n(run) run",
    b"PK\x03\x04" + b"zip" * 100,
    b"GIF89a/*" + b"<script>alert(1)</script>" + b"*/=1;",
    b"\xff\xd8\xff\xe1\xff\xff" + b"Exif\x00\x00" + b"\xff" * 65_000,
)


def spoilt(good: bytes, rng: np.random.Generator) -> bytes:
    """A photo with its end cut off, some bytes changed, a piece repeated, or another kind's beginning."""
    data = bytearray(good)
    how = rng.integers(4)
    if how == 0:
        return bytes(data[: rng.integers(1, len(data))])
    if how == 1:
        for place in rng.integers(0, len(data), rng.integers(1, 30)):
            data[place] = rng.integers(256)
        return bytes(data)
    first, last = sorted(rng.integers(0, len(data), 2))
    if how == 2:
        return bytes(data[:last] + data[first:last] + data[last:])
    return bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF" + data[12:])


def resident_mb() -> float:
    """Memory of this process, which the server is part of."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def send(client: TestClient, content: bytes) -> tuple[int, str]:
    answer = client.post(
        "/v1/search", files=[("photos", ("photo.jpg", content, "image/jpeg"))], data={"k": "1"}
    )
    told = answer.json()
    if answer.status_code != 200:
        assert answer.headers["content-type"] == "application/problem+json"
        assert told["hint"]
    return answer.status_code, told.get("reason", "")


def test_no_bad_upload_is_a_server_error_and_none_makes_it_grow(client):
    rng = np.random.default_rng(0)
    good = seeds()
    assert {send(client, photo)[0] for photo in good} == {200}
    assert {send(client, content)[0] for content in FIXED} <= REFUSED
    before = resident_mb()
    told: Counter[int] = Counter()
    for number in range(UPLOADS):
        status, _ = send(client, spoilt(good[number % len(good)], rng))
        told[status] += 1
    assert set(told) <= REFUSED | {200}, told
    assert told.total() - told[200] > UPLOADS // 3  # most changes are noticed
    assert resident_mb() - before < GROWTH_MB
    assert client.get("/healthz").status_code == 200
    assert send(client, encoded(drawn_photo(5)))[0] == 200
    print(f"{UPLOADS} bad uploads: {dict(told)}, grown by {resident_mb() - before:.1f} MB")  # noqa: T201


def test_a_bomb_is_refused_from_its_header(client):
    assert send(client, bomb(50_000, 50_000)) == (413, "too_large")


def test_what_was_uploaded_is_never_sent_back_as_it_came(client):
    """A photo with a script behind it is shown as a picture of our own making."""
    photo = encoded(drawn_photo(77), "JPEG") + b"<script>alert(1)</script>"
    added = client.put("/v1/items/odd", files=[("photos", ("photo.html", photo, "text/html"))])
    view = added.json()["item"]["views"][0]["id"]
    shown = client.get(f"/v1/views/{view}")
    assert shown.headers["content-type"] == "image/jpeg"
    assert b"script" not in shown.content
    assert Image.open(io.BytesIO(shown.content)).format == "JPEG"
