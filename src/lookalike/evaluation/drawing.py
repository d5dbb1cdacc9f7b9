"""All pictures of a comparison, in one folder."""

from __future__ import annotations

from pathlib import Path

from lookalike.evaluation.compare import Comparison
from lookalike.evaluation.figures import draw_angle_curve, draw_bars, draw_failures, draw_role_matrix


def draw_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Bars with intervals, recall against angle and the role matrix where measured, the worst failures.

    Args:
        comparison: what was measured.
        folder: where the pictures go; made if absent.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw_bars(comparison, folder / "bars.png")]
    reports = {contender.name: contender.report for contender in comparison.contenders}
    best = comparison.contenders[0]
    if best.report.section("angle"):
        drawn.append(draw_angle_curve(reports, folder / "angle.png"))
    if best.report.section("role"):
        drawn.append(draw_role_matrix(best.report, folder / "roles.png"))
    if best.outcome.failures:
        drawn.append(draw_failures(comparison.views, best.outcome.failures, folder / "failures.png"))
    return drawn
