"""The command line: `lookalike VERB ...`, one file a verb.

Each verb reads its arguments, calls one library function, and shows what came back.
"""

from __future__ import annotations

from lookalike.interfaces.cli.app import main

__all__ = ["main"]
