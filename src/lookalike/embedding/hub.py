"""Weights from a model hub: out of the local cache, or downloaded; without a network an error at once.

The hub's own client tries again for most of a minute before it gives up. Here the cache is asked first,
then the hub is knocked at once, for at most two seconds.
"""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from urllib.parse import urlsplit

from lookalike.errors import MissingExtra, WeightsMissing

KNOCK_S = 2.0


def hub_file(repository: str, filename: str, *, model: str) -> Path:
    """A file of a hub repository, on this machine.

    Args:
        repository: ``owner/name`` on the hub.
        filename: within the repository.
        model: the embedder's name, for the error.

    Raises:
        WeightsMissing: it is neither here nor to be had.
        MissingExtra: the hub's client is not installed.
    """
    try:
        from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache
    except ImportError as error:
        raise MissingExtra("Weights from a hub", extra="train") from error

    cached = try_to_load_from_cache(repository, filename)
    if isinstance(cached, str):
        return Path(cached)
    if constants.HF_HUB_OFFLINE or not answers(constants.ENDPOINT):
        raise WeightsMissing(
            f"The weights of {model} are not here, and the hub cannot be reached.",
            hint="Connect and try again, or give a local file: NAME?weights=/path/to/model.safetensors "
            "(weights=none for an untrained network).",
        )
    try:
        return Path(hf_hub_download(repository, filename))
    except Exception as error:  # the client's errors and those of its transports share no base class
        raise WeightsMissing(
            f"The hub does not give {filename} of {repository} ({type(error).__name__}).",
            hint="Check the name; only safetensors weights are read.",
        ) from error


def answers(address: str) -> bool:
    """Whether a server takes a connection within two seconds, name lookup included."""
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    open_doors: list[bool] = []

    def knock() -> None:
        try:
            with socket.create_connection((parts.hostname or "", port), timeout=KNOCK_S):
                open_doors.append(True)
        except OSError:
            return

    # A thread, because a name lookup knows no time-out.
    knocking = threading.Thread(target=knock, daemon=True)
    knocking.start()
    knocking.join(KNOCK_S)
    return bool(open_doors)
