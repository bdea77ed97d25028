"""Checks an exported access list against the audit log, with Python 3.11 and nothing else; shares no code with it.

python3 verify_accesses.py EXPORT [KEPT_CHECKPOINT] LOG_KEY [WITNESS_KEY] — says what is wrong, ends with 1 if anything.
"""

import json
import sys
from base64 import b64decode
from datetime import datetime
from hashlib import sha256, sha512
from pathlib import Path

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # Ed25519, RFC 8032, section 5.1
D, BASE = -121665 * pow(121666, -1, P) % P, b"\x58" + 31 * b"\x66"
NO_HELPER = dict.fromkeys(("assisted_by", "assisted_by_kind", "assisted_by_organization"), "")
NOT_LISTED = {"format", "entry_id", "occurred_at", "commitment", "sealed", "correlation_id"}  # or listed otherwise


def add(a, b):
    k = D * a[0] * a[1] * b[0] * b[1]
    return (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P) % P


def times(n, a):
    return add(times(n - 1, a), a) if n & 1 else times(n >> 1, add(a, a)) if n else (0, 1)


def point(s):
    y, sign = int.from_bytes(s, "little") & (1 << 255) - 1, s[31] >> 7
    x = pow(x2 := (y * y - 1) * pow(D * y * y + 1, -1, P) % P, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != x2 or (x == 0 and sign):
        raise ValueError("not a point")
    return x if x & 1 == sign else P - x, y


def is_signed(key, text, signature):
    s, h = (int.from_bytes(one, "little") for one in (signature[32:], sha512(signature[:32] + key + text).digest()))
    return s < L and times(s, point(BASE)) == add(point(signature[:32]), times(h % L, point(key)))


def checkpoint(note, *keys):  # c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature
    text, _, lines = note.rpartition("\n\n")
    origin, size, root = text.split("\n")[:3]
    for name, _, encoded in (key.split("+", 2) for key in keys):
        key = b64decode(encoded)
        found = [b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
        signature = next((one[4:] for one in found if one[:4] == sha256(name.encode() + b"\n" + key).digest()[:4]), b"")
        head = f"cosignature/v1\ntime {int.from_bytes(signature[:8])}\n" if key[0] == 4 else ""
        if not signature or not is_signed(key[1:], f"{head}{text}\n".encode(), signature[8 if head else 0 :]):
            raise ValueError(f"the checkpoint is not signed by {name}")
    if origin != keys[0].partition("+")[0]:
        raise ValueError("the checkpoint is of another log")
    return int(size), b64decode(root)


def roots_of(hashes, index, last):  # RFC 9162, sections 2.1.3.2 and 2.1.4.2: up to the first hash, and of the whole
    turn = (index ^ last).bit_length()  # from this level on everything that is missing stands to the left
    if {len(one) for one in hashes} != {32} or len(hashes) != 1 + turn + (index >> turn).bit_count():
        return None, None
    old = new = hashes[0]
    for level, one in enumerate(hashes[1:]):
        is_left = level >= turn or index >> level & 1
        old = sha256(b"\x01" + one + old).digest() if is_left else old
        new = sha256(b"\x01" + (one + new if is_left else new + one)).digest()
    return old, new


def main(export, kept, *keys):
    size, root = checkpoint(export["checkpoint"], *keys)
    proofs, numbers = {one["id"]: one for one in export["proofs"]}, {}
    faults = [f"{one.get('id')}: not proved" for one in export["accesses"] if one.get("id") not in proofs]
    for access, proof in ((one, proofs[one["id"]]) for one in export["accesses"] if one.get("id") in proofs):
        opening, leaf, index = json.loads(proof["opening"]), json.loads(proof["leaf"]), proof["leaf_index"]
        said = {**NO_HELPER, **leaf, **opening["personal"], "id": leaf["entry_id"]}
        at = [datetime.fromisoformat(one.get("occurred_at", "0001-01-01T00:00Z")) for one in (leaf, access)]
        hashes = [sha256(b"\x00" + proof["leaf"].encode()).digest(), *map(b64decode, proof["inclusion"])]
        if not 0 <= index < size or roots_of(hashes, index, size - 1)[1] != root:
            faults.append(f"{access['id']}: not in the tree")
        if sha256(proof["opening"].encode()).digest() != b64decode(leaf["commitment"]):
            faults.append(f"{access['id']}: the opening is another one")
        if at[0] != at[1] or any((access.get(name, True) or "") != said[name] for name in said.keys() - NOT_LISTED):
            faults.append(f"{access['id']}: the list says something else, or less")
        numbers.setdefault(opening["subject_id"], []).append(opening["number"])
    faults += ["the list has gaps" for found in numbers.values() if sorted(found) != list(range(1, len(found) + 1))]
    if kept:
        old_size, old_root = checkpoint(kept, keys[0])
        hashes = [b64decode(one) for one in (export["consistency"] or {"hashes": []})["hashes"]]
        step = (old_size & -old_size if old_size < size else old_size) or 1  # leaves below the first hash of the proof
        shown = roots_of([old_root] * (step == old_size) + hashes, (old_size - 1) // step, (size - 1) // step)
        if old_size > size or (old_size and shown != (old_root, root)):
            faults.append(f"the log was changed: it does not continue the checkpoint of size {old_size}")
    return faults


if __name__ == "__main__":
    kept_note = Path(sys.argv[2]).read_text() if "+" not in sys.argv[2] else None
    found_faults = main(json.loads(Path(sys.argv[1]).read_text()), kept_note, *sys.argv[3 if kept_note else 2 :])
    print("\n".join(found_faults) or "all entries stand in the log as the list says")
    sys.exit(1 if found_faults else 0)
