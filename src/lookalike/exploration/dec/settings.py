"""How deep embedded clustering is done: one frozen record, written beside the weights."""

from __future__ import annotations

from dataclasses import dataclass, replace

from lookalike.errors import ExplorationError


@dataclass(frozen=True, kw_only=True)
class DecSettings:
    """Settings of a run; defaults after the papers, the widths made smaller for catalogues.

    Args:
        clusters: how many.
        hidden: widths of the encoder's layers before the last; the decoder mirrors them.
        code: width of the code, 10 in the paper.
        reconstruction: gamma-inverse: weight of the autoencoder's error during refinement. 0 is DEC (Xie,
            Girshick and Farhadi 2016); IDEC (Guo et al. 2017) keeps it, with 10 against the KL's 1.
        pretrain_epochs: of the autoencoder.
        corruption: share of the inputs set to zero in pre-training, 0.2 in the paper.
        refine_epochs: at most, of the refinement.
        update_every: steps between updates of the target distribution.
        stop_below: share of labels that change between updates, from which it is done; 0.001 in the paper.
        batch: photos a step.
        learning_rate: of Adam, for pre-training; refinement uses a tenth.
        collapse_share: a cluster below this share of an even one counts as lost; then the last sound state
            is kept.
        seed: of weights, order and k-means.
    """

    clusters: int = 10
    hidden: tuple[int, ...] = (500, 500, 1000)
    code: int = 10
    reconstruction: float = 0.0
    pretrain_epochs: int = 60
    corruption: float = 0.2
    refine_epochs: int = 40
    update_every: int = 30
    stop_below: float = 0.001
    batch: int = 256
    learning_rate: float = 1e-3
    collapse_share: float = 0.05
    seed: int = 0

    def __post_init__(self) -> None:
        if self.clusters < 2 or self.code < 1 or self.batch < 2 or not 0 <= self.corruption < 1:
            raise ExplorationError(
                "clusters, code, batch or corruption is out of range.",
                hint="Choose clusters >= 2, code >= 1, batch >= 2, corruption in 0..1.",
            )

    @property
    def name(self) -> str:
        """``DEC`` or ``IDEC``."""
        return "IDEC" if self.reconstruction > 0 else "DEC"


def idec(settings: DecSettings) -> DecSettings:
    """The same settings with the reconstruction kept, as IDEC does."""
    return replace(settings, reconstruction=10.0)
