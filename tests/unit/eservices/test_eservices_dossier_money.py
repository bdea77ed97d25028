"""Fees, the VietQR text and what a provider's notification must be."""

import base64
import binascii
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from songcau_eservices.catalogue.curated import curated_versions
from songcau_eservices.catalogue.model import Channel
from songcau_eservices.dossiers.model import Finance
from songcau_eservices.payments.fees import fee_of, finance_at_submission
from songcau_eservices.payments.paying import check_return_url
from songcau_eservices.payments.payment import ReportKind
from songcau_eservices.payments.report import read_report
from songcau_eservices.payments.signature import Headers, Signatures
from songcau_eservices.payments.vietqr import Account, memo_of, vietqr
from songcau_kit.errors import DomainError
from standardwebhooks.webhooks import Webhook

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SECRET = "whsec_" + base64.b64encode(b"thirty-two bytes of a test secret").decode()
CONTENTS = {version.content.code: version.content for version in curated_versions()}


def test_the_vietqr_text_is_the_known_one():
    text = vietqr(Account("970415", "113366668888", "KHO BAC"), amount=20_000, memo=memo_of("H55.242-260915-0001"))
    assert text == (
        "00020101021238560010A0000007270126000697041501121133666688880208QRIBFTTA5204000053037045405200005802VN"
        "5907KHO BAC62230819H55.242 260915 000163040885"
    )


@given(st.integers(1, 10**11), st.text(max_size=40))
def test_a_vietqr_text_is_ascii_and_carries_its_own_check(amount: int, name: str):
    text = vietqr(Account("970415", "113366668888", name), amount=amount, memo="HS 0123456789")
    assert text.isascii()
    assert int(text[-4:], 16) == binascii.crc_hqx(text[:-4].encode(), 0xFFFF)


@pytest.mark.parametrize(
    ("code", "channel", "facts", "amount"),
    [
        ("1.004222", Channel.ONLINE, {}, 10_000),
        ("1.004222", Channel.DIRECT, {}, 20_000),
        ("2.000635", Channel.ONLINE, {}, 8_000),
        ("2.000635", Channel.ONLINE, {"copies": "3"}, 24_000),
        ("2.000635", Channel.ONLINE, {"copies": "no number"}, 8_000),
        ("1.001193", Channel.ONLINE, {}, 0),
    ],
)
def test_fees_follow_channel_and_quantity(code: str, channel: Channel, facts: dict[str, str], amount: int):
    assert fee_of(CONTENTS[code], channel, facts).amount == amount


def test_where_the_finance_axis_starts():
    assert finance_at_submission(CONTENTS["2.000635"], Channel.ONLINE, {}) is Finance.DUE
    assert finance_at_submission(CONTENTS["1.001193"], Channel.ONLINE, {}) is Finance.EXEMPT
    assert finance_at_submission(CONTENTS["1.004873"], Channel.ONLINE, {}) is Finance.NOT_DUE  # the council sets it


def signed(body: bytes, *, at: datetime = NOW, secret: str = SECRET) -> Headers:
    signature = Webhook(secret).sign("msg_1", at, body.decode())
    return Headers("msg_1", str(int(at.timestamp())), signature)


def check(headers: Headers, body: bytes = b"{}", provider: str = "simulator") -> None:
    Signatures({"simulator": SecretStr(SECRET)}).check(provider, headers, body, now=NOW)


def refused(*arguments: object) -> str:
    with pytest.raises(DomainError) as caught:
        check(*arguments)  # type: ignore[arg-type]
    return caught.value.reason.code


def test_a_signature_of_the_standard_library_holds():
    check(signed(b'{"a": 1}'), b'{"a": 1}')


def test_one_of_several_signatures_is_enough():
    headers = signed(b"{}")
    check(Headers("msg_1", headers.timestamp, f"v1,AAAA {headers.signature} v2,x"))


def test_a_signature_of_other_bytes_another_secret_or_another_time_does_not_hold():
    assert refused(signed(b"{}"), b"{ }") == "SIGNATURE_INVALID"
    other = "whsec_" + base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    assert refused(signed(b"{}", secret=other)) == "SIGNATURE_INVALID"
    assert refused(signed(b"{}", at=NOW - timedelta(minutes=6))) == "SIGNATURE_INVALID"
    assert refused(signed(b"{}", at=NOW + timedelta(minutes=6))) == "SIGNATURE_INVALID"
    assert refused(Headers("msg_1", "soon", "v1,x")) == "SIGNATURE_INVALID"
    assert refused(Headers("msg_1", str(int(NOW.timestamp())), "v1,ü")) == "SIGNATURE_INVALID"
    assert refused(signed(b"{}"), b"{}", "stranger") == "PROVIDER_UNKNOWN"


def body(kind: str = "payment.succeeded", **data: object) -> bytes:
    given = {
        "payment_code": "HS-1-20261123090000",
        "transaction_id": "tx-1",
        "amount": 8000,
        "currency": "VND",
        "result_code": "00",
        "paid_at": "2026-11-23T09:00:00+07:00",
    } | data
    return json.dumps({"type": kind, "timestamp": "2026-11-23T09:00:00+07:00", "data": given}).encode()


def test_money_came_only_when_type_and_result_code_say_so():
    assert read_report("p", body()).kind is ReportKind.SUCCEEDED
    assert read_report("p", body(result_code="05")).kind is ReportKind.FAILED
    assert read_report("p", body("payment.failed")).kind is ReportKind.FAILED


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"[]",
        b"\xff",
        body("payment.pending"),
        body(amount="8000"),
        body(amount=-1),
        body(amount=8000.5),
        body(currency="USD"),
        body(transaction_id=""),
        body(transaction_id="có dấu"),
        body(paid_at="2026-11-23T09:00:00"),
    ],
)
def test_anything_but_the_agreed_form_is_refused(wrong: bytes):
    with pytest.raises(DomainError) as caught:
        read_report("p", wrong)
    assert caught.value.reason.code == "NOTIFICATION_INVALID"


@given(st.binary(max_size=200))
def test_no_body_breaks_the_reader(content: bytes):
    with pytest.raises(DomainError):
        read_report("p", content)


@pytest.mark.parametrize("url", ["", "https://app.example/back?a=1", "http://127.0.0.1:8199/paid", "http://[::1]/x"])
def test_addresses_to_return_to(url: str):
    check_return_url(url)


@pytest.mark.parametrize(
    "url", ["http://app.example", "javascript:alert(1)", "//evil.example", "https://a\n.example", "http://[", "ftp://x"]
)
def test_addresses_nobody_is_sent_to(url: str):
    with pytest.raises(DomainError):
        check_return_url(url)
