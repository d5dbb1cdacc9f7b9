"""A line between two processes: facts as JSON and bytes beside them, one system call to send them.

No pickle crosses it, and nothing longer than the receiver allows. The bytes are received where they stay.
"""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

_HEAD = struct.Struct("<IQ")


class Line:
    """One end of a connected pair of sockets.

    Args:
        end: the socket; closed with the line.
    """

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    def wait_at_most(self, seconds: float) -> None:
        """Sending and receiving fail with an OSError when the other end does nothing for so long.

        The kernel keeps the time: a thread with a clock for each message cost more than the line itself.
        """
        limit = struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
        for way in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._end.setsockopt(socket.SOL_SOCKET, way, limit)

    def send(self, facts: dict[str, Any], *pieces: bytes | memoryview) -> None:
        """Send a message: facts, and bytes in one piece or several.

        Raises:
            OSError: the other end has gone, or does not take it in time.
        """
        told = json.dumps(facts).encode()
        head = _HEAD.pack(len(told), sum(map(len, pieces))) + told
        left = [memoryview(head), *(memoryview(piece) for piece in pieces)]
        while left:
            sent = self._end.sendmsg(left)
            while left and sent >= len(left[0]):
                sent -= len(left.pop(0))
            if left:
                left[0] = left[0][sent:]

    def receive(self, *, most: int) -> tuple[dict[str, Any], memoryview]:
        """The next message.

        Args:
            most: bytes that it may have.

        Raises:
            EOFError: the other end has gone.
            OSError: it does not come in time.
            ValueError: it is longer, or not a message.
        """
        told, length = _HEAD.unpack(self._exactly(_HEAD.size))
        if told + length > most:
            raise ValueError(f"a message of {told + length} bytes")
        whole = self._exactly(told + length)
        return json.loads(bytes(whole[:told])), whole[told:]

    def close(self) -> None:
        """Let go of this end."""
        self._end.close()

    def _exactly(self, count: int) -> memoryview:
        room = memoryview(bytearray(count))
        filled = 0
        while filled < count:
            got = self._end.recv_into(room[filled:])
            if not got:
                raise EOFError
            filled += got
        return room
