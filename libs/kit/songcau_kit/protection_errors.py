"""The reasons of the kit's data protection: keys, encrypted fields, stored objects."""

from songcau_kit.errors import REASONS, Status

DATA_KEY_DESTROYED = REASONS.add(
    "DATA_KEY_DESTROYED", Status.FAILED_PRECONDITION, "the person's data was erased and cannot be read or written again"
)
DATA_KEY_NOT_FOUND = REASONS.add("DATA_KEY_NOT_FOUND", Status.NOT_FOUND, "no data is held of this person")
DATA_KEY_INVALID = REASONS.add(
    "DATA_KEY_INVALID", Status.INTERNAL, "a wrapped data key was changed or moved from another person or version"
)
DATA_KEY_REPLACED = REASONS.add(
    "DATA_KEY_REPLACED", Status.UNAVAILABLE, "the person's data key was replaced while this was going on"
)
WRAPPING_KEY_UNAVAILABLE = REASONS.add(
    "WRAPPING_KEY_UNAVAILABLE", Status.UNAVAILABLE, "what holds the wrapping keys cannot be used now"
)
WRAPPING_VERSION_UNKNOWN = REASONS.add(
    "WRAPPING_VERSION_UNKNOWN", Status.UNAVAILABLE, "this process does not have the wrapping key of that version"
)
WRAPPING_VERSION_RETIRED = REASONS.add(
    "WRAPPING_VERSION_RETIRED", Status.UNAVAILABLE, "this process still wraps under a version that was retired"
)
CIPHERTEXT_INVALID = REASONS.add(
    "CIPHERTEXT_INVALID", Status.INTERNAL, "an encrypted field was changed or moved from another place"
)
OBJECT_NOT_FOUND = REASONS.add("OBJECT_NOT_FOUND", Status.NOT_FOUND, "the stored file is not there any more")
OBJECT_TAMPERED = REASONS.add("OBJECT_TAMPERED", Status.INTERNAL, "the stored file is not what was stored")
OBJECT_TOO_LARGE = REASONS.add("OBJECT_TOO_LARGE", Status.OUT_OF_RANGE, "the file is larger than this place takes")
OBJECT_EMPTY = REASONS.add("OBJECT_EMPTY", Status.INVALID_ARGUMENT, "the file is empty")
MEDIA_TYPE_NOT_ALLOWED = REASONS.add(
    "MEDIA_TYPE_NOT_ALLOWED", Status.INVALID_ARGUMENT, "the content is of no allowed type, whatever its name says"
)
DOCUMENT_NOT_RENDERED = REASONS.add(
    "DOCUMENT_NOT_RENDERED", Status.INTERNAL, "a form could not be made from its template"
)
