"""Questions go to the simulated app over HTTP and come back answered; a provider that fails is told apart from a no."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import urllib3
from flask import Flask
from pydantic import SecretStr
from songcau_identity.assistance.details import Detail, Excerpt
from songcau_identity.assistance.push_client import HttpPushProvider, PushEndpoint
from songcau_identity.assistance.pushing import PushState, PushUnavailableError, Question
from songcau_identity.assistance.words import Words
from songcau_kit.clock import SystemClock
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.personal import Personal
from songcau_local.ports import free_port
from songcau_local.simulators.vneid_pushes import add_pushes

NUMBER = "019185000001"


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    app, settings = (
        Flask("songcau_local.simulators"),
        SimpleNamespace(vneid_client_id="songcau", vneid_client_secret=SecretStr("secret")),
    )
    add_pushes(app, settings, SystemClock(), lambda form: NUMBER if form.get("passcode") == "1" else None)
    port = free_port()
    server = serve_wsgi(app, f"127.0.0.1:{port}")
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop(1)


def provider(address: str, client_id: str = "songcau") -> HttpPushProvider:
    return HttpPushProvider(PushEndpoint(f"{address}/pushes", client_id, "secret", timeout=2))


def question(*, minutes: int = 5) -> Question:
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    return Question(uuid4(), Personal(NUMBER), Words("Bạn đồng ý?", "Do you agree?"), until)


@pytest.mark.parametrize(("answer", "state"), [("approve", PushState.APPROVED), ("decline", PushState.DECLINED)])
def test_a_person_answers_a_question_in_the_app_once(address: str, answer: str, state: PushState):
    asked, sender = question(), provider(address)
    assert sender.send(asked) is sender.send(asked) is PushState.WAITING
    form = {"passcode": "1", "push_id": str(asked.push_id), "answer": answer}
    assert urllib3.request("POST", f"{address}/app", fields=form, redirect=False).status == 303
    assert sender.look(asked.push_id) is state
    assert urllib3.request("POST", f"{address}/app", fields=form, redirect=False).status == 409
    sender.close()


def test_the_app_shows_what_the_helper_typed_and_that_more_is_to_be_read(address: str):
    details = [Detail(Words("Lý do khám", "Complaint"), Personal("Đau đầu <b>ba ngày</b>"))]
    asked, sender = replace(question(), excerpt=Excerpt(details, 3)), provider(address)
    sender.send(asked)
    page = urllib3.request("GET", f"{address}/app", fields={"passcode": "1"}).data.decode()
    assert "<dt>Lý do khám</dt><dd>Đau đầu &lt;b&gt;ba ngày&lt;/b&gt;</dd>" in page
    assert "Còn 3 nội dung" in page
    sender.close()


def test_a_question_nobody_answers_expires_and_strangers_answer_none(address: str):
    late, asked, sender = question(minutes=-1), question(), provider(address)
    assert sender.send(late) is PushState.EXPIRED
    sender.send(asked)
    form = {"passcode": "2", "push_id": str(asked.push_id), "answer": "approve"}
    assert urllib3.request("POST", f"{address}/app", fields=form, redirect=False).status == 409
    assert sender.look(asked.push_id) is PushState.WAITING
    sender.close()


def test_a_provider_that_fails_is_no_answer(address: str):
    for broken in (provider(address, client_id="wrong"), provider(f"http://127.0.0.1:{free_port()}")):
        with pytest.raises(PushUnavailableError):
            broken.send(question())
        broken.close()
