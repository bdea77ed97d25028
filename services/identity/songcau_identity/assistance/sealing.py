"""What a citizen is asked about an act, as it lies in the database: closed under the citizen's key."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.personal import Personal

from songcau_identity.assistance.details import Detail
from songcau_identity.assistance.words import Words
from songcau_identity.vault import Vault


@dataclass(frozen=True)
class ActSummary:
    """The question about an act, and everything else its request holds."""

    question: Words
    details: Sequence[Detail] = ()


def seal_summary(vault: Vault, data_key: DataKey, act_id: UUID, summary: ActSummary) -> bytes:
    """Close a summary."""
    details = [(one.label.vi, one.label.en, one.value.reveal()) for one in summary.details]
    words = {"vi": summary.question.vi, "en": summary.question.en, "details": json.dumps(details, ensure_ascii=False)}
    return vault.seal_summary(data_key, act_id, words)


def open_summary(vault: Vault, data_key: DataKey, act_id: UUID, sealed: bytes) -> ActSummary:
    """Open what `seal_summary` closed, in this release or in one that knew of no details."""
    opened = vault.open_summary(data_key, act_id, sealed)
    details = json.loads(opened["details"].reveal()) if "details" in opened else []
    question = Words(opened["vi"].reveal(), opened["en"].reveal())
    return ActSummary(question, [Detail(Words(vi, en), Personal(value)) for vi, en, value in details])
