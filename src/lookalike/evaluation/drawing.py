"""All pictures of a comparison, in one folder."""

from __future__ import annotations

from pathlib import Path

from lookalike.evaluation.compare import BASELINES, Comparison
from lookalike.evaluation.figures import draw_angle_curve, draw_bars, draw_failures
from lookalike.evaluation.matrices import draw_confusion, draw_role_matrix


def draw_comparison(comparison: Comparison, folder: Path) -> list[Path]:
    """Bars with intervals; recall against angle, roles and classes where measured; the worst failures.

    Failures and classes are those of the best model that is not a baseline.

    Args:
        comparison: what was measured.
        folder: where the pictures go; made if absent.

    Raises:
        MissingExtra: matplotlib is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    drawn = [draw_bars(comparison, folder / "bars.png")]
    reports = {contender.name: contender.report for contender in comparison.contenders}
    own = [one for one in comparison.contenders if one.name not in BASELINES]
    best = (own or comparison.contenders)[0]
    if best.report.section("angle"):
        drawn.append(draw_angle_curve(reports, folder / "angle.png"))
    if best.report.section("role"):
        drawn.append(draw_role_matrix(reports, folder / "roles.png"))
    if best.report.confusion is not None:
        title = f"{best.name}, top-1 {best.report.headline}"
        drawn.append(draw_confusion(best.report, folder / "confusion.png", title=title))
    if best.outcome.failures:
        title = f"Worst failures of {best.name}"
        path = folder / "failures.png"
        drawn.append(draw_failures(comparison.views, best.outcome.failures, path, title=title))
    return drawn
