"""The payment provider signs what it reports; portal and sink show what they got."""

import json
import threading

import pytest
from flask import Flask, request
from songcau_kit.clock import SystemClock
from songcau_kit.http_serving import serve_wsgi
from songcau_local.simulators import messages, national_portal, payment
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_" + "c29uZ2NhdS1zaW11bGF0b3Itc2VjcmV0LTMy"


@pytest.fixture
def platform():
    """The platform's end: it keeps the reports whose signature is right."""
    app = Flask("platform")
    app.reports = []

    @app.post("/notify")
    def take():
        app.reports.append(Webhook(SECRET).verify(request.get_data(), dict(request.headers)))
        return {}

    server = serve_wsgi(app, "127.0.0.1:0")
    server.start()
    app.url = f"http://127.0.0.1:{server.port}/notify"
    yield app
    server.stop()


@pytest.fixture
def provider(platform):
    return payment.create_app(platform.url, SECRET, SystemClock()).test_client()


def pay(provider, outcome):
    order = {"code": "D7K2M9QX-20261123090000", "amount": "150000", "outcome": outcome}
    return provider.post("/control/pay", json=order).json


def test_a_payment_is_reported_once_and_signed(provider, platform):
    report = pay(provider, "PAID")

    assert report["answers"] == [200]
    (told,) = platform.reports
    assert told["type"] == "payment.succeeded"
    assert told["data"]["amount"] == 150000
    assert told["data"]["result_code"] == "00"


def test_a_doubled_report_is_the_same_report(provider, platform):
    report = pay(provider, "PAID_TWICE")
    provider.post(f"/control/reports/{report['webhook_id']}/resend")

    assert len(platform.reports) == 3
    assert platform.reports[0] == platform.reports[1] == platform.reports[2]


def test_a_late_report_comes_after_the_answer(provider, platform, monkeypatch):
    monkeypatch.setattr(payment, "LATE_SECONDS", 0.05)
    arrived = threading.Event()
    monkeypatch.setattr(payment.Provider, "send", _notifying(payment.Provider.send, arrived))
    report = pay(provider, "PAID_LATE")

    assert report["answers"] == []
    assert arrived.wait(5)
    assert len(platform.reports) == 1


def test_other_outcomes_say_what_happened(provider, platform):
    pay(provider, "WRONG_AMOUNT")
    pay(provider, "DECLINED")
    pay(provider, "SILENT")

    assert [(told["type"], told["data"]["amount"]) for told in platform.reports] == [
        ("payment.succeeded", 151000),
        ("payment.failed", 150000),
    ]


def test_the_page_shows_the_order_and_sends_the_payer_back(provider):
    query = {"code": "X-1", "amount": "150000", "memo": "X1", "return_url": "http://127.0.0.1:8199/paid"}
    page = provider.get("/pay", query_string=query)
    answer = provider.post("/pay", data={**query, "outcome": "SILENT"})

    assert "150.000 đồng" in page.text
    assert answer.location.startswith("http://127.0.0.1:8199/paid?payment=X-1")


def test_the_page_escapes_what_it_is_given_and_follows_no_script(provider):
    page = provider.get("/pay", query_string={"code": "<script>", "amount": "1", "return_url": "javascript:alert(1)"})
    answer = provider.post("/pay", data={"code": "X", "amount": "1", "return_url": "javascript:1", "outcome": "SILENT"})

    assert "<script>" not in page.text
    assert answer.location == "/readyz"


def test_the_portal_keeps_what_it_received_and_fails_when_told():
    portal = national_portal.create_app().test_client()
    portal.post("/dossiers/status", json={"code": "H55.242-261123-0001"})
    portal.put("/control/behaviour", json={"status": 503})

    assert portal.post("/dossiers/status", json={}).status_code == 503
    assert portal.get("/control/received").json == [{"code": "H55.242-261123-0001"}]


def test_the_sink_keeps_messages():
    sink = messages.create_app().test_client()
    sink.post("/messages", json={"to": "x", "text": "y"})

    assert json.loads(sink.get("/control/messages").data) == [{"to": "x", "text": "y"}]


def _notifying(send, arrived):
    def wrapped(*words):
        answer = send(*words)
        arrived.set()
        return answer

    return wrapped
