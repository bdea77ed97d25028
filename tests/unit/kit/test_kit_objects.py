"""Stored files: encrypted, addressed by a keyed digest, typed by their content."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from songcau_kit.data_keys import DataKey
from songcau_kit.errors import DomainError
from songcau_kit.objects import EncryptedObjects, ObjectStore, sniff

ALICE = DataKey(UUID(int=1), 1, b"a" * 32)
BINH = DataKey(UUID(int=2), 1, b"b" * 32)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + b"\x00" * 40
PDF = b"%PDF-1.7\n" + b"Nguyen Van Mau 019000000001 " * 50
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 40


def office(*names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>" * 20)
    return file.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "objects"


@pytest.fixture
def objects(folder: Path) -> EncryptedObjects:
    return EncryptedObjects(ObjectStore(folder.as_uri()), max_bytes=10_000)


def reason(call) -> str:
    with pytest.raises(DomainError) as refusal:
        call()
    return refusal.value.reason.code


def test_a_file_comes_back_with_its_facts(objects):
    stored = objects.put(ALICE, PDF)

    assert objects.get(ALICE, stored.address) == PDF
    assert (stored.size, stored.media_type) == (len(PDF), "application/pdf")


def test_nothing_of_the_file_stands_in_the_folder(objects, folder):
    stored = objects.put(ALICE, PDF)
    content = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())

    assert b"019000000001" not in content
    assert b"%PDF" not in content
    assert stored.sha256.hex() not in stored.address


def test_the_same_file_of_one_citizen_has_one_address_and_of_two_citizens_two(objects, folder):
    first, again, other = objects.put(ALICE, PDF), objects.put(ALICE, PDF), objects.put(BINH, PDF)

    assert first == again
    assert first.address != other.address
    assert len([path for path in folder.rglob("*") if path.is_file()]) == 2


def test_another_citizens_key_does_not_open_a_file(objects):
    stored = objects.put(ALICE, PDF)

    assert reason(lambda: objects.get(BINH, stored.address)) == "OBJECT_TAMPERED"


def test_every_changed_or_missing_byte_is_noticed(objects, folder):
    stored = objects.put(ALICE, PNG)
    path = folder / stored.address
    blob = path.read_bytes()

    for position in range(len(blob)):
        changed = bytearray(blob)
        changed[position] ^= 0x01
        path.write_bytes(changed)
        assert reason(lambda: objects.get(ALICE, stored.address)) == "OBJECT_TAMPERED"
        path.write_bytes(blob[:position])
        assert reason(lambda: objects.get(ALICE, stored.address)) == "OBJECT_TAMPERED"


def test_a_file_put_in_the_place_of_another_of_the_same_citizen_is_noticed(objects, folder):
    one, two = objects.put(ALICE, PDF), objects.put(ALICE, PNG)
    (folder / one.address).write_bytes((folder / two.address).read_bytes())

    assert reason(lambda: objects.get(ALICE, one.address)) == "OBJECT_TAMPERED"


def test_storing_again_repairs_a_damaged_file(objects, folder):
    stored = objects.put(ALICE, PDF)
    (folder / stored.address).write_bytes(b"rubbish")
    objects.put(ALICE, PDF)

    assert objects.get(ALICE, stored.address) == PDF


def test_a_missing_file_says_so_and_deleting_twice_is_fine(objects):
    stored = objects.put(ALICE, PDF)
    objects.delete(stored.address)
    objects.delete(stored.address)

    assert reason(lambda: objects.get(ALICE, stored.address)) == "OBJECT_NOT_FOUND"


def test_size_is_limited_and_empty_is_refused(objects):
    assert reason(lambda: objects.put(ALICE, b"%PDF-1.7" + b"0" * 10_000)) == "OBJECT_TOO_LARGE"
    assert reason(lambda: objects.put(ALICE, b"")) == "OBJECT_EMPTY"


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (PDF, "application/pdf"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (
            office("word/document.xml", "word/styles.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (
            office("xl/workbook.xml", "xl/styles.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_the_type_is_read_from_the_content(data, media_type):
    assert sniff(data) == media_type


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + b"\x00" * 100,
        b"<html><script>alert(1)</script></html>",
        b"just words",
        office("evil.exe"),
        office("word/document.xml", "word/vbaProject.bin"),
        b"\x7fELF" + b"\x00" * 100,
        b"PK\x03\x04 not really an archive word/",
    ],
)
def test_other_content_is_refused(data):
    assert reason(lambda: sniff(data)) == "MEDIA_TYPE_NOT_ALLOWED"


def test_parallel_puts_and_gets_of_one_file_agree(objects):
    def put_and_get(_: int) -> bytes:
        return objects.get(ALICE, objects.put(ALICE, PDF).address)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(put_and_get, range(64))) == {PDF}


def test_a_store_in_memory_serves_tests():
    objects = EncryptedObjects(ObjectStore("memory:///"))

    assert objects.get(ALICE, objects.put(ALICE, PNG).address) == PNG
