"""How an item is seen, told from a column's text or a file's name: its role and its angles."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_WORDS: dict[str, str] = {
    "front": "front main primary hero default cover face "
    "vorne vorn vorderseite vorderansicht haupt hauptbild devant avant principale principal "
    "frente frontal delante fronte voor voorkant przod 正面 前面",
    "back": "back rear reverse backside hinten rueckseite ruckseite ruckansicht rueckansicht dos arriere "
    "espalda trasera detras retro achter achterkant costas tyl 背面 后面 後ろ",
    "side": "side sidea sideb left right profile lateral seite seitlich seitenansicht links rechts "
    "cote gauche droite lado izquierda derecha lato fianco zijkant zij bok 侧面 側面",
    "detail": "detail details closeup close macro zoom zoomin texture fabric swatch label "
    "detailansicht nahaufnahme stoff detalle dettaglio detalhe szczegol 细节 細部 ディテール",
    "worn": "worn model onmodel onbody wear wearing outfit look lifestyle "
    "getragen tragebild porte portee mannequin puesto modelo indossato gedragen 模特 着用",
    "flat": "flat flatlay laydown packshot ghost topdown top overhead "
    "flach liegend plat plano piatto flachlage 平铺 平置き",
    "angle": "angle angled alt alternate alternative alternativ "
    "threequarter quarter perspective diagonal oblique "
    "winkel schraeg schrag biais angulo angolo hoek 角度",
    "room": "room inroom scene setting insitu interior ambient ambiance "
    "raum wohnbild milieu ambiente kamer 场景 部屋",
}
_ROLE_OF: dict[str, str] = {word: role for role, words in _WORDS.items() for word in words.split()}
_FILLERS = frozenset(
    ("view shot photo image img picture pic of the on in view1 ansicht bild vue vista").split()  # noqa: SIM905
)
_AMBIGUOUS_IN_NAMES = frozenset(
    (  # noqa: SIM905 (a line reads better than a list)
        "top look label cover face default close profile room model left right close fabric zoom dos texture "
        "retro scene setting plat bok interior principal"
    ).split()
)
_TOKEN = re.compile(r"[^\W_]+")
_AZIMUTH = re.compile(r"(?<![^\W_])az(?:im(?:uth)?)?[ _=]?(-?\d{1,3}(?:\.\d+)?)(?!\d)", re.IGNORECASE)
_ELEVATION = re.compile(r"(?<![^\W_])el(?:ev(?:ation)?)?[ _=]?(-?\d{1,2}(?:\.\d+)?)(?!\d)", re.IGNORECASE)


class Angles(NamedTuple):
    """The angles in degrees that a file's name tells; None where it does not."""

    azimuth_deg: float | None
    elevation_deg: float | None


@lru_cache(maxsize=4096)
def role_of(text: str) -> str | None:
    """The role that a column's text names: one of ``ROLES`` where recognised, else the text as it is.

    Recognised in English, and the common words in German, French, Spanish, Italian, Dutch, Portuguese,
    Polish, Chinese and Japanese. None for empty text. Questions about roles ("back against main") must
    pass through here too, so that both sides speak of the same role.

    >>> role_of("Main"), role_of("close-up"), role_of("Rückseite"), role_of("x-ray")
    ('front', 'detail', 'back', 'x-ray')
    """
    words = _words(text)
    known = _ROLE_OF.get("".join(words)) or next((_ROLE_OF[word] for word in words if word in _ROLE_OF), None)
    return known or text.strip() or None


@lru_cache(maxsize=4096)
def _role_of_words(words: tuple[str, ...]) -> str | None:
    joined = _ROLE_OF.get("".join(words[-2:])) if len(words) > 1 else None
    if joined:
        return joined
    last = words[-1]
    # "red_top.jpg" shows a top: such words are believed only where they are the whole name.
    return _ROLE_OF.get(last) if len(words) == 1 or last not in _AMBIGUOUS_IN_NAMES else None


def role_of_name(stem: str) -> str | None:
    """The role that a file's name (without suffix) ends with; None where it names none.

    Only the last words count, numbers aside: ``side-table_02`` shows a side table, not a side.

    >>> role_of_name("00_main"), role_of_name("mb01-blue_alt1"), role_of_name("side-table_02")
    ('front', 'angle', None)
    """
    words = _words(stem)
    return _role_of_words(words[-3:]) if words else None


def angles_of_name(stem: str) -> Angles:
    """The angles told by a name such as ``az030_el12``.

    >>> angles_of_name("az030_el-12")
    Angles(azimuth_deg=30.0, elevation_deg=-12.0)
    """
    return Angles(_degrees(_AZIMUTH.search(stem)), _degrees(_ELEVATION.search(stem)))


def _degrees(found: re.Match[str] | None) -> float | None:
    return float(found.group(1)) if found else None


def _words(text: str) -> tuple[str, ...]:
    """The words in lower case without accents, trailing digits, numbers and fillers."""
    plain = text if text.isascii() else _without_accents(text)
    words = (token.rstrip("0123456789") for token in _TOKEN.findall(plain.lower()))
    return tuple(word for word in words if word.isalpha() and word not in _FILLERS)


def _without_accents(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.replace("ł", "l"))
    stripped = "".join(sign for sign in decomposed if not "\u0300" <= sign <= "\u036f")
    # Japanese voicing marks belong to their letters: compose again.
    return unicodedata.normalize("NFC", stripped)
