"""Makes a signed paper: template, QR code, signature, encrypted in the store. Slow work, never inside a transaction."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from songcau_kit.clock import Clock
from songcau_kit.data_keys import DataKey
from songcau_kit.letters import printable
from songcau_kit.objects import EncryptedObjects
from songcau_kit.pdf import qr_svg, render_pdf
from songcau_kit.signing import sign_pdf
from songcau_units.agencies import Agency

from songcau_eservices.dossiers.dossier import Dossier
from songcau_eservices.dossiers.views import Views
from songcau_eservices.results.paper import Paper, PaperKind, new_code
from songcau_eservices.results.signers import Signers

TEMPLATES = Path(__file__).parent / "templates"
FILES = {PaperKind.RECEIPT: "receipt.typ", PaperKind.RESULT: "result.typ"}
REASONS = {PaperKind.RECEIPT: "Tiếp nhận hồ sơ và hẹn trả kết quả", PaperKind.RESULT: "Kết quả giải quyết hồ sơ"}
LOCATION = "Thái Nguyên"


@dataclass(frozen=True)
class Order:
    """A paper to be made: of what kind, about which dossier, in the name of which agency, with what on it."""

    kind: PaperKind
    dossier: Dossier
    agency: Agency
    data: Mapping[str, object]
    at: datetime


class Issuing:
    """Makes papers."""

    def __init__(self, objects: EncryptedObjects, signers: Signers, views: Views, clock: Clock) -> None:
        self._objects = objects
        self._signers = signers
        self._views = views
        self._clock = clock

    def issue(self, order: Order, data_key: DataKey) -> Paper:
        """Render, sign and store; the paper counts once its row is committed."""
        code = new_code()
        link = self._views.link(code)
        signer = self._signers.of(order.agency.code, order.agency.name)
        shown = {"code": code, "link": link, "qr": qr_svg(link), "signer": signer.name, "title": REASONS[order.kind]}
        data = {name: printable(value) for name, value in order.data.items()}
        pdf = render_pdf(TEMPLATES / FILES[order.kind], {**data, **shown}, at=order.at)
        signed = sign_pdf(pdf, signer, reason=REASONS[order.kind], location=LOCATION, at=order.at)
        stored = self._objects.put(data_key, signed)
        dossier = order.dossier
        return Paper(
            self._clock.new_id(),
            dossier.id,
            dossier.citizen_id,
            order.kind,
            code,
            stored.address,
            hashlib.sha256(signed).digest(),
            order.agency.code,
            order.agency.name,
            dossier.procedure.code,
            dossier.procedure.name,
            signer.name,
            order.at,
        )

    def read(self, paper: Paper, data_key: DataKey) -> bytes:
        """Return the file of a paper."""
        return self._objects.get(data_key, paper.address)
