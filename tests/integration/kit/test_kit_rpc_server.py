"""The gRPC door: who enters, until when, and what leaves when something goes wrong."""

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import grpc
import psycopg
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from prometheus_client import REGISTRY
from songcau_kit.caller import Assistant
from songcau_kit.errors import UNAVAILABLE, DomainError, ReasonTable, Status, Violation
from songcau_kit.personal import Personal
from songcau_kit.rpc_client import call_metadata
from songcau_kit.rpc_server import AssistedRule, RpcServer, Rule, RuleError, current_call, mark_replayed
from support.echo_service import SERVICE, EchoServicer, add_EchoServicer_to_server
from support.log_capture import captured_logs
from support.rpc_world import echo_rules, echo_world
from support.token_issuer import TokenIssuer

TABLE = ReasonTable("kittest")
CLOSED = TABLE.add("SHOP_CLOSED", Status.FAILED_PRECONDITION, "the shop is closed")
HELLO = StringValue(value="xin chào")


@pytest.fixture
def issuer(fixed_clock):
    with TokenIssuer(fixed_clock) as issuer:
        yield issuer


@pytest.fixture
def world(issuer, fixed_clock):
    """Return a function that serves a servicer and returns its world."""
    entered = []

    def serve(servicer=None, **options):
        manager = echo_world(issuer, fixed_clock, servicer, **options)
        entered.append(manager)
        return manager.__enter__()

    yield serve
    for manager in entered:
        manager.__exit__(None, None, None)


def failure(call, *arguments, **options):
    with pytest.raises(grpc.RpcError) as caught:
        call(*arguments, timeout=5, **options)
    return caught.value


def reason_of(error):
    info = error_details_pb2.ErrorInfo()
    assert rpc_status.from_call(error).details[0].Unpack(info)
    return info


def trailers(call):
    return {key: value for key, value in call.trailing_metadata() if not key.endswith("-bin")}


class Saying(EchoServicer):
    """Answers `Say` with a function."""

    def __init__(self, say):
        self.say = say

    def Say(self, request, context):
        return StringValue(value=str(self.say()))


class TestStart:
    def server(self, issuer, clock, rules):
        server = RpcServer(
            address="127.0.0.1:0", verifier=issuer.verifier(), rules=rules, clock=clock, service_name="kittest"
        )
        server.add(add_EchoServicer_to_server, EchoServicer())
        return server

    def test_a_method_without_a_rule_refuses_to_start(self, issuer, fixed_clock):
        rules = echo_rules()
        del rules[f"{SERVICE}/Repeat"]
        with pytest.raises(RuleError, match=r"no rule says who may call songcau\.test\.v1\.EchoService/Repeat"):
            self.server(issuer, fixed_clock, rules).start()

    def test_a_rule_for_no_method_refuses_to_start(self, issuer, fixed_clock):
        with pytest.raises(RuleError, match=r"not served: songcau\.test\.v1\.EchoService/Shout"):
            self.server(issuer, fixed_clock, echo_rules() | {f"/{SERVICE}/Shout": Rule()}).start()

    @pytest.mark.parametrize(
        ("activity", "sentence"),
        [(None, "no processing activity is named by"), ("odd-jobs", "not in the register of processing activities:")],
    )
    def test_a_rule_without_a_known_processing_activity_refuses_to_start(self, issuer, fixed_clock, activity, sentence):
        rules = echo_rules() | {f"{SERVICE}/Say": Rule(anonymous=True, activity=activity)}
        with pytest.raises(RuleError, match=rf"{sentence} songcau\.test\.v1\.EchoService/Say"):
            self.server(issuer, fixed_clock, rules).start()

    def test_a_taken_port_is_a_sentence(self, world, issuer, fixed_clock):
        taken = world().server.port
        server = RpcServer(
            address=f"127.0.0.1:{taken}",
            verifier=issuer.verifier(),
            rules={},
            clock=fixed_clock,
            service_name="kittest",
        )
        with pytest.raises(OSError, match=f"127.0.0.1:{taken} cannot be bound"):
            server.start()


