"""What went wrong between two processes gets the reason a caller can act on."""

from dataclasses import dataclass

import grpc
import pytest
from songcau_kit import errors
from songcau_kit.rpc_errors import from_rpc_error


@dataclass
class LostCall(grpc.RpcError):
    """A call that ended without a word of the peer, as a killed peer leaves it."""

    status: grpc.StatusCode
    text: str = ""

    def code(self):
        return self.status

    def details(self):
        return self.text

    def trailing_metadata(self):
        return ()


@pytest.mark.parametrize("status", ["UNAVAILABLE", "CANCELLED", "UNKNOWN", "INTERNAL"])
def test_a_call_whose_peer_died_may_be_tried_again(status):
    assert from_rpc_error(LostCall(grpc.StatusCode[status])).reason is errors.UNAVAILABLE


@pytest.mark.parametrize(
    ("status", "text", "reason"),
    [
        ("DEADLINE_EXCEEDED", "", errors.DEADLINE_EXCEEDED),
        ("RESOURCE_EXHAUSTED", "Received message larger than max (5 vs. 4)", errors.PAYLOAD_TOO_LARGE),
        ("RESOURCE_EXHAUSTED", "too many streams", errors.UNAVAILABLE),
        ("UNIMPLEMENTED", "", errors.INTERNAL),
    ],
)
def test_other_ends_of_a_call_keep_their_meaning(status, text, reason):
    assert from_rpc_error(LostCall(grpc.StatusCode[status], text)).reason is reason
