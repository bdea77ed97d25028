"""`python -m load http|bus [--short] [--only NAME…] [--print]`: measure, write docs/performance.md."""

import argparse
import sys
from collections.abc import Sequence

from load import report
from load.report import Section


def measure_http(options: argparse.Namespace) -> Section:
    """Run the cases of `make bench`."""
    from load import http_cases

    plan = http_cases.SHORT if options.short else http_cases.Plan()
    cases = http_cases.run(plan, options.only or list(http_cases.CASES))
    shape = (
        f"{plan.rounds} rounds a side in turns after one that warms up (fewer, three at least, where they do not fit "
        f"into seventy-five seconds), {plan.connections} connections (threads, clients) at once. A ratio is the median "
        "of the ratios of neighbouring rounds. Client, processes and PostgreSQL share the machine; PostgreSQL is the "
        "embedded one, every commit reaches the disk."
    )
    return Section("bench", "Gateway and services", "make bench", [shape, "", *report.table(cases, "per second")])


def measure_bus(options: argparse.Namespace) -> Section:
    """Run the cases of `make bench-bus`."""
    from load.bus import cases

    plan = cases.SHORT if options.short else cases.Plan()
    return Section("bench-bus", "Event bus on Kafka", "make bench-bus", cases.run(plan))


def main(arguments: Sequence[str]) -> int:
    """Measure what is named."""
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("what", choices=("http", "bus"))
    parser.add_argument("--short", action="store_true", help="few small rounds, to see that it works")
    parser.add_argument("--only", nargs="*", default=[], help="names of cases")
    parser.add_argument("--print", action="store_true", help="show the section instead of writing it")
    options = parser.parse_args(arguments)
    section = (measure_http if options.what == "http" else measure_bus)(options)
    if not options.print:
        report.write(section)
    sys.stdout.write(section.text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
