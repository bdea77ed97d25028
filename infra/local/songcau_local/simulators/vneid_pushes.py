"""Questions VNeID's app shows to people: put by the platform, answered by whoever holds the account.

`PUT /pushes/<id>` puts one and may be repeated, `GET` says what became of it; `GET /app` is the app, `POST /app` the
answer. A person the app does not know never answers, and nobody is told that.
"""

import hmac
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from flask import Flask, Response, jsonify, redirect, render_template, request
from songcau_kit.clock import Clock
from werkzeug.wrappers import Response as AnyResponse

from songcau_local.simulators.settings import SimulatorSettings

Answer = tuple[Response, int]


class State(StrEnum):
    """What became of a question."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"


@dataclass(frozen=True)
class Question:
    """One question to one person."""

    push_id: str
    personal_number: str
    text: str
    expires_at: datetime
    details: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    state: State = State.WAITING


class Questions:
    """What VNeID's app remembers while the process runs."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._all: dict[str, Question] = {}

    def put(self, question: Question) -> State:
        """Keep a question; one that is known stays as it is."""
        with self._lock:
            self._all.setdefault(question.push_id, question)
        return self.state_of(question.push_id) or State.WAITING

    def state_of(self, push_id: str) -> State | None:
        """Return what became of a question, None for an unknown one."""
        with self._lock:
            found = self._all.get(push_id)
        if found is None:
            return None
        is_late = found.state is State.WAITING and self._clock.now() >= found.expires_at
        return State.EXPIRED if is_late else found.state

    def waiting_for(self, personal_number: str) -> list[Question]:
        """Return what a person has not answered yet, oldest first."""
        with self._lock:
            mine = [one for one in self._all.values() if one.personal_number == personal_number]
        return [one for one in mine if self.state_of(one.push_id) is State.WAITING]

    def answer(self, personal_number: str, push_id: str, state: State) -> bool:
        """Take a person's answer; False unless it is a question of theirs that still waits."""
        if push_id not in {one.push_id for one in self.waiting_for(personal_number)}:
            return False
        with self._lock:
            self._all[push_id] = replace(self._all[push_id], state=state)
        return True


def add_pushes(
    app: Flask, settings: SimulatorSettings, clock: Clock, find_number: Callable[[Mapping[str, str]], str | None]
) -> None:
    """Add the partner's side and the app; `find_number` says who holds a key or a number and passcode."""
    questions = Questions(clock)

    @app.route("/pushes/<push_id>", methods=["PUT", "GET"])
    def push(push_id: str) -> Answer:
        if not _is_partner(settings):
            return jsonify(error="invalid_client"), 401
        state = questions.put(_read(push_id)) if request.method == "PUT" else questions.state_of(push_id)
        return (jsonify(state=state), 200) if state else (jsonify(error="unknown_push"), 404)

    @app.get("/app")
    def show_app() -> AnyResponse:
        number = find_number(request.args)
        page = render_template(
            "vneid_app.html",
            kept={name: request.args.get(name, "") for name in ("persona", "personal_number", "passcode")},
            questions=questions.waiting_for(number) if number else (),
            is_known=number is not None,
        )
        return Response(page, 200 if number else 401)

    @app.post("/app")
    def answer_push() -> AnyResponse:
        number = find_number(request.form)
        state = State.APPROVED if request.form.get("answer") == "approve" else State.DECLINED
        if number is None or not questions.answer(number, request.form.get("push_id", ""), state):
            return Response("Yêu cầu không còn chờ trả lời.", 409, content_type="text/plain; charset=utf-8")
        return redirect(f"/app?persona={request.form.get('persona', '')}", 303)


def _is_partner(settings: SimulatorSettings) -> bool:
    given = request.authorization
    expected = (settings.vneid_client_id, settings.vneid_client_secret.get_secret_value())
    if given is None or given.type != "basic":
        return False
    pairs = zip((given.username or "", given.password or ""), expected, strict=True)
    return all(hmac.compare_digest(one.encode(), other.encode()) for one, other in pairs)


def _read(push_id: str) -> Question:
    body = request.get_json()
    until, hint = datetime.fromisoformat(body["expires_at"]), body.get("hint") or {"vi": ""}
    details = tuple((one["label"]["vi"], one["value"]) for one in body.get("details", []))
    return Question(push_id, body["personal_number"], body["text"]["vi"], until, details, hint["vi"])
