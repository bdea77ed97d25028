"""pgbench of the rows of a submission: what the database alone takes, with as many clients as the other side has."""

import re
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

from songcau_local.postgres import programs

from load.limits import rows
from load.measures import Round

LONGEST_ROUND_S = 60


def run(url: str, *, clients: int, transactions: int) -> Round:
    """Run so many transactions over all clients and return the round; raises CalledProcessError."""
    place = urlsplit(url)
    with tempfile.TemporaryDirectory(prefix="songcau-pgbench-") as folder:
        script = Path(folder) / "submission.sql"
        script.write_text(" ".join(rows.insert_for_pgbench().split()) + ";\n")
        command = [
            str(programs() / "pgbench"), "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "2",
            "-t", str(max(1, transactions // clients)), "-l", "--log-prefix", f"{folder}/log",
            "-h", str(place.hostname), "-p", str(place.port), "-U", str(place.username), place.path.lstrip("/"),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LONGEST_ROUND_S)
        latencies = [latency for log in sorted(Path(folder).glob("log*")) for latency in read_log(log.read_text())]
    speed = re.search(r"tps = ([0-9.]+)", done.stdout)
    if speed is None:
        raise ValueError(f"pgbench said no speed: {done.stdout[-300:]}")
    return Round(len(latencies) / float(speed[1]), latencies)


def read_log(text: str) -> list[float]:
    """Return the seconds of each transaction of pgbench's log (third field, in microseconds)."""
    return [int(line.split()[2]) / 1e6 for line in text.splitlines()]
