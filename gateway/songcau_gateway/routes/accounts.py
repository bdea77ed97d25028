"""Accounts at the token issuer: data officers link, unlink, disable; operators give and take agencies."""

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from songcau_gateway.account_actions import Actions
from songcau_gateway.accounts import Accounts
from songcau_gateway.answers import reply, reply_unless_known
from songcau_gateway.auth import Rule, allow
from songcau_gateway.clients.accounts import AccountAct
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Handler, Routes
from songcau_gateway.routes.account_schemas import Account, AccountSearch, FoundAccounts, Link, Membership

routes = Routes("Tài khoản · Accounts", "identity", activity="account-administration")
AccountId = Annotated[UUID, Path(description="id of the account, the `sub` of its tokens")]
SCOPE = "account:manage"
DATA_OFFICER = allow("data-officer", scope=SCOPE)
OPERATOR = allow("operator", scope=SCOPE)
EITHER = allow("data-officer", "operator", scope=SCOPE)
_ISSUER = ("ACCOUNT_NOT_FOUND", "ISSUER_UNAVAILABLE", "ACCOUNT_ADMINISTRATION_OFF", "UNAVAILABLE", "DEADLINE_EXCEEDED")
_REASONS = (*_ISSUER, "OWN_ACCOUNT", "OWN_RECORD", "ACCOUNT_PROTECTED")


def _act(verb: str, rule: Rule, *reasons: str, title: str, summary: str) -> Callable[[Handler], Handler]:
    """Declare an act on an account."""
    return routes.add(
        "POST",
        f"/v1/accounts/{{account_id}}/{verb}",
        rule,
        title=title,
        summary=summary,
        answer=Account,
        reasons=(*_REASONS, *reasons),
        creates_or_moves=True,
        versioned="required",
        purpose="required",
        step_up=2,
    )


@routes.add(
    "GET",
    "/v1/accounts/{account_id}",
    allow("data-officer", "operator", scope=SCOPE),
    title="Xem một tài khoản đăng nhập",
    summary="Get an account at the token issuer; the citizen sees that somebody looked",
    answer=Account,
    reasons=_ISSUER,
    purpose="required",
)
async def get_account(account_id: AccountId, request: Request, exchange: CurrentExchange, actions: Actions) -> Response:
    """Return an account."""
    return reply_unless_known(request, await actions.view(exchange, str(account_id)))


@routes.add(
    "POST",
    "/v1/accounts/search",
    allow("data-officer", "operator", scope=SCOPE),
    title="Tìm tài khoản theo công dân hoặc tên đăng nhập của cán bộ",
    summary="Find the accounts that sign in as a citizen, or the account of a member of staff",
    answer=FoundAccounts,
    reasons=_ISSUER,
    purpose="required",
)
async def search_accounts(search: AccountSearch, exchange: CurrentExchange, actions: Actions) -> Response:
    """Return the accounts that match."""
    citizen_id = str(search.citizen_id) if search.citizen_id else None
    found = await actions.search(exchange, username=search.username, citizen_id=citizen_id)
    return reply(exchange, FoundAccounts(items=found))


@_act(
    "link",
    DATA_OFFICER,
    "ACCOUNT_LINKED_ELSEWHERE",
    "ACCOUNT_KIND_MISMATCH",
    "CITIZEN_NOT_FOUND",
    "CITIZEN_NOT_ACTIVE",
    title="Liên kết tài khoản với công dân",
    summary="Let VNeID sign in to the account as this citizen",
)
async def link_account(account_id: AccountId, link: Link, exchange: CurrentExchange, actions: Actions) -> Response:
    """Link an account."""
    citizen_id = str(link.citizen_id)
    act = AccountAct("LINK", str(account_id), citizen_id=citizen_id)
    return reply(exchange, await actions.act(exchange, act, lambda accounts, name: accounts.link(name, citizen_id)))


@_act(
    "unlink",
    DATA_OFFICER,
    "ACCOUNT_KIND_MISMATCH",
    title="Hủy liên kết tài khoản",
    summary="Take the account's link with VNeID away and end its sessions",
)
async def unlink_account(account_id: AccountId, exchange: CurrentExchange, actions: Actions) -> Response:
    """Unlink an account."""
    return reply(exchange, await actions.act(exchange, AccountAct("UNLINK", str(account_id)), Accounts.unlink))


@_act(
    "disable",
    EITHER,
    title="Khóa tài khoản",
    summary="Let nobody sign in with the account and end its sessions",
)
async def disable_account(account_id: AccountId, exchange: CurrentExchange, actions: Actions) -> Response:
    """Disable an account."""
    return reply(exchange, await actions.act(exchange, AccountAct("DISABLE", str(account_id)), Accounts.disable))


@_act("enable", EITHER, title="Mở khóa tài khoản", summary="Let the person sign in again")
async def enable_account(account_id: AccountId, exchange: CurrentExchange, actions: Actions) -> Response:
    """Enable an account."""
    return reply(exchange, await actions.act(exchange, AccountAct("ENABLE", str(account_id)), Accounts.enable))


@_act(
    "end-sessions",
    EITHER,
    title="Kết thúc mọi phiên đăng nhập",
    summary="End every session of the account; its tokens are refused within a minute",
)
async def end_account_sessions(account_id: AccountId, exchange: CurrentExchange, actions: Actions) -> Response:
    """End an account's sessions."""
    act = AccountAct("END_SESSIONS", str(account_id))
    return reply(exchange, await actions.act(exchange, act, Accounts.end_sessions))


@_act(
    "assign-agency",
    OPERATOR,
    "ACCOUNT_KIND_MISMATCH",
    title="Gán cơ quan cho tài khoản cán bộ",
    summary="Make a member of staff act for an agency from the next token on",
)
async def assign_agency(
    account_id: AccountId, membership: Membership, exchange: CurrentExchange, actions: Actions
) -> Response:
    """Assign an agency."""
    code = membership.agency_code
    act = AccountAct("ASSIGN_AGENCY", str(account_id), agency_code=code)
    return reply(exchange, await actions.act(exchange, act, lambda accounts, name: accounts.assign_agency(name, code)))


@_act(
    "withdraw-agency",
    OPERATOR,
    "ACCOUNT_KIND_MISMATCH",
    title="Thôi gán cơ quan",
    summary="End the membership in an agency and the sessions that still carry it",
)
async def withdraw_agency(
    account_id: AccountId, membership: Membership, exchange: CurrentExchange, actions: Actions
) -> Response:
    """Withdraw an agency."""
    code = membership.agency_code
    act = AccountAct("WITHDRAW_AGENCY", str(account_id), agency_code=code)
    done = await actions.act(exchange, act, lambda accounts, name: accounts.withdraw_agency(name, code))
    return reply(exchange, done)