def consume(answer):
    return list(answer) if isinstance(answer, grpc.Call) else answer


class TestCaller:
    RULE = Rule(
        roles=frozenset({"officer", "leader"}), scopes=frozenset({"dossier:read"}), clients=frozenset({"console"})
    )

    @pytest.mark.parametrize("method", ["Say", "Collect", "Repeat", "Chat"])
    def test_every_shape_of_method_wants_a_token(self, world, method):
        stub = world(rules={method: Rule()}).bare
        request = iter([HELLO]) if method in ("Collect", "Chat") else HELLO
        call = getattr(stub, method)
        error = failure(lambda *a, **o: list(call(*a, **o)) if method in ("Repeat", "Chat") else call(*a, **o), request)
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED
        assert (reason_of(error).reason, reason_of(error).domain) == ("UNAUTHENTICATED", "kit.songcau")

    def test_role_scope_and_client_must_all_fit(self, world, issuer):
        stub = world(rules={"Say": self.RULE}).bare
        fitting = {"roles": ["leader"], "scopes": ["dossier:read"], "azp": "console"}
        stub.Say(HELLO, timeout=5, metadata=call_metadata(token=issuer.token(**fitting)))
        for change, missing in (
            ({"roles": ["citizen"]}, "role"),
            ({"scopes": []}, "scope"),
            ({"azp": "app"}, "client"),
        ):
            error = failure(stub.Say, HELLO, metadata=call_metadata(token=issuer.token(**fitting | change)))
            assert error.code() is grpc.StatusCode.PERMISSION_DENIED
            assert reason_of(error).metadata["missing"] == missing

    @pytest.mark.parametrize("method", ["Say", "Collect", "Repeat", "Chat"])
    def test_a_known_caller_who_may_not_enter_is_told_of_with_the_first_request(self, world, issuer, method):
        told = []

        def note(call, name, request, error):
            told.append((call.known_caller.subject, current_call() is call, name, request, error.reason.code))

        served = world(rules={method: self.RULE}, note_refusal=note).bare
        for metadata in (call_metadata(token=issuer.token(sub="nosy", roles=["citizen"])), ()):
            request = iter([HELLO]) if method in ("Collect", "Chat") else HELLO
            failure(lambda *a, **o: consume(getattr(served, method)(*a, **o)), request, metadata=metadata)
        assert told == [("nosy", True, f"/songcau.test.v1.EchoService/{method}", HELLO, "PERMISSION_DENIED")]

    def test_a_refusal_that_cannot_be_noted_is_answered_as_that(self, world, issuer):
        def note(*_):
            raise DomainError(UNAVAILABLE)

        stub = world(rules={"Say": self.RULE}, note_refusal=note).bare
        error = failure(stub.Say, HELLO, metadata=call_metadata(token=issuer.token(roles=["citizen"])))
        assert error.code() is grpc.StatusCode.UNAVAILABLE

    def test_an_anonymous_method_still_refuses_a_bad_token(self, world):
        error = failure(world().bare.Say, HELLO, metadata=call_metadata(token="not.a.token"))
        assert reason_of(error).reason == "TOKEN_INVALID"

    def test_another_scheme_than_bearer_is_refused(self, world, issuer):
        error = failure(world().bare.Say, HELLO, metadata=(("authorization", f"Basic {issuer.token()}"),))
        assert reason_of(error).reason == "TOKEN_INVALID"

    def test_the_handler_knows_caller_purpose_and_correlation(self, world, issuer):
        seen = []
        servicer = Saying(lambda: seen.append(current_call()))
        metadata = call_metadata(token=issuer.token(citizen_id="c-9"), correlation_id="corr-1", purpose="TREATMENT")
        world(servicer).bare.Say(HELLO, timeout=5, metadata=metadata)
        assert seen[0].known_caller.attribute("citizen_id") == "c-9"
        assert (seen[0].correlation_id, seen[0].purpose) == ("corr-1", "TREATMENT")

    def test_a_malformed_purpose_is_an_invalid_request(self, world):
        error = failure(world().bare.Say, HELLO, metadata=(("songcau-purpose", "why not, Mr. A?"),))
        assert reason_of(error).reason == "INVALID_REQUEST"

    def test_outside_a_call_there_is_no_current_call(self):
        with pytest.raises(LookupError):
            current_call()

    def test_a_stream_sees_its_call_at_every_step_and_leaves_nothing_behind(self, world):
        class Servicer(EchoServicer):
            def Repeat(self, request, context):
                for _ in range(3):
                    yield StringValue(value=current_call().correlation_id)

        world = world(Servicer(), workers=1)
        for name in ("first", "second"):
            answers = world.bare.Repeat(HELLO, timeout=5, metadata=call_metadata(correlation_id=name))
            assert [answer.value for answer in answers] == [name] * 3

    def test_a_helper_comes_with_a_second_factor_and_sees_of_a_stream_what_the_rule_shows(self, world, issuer):
        class Confirmed:
            def resolve(self, call, method, request, scopes):
                return replace(call, assistant=Assistant("helper-1", "OFFICER", "H55"))

        rule = Rule(roles=frozenset({"citizen"}), assisted=AssistedRule(Rule(), frozenset(), shown=()))
        stub = world(rules={"Repeat": rule}, assisted=Confirmed()).bare

        def repeated(acr: str) -> set[str]:
            metadata = (*call_metadata(token=issuer.token(acr=acr)), ("songcau-assisted-act", str(uuid4())))
            return {answer.value for answer in stub.Repeat(HELLO, timeout=5, metadata=metadata)}

        assert repeated("aal2") == {""}
        with pytest.raises(grpc.RpcError, match="AUTHENTICATION_INSUFFICIENT"):
            repeated("aal1")


