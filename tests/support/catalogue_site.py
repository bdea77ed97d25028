"""The catalogue and the units as a service of their own on real gRPC, and invented national files."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from songcau.eservices.v1.procedure_service_pb2_grpc import (
    ProcedureServiceStub,
    add_ProcedureServiceServicer_to_server,
)
from songcau.eservices.v1.unit_service_pb2_grpc import UnitServiceStub, add_UnitServiceServicer_to_server
from songcau_eservices.catalogue.procedures import ProcedureCatalogue
from songcau_eservices.seeding import seed
from songcau_eservices.servers import procedures, units
from songcau_eservices.units.units import UnitDirectory
from songcau_kit.clock import FixedClock
from songcau_kit.cursors import CursorSigner
from songcau_kit.database import Database
from songcau_kit.migrations import migrate
from songcau_kit.rpc_client import RpcChannel
from songcau_kit.rpc_policy import RetryPolicy
from songcau_kit.rpc_server import RpcServer
from support.token_issuer import TokenIssuer

MONDAY_MORNING = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SERVICES = ("songcau.eservices.v1.ProcedureService", "songcau.eservices.v1.UnitService")
# What is tested here is not the speed of a machine that runs other tests beside.
PATIENT = json.dumps({"methodConfig": [{"name": [{"service": name} for name in SERVICES], "timeout": "30s"}]})
FIELDS = ("Đất đai", "Hộ tịch", "Hải quan", "Đường bộ", "Hoạt động xây dựng", "Y tế", "Giáo dục")
ACTS = ("Cấp", "Cấp lại", "Đăng ký", "Gia hạn", "Thu hồi", "Công nhận", "Hỗ trợ", "Điều chỉnh", "Thủ tục xác nhận")
THINGS = ("giấy phép khai thác", "quyền sử dụng đất", "chứng chỉ hành nghề", "hộ kinh doanh", "văn bằng",
          "làng văn hóa", "trạm y tế", "phương tiện", "giống cây trồng", "công trình")  # fmt: skip


@dataclass
class CatalogueSite:
    """The running catalogue."""

    url: str
    clock: FixedClock
    database: Database
    channel: RpcChannel

    def __post_init__(self) -> None:
        self.procedures: Any = self.channel.stub(ProcedureServiceStub)
        self.units: Any = self.channel.stub(UnitServiceStub)


@contextmanager
def catalogue_site(url: str) -> Iterator[CatalogueSite]:
    """Migrate and seed a database, serve the catalogue on it until the block ends."""
    clock = FixedClock(MONDAY_MORNING, seed=11)
    migrate(url, package="songcau_eservices")
    database = Database(url, max_size=8, application_name="catalogue-test")
    seed(database, clock)
    cursors = CursorSigner(b"catalogue tests' own cursor key")
    with TokenIssuer(clock) as issuer:
        server = RpcServer(
            address="127.0.0.1:0",
            verifier=issuer.verifier(),
            rules=procedures.RULES | units.RULES,
            clock=clock,
            service_name="cataloguetest",
        )
        catalogue = procedures.ProcedureServer(ProcedureCatalogue(database, cursors), clock)
        server.add(add_ProcedureServiceServicer_to_server, catalogue)
        server.add(add_UnitServiceServicer_to_server, units.UnitServer(UnitDirectory(database, cursors), clock))
        server.start()
        channel = RpcChannel(f"127.0.0.1:{server.port}", policy=RetryPolicy.parse(PATIENT))
        yield CatalogueSite(url, clock, database, channel)
        channel.close()
        server.stop(1)
    database.close()


def listed(code: str, name: str, **changes: Any) -> dict[str, Any]:
    """Return an invented record of the national list."""
    return {
        "id": code, "name": name, "code": code, "codeNotation": code, "categories": ["Hộ tịch"], "categoryIds": ["f1"],
        "departments": ["Ủy ban nhân dân cấp xã"], "departmentPromulgate": "Bộ Thử nghiệm",
        "formalityTargetType": ["Công dân Việt Nam"], "state": "ACTIVE", "type": "STANDARD",
    } | changes  # fmt: skip


def invented_list(count: int) -> list[dict[str, Any]]:
    """Return a list of invented records with as many repeated words as the real one."""
    return [
        listed(
            f"9.{number:06d}",
            " ".join((pick(ACTS, number), pick(THINGS, number), pick(THINGS, number // 7), f"số {number}")),
            categories=[pick(FIELDS, number)],
            categoryIds=[f"f{number % len(FIELDS)}"],
            departments=[pick(("Sở Y tế", "Ủy ban nhân dân cấp xã", "Bộ Công an", ""), number)],
        )
        for number in range(count)
    ]


def pick(words: Sequence[str], number: int) -> str:
    """Return one of the words, the same for the same number."""
    return words[number % len(words)]


def write_files(folder: Path, records: list[dict[str, Any]], details: list[dict[str, Any]] | None = None) -> Path:
    """Write national files and return their folder."""
    for name, lines in (("catalog.jsonl", records), ("details.jsonl", details)):
        if lines is not None:
            text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
            (folder / name).write_text(text + "\n", encoding="utf-8")
    return folder
