"""`python -m load WHAT [--short] [--only NAME…] [--print]`: measure one thing, write docs/performance.md."""

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


def measure_identity(options: argparse.Namespace) -> Section:
    """Run the cases of `make bench-identity`."""
    from load.identity import cases

    people = 20_000 if options.short else options.people
    command = f"make bench-identity PEOPLE={people}"
    return Section("bench-identity", "Identity with a province's people", command, cases.run(people, options.seed))


def measure_audit(options: argparse.Namespace) -> Section:
    """Run the cases of `make bench-audit`."""
    from load.audit import cases

    plan = cases.SHORT if options.short else cases.Plan()
    return Section("bench-audit", "Audit", "make bench-audit", cases.run(plan))


def measure_profile(options: argparse.Namespace) -> Section:
    """Sample the processes while the rounds of `make bench` run."""
    from load.profiling import cases

    plan = cases.SHORT if options.short else cases.FULL
    command = "python -m load profile --short" if options.short else "make profile"
    return Section("profile", "Profile", command, cases.run(plan))


MEASURES = {
    "http": measure_http,
    "bus": measure_bus,
    "identity": measure_identity,
    "audit": measure_audit,
    "profile": measure_profile,
}


def main(arguments: Sequence[str]) -> int:
    """Measure what is named."""
    parser = argparse.ArgumentParser(prog="load", description=__doc__)
    parser.add_argument("what", choices=tuple(MEASURES))
    parser.add_argument("--short", action="store_true", help="few small rounds, to see that it works")
    parser.add_argument("--only", nargs="*", default=[], help="names of cases")
    parser.add_argument("--print", action="store_true", help="show the section instead of writing it")
    parser.add_argument("--people", type=int, default=200_000, help="how many people `identity` loads")
    parser.add_argument("--seed", type=int, default=19, help="makes the same people again")
    options = parser.parse_args(arguments)
    section = MEASURES[options.what](options)
    if not options.print:
        report.write(section)
    sys.stdout.write(section.text())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
