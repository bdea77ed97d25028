"""A gRPC service of all four shapes, written as the generator writes it, for tests of the kit."""

from collections.abc import Iterator
from typing import Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

SERVICE = "songcau.test.v1.EchoService"
METHODS = ("Say", "Collect", "Repeat", "Chat")

POLICY = """{"methodConfig": [
  {"name": [{"service": "songcau.test.v1.EchoService", "method": "Say"}], "timeout": "5s",
   "retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.01s", "maxBackoff": "0.05s", "backoffMultiplier": 2,
                   "retryableStatusCodes": ["UNAVAILABLE"]}},
  {"name": [{"service": "songcau.test.v1.EchoService", "method": "Collect"},
            {"service": "songcau.test.v1.EchoService", "method": "Repeat"}], "timeout": "5s"}
]}"""


class EchoServicer:
    """Gives back what it gets; tests override what they need."""

    def Say(self, request: StringValue, context: grpc.ServicerContext) -> StringValue:
        return request

    def Collect(self, requests: Iterator[StringValue], context: grpc.ServicerContext) -> StringValue:
        return StringValue(value=" ".join(request.value for request in requests))

    def Repeat(self, request: StringValue, context: grpc.ServicerContext) -> Iterator[StringValue]:
        for word in request.value.split():
            yield StringValue(value=word)

    def Chat(self, requests: Iterator[StringValue], context: grpc.ServicerContext) -> Iterator[StringValue]:
        for request in requests:
            yield StringValue(value=request.value)


class EchoStub:
    """The client's side."""

    def __init__(self, channel: grpc.Channel) -> None:
        kinds = {"Say": "unary_unary", "Collect": "stream_unary", "Repeat": "unary_stream", "Chat": "stream_stream"}
        for method, kind in kinds.items():
            call = getattr(channel, kind)(
                f"/{SERVICE}/{method}",
                request_serializer=StringValue.SerializeToString,
                response_deserializer=StringValue.FromString,
                _registered_method=True,
            )
            setattr(self, method, call)

    Say: Any
    Collect: Any
    Repeat: Any
    Chat: Any


def add_EchoServicer_to_server(servicer: EchoServicer, server: Any) -> None:
    """Register as generated code does."""
    coding = {"request_deserializer": StringValue.FromString, "response_serializer": StringValue.SerializeToString}
    handlers = {
        "Say": grpc.unary_unary_rpc_method_handler(servicer.Say, **coding),
        "Collect": grpc.stream_unary_rpc_method_handler(servicer.Collect, **coding),
        "Repeat": grpc.unary_stream_rpc_method_handler(servicer.Repeat, **coding),
        "Chat": grpc.stream_stream_rpc_method_handler(servicer.Chat, **coding),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_registered_method_handlers(SERVICE, handlers)
