"""What a process that starts learns from its peers: the sessions that ended while it was not there."""

import asyncio

from songcau_kit.errors import UNAVAILABLE, DomainError
from songcau_kit.logout_tokens import LogoutTokenVerifier, SessionEnd
from songcau_kit.logs import get_logger

from songcau_gateway.ended_sessions import REMEMBERED_SECONDS, EndedSessions
from songcau_gateway.peers import Peers

PATH = "/session-ends"
PAUSE_SECONDS = 1.0

_log = get_logger(__name__)


async def catch_up(peers: Peers, verifier: LogoutTokenVerifier, ended: EndedSessions) -> None:
    """Fill the memory with what the peers remember; only the issuer's signed word counts, whoever passes it on.

    The memory counts as complete afterwards, also where a peer was away: who is away remembers nothing for anybody.
    """
    learnt = 0
    for body in await peers.ask(PATH):
        for end, token in await _verified(body.split(), verifier):
            learnt += ended.add(end, token)
    if learnt:
        _log.info("session_ends_learnt", ends=learnt)
    ended.become_complete()


async def _verified(tokens: list[str], verifier: LogoutTokenVerifier) -> list[tuple[SessionEnd, str]]:
    """Return what genuine tokens say; wait for the issuer's keys, without which nobody could be let in either."""
    while True:
        try:
            return await asyncio.to_thread(_read, tokens, verifier)
        except DomainError:
            await asyncio.sleep(PAUSE_SECONDS)


def _read(tokens: list[str], verifier: LogoutTokenVerifier) -> list[tuple[SessionEnd, str]]:
    found = []
    for token in tokens:
        try:
            found.append((verifier.verify_kept(token, oldest_seconds=REMEMBERED_SECONDS), token))
        except DomainError as error:
            if error.reason is UNAVAILABLE:
                raise
    if len(found) < len(tokens):
        _log.warning("session_ends_refused", refused=len(tokens) - len(found))
    return found
