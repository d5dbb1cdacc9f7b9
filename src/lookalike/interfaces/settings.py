"""The settings of the HTTP door, in one frozen record; each can be set by an option of `lookalike serve`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from lookalike.errors import SettingsError

_ABOVE_ZERO = (
    "max_body_bytes",
    "body_timeout_s",
    "deadline_s",
    "max_waiting",
    "batch",
    "per_second",
    "decoders",
    "refresh_s",
)


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """How the HTTP door is kept.

    Args:
        host: address to listen on; loopback unless a token guards it.
        port: 0 takes a free one.
        token: what clients send as ``Authorization: Bearer ...``; None on loopback only.
        read_token: a second token that may search and look, but not change anything.
        read_only: refuse to add or delete items.
        hosts: names by which clients may call this server, besides the address itself and loopback.
        max_body_bytes: longest request body.
        body_timeout_s: how long a client may take to send its body.
        deadline_s: a search that cannot be answered within this time is given up.
        max_waiting: searches, embeddings and adds under way at once; more are told to come back.
        batch: requests whose photos go through the model together at most; a model may want fewer.
        per_second: searches and changes a second that one client address may ask for; None for no limit.
        decoders: processes that decode uploaded photos.
        refresh_s: how often changes by other processes are looked for, in seconds.

    Raises:
        SettingsError: the address is open to others and no token is set, or a figure is out of range.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    read_token: str | None = None
    read_only: bool = False
    hosts: tuple[str, ...] = ()
    max_body_bytes: int = 48_000_000
    body_timeout_s: float = 30.0
    deadline_s: float = 10.0
    max_waiting: int = 32
    batch: int = 16
    per_second: float | None = None
    decoders: int = 2
    refresh_s: float = 2.0

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65536:
            raise SettingsError(f"{self.port} is no port.", hint="Choose one from 0 to 65535.")
        if not self.on_loopback and not self.token:
            raise SettingsError(
                f"Serving on {self.host} would let everybody in.",
                hint="Set LOOKALIKE_TOKEN to a long random text, or stay on 127.0.0.1.",
            )
        if self.read_token and not self.token:
            raise SettingsError("There is a read token but no token.", hint="Set LOOKALIKE_TOKEN too.")
        for token in (self.token, self.read_token):
            if token and (not token.isascii() or not token.isprintable() or set(token) & set(' ;,"\\')):
                raise SettingsError(
                    "The token has signs that no HTTP header or cookie can carry.",
                    hint="Make one of letters and digits: openssl rand -hex 24",
                )
        for name in _ABOVE_ZERO:
            figure = getattr(self, name)
            if figure is not None and not figure > 0:
                raise SettingsError(f"{name} is {figure}.", hint="Give a number above 0.")

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the door."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
