"""What carries shards to machines: this process, Daft on this machine, or Daft on a Ray cluster."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from lookalike.embedding.jobs.job import Engine as Settings
from lookalike.embedding.jobs.working import Order, make_shard
from lookalike.errors import JobError, LookalikeError, MissingExtra


class Engine(ABC):
    """Makes shards, in any order and at any place."""

    @abstractmethod
    def make(self, order: Order, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Each shard's number and how many rows it was given, as they are done.

        Raises:
            LookalikeError: what a worker met that a user can mend.
            JobError: the engine itself failed; what was done stays.
        """


class Local(Engine):
    """One shard after the other in this process, whose pipeline uses every core."""

    def make(self, order: Order, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """See `Engine.make`."""
        for number in numbers:
            yield number, make_shard(order, number)


class Daft(Engine):
    """A Daft query with a row for each shard; on Ray Daft spreads the rows, and gives those of a worker
    that died to another.
    """

    def __init__(self, settings: Settings) -> None:
        """Choose Daft's runner.

        Raises:
            MissingExtra: Daft (or Ray, where asked for) is not installed.
            JobError: the cluster cannot be reached, or this process uses Daft's other runner already.
        """
        self._on_ray = settings.name == "ray"
        try:
            import daft

            if self._on_ray:
                import ray
        except ImportError as error:
            raise MissingExtra("Embedding by Daft", extra="cluster") from error
        self._daft = daft
        try:
            if not self._on_ray:
                _use(daft, "native", daft.set_runner_native)
                return
            if not ray.is_initialized():
                ray.init(address=settings.address or None, log_to_driver=False, include_dashboard=False)
            _use(daft, "ray", daft.set_runner_ray)
        except Exception as error:  # Daft's and Ray's errors share no base class
            raise JobError(
                f"The engine {settings.name!r} cannot be started ({_first_line(error)}).",
                hint="Check the cluster's address, or run with engine 'local'.",
            ) from error

    def make(self, order: Order, numbers: Sequence[int]) -> Iterator[tuple[int, int]]:
        """See `Engine.make`."""
        daft = self._daft
        frame = daft.from_pydict({"shard": list(numbers)})
        if self._on_ray:
            frame = frame.into_partitions(len(numbers))
        work = daft.func(return_dtype=_outcome(daft.DataType))(_told(order))
        try:
            for row in frame.select(work(frame["shard"]).alias("done")).iter_rows(results_buffer_size=None):
                done = row["done"]
                if done["error"]:
                    raise JobError(f"A worker stopped: {done['error']}", hint=done["hint"])
                yield done["shard"], done["rows"]
        except LookalikeError:
            raise
        except Exception as error:
            raise JobError(
                f"The engine failed ({_first_line(error)}).",
                hint="What was done is kept: run the same job again and it goes on.",
            ) from error


def _use(daft: Any, name: str, choose: Callable[[], Any]) -> None:
    """Have Daft use a runner; it takes one choice a process, so a second job goes on with the first's."""
    try:
        choose()
    except Exception as error:
        present = daft.get_or_create_runner().name
        if present != name:
            raise RuntimeError(f"this process uses Daft's {present} runner already") from error


def _outcome(kind: Any) -> Any:
    """The type of what ``_told`` returns, in Daft's terms."""
    text, number = kind.string(), kind.int64()
    return kind.struct({"shard": number, "rows": number, "error": text, "hint": text})


def _told(order: Order) -> Callable[[int], dict[str, Any]]:
    """The work on one shard as a function that Daft carries; our errors come back as values, since
    exceptions would arrive as text in a stack of others.
    """

    def work(shard: int) -> dict[str, Any]:
        try:
            return {"shard": shard, "rows": make_shard(order, shard), "error": "", "hint": ""}
        except LookalikeError as error:
            return {"shard": shard, "rows": 0, "error": error.message, "hint": error.hint}

    return work


ENGINES: dict[str, Callable[[Settings], Engine]] = {"local": lambda _: Local(), "daft": Daft, "ray": Daft}
"""Open to additions."""


def open_engine(settings: Settings) -> Engine:
    """The engine of that name.

    Raises:
        JobError: there is none, or it cannot be started.
        MissingExtra: it is not installed.
    """
    if settings.name not in ENGINES:
        raise JobError(f"There is no engine {settings.name!r}.", hint=f"Choose: {', '.join(ENGINES)}.")
    return ENGINES[settings.name](settings)


def _first_line(error: Exception) -> str:
    with contextlib.suppress(Exception):
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        return (lines[-1] if lines else type(error).__name__)[:300]
    return type(error).__name__
