"""Files of a dossier: judged by content, encrypted, once per request, gone only while they were not handed in."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from songcau.eservices.v1 import attachment_service_pb2 as pb
from support.dossier_world import DossierWorld, key, pdf, reason_of, refusal

PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + b"\0" * 40


def header(dossier: Any, **fields: Any) -> Any:
    given = {"request_id": key(), "dossier_id": dossier.id, "component_key": "copy_form", "file_name": "đơn.pdf"}
    return pb.AttachFileHeader(**(given | fields))


def fetched(world: DossierWorld, dossier: Any, attachment_id: str, metadata: Any) -> tuple[Any, bytes]:
    request = pb.GetAttachmentRequest(dossier_id=dossier.id, attachment_id=attachment_id)
    first, *rest = list(world.files.GetAttachment(request, metadata=metadata))
    return first.attachment, b"".join(part.chunk for part in rest)


def test_a_file_comes_back_as_it_was_sent(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person)
    content = pdf("x" * 200_000)
    answer = world.send_file(person, header(dossier), content, chunk=10_000)
    assert answer.dossier_version == 2
    attachment, back = fetched(world, dossier, answer.attachment.id, world.as_citizen(person))
    assert back == content
    assert attachment == answer.attachment
    assert (attachment.file_name, attachment.media_type, attachment.size_bytes) == (
        "đơn.pdf",
        "application/pdf",
        len(content),
    )


def test_the_content_decides_what_a_file_is(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person)
    assert world.send_file(person, header(dossier), PNG).attachment.media_type == "image/png"
    for content in (b"<html><script>", b"MZ" + b"\0" * 100, b"plain words", b"#!/bin/sh\n"):
        error = refusal(lambda content=content: world.send_file(person, header(dossier), content))
        assert error.reason.code == "MEDIA_TYPE_NOT_ALLOWED"


@pytest.mark.parametrize(
    ("content", "fields", "reason"),
    [
        (b"", {}, "OBJECT_EMPTY"),
        (pdf("x" * 300_000), {}, "OBJECT_TOO_LARGE"),
        (pdf(), {"component_key": "unknown"}, "COMPONENT_UNKNOWN"),
        (pdf(), {"component_key": "x\0"}, "COMPONENT_UNKNOWN"),
        (pdf(), {"file_name": ""}, "INVALID_REQUEST"),
        (pdf(), {"file_name": "x" * 201}, "INVALID_REQUEST"),
        (pdf(), {"dossier_id": "no-id"}, "DOSSIER_NOT_FOUND"),
        (pdf(), {"request_id": ""}, "INVALID_REQUEST"),
        (pdf(), {"expected_version": 7}, "VERSION_CONFLICT"),
    ],
)
def test_a_file_is_refused_with_the_reason(dossier_world: DossierWorld, content: bytes, fields: Any, reason: str):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person)
    assert reason_of(lambda: world.send_file(person, header(dossier, **fields), content)) == reason


def test_a_stream_begins_with_its_header(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.create(person), world.as_citizen(person)
    chunk, head = pb.AttachFileRequest(chunk=b"x"), pb.AttachFileRequest(header=header(dossier))
    for parts in ([], [chunk], [head, head]):
        assert reason_of(lambda parts=parts: world.files.AttachFile(iter(parts), metadata=citizen)) == (
            "INVALID_REQUEST"
        )


def test_a_repeated_file_is_attached_once_even_after_submission(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.create(person), world.as_citizen(person)
    head, content = header(dossier), pdf("once")
    first = world.send_file(person, head, content)
    assert world.send_file(person, head, content) == first
    assert reason_of(lambda: world.send_file(person, head, pdf("other"))) == "IDEMPOTENCY_KEY_REUSED"
    world.move("Submit", world.get(dossier, citizen), citizen)
    assert world.send_file(person, head, content) == first
    assert len(world.get(dossier, citizen).attachments) == 1


def test_files_of_a_draft_can_be_taken_off_and_those_handed_in_cannot(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier, citizen = world.create(person), world.as_citizen(person)
    extra = world.attach(person, dossier, "", pdf("extra")).attachment
    kept = world.attach(person, dossier).attachment

    def remove(attachment: Any, version: int) -> Any:
        request = pb.RemoveAttachmentRequest(
            request_id=key(), dossier_id=dossier.id, attachment_id=attachment.id, expected_version=version
        )
        return world.files.RemoveAttachment(request, metadata=citizen)

    assert reason_of(lambda: remove(extra, 0)) == "VERSION_REQUIRED"
    version = remove(extra, 3).dossier_version
    assert reason_of(lambda: remove(extra, version)) == "ATTACHMENT_NOT_FOUND"
    assert [one.id for one in world.get(dossier, citizen).attachments] == [kept.id]
    submitted = world.move("Submit", world.get(dossier, citizen), citizen)
    assert reason_of(lambda: remove(kept, submitted.version)) == "DOSSIER_STATE_CONFLICT"
    asked = world.move("RequestSupplement", submitted, world.as_officer(), items=[{"component_key": "copy_form"}])
    assert reason_of(lambda: remove(kept, asked.version)) == "ATTACHMENT_FIXED"


def test_no_files_are_taken_outside_drafts_and_supplements(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    error = refusal(lambda: world.attach(person, dossier))
    assert (error.reason.code, error.details["state"]) == ("DOSSIER_STATE_CONFLICT", "SUBMITTED")


def test_a_dossier_has_at_most_a_hundred_files(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.create(person)
    world.attach(person, dossier)
    world.execute(
        """insert into attachments (id, dossier_id, component_key, address, media_type, size, details_enc, attached_at)
        select gen_random_uuid(), dossier_id, '', address, media_type, size, details_enc, attached_at
        from attachments, generate_series(1, 99)"""
    )
    # The copies' names are sealed for another row, so nobody opens them: the limit is met before.
    assert reason_of(lambda: world.attach(person, dossier)) == "ATTACHMENT_LIMIT_REACHED"


def test_officers_read_files_with_a_purpose_and_strangers_never(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    dossier = world.submitted(person)
    attachment = dossier.attachments[0]
    assert fetched(world, dossier, attachment.id, world.as_officer())[1] == pdf("copy_form")
    assert ("GET_ATTACHMENT", "OFFICER", "H55.242", "DOSSIER_PROCESSING", "ALLOWED", None) in world.audit(person)
    for metadata, reason in (
        (world.as_officer("H55.243"), "DOSSIER_NOT_FOUND"),
        (world.as_officer(purpose=None), "PURPOSE_REQUIRED"),
    ):
        assert reason_of(lambda m=metadata: fetched(world, dossier, attachment.id, m)) == reason
    unknown = "01997a10-5c00-7d11-8a44-2f6d1e0b7c31"
    assert reason_of(lambda: fetched(world, dossier, unknown, world.as_officer())) == "ATTACHMENT_NOT_FOUND"


def test_nothing_personal_stands_in_the_database_the_events_or_the_store(dossier_world: DossierWorld):
    world, person = dossier_world, dossier_world.person()
    canaries = [
        person.full_name,
        "Nông Thị",
        "019•••••0001",
        "912000111",
        "Bí mật riêng",
        "đơn-riêng-tư",
        "Thiếu chữ ký",
    ]
    dossier = world.create(person, answers={"authorised": False, "note": "Bí mật riêng"})
    world.send_file(person, header(dossier, file_name="đơn-riêng-tư.pdf"), pdf("Bí mật riêng"))
    citizen, officer = world.as_citizen(person), world.as_officer()
    dossier = world.move("Submit", world.get(dossier, citizen), citizen)
    world.pay(person, dossier)
    dossier = world.move("Accept", world.get(dossier, officer), officer)
    item = {"component_key": "copy_form", "instruction": "Thiếu chữ ký"}
    dossier = world.move("RequestSupplement", dossier, officer, items=[item], note="Thiếu chữ ký")
    world.receipt(dossier, citizen)
    tables = world.rows("select table_name::text from information_schema.tables where table_schema = 'public'")
    held = b"".join(
        str(row).encode() + b"".join(bytes(value) for value in row if isinstance(value, bytes))
        for (table,) in tables
        if table not in ("procedure_versions", "administrative_units", "agencies")
        for row in world.rows(f"select * from {table}")  # type: ignore[arg-type]
    )
    folder = Path(urlsplit(world.settings.object_store_url).path)
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert files
    for canary in canaries:
        for form in (canary.encode(), canary.encode("unicode_escape"), canary.encode("utf-16-be")):
            assert form not in held, canary
            assert all(form not in file for file in files), canary
    assert all(b"%PDF" not in file for file in files)
