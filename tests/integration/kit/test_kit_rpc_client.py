"""Calls to other services: the deadline, the caller, retries as the policy says, errors brought home."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from songcau_kit import errors
from songcau_kit.errors import DomainError, ReasonTable, Status, Violation
from songcau_kit.rpc_client import RpcChannel, call_metadata
from songcau_kit.rpc_errors import from_rpc_error
from songcau_kit.rpc_policy import PolicyError, RetryPolicy
from songcau_kit.rpc_server import Rule, current_call, find_call
from support.echo_service import POLICY, EchoServicer, EchoStub
from support.rpc_world import echo_world
from support.token_issuer import TokenIssuer

TABLE = ReasonTable("kittest")
CLOSED = TABLE.add("SHOP_CLOSED", Status.FAILED_PRECONDITION, "the shop is closed")
HELLO = StringValue(value="xin chào")
SIGNED_IN = Rule()


@pytest.fixture
def issuer(fixed_clock):
    with TokenIssuer(fixed_clock) as issuer:
        yield issuer


@pytest.fixture
def world(issuer, fixed_clock):
    entered = []

    def serve(servicer=None, **options):
        entered.append(echo_world(issuer, fixed_clock, servicer, **options))
        return entered[-1].__enter__()

    yield serve
    for manager in reversed(entered):
        manager.__exit__(None, None, None)


def failure(call, *arguments, **options):
    with pytest.raises(DomainError) as caught:
        call(*arguments, **options)
    return caught.value


class Recording(EchoServicer):
    """Notes the call of each message and may fail the first ones."""

    def __init__(self, *failures):
        self.calls = []
        self.failures = list(failures)

    def Say(self, request, context):
        self.calls.append(current_call())
        if self.failures:
            raise self.failures.pop(0)
        return request

    def Collect(self, requests, context):
        list(requests)
        return self.Say(HELLO, context)

    def Repeat(self, request, context):
        yield self.Say(request, context)


class Forwarding(EchoServicer):
    """Asks another service in the name of its own caller."""

    def __init__(self, stub):
        self.stub = stub

    def Say(self, request, context):
        return self.stub.Say(request)


class TestCaller:
    def test_token_purpose_and_correlation_go_along_and_time_runs_on(self, world, issuer):
        behind = Recording()
        front = world(Forwarding(world(behind, rules={"Say": SIGNED_IN}).stub), rules={"Say": SIGNED_IN})
        metadata = call_metadata(token=issuer.token(sub="s-1"), correlation_id="corr-1", purpose="TREATMENT")
        assert front.bare.Say(HELLO, timeout=2, metadata=metadata).value == "xin chào"
        call = behind.calls[0]
        assert call.known_caller.subject == "s-1"
        assert (call.correlation_id, call.purpose) == ("corr-1", "TREATMENT")
        assert call.remaining_seconds() < 2.2

    def test_outside_a_call_a_token_is_given_by_hand(self, world, issuer):
        behind = Recording()
        served = world(behind, rules={"Say": SIGNED_IN})
        assert find_call() is None
        served.stub.Say(HELLO, metadata=call_metadata(token=issuer.token(sub="system"), correlation_id="job-1"))
        assert (behind.calls[0].known_caller.subject, behind.calls[0].correlation_id) == ("system", "job-1")

    def test_outside_a_call_without_a_token_the_server_decides(self, world):
        served = world(rules={"Say": SIGNED_IN})
        assert served.stub.Collect(iter([HELLO])).value == "xin chào"
        assert failure(served.stub.Say, HELLO).reason == errors.UNAUTHENTICATED

    def test_a_system_caller_brings_its_own_token(self, world, issuer):
        behind = Recording()
        served = world(behind, rules={"Say": SIGNED_IN})
        channel = RpcChannel(
            f"127.0.0.1:{served.server.port}",
            policy=RetryPolicy.parse(POLICY),
            token=lambda: issuer.token(sub="bridge"),
        )
        channel.stub(EchoStub).Say(HELLO)
        channel.close()
        assert behind.calls[0].known_caller.subject == "bridge"

    def test_what_is_given_by_hand_wins_over_the_current_call(self, world, issuer):
        behind = Recording()
        inner = world(behind, rules={"Say": SIGNED_IN})

        class AsSystem(EchoServicer):
            def Say(self, request, context):
                return inner.stub.Say(request, metadata=call_metadata(token=issuer.token(sub="system")))

        front = world(AsSystem())
        front.bare.Say(HELLO, timeout=2, metadata=call_metadata(token=issuer.token(sub="citizen"), purpose="CARE"))
        assert (behind.calls[0].known_caller.subject, behind.calls[0].purpose) == ("system", "CARE")


class TestDeadline:
    def test_the_policy_gives_the_deadline_and_all_of_it(self, world):
        class Noting(EchoServicer):
            def Say(self, request, context):
                left.append(context.time_remaining())
                return request

        left = []
        world(Noting()).stub.Say(HELLO)
        assert 4.5 < left[0] < 5.2

    def test_grpc_is_told_the_retries_and_no_deadline_of_its_own(self):
        config = dict(RetryPolicy.parse(POLICY).channel_options())["grpc.service_config"]
        assert "retryPolicy" in config
        assert "timeout" not in config

    def test_a_method_the_policy_does_not_know_needs_a_deadline_by_hand(self, world):
        stub = world().stub
        with pytest.raises(PolicyError, match=r"no deadline for songcau\.test\.v1\.EchoService/Chat"):
            list(stub.Chat(iter([HELLO])))
        assert [answer.value for answer in stub.Chat(iter([HELLO]), timeout=5)] == ["xin chào"]

    def test_a_slow_answer_is_deadline_exceeded(self, world):
        class Slow(EchoServicer):
            def Say(self, request, context):
                time.sleep(0.5)
                return request

        assert failure(world(Slow()).stub.Say, HELLO, timeout=0.1).reason == errors.DEADLINE_EXCEEDED

    def test_without_time_left_nothing_is_sent(self, world):
        behind = Recording()
        inner = world(behind)

        class Late(EchoServicer):
            def Say(self, request, context):
                time.sleep(current_call().remaining_seconds() + 0.01)
                return inner.stub.Say(request)

        error = None
        try:
            world(Late()).bare.Say(HELLO, timeout=0.3)
        except grpc.RpcError as caught:
            error = caught
        assert error is not None
        time.sleep(0.1)
        assert behind.calls == []


class TestRetry:
    def test_a_method_with_a_retry_policy_is_repeated(self, world):
        behind = Recording(DomainError(errors.UNAVAILABLE), DomainError(errors.UNAVAILABLE))
        assert world(behind).stub.Say(HELLO).value == "xin chào"
        assert len(behind.calls) == 3

    def test_it_is_repeated_as_often_as_the_policy_says(self, world):
        behind = Recording(*[DomainError(errors.UNAVAILABLE)] * 5)
        assert failure(world(behind).stub.Say, HELLO).reason == errors.UNAVAILABLE
        assert len(behind.calls) == 3

    def test_another_status_is_not_repeated(self, world):
        behind = Recording(DomainError(CLOSED))
        failure(world(behind).stub.Say, HELLO)
        assert len(behind.calls) == 1

    def test_a_method_without_a_retry_policy_is_never_repeated(self, world):
        behind = Recording(DomainError(errors.UNAVAILABLE))
        assert failure(world(behind).stub.Collect, iter([HELLO])).reason == errors.UNAVAILABLE
        assert len(behind.calls) == 1

    def test_an_entry_without_a_deadline_is_refused(self):
        with pytest.raises(PolicyError, match="no deadline"):
            RetryPolicy.parse('{"methodConfig": [{"name": [{"service": "a.B"}]}]}')

    @pytest.mark.parametrize("service", ["identity", "eservices", "telehealth", "audit"])
    def test_the_policies_of_the_contracts_load(self, service):
        assert RetryPolicy.load_for(f"songcau.{service}.v1").timeouts


class TestErrors:
    def test_the_remote_reason_is_kept(self, world):
        told = DomainError(CLOSED, violations=[Violation("/items/0", "SOLD", "none left")], details={"opens": "8"})
        error = failure(world(Recording(told)).stub.Say, HELLO)
        assert (error.reason, error.violations, error.details) == (CLOSED, told.violations, {"opens": "8"})

    def test_the_kits_own_reasons_compare_equal_on_both_sides(self, world):
        error = failure(world(Recording(DomainError(errors.VERSION_CONFLICT))).stub.Say, HELLO)
        assert error.reason == errors.VERSION_CONFLICT

    def test_streams_bring_their_reason_home(self, world):
        stub = world(Recording(DomainError(CLOSED), DomainError(CLOSED))).stub
        assert failure(list, stub.Repeat(HELLO)).reason == CLOSED
        assert failure(stub.Collect, iter([HELLO])).reason == CLOSED

    def test_nobody_listening_is_unavailable(self):
        channel = RpcChannel("127.0.0.1:9", policy=RetryPolicy.parse(POLICY))
        assert failure(channel.stub(EchoStub).Say, HELLO).reason == errors.UNAVAILABLE
        channel.close()

    def test_too_large_a_message_is_named(self, world):
        big = StringValue(value="x" * 2000)
        assert failure(world(largest_message=1000).stub.Say, big).reason == errors.PAYLOAD_TOO_LARGE

    def test_the_asyncio_client_uses_the_same_translation(self, world):
        import asyncio

        port = world(Recording(DomainError(CLOSED))).server.port

        async def ask():
            async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
                try:
                    await EchoStub(channel).Say(HELLO, timeout=5)
                except grpc.aio.AioRpcError as error:
                    return from_rpc_error(error)

        assert asyncio.run(ask()).reason == CLOSED


def test_one_channel_serves_many_threads_over_one_connection(world):
    peers, lock = set(), threading.Lock()

    class Servicer(EchoServicer):
        def Say(self, request, context):
            with lock:
                peers.add(context.peer())
            return request

    stub = world(Servicer()).stub
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: stub.Say(StringValue(value=str(number))).value, range(100)))
    assert answers == [str(number) for number in range(100)]
    assert len(peers) == 1
