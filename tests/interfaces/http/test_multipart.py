from __future__ import annotations

import asyncio

import pytest

from lookalike.interfaces.http.multipart import MOST_FIELD_BYTES, MOST_FIELDS, Part, read_parts
from lookalike.interfaces.http.problems import Problem

KIND = "multipart/form-data; boundary=x"


def part(head: str, content: bytes = b"1") -> bytes:
    return b"--x\r\nContent-Disposition: form-data; " + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def read(body: bytes, *, kind: str = KIND, piece: int = 1 << 16, most_files: int = 4) -> list[Part]:
    async def stream():
        for at in range(0, len(body), piece):
            yield body[at : at + piece]

    return asyncio.run(read_parts(kind, stream(), most_files=most_files))


def refused(body: bytes, **options) -> str:
    with pytest.raises(Problem) as told:
        read(body, **options)
    assert told.value.status_code == 400
    return told.value.title


@pytest.mark.parametrize("piece", [1, 7, 1 << 16])
def test_files_and_fields_come_in_order_however_the_body_is_cut(piece):
    photo = bytes(range(256)) + b"\r\n--y\r\n--" + b"\r\n-"
    body = part('name="k"', b"3") + part('name="photos"; filename="a;b.jpg"', photo) + b"--x--\r\n"
    told = [(one.name, one.content, one.is_file) for one in read(body, piece=piece)]
    assert told == [("k", b"3", False), ("photos", photo, True)]


def test_text_is_utf8_or_else_latin1():
    body = part('name="a"', "ö".encode()) + part('name="b"', "ö".encode("latin-1")) + b"--x--\r\n"
    assert [one.text for one in read(body)] == ["ö", "ö"]


def test_what_is_no_form_is_refused_with_what_is_wrong_with_it():
    assert "boundary" in refused(b"", kind="multipart/form-data")
    assert "no name" in refused(part('filename="a"'))
    assert "boundary" in refused(b"--y\r\n").lower()


def test_parts_are_counted_and_fields_measured():
    assert "too many files" in refused(part('name="photos"; filename="a"') * 3, most_files=2)
    assert "too many fields" in refused(part('name="k"') * (MOST_FIELDS + 1))
    long = part('name="where"', bytes(MOST_FIELD_BYTES + 1))
    assert "longer" in refused(long)
