"""The table of ``docs/scale.md``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.pages import put_table

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"


def write_page(result: dict[str, Any]) -> None:
    """Put the figures of a run into the page."""
    put_table(PAGE, "million", table(result))


def table(result: dict[str, Any]) -> str:
    """The steps of a run as a Markdown table."""
    rows = _filling(result) + _asking(result) + _changing(result)
    lines = ["| | |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)]
    return "\n".join(lines)


def _filling(result: dict[str, Any]) -> list[tuple[str, str]]:
    index, second, fill, first = (result[name] for name in ("index", "second", "fill", "open"))
    rate = index["embedded"] / index["index_cpu_s"]
    again = second["embedded_again"] / second["second_version_of_photos_cpu_s"]
    return [
        (
            f"{index['embedded']:,} photos embedded into the store",
            f"{index['index_cpu_s']:.0f} CPU-s, {rate:.0f} a second and core",
        ),
        (
            f"filled up to {fill['views']:,} views in {fill['items']:,} items",
            f"{fill['fill_s']:.0f} s ({fill['fill_cpu_s']:.0f} CPU-s)",
        ),
        (
            "opened for the first time",
            f"{first['open_first_s']:.1f} s ({first['open_first_cpu_s']:.1f} CPU-s)",
        ),
        ("opened again", f"{first['open_mapped_s']:.2f} s"),
        ("the photos embedded again by the second model", f"{again:.0f} a second and core"),
    ]


def _asking(result: dict[str, Any]) -> list[tuple[str, str]]:
    search, served = result["search"], result["serve"]
    plain = search["search_ms"]["plain"]
    few, many = search["search_ms"]["filter_a_thousandth"], search["search_ms"]["filter_real_photos"]
    return [
        ("photo file to ten items, in this process: median, p99", _two(search["photo_to_items_ms"])),
        ("... of it the search", _two(plain)),
        (
            "search with a filter of a thousandth, of the real photos of three sets: median",
            f"{few['p50']:.1f}, {many['p50']:.1f} ms",
        ),
        ("ten items as exact search finds them", f"{search['item_recall_at_10_of_exact']:.3f}"),
        (
            "a kept-back photo's item first, in ten: among the photos alone",
            f"{search['right_item_first_of_photos']:.3f}, {search['right_item_in_ten_of_photos']:.3f}",
        ),
        (
            "... among all",
            f"{search['right_item_first_of_all']:.3f}, {search['right_item_in_ten_of_all']:.3f}",
        ),
        (
            "lists of codes scanned for that, were the codes in lists: the photos alone; all",
            _lists(result["lists"]),
        ),
        ("server started until its first answer", f"{served['server_first_answer_s']:.1f} s"),
        ("photo uploaded to ten items over HTTP: median, p99", _two(served["upload_ms"])),
        *_memory(result["memory"]),
    ]


def _lists(found: dict[str, Any]) -> str:
    """How many lists, and what they find."""
    parts = [found["photos"], found["all"]]
    return "; ".join(f"{one['scanned']} of {one['lists']} find {one['recall']:.3f}" for one in parts)


def _memory(held: dict[str, Any]) -> list[tuple[str, str]]:
    """What a server and its decoders hold: when it first answers, and when everything has been asked."""
    begun, learnt, used = held["first_answer"], held["learnt_categories"], held["changes"]
    return [
        (
            "memory of the server and its decoders that the system cannot take back: at the first answer; "
            "categories learnt; after photos, filters, words and changes",
            f"{begun['anonymous']}, {learnt['anonymous']}, {used['anonymous']} MB",
        ),
        (
            "... with the pages that it has mapped from disk (PSS)",
            f"{begun['pss']}, {learnt['pss']}, {used['pss']:,} MB",
        ),
    ]


def _changing(result: dict[str, Any]) -> list[tuple[str, str]]:
    change, compare, served = result["change"], result["compare"], result["serve"]
    worst = served["search_during_both_ms"]["worst"]
    return [
        (
            "an item's photo until it is found; removed until it is not: median",
            f"{change['add_ms']['p50']:.0f}, {change['remove_ms']['p50']:.0f} ms",
        ),
        (
            "... over HTTP",
            f"{served['add_over_http_ms']['p50']:.0f}, {served['delete_over_http_ms']['p50']:.0f} ms",
        ),
        (
            "a search by words: the first, the next after a change",
            f"{change['words_first_s']:.1f} s, {change['words_after_a_change_ms']['p50']:.0f} ms",
        ),
        (
            f"two versions compared, {compare['compared_queries']} queries",
            f"{compare['compare_s']:.1f} s ({compare['compare_cpu_s']:.1f} CPU-s)",
        ),
        (
            "switched, rolled back, while the server answers",
            f"{served['switch_s']:.0f}, {served['rollback_s']:.0f} s "
            f"({served['switch_cpu_s']:.0f}, {served['rollback_cpu_s']:.0f} CPU-s)",
        ),
        (
            "until the server answers with the other model",
            f"{served['followed_switch_s']:.1f}, {served['followed_rollback_s']:.1f} s",
        ),
        (
            f"{served['searches_during_both']:,} searches meanwhile: refused; slowest",
            f"{len(served['refused_during_both'])}; {worst:.0f} ms",
        ),
    ]


def _two(spread: dict[str, float]) -> str:
    return f"{spread['p50']:.1f}, {spread['p99']:.1f} ms"
