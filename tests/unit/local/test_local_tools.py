"""Small parts of the songcau command: forms, states on disk, people."""

import os

import pytest
from songcau_local.browser import FormReader
from songcau_local.errors import StackError
from songcau_local.layout import Layout
from songcau_local.people import demo_accounts, get_staff, people
from songcau_local.status import Phase, ProcessStatus, Running, StackStatus, State, find_status

PAGE = """
<form action="/vneid"><input name="pending" value="p"><button name="with" value="vneid">VNeID</button></form>
<form action="/staff"><input name="pending" value="p"><input name="username"><input name="password">
<button name="with" value="password">in</button><button name="with" value="other">x</button></form>
"""


def test_the_form_that_asks_for_what_we_know_is_chosen():
    form = FormReader.best(PAGE, {"username": "a", "password": "b"})

    assert form.action == "/staff"
    assert form.fields == {"pending": "p", "username": "", "password": "", "with": "password"}


def test_a_page_without_a_form_gives_an_empty_one():
    assert FormReader.best("<p>nothing</p>", {}).fields == {}


def test_a_status_comes_back_from_disk(tmp_path):
    me = Running.of(os.getpid())
    status = StackStatus(
        me, Phase.READY, "ready", (ProcessStatus("web", State.READY, me, 2), ProcessStatus("x", State.FAILED))
    )
    status.write(tmp_path / "status.json")

    assert find_status(tmp_path / "status.json") == status
    assert status.is_alive


def test_a_process_number_given_to_another_process_is_not_ours():
    assert Running(os.getpid(), 0.0).find() is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"supervisor": 1}'])
def test_a_broken_status_is_no_status(tmp_path, content):
    (tmp_path / "status.json").write_text(content)

    assert find_status(tmp_path / "status.json") is None


def test_the_offset_of_a_stack_is_remembered(tmp_path):
    Layout(tmp_path, 700).remember()

    assert Layout.open(tmp_path).port("gateway") == 8780
    assert Layout.open(tmp_path, port_offset=0).port("gateway") == 8080


def test_every_demo_account_says_who_it_is():
    assert all(account.description and account.sign_in for account in demo_accounts())
    assert len(demo_accounts()) == len(people()["citizens"]) + len(people()["staff"])


def test_an_unknown_account_is_answered_with_those_there_are():
    with pytest.raises(StackError, match=r"there is no nobody.*officer\.lahien"):
        get_staff("nobody")


def test_staff_passwords_keep_the_realm_s_policy():
    assert all(len(entry["password"]) >= 14 for entry in people()["staff"].values())