class TestCorrelation:
    def test_the_id_comes_back_and_is_made_where_there_is_none(self, world):
        stub = world().bare
        _, given = stub.Say.with_call(HELLO, timeout=5, metadata=call_metadata(correlation_id="corr-7"))
        _, made = stub.Say.with_call(HELLO, timeout=5)
        _, unusable = stub.Say.with_call(HELLO, timeout=5, metadata=(("songcau-correlation-id", "a b\x7e{}"),))
        assert trailers(given)["songcau-correlation-id"] == "corr-7"
        assert len(trailers(made)["songcau-correlation-id"]) == 36
        assert len(trailers(unusable)["songcau-correlation-id"]) == 36

    def test_a_failed_call_has_it_too(self, world):
        error = failure(world(rules={"Say": Rule()}).bare.Say, HELLO, metadata=call_metadata(correlation_id="corr-8"))
        assert trailers(error)["songcau-correlation-id"] == "corr-8"

    def test_a_stored_answer_is_marked(self, world):
        _, call = world(Saying(mark_replayed)).bare.Say.with_call(HELLO, timeout=5)
        assert trailers(call)["songcau-replayed"] == "true"


def raising(error):
    def say():
        raise error

    return Saying(say)


class TestErrors:
    def test_a_domain_error_leaves_with_reason_details_and_places(self, world):
        error = failure(
            world(
                raising(
                    DomainError(CLOSED, violations=[Violation("/items/0", "SOLD", "none left")], details={"opens": "8"})
                )
            ).bare.Say,
            HELLO,
        )
        rich = rpc_status.from_call(error)
        info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
        assert rich.details[0].Unpack(info)
        assert rich.details[1].Unpack(bad)
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert (info.reason, info.domain, dict(info.metadata)) == ("SHOP_CLOSED", "kittest.songcau", {"opens": "8"})
        place = bad.field_violations[0]
        assert (place.field, place.reason, place.description) == ("/items/0", "SOLD", "none left")

    @pytest.mark.parametrize("status", list(Status))
    def test_every_status_leaves_as_it_is(self, world, status):
        reason = ReasonTable("kittest").add("ANY", status, "any")
        assert failure(world(raising(DomainError(reason))).bare.Say, HELLO).code().name == status.value

    def test_an_unknown_exception_leaves_without_detail(self, world):
        error = failure(world(raising(ValueError("Nguyễn Văn A 019309000001"))).bare.Say, HELLO)
        assert error.code() is grpc.StatusCode.INTERNAL
        assert error.details() == "INTERNAL"
        assert b"Nguy" not in repr(error.trailing_metadata()).encode()

    def test_a_lost_database_is_unavailable(self, world):
        error = failure(world(raising(psycopg.OperationalError("server closed"))).bare.Say, HELLO)
        assert error.code() is grpc.StatusCode.UNAVAILABLE

    def test_a_stream_that_fails_late_leaves_with_its_reason(self, world):
        class Servicer(EchoServicer):
            def Repeat(self, request, context):
                yield request
                raise DomainError(CLOSED)

        call = world(Servicer()).bare.Repeat(HELLO, timeout=5)
        assert next(call).value == "xin chào"
        with pytest.raises(grpc.RpcError):
            next(call)
        assert reason_of(call).reason == "SHOP_CLOSED"

    def test_a_hundred_wrong_fields_arrive_and_no_more(self, world):
        many = [Violation(f"/items/{number}/a-rather-long-name-of-a-field", "WRONG", "x" * 80) for number in range(150)]
        with pytest.raises(DomainError) as caught:
            world(raising(DomainError(CLOSED, violations=many))).stub.Say(HELLO)
        assert caught.value.violations == tuple(many[:100])

    def test_a_personal_value_in_the_details_never_leaves(self, world):
        def say():
            raise DomainError(CLOSED, details={"name": Personal("Lò Thị Thử")})

        error = failure(world(Saying(say)).bare.Say, HELLO)
        assert error.code() is grpc.StatusCode.INTERNAL


