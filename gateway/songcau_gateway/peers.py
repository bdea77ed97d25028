"""The other processes of the gateway: what the issuer tells one of them it passes on to all, later ones too."""

import asyncio
import socket
from collections.abc import Iterable

import httpx
from songcau_kit.logs import get_logger

PASSED_ON = "songcau-passed-on"
ATTEMPTS = 3
PAUSE_SECONDS = 0.5
TIMEOUT_SECONDS = 3.0

_log = get_logger(__name__)


class Peers:
    """The processes behind one name (a headless service) or a list of addresses; none where it is empty."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = tuple(names)
        self._under_way: set[asyncio.Task[None]] = set()

    def pass_on(self, path: str, body: bytes, media_type: str) -> None:
        """Send a request to every other process without waiting; the receiver checks its signature itself."""
        if self._names:
            task = asyncio.create_task(self._send_all(path, body, media_type))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def ask(self, path: str) -> list[str]:
        """Return what each process that answers says to a GET; who is not there has nothing to say."""
        if not self._names:
            return []
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            answers = await asyncio.gather(
                *(self._ask(http, f"http://{address}{path}") for address in await self._addresses())
            )
        return [answer for answer in answers if answer is not None]

    async def are_at(self, host: str) -> bool:
        """Say whether one of the processes has this address."""
        return any(address.rpartition(":")[0].strip("[]") == host for address in await self._addresses())

    async def _ask(self, http: httpx.AsyncClient, url: str) -> str | None:
        for attempt in range(ATTEMPTS):
            try:
                answer = await http.get(url)
                if answer.status_code == 200:
                    return answer.text
            except httpx.ConnectError:
                return None  # nobody listens there, as at this process's own address while it starts
            except httpx.HTTPError:
                pass
            await asyncio.sleep(PAUSE_SECONDS * 2**attempt)
        _log.warning("peer_does_not_tell_session_ends")
        return None

    async def _send_all(self, path: str, body: bytes, media_type: str) -> None:
        headers = {"content-type": media_type, PASSED_ON: "1"}
        async with httpx.AsyncClient(timeout=TIMEOUT_SECONDS, trust_env=False) as http:
            addresses = await self._addresses()
            results = await asyncio.gather(
                *(self._send(http, f"http://{address}{path}", body, headers) for address in addresses)
            )
        if not all(results):
            _log.warning("session_end_not_passed_on", missed=results.count(False), peers=len(addresses))

    async def _send(self, http: httpx.AsyncClient, url: str, body: bytes, headers: dict[str, str]) -> bool:
        for attempt in range(ATTEMPTS):
            try:
                if (await http.post(url, content=body, headers=headers)).status_code < 500:
                    return True
            except httpx.HTTPError:
                pass
            await asyncio.sleep(PAUSE_SECONDS * 2**attempt)
        return False

    async def _addresses(self) -> list[str]:
        """Return every address behind the names now; a name that does not resolve stands for nobody."""
        loop, found = asyncio.get_running_loop(), set()
        for name in self._names:
            host, _, port = name.rpartition(":")
            try:
                for *_, address in await loop.getaddrinfo(host, int(port), type=socket.SOCK_STREAM):
                    inner = str(address[0])
                    found.add(f"[{inner}]:{port}" if ":" in inner else f"{inner}:{port}")
            except OSError:
                _log.warning("peers_not_resolved")
        return sorted(found)
