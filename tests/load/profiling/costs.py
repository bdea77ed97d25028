"""What the stacks of a profile belong to: our own names of costs, each known by frames, with what was done about it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from load.profiling.sampling import Stack


@dataclass(frozen=True)
class Cost:
    """One kind of work: a stack belongs to the first cost of the table that has a mark in any of its frames.

    A mark is a part of `path:function`. `done` says what was done about it, for the page.
    """

    name: str
    marks: tuple[str, ...]
    done: str


# Marks of the loop or the pool that runs everything; what is below them is nobody's work.
FLOORS = ("asyncio/runners.py:",)
OTHER = "other"

SERVICE = (
    Cost(
        "token verification",
        ("songcau_kit/tokens.py",),
        "a verified token is remembered by its hash for a minute, never beyond its end",
    ),
    Cost(
        "admission and measurement of a call",
        ("songcau_kit/_rpc_admission.py", ":_Visit.", "prometheus_client/"),
        "handlers are wrapped once",
    ),
    Cost(
        "sealing and opening (AES-GCM), data keys",
        ("songcau_kit/field_cipher.py", "songcau_kit/data_keys.py", "songcau_kit/keyring.py"),
        "data keys and their ciphers are kept a minute; the answer kept for a repetition is sealed whole",
    ),
    Cost(
        "SQL driver and pool",
        ("/psycopg/", "/psycopg_pool/", "songcau_kit/database.py", "songcau_kit/_gathered_pipeline.py"),
        "statements leave together (decision 44); a read is one statement besides its entry, a submission twelve in "
        "place of fourteen; one statement for all its writes was measured and left, see decision 44",
    ),
    Cost(
        "audit: entry and its event",
        ("songcau_kit/audit.py",),
        "one JSON value for any number of entries, readers share a commit (decision 31)",
    ),
    Cost(
        "repeated requests",
        ("songcau_kit/idempotency.py",),
        "a request is asked for and claimed in one statement, its answer leaves with the other writes",
    ),
    Cost(
        "events and outbox",
        ("songcau_kit/outbox.py", "songcau_kit/events.py", "songcau_eservices/events.py", "songcau_kit/bus.py"),
        "the event travels with the other writes",
    ),
    Cost(
        "protobuf: shaping the answer",
        ("servers/dossier_messages.py", "google/protobuf/"),
        "left: the message is the contract",
    ),
    Cost(
        "JSON and Pydantic",
        ("/pydantic/", "/json/", "dossiers/sealing.py"),
        "one type adapter a form, made once; left otherwise",
    ),
    Cost("rules, rows and views of dossiers", ("songcau_eservices/",), "left: this is the work itself"),
    Cost(
        "gRPC's thread pool and core",
        ("/grpc/", "concurrent/futures/", "/threading.py"),
        "left: the bare service has it too",
    ),
)

GATEWAY = (
    Cost(
        "token verification",
        ("songcau_kit/tokens.py", "songcau_gateway/auth.py", "ended_sessions.py"),
        "a verified token is remembered by its hash for a minute, never beyond its end; ended sessions are asked each "
        "time",
    ),
    Cost("rates and gates", ("songcau_gateway/rates.py", "songcau_gateway/gates.py", "/limits/"), "left"),
    Cost(
        "log line and measurement",
        ("songcau_kit/logs.py", "/structlog/", "prometheus_client/", "/logging/", "edge.py:Edge._note"),
        "one function writes the line, without records of the standard library",
    ),
    Cost(
        "gRPC call (grpc.aio, HTTP/2, TLS writes)",
        ("/grpc/", "songcau_kit/rpc_renewal.py", "clients/channel.py"),
        "one channel, kept; left otherwise: the bare gateway has it too",
    ),
    Cost(
        "protobuf → plain values",
        ("clients/codec.py", "google/protobuf/"),
        "a reader is compiled for each kind of message",
    ),
    Cost(
        "JSON and Pydantic",
        ("/pydantic/", "/json/", "routes/fields.py"),
        "one validation and one serialisation an answer; left: the models are the documented contract",
    ),
    Cost(
        "sending the answer",
        ("songcau_gateway/serving.py", ":RequestResponseCycle.send", ":_Sent.", "starlette/responses.py"),
        "head and body leave in one write",
    ),
    Cost(
        "framework and the gateway's own rooms",
        ("/fastapi/", "/starlette/", "songcau_gateway/"),
        "routes answer without the framework's handler (decision 32), ids and security headers are written as bytes",
    ),
    Cost("HTTP parser and loop", ("/uvicorn/", "/asyncio/", "uvloop"), "left: the bare gateway has it too"),
)

TABLES = {"gateway": GATEWAY, "eservices": SERVICE}

# What a call of the service waits for, by its last frame.
WAITS = (
    Cost("PostgreSQL's answer", ("psycopg/connection.py:Connection.wait",), ""),
    Cost("a connection of the pool", ("/psycopg_pool/",), ""),
    Cost("the shared commit of the audit", ("songcau_kit/audit.py",), ""),
)
OTHER_LOCK = "another lock"
COMPUTING = "computing, or waiting for the interpreter or a core"
_CALL = "songcau_kit/_rpc_interceptor.py:"
_BLOCKED_IN = ("/threading.py:", *(mark for wait in WAITS[:1] for mark in wait.marks), "audit.py:AuditJournal.write")


def shares(stacks: Mapping[Stack, int], costs: Sequence[Cost]) -> dict[str, float]:
    """Return the share of each cost, the largest first; they add up to 1."""
    counted: Counter[str] = Counter()
    for stack, times in stacks.items():
        counted[_cost_of(_places(stack), costs)] += times
    total = counted.total()
    return {name: times / total for name, times in counted.most_common()} if total else {}


def waiting_calls(stacks: Mapping[Stack, int]) -> dict[str, float]:
    """Return how many calls are in each state on average, of a profile of every thread."""
    counted: Counter[str] = Counter()
    moments = 0
    for stack, times in stacks.items():
        places = _places(stack)
        if "/threading.py:Thread._bootstrap" not in places[0]:
            moments += times  # the main thread is seen once each time
        if any(_CALL in place for place in places):
            counted[_wait_of(places)] += times
    return {name: times / moments for name, times in counted.most_common()} if moments else {}


def _wait_of(places: Sequence[str]) -> str:
    if not any(mark in places[-1] for mark in _BLOCKED_IN):
        return COMPUTING
    found = _cost_of(places, WAITS)
    return OTHER_LOCK if found == OTHER else found


def _cost_of(places: Sequence[str], costs: Sequence[Cost]) -> str:
    return next((cost.name for cost in costs if any(mark in place for mark in cost.marks for place in places)), OTHER)


def _places(stack: Stack) -> list[str]:
    """Return the frames above the floor as `path:function`; py-spy says `function (path)`."""
    places = [f"{path.rstrip(')')}:{function}" for function, _, path in (frame.partition(" (") for frame in stack)]
    floors = [at for at, place in enumerate(places[:-1]) if any(floor in place for floor in FLOORS)]
    return places[floors[-1] + 1 :] if floors else places
