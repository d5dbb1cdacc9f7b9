"""The results of the peers as JSON, and the page docs/studies/peers.md made of all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "studies" / "peers.md"
FEW = 100
"""Questions below which the share of one in a hundred says nothing; the table gives the number then."""


def write_table(name: str, result: dict[str, Any]) -> None:
    """Keep a result, and put its table between its marks on the page."""
    (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
    if not PAGE.exists():
        return
    page, (begin, end) = PAGE.read_text(), (f"<!-- {name} -->", f"<!-- end of {name} -->")
    if begin in page:
        first, last = page.index(begin) + len(begin), page.index(end)
        page = f"{page[:first]}\n{table_of(result)}\n\n{_origin(result)}\n{page[last:]}"
        PAGE.write_text(page)


def table_of(result: dict[str, Any]) -> str:
    """A result's table in Markdown."""
    if "askings" in result:
        return _ranking(result)
    lines = ["| " + " | ".join(result["columns"]) + " |", "|---" * len(result["columns"]) + "|"]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in result["rows"]]
    return "\n".join(lines)


HEAD = (
    "peer",
    "asked for",
    "item recall@10",
    "ms p50 / p99",
    "CPU ms",
    "a second: singly",
    "at once",
    "build, CPU s",
    "opens in s",
    "MB on disk",
    "MB of memory",
)


def _ranking(result: dict[str, Any]) -> str:
    lines = ["| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
    lines += ["| " + " | ".join(_asking(key, one, result)) + " |" for key, one in result["askings"].items()]
    failed = [f"{name}: {one['failed']}" for name, one in result["peers"].items() if "failed" in one]
    return "\n".join([*lines, *(f"\nDid not run: {line}." for line in failed)])


def _asking(key: str, one: dict[str, Any], result: dict[str, Any]) -> tuple[str, ...]:
    name, how = key.split(" | ")
    peer = result["peers"][name]
    effort = f", effort {peer['effort']}" if peer["effort"] else ""
    few = f" (of {one['questions']})" if one["questions"] < FEW else ""
    at_once = one["batch_queries_per_s"]
    return (
        f"{name} ({peer['version']}{effort})",
        how,
        f"{one['item_recall_at_10']:.3f}",
        f"{one['clock_ms_p50']:.2f} / {one['clock_ms_p99']:.1f}{few}",
        f"{one['cpu_ms_p50']:.2f}",
        f"{one['queries_per_s']:,.0f}",
        f"{at_once:,.0f}" if at_once else "",
        f"{peer['build_cpu_s']:.1f}",
        f"{peer['load_s']:.2f}",
        f"{peer['bytes'] / 1e6:,.0f}" if peer["bytes"] else "",
        f"{peer['memory_mb']:,.0f}",
    )


def _origin(result: dict[str, Any]) -> str:
    machine = result["machine"]
    sets = ", ".join(machine["instruction_sets"])
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {sets}; load {machine['load_before']:.1f}; "
        f"Python {machine['python']}, numpy {machine['versions']['numpy']}; seed {result['seed']}; "
        f"commit {machine['commit']}."
    )
