"""The settings of the HTTP door, in one frozen record; each can be set by an option of `lookalike serve`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address

from lookalike.errors import SettingsError


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """How the HTTP door is kept.

    Args:
        host: address to listen on; loopback unless a token guards it.
        port: 0 takes a free one.
        token: what clients send as ``Authorization: Bearer ...``; None on loopback only.
        read_only: refuse to add or delete items.

    Raises:
        SettingsError: the address is open to others and no token is set, or the port is none.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    read_only: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.port < 65536:
            raise SettingsError(f"{self.port} is no port.", hint="Choose one from 0 to 65535.")
        if not self.on_loopback and not self.token:
            raise SettingsError(
                f"Serving on {self.host} would let everybody in.",
                hint="Set LOOKALIKE_TOKEN to a long random text, or stay on 127.0.0.1.",
            )

    @property
    def on_loopback(self) -> bool:
        """Whether only this machine can reach the door."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False
