"""Logs: one form for every line, the correlation id on it, and nobody's number, phone or name."""

import io
import json
import logging
import threading

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_kit import errors, logs
from songcau_kit._redaction import mask
from songcau_kit.caller import Caller
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal, PersonalDataError
from support.log_capture import captured_logs


@pytest.fixture
def lines():
    """Configure JSON logs into memory and return a function that gives the lines written so far."""
    with captured_logs() as lines:
        yield lines


def test_a_line_says_what_where_and_when(lines):
    logs.get_logger("songcau_demo.dossiers").info("dossier_accepted", dossier_id="d-1", count=3)
    line = lines()[0]
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "dossier_accepted",
        "dossier_id": "d-1",
        "count": 3,
        "level": "info",
        "logger": "songcau_demo.dossiers",
        "service": "kittest",
    }


def test_lines_below_the_level_are_not_written(lines):
    logs.get_logger("a").debug("quiet")
    assert lines() == []


def test_the_correlation_id_is_on_each_line_of_its_thread_until_unbound(lines):
    bound = logs.bind_correlation("corr-1")
    logs.get_logger("a").info("inside")
    other = threading.Thread(target=lambda: logs.get_logger("a").info("elsewhere"))
    other.start()
    other.join()
    logs.unbind(bound)
    logs.get_logger("a").info("after")
    assert [line.get("correlation_id") for line in lines()] == ["corr-1", None, None]


def test_libraries_write_through_the_same_rules(lines):
    logging.getLogger("library").warning("called %s", "0912345678")
    assert lines()[0]["event"] == "called •••"
    assert lines()[0]["service"] == "kittest"


@pytest.mark.parametrize(
    "fields",
    [
        {"name": Personal("Lò Thị Thử")},
        {"names": [Personal("Lò Thị Thử")]},
        {"person": {"name": (Personal("Lò Thị Thử"),)}},
        {"person": {Personal("Lò Thị Thử"): 1}},
    ],
)
def test_a_personal_value_anywhere_in_a_line_raises(lines, fields):
    with pytest.raises(PersonalDataError):
        logs.get_logger("a").info("oops", **fields)
    assert lines() == []


def test_where_not_strict_a_personal_value_becomes_dots(lines):
    stream = io.StringIO()
    logs.configure_logs("kittest", "json", "INFO", stream=stream, strict=False)
    logs.get_logger("a").info("oops", names=[Personal("Lò Thị Thử")], one=Personal("x"))
    assert json.loads(stream.getvalue())["names"] == ["•••"]
    assert "Thử" not in stream.getvalue()


def test_a_caller_in_a_line_does_not_show_its_token(lines):
    logs.get_logger("a").info("called", caller=Caller("s", "c", token="t0ken"))
    assert "t0ken" not in json.dumps(lines())


def test_numbers_are_masked_in_every_kind_of_value(lines):
    number = "019309000001"
    logs.get_logger("a").info(
        f"found {number}", a=number, b=[number], c={"x": f"id={number};"}, d=19309000001, e=ValueError(number), f=b"1"
    )
    assert "19309000001" not in json.dumps(lines())


@given(st.from_regex(r"0\d{11}", fullmatch=True), st.sampled_from(["", " ", "id=", "(", "Số:", "x", "_"]))
def test_every_personal_number_is_masked(number, before):
    assert number not in mask(f"{before}{number} {number}")


@given(st.from_regex(r"0[35789]\d{8}", fullmatch=True), st.sampled_from(["{}", "+84{1}", "84{1}", "tel:{}", "{}, "]))
def test_every_mobile_phone_is_masked(phone, form):
    text = form.format(phone, phone[1:])
    assert phone[1:] not in mask(text)
    assert phone[1:] not in mask(f"{text[:4]} {text[4:]}").replace(" ", "")


@given(st.uuids())
def test_an_id_is_not_taken_for_a_number(identifier):
    assert mask(f"id={identifier}, hex={identifier.hex}") == f"id={identifier}, hex={identifier.hex}"


@pytest.mark.parametrize("text", ["H55.242-260915-0001", "2026-11-23T02:00:00Z", "port 19432", "42", "12345678"])
def test_what_is_no_number_of_a_person_stays(text):
    assert mask(text) == text


def failed(error):
    try:
        raise error
    except type(error):
        logs.get_logger("a").exception("failed")


def test_an_exception_is_told_by_type_and_place_without_what_somebody_typed(lines):
    failed(ValueError("invalid: Lò Thị Thử"))
    told = lines()[0]["exception"]
    assert "Thử" not in json.dumps(lines(), ensure_ascii=False)
    assert told.endswith("ValueError")
    assert "test_kit_logs.py" in told
    assert " failed" in told


def test_the_cause_of_an_exception_is_told_too(lines):
    try:
        try:
            raise KeyError("Thử")
        except KeyError as cause:
            raise RuntimeError("Thử") from cause
    except RuntimeError:
        logs.get_logger("a").exception("failed")
    assert "KeyError" in lines()[0]["exception"]
    assert "Thử" not in json.dumps(lines(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (FileNotFoundError(2, "No such file", "a.txt"), "No such file"),
        (DomainError(errors.VERSION_CONFLICT), "VERSION_CONFLICT"),
        (psycopg.OperationalError("connection refused"), "connection refused"),
        (psycopg.errors.UniqueViolation("Key (name)=(Thử)"), "SQLSTATE 23505"),
    ],
)
def test_messages_about_the_machine_stay(lines, error, text):
    failed(error)
    assert text in lines()[0]["exception"]
    assert "Thử" not in lines()[0]["exception"]


def test_the_console_form_has_the_same_content(lines):
    stream = io.StringIO()
    logs.configure_logs("kittest", "console", "INFO", stream=stream)
    logs.get_logger("a").info("hello", id="d-1", phone="0912345678")
    assert "hello" in stream.getvalue()
    assert "d-1" in stream.getvalue()
    assert "0912345678" not in stream.getvalue()
