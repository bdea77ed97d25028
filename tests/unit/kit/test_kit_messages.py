"""Every reason of the kit has a Vietnamese and an English text."""

from string import Formatter

import songcau_kit.protection_errors  # noqa: F401  its reasons stand in the same table
import yaml
from songcau_kit.errors import REASONS
from songcau_kit.text import normalize

FILE = "gateway/songcau_gateway/messages/kit.yaml"


def read(rootpath):
    return yaml.safe_load((rootpath / FILE).read_text(encoding="utf-8"))


def test_every_reason_has_texts_and_every_text_a_reason(pytestconfig):
    assert set(read(pytestconfig.rootpath)) == {reason.code for reason in REASONS}


def test_texts_are_whole_sentences_in_both_languages(pytestconfig):
    for texts in read(pytestconfig.rootpath).values():
        assert list(texts) == ["vi", "en"]
        for text in texts.values():
            assert text["title"].strip()
            assert text["detail"].endswith(".")
            assert not [name for _, name, _, _ in Formatter().parse(text["detail"]) if name]


def test_vietnamese_texts_are_written_the_canonical_way(pytestconfig):
    for texts in read(pytestconfig.rootpath).values():
        for text in texts["vi"].values():
            assert text == normalize(text)
