"""The lifecycle of a consent, and texts that never change once people agreed to them."""

from __future__ import annotations

import itertools

import pytest
from songcau_identity.consent.model import (
    CONSENT_LIFECYCLE,
    ConsentAct,
    ConsentState,
    Decider,
    find_consent_transition,
)
from songcau_identity.consent.texts import consent_purposes
from songcau_kit.errors import DomainError

PURPOSES = consent_purposes()
# Whoever changes a text that was in use breaks the proof of everybody who agreed to it: add a version instead.
DIGESTS = {
    "care-1": "dcf51725",
    "share-care-result-1": "5b8ae1cc",
    "reuse-papers-1": "4dd26557",
}
LEGAL = {
    (None, "GIVE"): "GIVEN",
    ("WITHDRAWN", "GIVE"): "GIVEN",
    ("LAPSED", "GIVE"): "GIVEN",
    ("GIVEN", "GIVE"): "GIVEN",
    (None, "WITHDRAW"): "WITHDRAWN",
    ("GIVEN", "WITHDRAW"): "WITHDRAWN",
    ("LAPSED", "WITHDRAW"): "WITHDRAWN",
    ("GIVEN", "LAPSE"): "LAPSED",
}


@pytest.mark.parametrize(("before", "act"), list(itertools.product((None, *ConsentState), ConsentAct)))
def test_every_state_allows_exactly_the_acts_of_the_table(before: ConsentState | None, act: ConsentAct) -> None:
    step = find_consent_transition(before, act)
    assert (step.after if step else None) == LEGAL.get((before, act))


def test_only_the_platform_lets_a_consent_lapse_and_only_people_give_or_withdraw() -> None:
    for step in CONSENT_LIFECYCLE:
        assert (step.who == {Decider.SYSTEM}) == (step.act is ConsentAct.LAPSE)


def test_a_text_that_was_in_use_is_what_it_was() -> None:
    texts = {text.version: text.sha256.hex()[:8] for purpose in PURPOSES.all for text in purpose.texts}
    assert texts == DIGESTS


@pytest.mark.parametrize("purpose", PURPOSES.all, ids=lambda one: one.code)
def test_a_text_stands_in_both_languages_and_says_that_it_can_be_withdrawn(purpose) -> None:
    for text in purpose.texts:
        assert "rút lại sự đồng ý bất cứ lúc nào" in text.vi.body
        assert "withdraw at any time" in text.en.body
        assert text.vi.title
        assert text.en.title


@pytest.mark.parametrize("purpose", [one for one in PURPOSES.all if one.is_sensitive], ids=lambda one: one.code)
def test_a_sensitive_purpose_says_so(purpose) -> None:
    assert "dữ liệu cá nhân nhạy cảm" in purpose.text.vi.body
    assert "sensitive personal data" in purpose.text.en.body


def test_versions_are_never_reused_and_an_unknown_purpose_is_refused() -> None:
    versions = [text.version for purpose in PURPOSES.all for text in purpose.texts]
    assert len(set(versions)) == len(versions)
    with pytest.raises(DomainError) as caught:
        PURPOSES.get("MARKETING")
    assert caught.value.reason.code == "CONSENT_PURPOSE_UNKNOWN"
