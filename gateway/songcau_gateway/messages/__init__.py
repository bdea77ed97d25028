"""Texts for people, one YAML file per service: REASON → language → title and detail. Codes are never translated."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import yaml


@dataclass(frozen=True)
class Text:
    """What a person reads about a problem."""

    title: str
    detail: str

    def fill(self, details: Mapping[str, str]) -> str:
        """Return the detail with its {placeholders} filled; one without a value becomes a dash."""
        return self.detail.format_map(_Dashes(details))


class _Dashes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "–"


class Messages:
    """Every text of every service, read once from the files beside this module."""

    def __init__(self) -> None:
        self._texts: dict[tuple[str, str, str], Text] = {}
        for file in resources.files(__package__ or __name__).iterdir():
            if file.name.endswith(".yaml"):
                self._read(file.name.removesuffix(".yaml"), yaml.safe_load(file.read_text("utf-8")) or {})

    def _read(self, service: str, reasons: Mapping[str, Mapping[str, Mapping[str, str]]]) -> None:
        for code, languages in reasons.items():
            for language, text in languages.items():
                self._texts[service, code, language] = Text(text["title"], " ".join(text["detail"].split()))

    def find(self, domain: str, code: str, language: str) -> Text | None:
        """Return the text of a reason such as `eservices.songcau` `DOSSIER_NOT_FOUND`, if it has one."""
        return self._texts.get((domain.removesuffix(".songcau"), code, language))

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        """Yield service, code and language of every text."""
        return iter(self._texts)
