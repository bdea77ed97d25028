"""The story of the demo, point by point; stops at the first step that fails and says where to look."""

import time

import httpx
from rich.markup import escape

from songcau_local import console
from songcau_local.demo import consultation_steps, dossier_steps, evidence_steps
from songcau_local.demo.client import StepError
from songcau_local.demo.stage import Stage, Step
from songcau_local.errors import StackError
from songcau_local.layout import Layout

STORY: tuple[Step, ...] = (
    ("a citizen signs in through VNeID and is linked", dossier_steps.link),
    ("a procedure is found by words without accents", dossier_steps.find_procedure),
    ("a draft names its missing papers, takes them, is submitted", dossier_steps.submit),
    ("the fee is paid; doubled reports change nothing", dossier_steps.pay),
    ("the right commune accepts it: number, slip, due date", dossier_steps.accept),
    ("a supplement is asked for and supplied; the clock paused", dossier_steps.supplement),
    ("resolved, signed, returned; a changed byte does not verify", dossier_steps.resolve),
    ("a consultation through the station of La Hiên; two want the last slot", consultation_steps.ask),
    ("the hospital doctor admits, completes, signs the summary", consultation_steps.care),
    ("the event log shows every step once and in order", evidence_steps.event_log),
    ("the citizen's access list names every officer and doctor", evidence_steps.access_list),
    ("no personal number, name or health word in files, logs, events", evidence_steps.leaks),
)


def run(layout: Layout) -> bool:
    """Tell the story to its end; return whether every step passed."""
    stage = Stage.open(layout)
    with stage.http:
        return _tell(layout, stage)


def _tell(layout: Layout, stage: Stage) -> bool:
    began = time.monotonic()
    for number, (title, step) in enumerate(STORY, start=1):
        console.OUT.print(f"[bold cyan]({number})[/] [bold]{escape(title)}[/]")
        started = time.monotonic()
        try:
            step(stage)
        except (StepError, StackError, httpx.HTTPError, KeyError, IndexError, TypeError) as error:
            _complain(layout, number, title, error)
            return False
        console.OUT.print(f"    [dim]{time.monotonic() - started:.1f} s[/]")
    console.OUT.print(f"\n[bold green]demo passed: {len(STORY)} steps[/] [dim]in {time.monotonic() - began:.1f} s[/]")
    return True


def _complain(layout: Layout, number: int, title: str, error: Exception) -> None:
    console.OUT.file.flush()
    told = str(error) if isinstance(error, StepError | StackError) else f"{type(error).__name__}: {error}"
    console.complain(f"step {number} failed ({title}): {told}")
    log = layout.logs / "stack.log"
    correlation_id = getattr(error, "correlation_id", "")
    where = f"grep {correlation_id} {log}" if correlation_id else str(log)
    console.complain(f"where to look: {where}; `songcau status` shows the processes, `songcau events` the event log")
