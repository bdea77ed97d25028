"""Figures of one case: rounds of ours and of the limit taken in turns, so that a noisy machine disturbs both alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Round:
    """What one round took: seconds from its first request to its last answer, and the seconds of each answer."""

    seconds: float
    latencies: Sequence[float]

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return len(self.latencies) / self.seconds


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed (nearest rank)."""
    if not values:
        raise ValueError("no values, no percentile")
    ordered = sorted(values)
    rank = max(1, -int(-share * len(ordered) // 1))
    return ordered[min(rank, len(ordered)) - 1]


@dataclass
class Case:
    """One comparison: `ours` over `limit`, as a share of what the limit does in a second.

    A case without an aim explains another one.
    """

    name: str
    aim: float | None
    ours_is: str
    limit_is: str
    ours: list[Round] = field(default_factory=list)
    limit: list[Round] = field(default_factory=list)

    def add(self, limit: Round, ours: Round) -> None:
        """Keep a pair of rounds that ran one after the other."""
        self.limit.append(limit)
        self.ours.append(ours)

    @property
    def ratios(self) -> list[float]:
        """The ratio of each pair of rounds."""
        return [ours.per_second / limit.per_second for ours, limit in zip(self.ours, self.limit, strict=True)]

    @property
    def ratio(self) -> float:
        """The median of the pairs."""
        return median(self.ratios)

    @property
    def verdict(self) -> str:
        """Say whether the aim is reached."""
        if self.aim is None:
            return "explains"
        return "met" if self.ratio >= self.aim else "missed"


@dataclass(frozen=True)
class Side:
    """The figures of one side of a case."""

    per_second: float
    median_ms: float
    p99_ms: float
    spread: str

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> "Side":
        """Sum up rounds: medians over all, spread as the slowest and the fastest round."""
        speeds = [one.per_second for one in rounds]
        latencies = [value for one in rounds for value in one.latencies]
        return cls(
            median(speeds),
            median(latencies) * 1000,
            percentile(latencies, 0.99) * 1000,
            f"{min(speeds):,.0f}–{max(speeds):,.0f}",
        )
