"""What is known about a breach: checked, and kept closed under a key of the breach's own."""

import json
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError, Violation
from songcau_kit.field_cipher import Place, decrypt_text, encrypt
from songcau_kit.processing import processing_register

from songcau_identity.breaches.model import Breach, BreachFacts
from songcau_identity.errors import BREACH_INVALID

LONGEST_TEXT = 4000
_TEXTS = ("description", "consequences", "measures")


def check(facts: BreachFacts, now: datetime) -> None:
    """Raise BREACH_INVALID naming each wrong field."""
    checks = {"detected_at": facts.detected_at <= now}
    checks |= {name: len(getattr(facts, name)) <= LONGEST_TEXT for name in _TEXTS}
    checks["description"] &= bool(facts.description.strip())
    violations = [Violation(f"/facts/{name}", "INVALID") for name, is_good in checks.items() if not is_good]
    if not facts.categories or len(set(facts.categories)) < len(facts.categories):
        violations.append(Violation("/facts/categories", "REQUIRED"))
    known = known_categories()
    violations += [
        Violation(f"/facts/categories/{index}", "UNKNOWN_VALUE")
        for index, name in enumerate(facts.categories)
        if name not in known
    ]
    if violations:
        raise DomainError(BREACH_INVALID, violations=violations)


def known_categories() -> dict[str, str]:
    """Return the kinds of data of the register of processing activities, by id, in Vietnamese."""
    activities = processing_register().activities.values()
    return {category.id: category.name.vi for one in activities for category in one.categories}


def seal(data_key: DataKey, breach_id: UUID, facts: BreachFacts) -> bytes:
    """Close the texts."""
    texts = {name: value for name, value in asdict(facts).items() if name in _TEXTS}
    return encrypt(data_key, _place(breach_id), json.dumps(texts, ensure_ascii=False))


def unseal(data_key: DataKey, breach: Breach, closed: bytes) -> BreachFacts:
    """Return what is known, texts opened."""
    texts = json.loads(decrypt_text(data_key, _place(breach.breach_id), closed))
    return BreachFacts(
        breach.detected_at, breach.has_biometric_data, breach.has_location_data, breach.categories, **texts
    )


def _place(breach_id: UUID) -> Place:
    return Place("breaches", "facts_enc", str(breach_id))