class TestLog:
    @pytest.fixture
    def lines(self):
        with captured_logs() as lines:
            yield lines

    def test_an_unknown_exception_is_logged_under_the_correlation_id_without_its_text(self, world, lines):
        stub = world(raising(ValueError("Nguyễn Văn A"))).bare
        failure(stub.Say, HELLO, metadata=call_metadata(correlation_id="corr-9"))
        line = lines()[0]
        assert (line["event"], line["correlation_id"], line["method"]) == ("call_failed", "corr-9", f"/{SERVICE}/Say")
        assert "ValueError" in line["exception"]
        assert "Văn" not in json.dumps(lines(), ensure_ascii=False)

    def test_who_knocks_in_vain_is_logged_by_client(self, world, issuer, lines):
        stub = world(rules={"Say": Rule(roles=frozenset({"officer"}))}).bare
        token = issuer.token(azp="curious-app")
        failure(stub.Say, HELLO, metadata=call_metadata(token=token))
        assert (lines()[0]["event"], lines()[0]["client_id"]) == ("call_refused", "curious-app")
        assert token not in json.dumps(lines())

    def test_a_call_that_goes_well_writes_nothing(self, world, lines):
        world().bare.Say(HELLO, timeout=5)
        assert lines() == []


class TestDeadline:
    def test_the_handler_sees_how_long_it_may_take(self, world, fixed_clock):
        seen = []
        world(Saying(lambda: seen.append(current_call()))).bare.Say(HELLO, timeout=3)
        # gRPC rounds the time up on its way.
        assert 1 < (seen[0].request_deadline - fixed_clock.now()).total_seconds() < 3.2
        assert 0 < seen[0].remaining_seconds() < 3.2

    def test_a_call_without_deadline_gets_one(self, world, fixed_clock):
        seen = []
        world(Saying(lambda: seen.append(current_call()))).bare.Say(HELLO)
        assert seen[0].request_deadline - fixed_clock.now() == timedelta(seconds=60)

    def test_a_call_whose_time_is_over_never_reaches_the_handler(self, world):
        reached, gate = [], threading.Event()

        def say():
            reached.append(1)
            gate.wait(5)

        stub = world(Saying(say), workers=1).bare
        first = stub.Say.future(HELLO, timeout=5)
        while not reached:
            time.sleep(0.01)
        late = stub.Say.future(HELLO, timeout=0.1)  # waits for the only worker until its time is over
        assert late.exception().code() is grpc.StatusCode.DEADLINE_EXCEEDED
        gate.set()
        first.result()
        stub.Say(HELLO, timeout=5)
        assert len(reached) == 2

    def test_an_endless_stream_is_ended(self, world):
        class Servicer(EchoServicer):
            ended = threading.Event()

            def Repeat(self, request, context):
                try:
                    while True:
                        time.sleep(0.01)
                        yield request
                finally:
                    self.ended.set()

        servicer = Servicer()
        with pytest.raises(grpc.RpcError) as caught:
            list(world(servicer).bare.Repeat(HELLO, timeout=0.2))
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert servicer.ended.wait(5)


