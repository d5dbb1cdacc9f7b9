"""The outer form of JPEG, PNG and WebP files, read by us before a decoder sees them.

Size, orientation and colour profile come from here, and the decoder gets a file without any other
metadata: text, thumbnails and lies in it cost nothing and cannot fail a sound photo.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lookalike.errors import PhotoError

MAX_PROFILE_BYTES = 4 << 20
"""Longest colour profile that is honoured; the largest press profiles have about 3 MB."""

_MAX_PARTS = 20_000  # PNG chunks or JPEG segments; a 40 MB PNG in the usual 8 kB chunks has 5,000
_MAX_SCANS = 100  # progressive JPEGs have about 10; each scan is one more pass over all pixels

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_KEPT_APP = (0xE0, 0xEE)  # JFIF and Adobe: they say what the colour channels mean
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")


@dataclass(frozen=True, slots=True)
class Container:
    """What a file says of itself, and the stream for the decoder.

    Args:
        width_px, height_px: as stored, before orientation.
        stream: the file without its metadata.
        exif: the EXIF block, if any, unchecked.
        profile: the ICC profile, if any, unchecked.
    """

    width_px: int
    height_px: int
    stream: bytes
    exif: bytes = b""
    profile: bytes = b""


def damaged(why: str) -> PhotoError:
    """The error for a file that breaks off or contradicts itself."""
    return PhotoError(f"The file is damaged: {why}.", hint="Fetch or export it again.", reason="damaged")


def read_jpeg(content: bytes) -> Container:
    """Walk the segments before the first scan (ITU T.81, annex B).

    Raises:
        PhotoError: (``damaged``) no scan, no size, two sizes, or too many segments or scans.
    """
    kept, profile, exif, sizes = [b"\xff\xd8"], {}, b"", []
    for marker, body, start in _jpeg_segments(content):
        if marker == 0xDA:
            kept.append(content[start:])
            break
        if marker in _SOF and len(body) >= 5:
            sizes.append((int.from_bytes(body[3:5], "big"), int.from_bytes(body[1:3], "big")))
        if marker == 0xE1 and body.startswith(b"Exif\0\0"):
            exif = exif or body
        elif marker == 0xE2 and body.startswith(b"ICC_PROFILE\0") and len(body) > 14:
            profile[body[12]] = body[14:]
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in _KEPT_APP:
            kept.append(content[start : start + 4 + len(body)])
    else:
        raise damaged("it ends before the picture begins")
    if len(sizes) != 1 or 0 in sizes[0]:
        raise damaged("it does not state one size")
    if kept[-1].count(b"\xff\xda") > _MAX_SCANS:
        raise damaged(f"it has more than {_MAX_SCANS} scans")
    return Container(*sizes[0], b"".join(kept), exif, b"".join(profile[part] for part in sorted(profile)))


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """(marker, body, where it starts) of each segment, the first scan's header last."""
    at = 2
    for _ in range(_MAX_PARTS):
        while content[at : at + 2] == b"\xff\xff":  # fill bytes before a marker
            at += 1
        if len(content) < at + 4 or content[at] != 0xFF:
            return
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        if length < 2 or at + 2 + length > len(content):
            return
        yield marker, content[at + 4 : at + 2 + length], at
        at += 2 + length


def read_png(content: bytes) -> Container:
    """Walk all chunks (PNG, third edition); animation, text and time are left out.

    Raises:
        PhotoError: (``damaged``) it breaks off, does not state one size, has too many chunks or a wrong
            checksum.
    """
    kept, exif, profile = [content[:8]], b"", b""
    names = []
    for name, body, raw in _png_chunks(content):
        names.append(name)
        if name in _PNG_KEPT:
            if zlib.crc32(raw[4:-4]) != int.from_bytes(raw[-4:], "big"):
                raise damaged("a checksum does not agree")
            kept.append(raw)
        elif name == b"eXIf":
            exif = body
        elif name == b"iCCP":
            profile = _inflated(body.partition(b"\0")[2][1:])
    if names[:1] != [b"IHDR"] or names.count(b"IHDR") != 1 or len(kept[1]) != 25:
        raise damaged("it does not state one size")
    if names[-1] != b"IEND" or b"IDAT" not in names:
        raise damaged("it breaks off")
    width, height = (int.from_bytes(kept[1][at : at + 4], "big") for at in (8, 12))
    return Container(width, height, b"".join(kept), exif, profile)


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """(name, body, whole chunk) of each chunk up to the end mark."""
    at = 8
    for _ in range(_MAX_PARTS):
        end = at + 12 + int.from_bytes(content[at : at + 4], "big")
        if end > len(content) or at + 12 > len(content):
            return
        name = content[at + 4 : at + 8]
        yield name, content[at + 8 : end - 4], content[at:end]
        if name == b"IEND":
            return
        at = end


def _inflated(packed: bytes) -> bytes:
    """An unpacked profile, or nothing where it is damaged or longer than any profile."""
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed, MAX_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacker.eof else b""


def read_webp(content: bytes) -> Container:
    """Walk the chunks of the RIFF form (RFC 9649).

    Raises:
        PhotoError: (``damaged``) it breaks off or holds no picture.
    """
    if int.from_bytes(content[4:8], "little") + 8 > len(content) + 1:
        raise damaged("it breaks off")
    exif, profile, size = b"", b"", None
    for name, body in _riff_chunks(content):
        size = size or _webp_size(name, body)
        if name == b"EXIF":
            exif = body
        elif name == b"ICCP":
            profile = body
    if size is None:
        raise damaged("it does not state its size")
    return Container(*size, content, exif, profile)


def _riff_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    for _ in range(_MAX_PARTS):
        if at + 8 > len(content):
            return
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        yield content[at : at + 4], content[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _webp_size(name: bytes, body: bytes) -> tuple[int, int] | None:
    if name == b"VP8X" and len(body) >= 10:
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if name == b"VP8L" and len(body) >= 5:
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if name == b"VP8 " and len(body) >= 10:
        width, height = int.from_bytes(body[6:8], "little"), int.from_bytes(body[8:10], "little")
        return width & 0x3FFF, height & 0x3FFF
    return None


def orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 where the block is missing or makes no sense.

    Only the tag 0x0112 of the first directory is looked at (CIPA DC-008, 4.6.4).
    """
    block = exif.removeprefix(b"Exif\0\0")
    if block[:2] not in (b"II", b"MM"):
        return 1

    def number(at: int, width: int) -> int:
        return int.from_bytes(block[at : at + width], "little" if block[:1] == b"I" else "big")

    first = number(4, 4)
    for entry in range(first + 2, first + 2 + 12 * min(number(first, 2), 512), 12):
        if number(entry, 2) == 0x0112:
            value = number(entry + 8, 2)
            return value if 1 <= value <= 8 else 1
    return 1
