"""The results of the peers as JSON, and the page docs/studies/peers.md made of all of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "studies" / "peers.md"


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


def _ranking(result: dict[str, Any]) -> str:
    head = (
        "peer",
        "asked for",
        "item recall@10",
        "CPU ms",
        "clock ms p50 / p99",
        "build, CPU s",
        "opens in",
        "MB",
    )
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for key, one in result["askings"].items():
        name, how = key.split(" | ")
        peer = result["peers"][name]
        opens = "" if peer["load_s"] is None else f"{peer['load_s']:.2f} s"
        size = "" if peer["bytes"] is None else f"{peer['bytes'] / 1e6:.0f}"
        cells = (
            f"{name} ({peer['version']})",
            how,
            f"{one['item_recall_at_10']:.3f}",
            f"{one['cpu_ms_p50']:.2f}",
            f"{one['clock_ms_p50']:.2f} / {one['clock_ms_p99']:.1f}",
            f"{peer['build_cpu_s']:.1f}",
            opens,
            size,
        )
        lines.append("| " + " | ".join(cells) + " |")
    failed = [f"{name}: {one['failed']}" for name, one in result["peers"].items() if "failed" in one]
    return "\n".join([*lines, *(f"\nDid not run: {line}" for line in failed)])


def _origin(result: dict[str, Any]) -> str:
    machine = result["machine"]
    sets = ", ".join(machine["instruction_sets"])
    return (
        f"{machine['cpu']}, {machine['cores']} cores, {sets}; load {machine['load_before']:.1f}; "
        f"Python {machine['python']}, numpy {machine['versions']['numpy']}; seed {result['seed']}; "
        f"commit {machine['commit']}."
    )