class TestStandardServices:
    def test_health_needs_no_token_and_follows_the_announcement(self, world):
        server = world(rules={"Say": Rule()}).server
        with grpc.insecure_channel(f"127.0.0.1:{server.port}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            for name in ("", SERVICE):
                request = health_pb2.HealthCheckRequest(service=name)
                assert stub.Check(request, timeout=5).status == health_pb2.HealthCheckResponse.SERVING
            server.announce(ready=False)
            assert (
                stub.Check(health_pb2.HealthCheckRequest(), timeout=5).status
                == health_pb2.HealthCheckResponse.NOT_SERVING
            )

    def test_reflection_lists_the_services(self, world):
        with grpc.insecure_channel(f"127.0.0.1:{world().server.port}") as channel:
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            ask = reflection_pb2.ServerReflectionRequest(list_services="")
            answer = next(stub.ServerReflectionInfo(iter([ask]), timeout=5))
        assert SERVICE in {service.name for service in answer.list_services_response.service}

    def test_calls_are_counted_by_method_and_status(self, world):
        def count(code):
            labels = {"method": f"{SERVICE}/Say", "code": code}
            return REGISTRY.get_sample_value("songcau_kittest_rpc_server_seconds_count", labels) or 0

        before = count("OK"), count("FAILED_PRECONDITION")
        world().bare.Say(HELLO, timeout=5)
        failure(world(raising(DomainError(CLOSED))).bare.Say, HELLO)
        assert (count("OK"), count("FAILED_PRECONDITION")) == (before[0] + 1, before[1] + 1)


class TestDrain:
    def test_running_calls_finish_and_new_ones_are_refused(self, world):
        began, gate = threading.Event(), threading.Event()

        def say():
            began.set()
            gate.wait(10)
            return "done"

        served = world(Saying(say))
        running = served.bare.Say.future(HELLO, timeout=10)
        assert began.wait(5)
        drain = threading.Thread(target=served.server.drain, args=(10,))
        drain.start()
        time.sleep(0.2)
        assert failure(served.bare.Say, HELLO).code() is grpc.StatusCode.UNAVAILABLE
        assert drain.is_alive()
        gate.set()
        assert running.result().value == "done"
        drain.join(5)
        assert not drain.is_alive()

    def test_a_call_that_takes_longer_than_the_grace_is_cut(self, world):
        began, gate = threading.Event(), threading.Event()

        def say():
            began.set()
            gate.wait(5)

        served = world(Saying(say))
        running = served.bare.Say.future(HELLO, timeout=10)
        assert began.wait(5)
        started = time.monotonic()
        served.server.drain(0.2)
        assert time.monotonic() - started < 3
        assert running.exception() is not None
        gate.set()
