"""Looks for secrets in every file git knows; what was looked at and is none stands in .secrets.baseline.

A finding is known by its file, kind and hash: a line that only moved is no news. `--accept` writes the baseline anew.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from detect_secrets import SecretsCollection
from detect_secrets.settings import default_settings

ROOT = Path(__file__).resolve().parent.parent
BASELINE = ROOT / ".secrets.baseline"
# Generated or pinned by hash; pictures; the baseline itself is made of hashes.
LEFT_OUT = re.compile(r"^(constraints\.txt|docs/openapi\.json|\.secrets\.baseline|.*\.(pdf|png|svg|crt))$")
# Names of Kubernetes secrets are no secrets; a line may say that it is none.
HARMLESS = re.compile(r"secretName:|sha256:|pragma: allowlist secret")
Finding = tuple[str, str, str]


def main() -> int:
    """Print each finding that nobody has looked at yet and return 1 where there is one."""
    found = findings()
    if "--accept" in sys.argv:
        rows = [{"file": file, "kind": kind, "hash": digest} for file, kind, digest in sorted(found)]
        BASELINE.write_text(json.dumps({"looked at, no secret": rows}, indent=1, ensure_ascii=False) + "\n")
        print(f"{len(rows)} findings accepted")
        return 0
    rows = json.loads(BASELINE.read_text())["looked at, no secret"]
    known = {(row["file"], row["kind"], row["hash"]) for row in rows}
    for finding in sorted(found.keys() - known):
        print(f"{finding[0]}:{found[finding]}: {finding[1]}")
    if found.keys() - known:
        print("if these are none: .venv/bin/python tools/check_secrets.py --accept, and say why in the commit")
    return 1 if found.keys() - known else 0


def findings() -> dict[Finding, int]:
    """Return every finding with its line, of all files git tracks or would track."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    names = [name for name in listed.stdout.split("\0") if (ROOT / name).is_file() and not LEFT_OUT.match(name)]
    with ProcessPoolExecutor(2) as pool:
        return {finding: line for part in pool.map(findings_in, names, chunksize=20) for finding, line in part.items()}


def findings_in(name: str) -> dict[Finding, int]:
    """Return the findings of one file."""
    secrets = SecretsCollection(root=str(ROOT))
    with default_settings():
        secrets.scan_file(name)
    lines = (ROOT / name).read_text(errors="replace").splitlines()
    return {
        (name, secret.type, secret.secret_hash): secret.line_number
        for _, secret in secrets
        if not HARMLESS.search(lines[secret.line_number - 1])
    }


if __name__ == "__main__":
    sys.exit(main())
