"""The profile: stacks belong to one cost each, waits to what is waited for, and the page says what was found."""

import subprocess
import sys
import time

import pytest
from load.profiling import costs, pages, sampling
from load.profiling.cases import Findings
from load.profiling.counting import Counted, commits
from load.profiling.sampling import Profile

POOL = ("Thread._bootstrap (/lib/threading.py)", "_worker (/lib/concurrent/futures/thread.py)")
CALL = (*POOL, "CallInterceptor._unary.<locals>.answer (/libs/kit/songcau_kit/_rpc_interceptor.py)")
MAIN = ("_run_module_as_main (<frozen runpy>)", "Condition.wait (/lib/threading.py)")
AUDIT = "AuditJournal.write (/libs/kit/songcau_kit/audit.py)"
SQL = "Connection.wait (/site-packages/psycopg/connection.py)"


def test_stacks_of_a_sampler_are_added_up() -> None:
    assert sampling.read_stacks("a (x);b (y) 3\na (x);b (y) 2\na (x) 1\n") == {("a (x)", "b (y)"): 5, ("a (x)",): 1}


def test_a_stack_belongs_to_the_first_cost_of_the_table_that_has_a_mark_in_it() -> None:
    stacks = {
        (*CALL, AUDIT, "dumps (/lib/json/__init__.py)"): 6,
        (*CALL, AUDIT, SQL): 3,
        ("_run_code (<frozen runpy>)",): 1,
    }
    assert costs.shares(stacks, costs.SERVICE) == {
        "audit: entry and its event": 0.6,
        "SQL driver and pool": 0.3,
        costs.OTHER: 0.1,
    }
    assert costs.shares({}, costs.SERVICE) == {}


def test_what_runs_the_loop_is_nobodys_cost() -> None:
    loop = ("serve (/gateway/songcau_gateway/serving.py)", "Runner.run (/lib/asyncio/runners.py)")
    stacks = {(*loop, "loads (/lib/json/__init__.py)"): 1, loop: 1}
    assert costs.shares(stacks, costs.GATEWAY) == {"JSON and Pydantic": 0.5, "sending the answer": 0.5}


def test_calls_are_counted_by_what_they_wait_for_at_each_moment() -> None:
    stacks = {
        MAIN: 10,
        (*CALL, SQL): 30,
        (*CALL, AUDIT): 5,
        (*CALL, "dumps (/lib/json/__init__.py)"): 20,
        (*POOL, "Condition.wait (/lib/threading.py)"): 90,
    }
    assert costs.waiting_calls(stacks) == {
        "PostgreSQL's answer": 3.0,
        costs.COMPUTING: 2.0,
        "the shared commit of the audit": 0.5,
    }


def test_a_write_outside_of_a_transaction_is_a_commit() -> None:
    assert commits(["begin", "insert into a values (1)", "select 1", "commit"]) == 1
    assert commits(["select 1", "with b as (select 1) insert into a select 1", "select 2"]) == 1
    assert commits(["select updated_at from a"]) == 0


def test_the_page_names_the_largest_costs_with_what_was_done() -> None:
    stacks = {(*CALL, SQL): 4, (*CALL, AUDIT): 3, ("_run_code (<frozen runpy>)",): 5}
    found = Findings({"eservices": Profile(stacks, 1.0, 2.0, 0.1)}, {costs.COMPUTING: 1.5}, {"eservices": 1.0})
    text = "\n".join(pages.lines({"submission over gRPC": found}, {"SubmitDossier": Counted(12, 2, 2, 1)}))
    assert "| submission over gRPC | ours | 0.00 | 1.00 | 0.00 | 0.00 | 1.00 ms |" in text
    assert "| *samples* | 12 |" in text
    assert "in threads of gRPC's core (HTTP/2, TLS)* | 5% |" in text
    assert "| computing, or waiting for the interpreter or a core | 1.5 |" in text
    assert "| SubmitDossier | 12 | 2 | 2 | 1 |" in text
    assert "`eservices`: **SQL driver and pool**, 33% (statements leave together (decision 44)" in text
    assert "**other**" not in text


def test_every_cost_says_what_was_done_about_it() -> None:
    for table in (costs.SERVICE, costs.GATEWAY):
        assert all(cost.done for cost in table)
        assert len({cost.name for cost in table}) == len(table)


def test_a_running_process_is_sampled() -> None:
    program = "print(flush=True)\nwhile True: sum(range(1000))"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as busy:
        try:
            assert busy.stdout is not None
            busy.stdout.readline()
            with sampling.sampled(busy.pid, sampling.HOLDING) as profile:
                time.sleep(2)
        except RuntimeError as error:
            pytest.skip(str(error))  # a machine may forbid to look into another process
        finally:
            busy.kill()
    assert any("<string>" in stack[-1] for stack in profile.stacks)
    assert profile.processor_s > profile.outside_python_s
