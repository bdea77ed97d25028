"""One text in both languages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Words:
    """One text in both languages."""

    vi: str
    en: str

    def format(self, **facts: str) -> "Words":
        """Return the text with its facts."""
        return Words(self.vi.format(**facts), self.en.format(**facts))
