"""A payment provider: a page where one pays, and signed reports to the platform, also doubled, late, wrong or failed.

The last three digits of the amount change nothing; what happens is chosen on the page or in the `outcome` field.
"""

import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import urlencode, urlsplit

import httpx
from flask import Flask, Response, jsonify, redirect, render_template, request
from songcau_kit.clock import Clock
from standardwebhooks.webhooks import Webhook
from werkzeug.wrappers import Response as AnyResponse

TIMEOUT_SECONDS = 10.0
LATE_SECONDS = 3.0
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 4.0, 4.0, 4.0)


class Outcome(StrEnum):
    """What the person at the page, or a test, wants to happen."""

    PAID = "PAID"
    PAID_TWICE = "PAID_TWICE"  # the same report is sent twice
    PAID_LATE = "PAID_LATE"  # the report comes seconds after the person is sent back
    WRONG_AMOUNT = "WRONG_AMOUNT"
    DECLINED = "DECLINED"
    SILENT = "SILENT"  # money moved, no report


@dataclass(frozen=True)
class Report:
    """One report to the platform: its id stays the same however often it is sent."""

    webhook_id: str
    body: bytes
    answers: tuple[int, ...] = ()


class Provider:
    """The provider's side of all payments."""

    def __init__(self, callback_url: str, secret: str, clock: Clock) -> None:
        self._callback_url = callback_url
        self._webhook = Webhook(secret)
        self._clock = clock
        self._lock = threading.Lock()
        self.reports: dict[str, Report] = {}

    def pay(self, code: str, amount: int, outcome: Outcome) -> Report:
        """Move the money as `outcome` says and report it; return the report with the platform's answers."""
        at = self._clock.now()
        report = Report(f"msg_{secrets.token_hex(12)}", _body(code, amount, outcome, at=at))
        self._keep(report)
        if outcome is Outcome.PAID_LATE:
            threading.Timer(LATE_SECONDS, self._send_until_taken, (report.webhook_id,)).start()
            return report
        times = {Outcome.SILENT: 0, Outcome.PAID_TWICE: 2}.get(outcome, 1)
        for _ in range(times):
            report = self._send_until_taken(report.webhook_id)
        return report

    def send(self, webhook_id: str) -> Report:
        """Send a report, again if it was sent before; an unreachable platform counts as answer 0."""
        report = self.reports[webhook_id]
        at = self._clock.now()
        headers = {
            "content-type": "application/json",
            "webhook-id": report.webhook_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": self._webhook.sign(report.webhook_id, at, report.body.decode()),
        }
        try:
            answer = httpx.post(self._callback_url, content=report.body, headers=headers, timeout=TIMEOUT_SECONDS)
            status = answer.status_code
        except httpx.HTTPError:
            status = 0
        return self._keep(replace(report, answers=(*report.answers, status)))

    def _send_until_taken(self, webhook_id: str) -> Report:
        for pause in PAUSES_SECONDS:
            report = self.send(webhook_id)
            if report.answers[-1] in range(200, 500):
                return report
            time.sleep(pause)
        return self.send(webhook_id)

    def _keep(self, report: Report) -> Report:
        with self._lock:
            self.reports[report.webhook_id] = report
        return report


def create_app(callback_url: str, secret: str, clock: Clock) -> Flask:
    """Build the provider's pages and controls."""
    app = Flask(__name__)
    provider = Provider(callback_url, secret, clock)
    app.add_url_rule("/readyz", "readyz", lambda: jsonify(status="ok"))

    @app.get("/pay")
    def show() -> AnyResponse:
        return Response(render_template("pay.html", query=request.args, outcomes=Outcome))

    @app.post("/pay")
    def pay() -> AnyResponse:
        report = _pay(provider, request.form)
        return redirect(_way_back(request.form, report))

    @app.post("/control/pay")
    def pay_at_once() -> AnyResponse:
        return jsonify(_told(_pay(provider, request.get_json())))

    @app.post("/control/reports/<webhook_id>/resend")
    def resend(webhook_id: str) -> AnyResponse:
        if webhook_id not in provider.reports:
            return Response(status=404)
        return jsonify(_told(provider.send(webhook_id)))

    @app.get("/control/reports")
    def list_reports() -> AnyResponse:
        return jsonify([_told(report) for report in provider.reports.values()])

    return app


def _pay(provider: Provider, form: Mapping[str, str]) -> Report:
    return provider.pay(str(form["code"]), int(form["amount"]), Outcome(form.get("outcome", Outcome.PAID)))


def _told(report: Report) -> dict[str, object]:
    return {"webhook_id": report.webhook_id, "body": json.loads(report.body), "answers": report.answers}


def _way_back(form: Mapping[str, str], report: Report) -> str:
    target = form.get("return_url", "")
    # Only an address in the form of the platform's own: an open redirect is not for imitation.
    if urlsplit(target).scheme not in ("http", "https"):
        return "/readyz"
    mark = "&" if "?" in target else "?"
    return f"{target}{mark}{urlencode({'payment': form['code'], 'report': report.webhook_id})}"


def _body(code: str, amount: int, outcome: Outcome, *, at: datetime) -> bytes:
    is_declined = outcome is Outcome.DECLINED
    data = {
        "payment_code": code,
        "transaction_id": f"SIM{secrets.token_hex(8).upper()}",
        "amount": amount + 1000 if outcome is Outcome.WRONG_AMOUNT else amount,
        "currency": "VND",
        "result_code": "24" if is_declined else "00",
        "paid_at": at.isoformat(),
    }
    kind = "payment.failed" if is_declined else "payment.succeeded"
    return json.dumps({"type": kind, "timestamp": at.isoformat(), "data": data}).encode()
