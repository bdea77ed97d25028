"""Why the audit service says no: every reason of the domain `audit.songcau`.

DomainError (kit)
├── what was asked    TILE_INVALID, TREE_SIZE_INVALID, ENTRY_IDS_INVALID
└── what there is     TILE_NOT_FOUND, ENTRY_NOT_FOUND, CHECKPOINT_MISSING
"""

from songcau_kit.errors import ReasonTable, Status

REASONS = ReasonTable("audit")

CHECKPOINT_MISSING = REASONS.add("CHECKPOINT_MISSING", Status.UNAVAILABLE, "the signer has not signed the log yet")
TILE_INVALID = REASONS.add("TILE_INVALID", Status.INVALID_ARGUMENT, "no tree has a tile of this level and width")
TILE_NOT_FOUND = REASONS.add("TILE_NOT_FOUND", Status.NOT_FOUND, "the signed tree does not reach as far as this tile")
TREE_SIZE_INVALID = REASONS.add(
    "TREE_SIZE_INVALID", Status.INVALID_ARGUMENT, "a size is beyond the signed tree, or smaller than the older one"
)
ENTRY_IDS_INVALID = REASONS.add(
    "ENTRY_IDS_INVALID", Status.INVALID_ARGUMENT, "1 to 100 ids of access entries are wanted, each once"
)
ENTRY_NOT_FOUND = REASONS.add(
    "ENTRY_NOT_FOUND", Status.NOT_FOUND, "an entry is not the caller's, was erased, or is not in the signed tree yet"
)
