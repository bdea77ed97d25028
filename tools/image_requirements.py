"""Prints what one distribution of the workspace needs at run time, as pinned in constraints.txt with hashes.

The pinned file says by which package each one came (`# via`), so the subset is found without a network.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OWN = "songcau-"
NAME = re.compile(r"([a-z0-9][a-z0-9._-]*)(?:\[([a-z0-9,_-]+)\])?", re.IGNORECASE)


@dataclass(frozen=True)
class Pin:
    """One package of constraints.txt: its lines with hashes, and the packages that asked for it."""

    text: str
    asked_by: frozenset[str]


def pins(constraints: str) -> dict[str, Pin]:
    """Return every pinned package by its name."""
    blocks = re.split(r"^(?=[a-z0-9])", constraints, flags=re.MULTILINE)
    return {block.split("==")[0]: _pin(block) for block in blocks if "==" in block}


def _pin(block: str) -> Pin:
    lines = block.splitlines()
    comments = [line.strip().removeprefix("#").strip() for line in lines if line.lstrip().startswith("#")]
    asked_by = {word.removeprefix("via").strip() for word in comments}
    return Pin("\n".join(line for line in lines if not line.lstrip().startswith("#")), frozenset(asked_by - {""}))


def distributions() -> dict[str, Path]:
    """Return the folder of each distribution of the workspace."""
    files = sorted({*ROOT.glob("*/pyproject.toml"), *ROOT.glob("*/*/pyproject.toml")})
    return {tomllib.loads(file.read_text())["project"]["name"]: file.parent for file in files}


def closure(distribution: str, folders: dict[str, Path]) -> tuple[list[str], set[str]]:
    """Return the own distributions, the needed ones first, and the foreign packages they name."""
    own: list[str] = []
    foreign: set[str] = set()
    seen: set[tuple[str, str]] = set()

    def walk(name: str, extra: str) -> None:
        if (name, extra) in seen:
            return
        seen.add((name, extra))
        for needed, extras in _requirements(folders[name], extra):
            if needed.startswith(OWN):
                for wanted in ("", *extras):
                    walk(needed, wanted)
            else:
                foreign.add(needed)
        if name not in own:
            own.append(name)

    walk(distribution, "")
    return own, foreign


def _requirements(folder: Path, extra: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    project = tomllib.loads((folder / "pyproject.toml").read_text())["project"]
    for line in project["optional-dependencies"][extra] if extra else project["dependencies"]:
        if found := NAME.match(line):
            yield found[1].lower(), tuple(filter(None, (found[2] or "").split(",")))


def pinned_subset(names: Iterable[str], known: dict[str, Pin]) -> list[str]:
    """Return these packages and everything they ask for, sorted; raises KeyError for one that is not pinned."""
    wanted = {name: known[name] for name in names}
    while True:
        more = {name for name, pin in known.items() if name not in wanted and pin.asked_by & wanted.keys()}
        if not more:
            return sorted(wanted)
        wanted |= {name: known[name] for name in more}


def main(arguments: list[str]) -> int:
    """Print the requirements of a distribution, `--own` its folders, `--tools` those of the named packages."""
    known = pins((ROOT / "constraints.txt").read_text())
    if arguments[:1] == ["--tools"]:
        chosen = pinned_subset(arguments[1:], known)
    else:
        folders = distributions()
        own, foreign = closure(arguments[-1], folders)
        if arguments[0] == "--own":
            print("\n".join(str(folders[name].relative_to(ROOT)) for name in own))
            return 0
        chosen = pinned_subset(foreign, known)
    print("\n".join(known[name].text for name in chosen))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
