"""Which kind of photo some bytes are, told by their first bytes alone: an allow-list, not a guess."""

from __future__ import annotations

from typing import Literal

from lookalike.errors import PhotoError

Kind = Literal["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF"]

HEAD_BYTES = 1024
"""How far into a file we look for the signs of another format."""

_PLAIN_MAGIC: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
)
_BMP_HEADER_SIZES = (12, 16, 40, 52, 56, 64, 108, 124)
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")

# What makes a file another program's food. Each is refused even behind a photo's magic bytes.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"%pdf-", "a PDF"),
    (b"%!ps", "PostScript"),
    (b"<svg", "SVG"),
    (b"<script", "a script"),
    (b"<?php", "a script"),
    (b"<html", "a web page"),
    (b"<!doctype", "a web page"),
)
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL_BYTES = 22 + 65_535  # end record and its longest comment


def identify(content: bytes) -> Kind:
    """The kind of photo, by magic bytes; the file's name plays no part.

    Raises:
        PhotoError: ``empty``, or ``not_a_photo`` for anything outside the allow-list and for files
            that are two things at once (a photo that is also a PDF, a web page or a ZIP archive).
    """
    if not content:
        raise PhotoError("The file is empty.", hint="Fetch or export the photo again.", reason="empty")
    kind = magic_kind(content)
    if kind is None:
        raise _refused(f"This is not a photo{_looks_like(content)}.")
    foreign = _foreign(content)
    if foreign is not None:
        raise _refused(f"This file is {kind} and {foreign} at once.")
    return kind


def magic_kind(content: bytes) -> Kind | None:
    """The kind that the first bytes announce; None for anything outside the allow-list."""
    for magic, kind in _PLAIN_MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "WEBP"
    # Two letters are a weak sign, so the size of the header that follows must be one that exists.
    if content[:2] == b"BM" and int.from_bytes(content[14:18], "little") in _BMP_HEADER_SIZES:
        return "BMP"
    return _boxed_magic(content) if content[4:8] == b"ftyp" else None


def _boxed_magic(content: bytes) -> Kind | None:
    """AVIF or HEIF, by the brands of the first box (ISO/IEC 14496-12)."""
    box = content[8 : min(int.from_bytes(content[:4], "big"), 256)]
    brands = [box[:4], *(box[at : at + 4] for at in range(8, len(box), 4))]
    if b"avif" in brands or b"avis" in brands:
        return "AVIF"
    return "HEIF" if any(brand in _HEIF_BRANDS for brand in brands) else None


def _foreign(content: bytes) -> str | None:
    head = content[:HEAD_BYTES].lower()
    for sign, name in _FOREIGN:
        if sign in head:
            return name
    tail = content[-_ZIP_TAIL_BYTES:]
    at = tail.rfind(_ZIP_END)
    # The archive's end record must reach the very end of the file, or four bytes met by chance.
    if at >= 0 and at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail):
        return "a ZIP archive"
    return None


def _looks_like(content: bytes) -> str:
    foreign = _foreign(content)
    return f" but {foreign}" if foreign else ""


def _refused(message: str) -> PhotoError:
    return PhotoError(
        message,
        hint="Use JPEG, PNG, WebP, GIF, BMP, TIFF or AVIF.",
        reason="not_a_photo",
    )
