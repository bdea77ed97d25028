"""Schemas of the audit log: which tile is meant, proofs."""

import re
from dataclasses import dataclass
from typing import Self

from pydantic import Field

from songcau_gateway.routes.fields import Answer

FULL = 256
# https://c2sp.org/tlog-tiles: the number in groups of three digits, all but the last after an x; then the width.
TILE_PATTERN = r"^(x[0-9]{3}/){0,4}[0-9]{3}(\.p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?$"
_ID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
IDS_PATTERN = f"^{_ID}(,{_ID}){{0,99}}$"
_HASH = "MgZx4S2bSFLr0Wn9nUEFm/Ea2EYjqZ1BfJ4Z0nWlTUk="


@dataclass(frozen=True)
class TileNumber:
    """A tile's place in its level and how many of its hashes are wanted, 1 to 256."""

    index: int
    width: int

    @classmethod
    def parse(cls, path: str) -> Self:
        """Read the end of a tile's path, which matches TILE_PATTERN."""
        number, _, width = path.partition(".p/")
        return cls(int(re.sub("[x/]", "", number)), int(width) if width else FULL)

    @property
    def is_full(self) -> bool:
        """Say whether the tile never changes any more."""
        return self.width == FULL


class ConsistencyProof(Answer):
    """The proof that a tree is the beginning of a larger one (RFC 6962, section 2.1.2)."""

    old_size: int = Field(examples=[7])
    new_size: int = Field(examples=[12])
    hashes: list[str] = Field(description="base64 of 32 bytes each, in the order of the RFC", examples=[[_HASH]])


class AccessProofs(Answer):
    """Proofs in the order asked for, all or none."""

    items: "list[AccessProof]"


class AccessProof(Answer):
    """The proof that an entry of the access list stands in the audit log, and what its leaf commits to."""

    id: str = Field(description="of the access", examples=["019ab6c2-7c1e-7000-8000-00000000000a"])
    leaf_index: int = Field(examples=[4711])
    leaf: str = Field(
        description="the leaf exactly as it was hashed; its `commitment` is the base64 of the SHA-256 of `opening`",
        examples=['{"commitment":"…","entry_id":"019ab6c2-7c1e-7000-8000-00000000000a","operation":"GET_DOSSIER"}'],
    )
    opening: str = Field(
        description="the personal parts, the number of this entry among all about the citizen, and a random salt",
        examples=['{"number":3,"personal":{"actor_id":"3f0c7a52"},"salt":"…","subject_id":"…"}'],
    )
    inclusion: list[str] = Field(
        description="base64 of 32 bytes each, in the order of RFC 6962, section 2.1.1", examples=[[_HASH]]
    )
    tree_size: int = Field(description="size of the tree the proof holds in", examples=[4802])
    checkpoint: str = Field(
        description="the newest checkpoint, a signed note; of the same tree unless an older size was asked for",
        examples=[f"audit.songcau.example\n4802\n{_HASH}\n\n— audit.songcau.example 3vZ1c…\n"],
    )
