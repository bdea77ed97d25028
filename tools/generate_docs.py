"""Writes what docs/ tells of the code: reference pages, lifecycle pictures; `--check` says what is out of date."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from access_page import access_matrix
from lifecycle_pictures import lifecycles, svg
from processing_page import processing_activities
from reference_pages import PAGES
from songcau_kit.data_copy import DataCopy

DOCS = Path(__file__).resolve().parent.parent / "docs"


def main() -> int:
    """Write the files, or with --check return 1 and name each that no longer says what the code says."""
    stale = 0
    for path, text in contents().items():
        if "--check" not in sys.argv:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"docs/{path.relative_to(DOCS)} is out of date: run `make docs`")
            stale = 1
    return stale


def contents() -> dict[Path, str]:
    """Return the text of each generated file."""
    pages = {DOCS / name: page().rstrip() + "\n" for name, page in PAGES.items()}
    pages[DOCS / "security/access-matrix.md"] = access_matrix().rstrip() + "\n"
    pages[DOCS / "processing-activities.md"] = processing_activities().rstrip() + "\n"
    pictures = {DOCS / f"pictures/lifecycle-{life.name}.svg": svg(life) for life in lifecycles()}
    schema = json.dumps(DataCopy.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    return pages | pictures | {DOCS / "data-copy.schema.json": schema}


if __name__ == "__main__":
    sys.exit(main())
