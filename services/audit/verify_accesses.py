"""Checks an exported access list against the audit log, with Python 3.11 and nothing else; shares no code with it.

python3 verify_accesses.py EXPORT [KEPT_CHECKPOINT] LOG_KEY [WITNESS_KEY] — says what is wrong, ends with 1 if anything.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):  # Ed25519 as in RFC 8032, section 6; points are (x, y, z, t)
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(n, a):
    total = (0, 1, 1, 0)
    while n:
        total, a, n = add(total, a) if n & 1 else total, add(a, a), n >> 1
    return total


def point(s):
    y, sign = int.from_bytes(s, "little") & (1 << 255) - 1, s[31] >> 7
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if x * x % P == x2 else x * pow(2, (P - 1) // 4, P) % P
    if y >= P or x * x % P != x2 or (x == 0 and sign):
        raise ValueError("not a point")
    x = x if x & 1 == sign else P - x
    return x, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(key, text, signature):
    s = int.from_bytes(signature[32:], "little")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % L
    a, b = times(s, BASE), add(point(signature[:32]), times(h, point(key)))
    return s < L and not (a[0] * b[2] - b[0] * a[2]) % P and not (a[1] * b[2] - b[1] * a[2]) % P


def checkpoint(note, *keys):  # c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature
    text, _, lines = note.rpartition("\n\n")
    for name, _, rest in (key.partition("+") for key in keys):
        key = base64.b64decode(rest.split("+", 1)[1])
        key_id = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        found = [base64.b64decode(line.split(" ")[2]) for line in lines.splitlines() if line.startswith(f"— {name} ")]
        signatures = [one[4:] for one in found if one[:4] == key_id]
        head = f"cosignature/v1\ntime {int.from_bytes(signatures[0][:8])}\n" if signatures and key[0] == 4 else ""
        if not signatures or not is_signed(key[1:], f"{head}{text}\n".encode(), signatures[0][8 if head else 0 :]):
            raise ValueError(f"the checkpoint is not signed by {name}")
    origin, size, root = text.split("\n")[:3]
    if origin != keys[0].partition("+")[0]:
        raise ValueError("the checkpoint is of another log")
    return int(size), base64.b64decode(root)


def node(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(leaf, index, size, path):  # RFC 6962, section 2.1.1, from the root downwards
    if size == 1:
        return b"" if path else leaf
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return node(root_of(leaf, index, k, path[:-1]), path[-1])
    return node(path[-1], root_of(leaf, index - k, size - k, path[:-1]))


def roots_of(m, n, path, known):  # RFC 6962, section 2.1.2: the old and the new root that a consistency proof shows
    if m == n:
        (found,) = [known] * bool(known) + path
        return found, found
    k = 1 << (n - 1).bit_length() - 1
    if m <= k:
        old, new = roots_of(m, k, path[:-1], known)
        return old, node(new, path[-1])
    old, new = roots_of(m - k, n - k, path[:-1], b"")
    return node(path[-1], old), node(path[-1], new)


def main(export, kept, *keys):
    size, root = checkpoint(export["checkpoint"], *keys)
    proofs, numbers, faults = {one["id"]: one for one in export["proofs"]}, {}, []
    for access in export["accesses"]:
        proof = proofs.get(access["id"])
        if proof is None:
            faults.append(f"{access['id']}: not proved")
            continue
        opening, leaf = json.loads(proof["opening"]), json.loads(proof["leaf"])
        path = [base64.b64decode(one) for one in proof["inclusion"]]
        hashed = hashlib.sha256(b"\x00" + proof["leaf"].encode()).digest()
        said = {**leaf, **opening["personal"], "id": leaf["entry_id"]}
        commitment = base64.b64encode(hashlib.sha256(proof["opening"].encode()).digest()).decode()
        try:
            is_in = 0 <= proof["leaf_index"] < size and root_of(hashed, proof["leaf_index"], size, path) == root
        except IndexError:
            is_in = False
        if not is_in:
            faults.append(f"{access['id']}: not in the tree")
        if commitment != leaf["commitment"]:
            faults.append(f"{access['id']}: the opening is another one")
        if any((access[name] or "") != said[name] for name in access.keys() & said.keys() - {"occurred_at"}):
            faults.append(f"{access['id']}: the list says something else")
        numbers.setdefault(opening["subject_id"], []).append(opening["number"])
    faults += ["the list has gaps" for found in numbers.values() if sorted(found) != list(range(1, len(found) + 1))]
    if kept:
        old_size, old_root = checkpoint(kept, keys[0])
        path = [base64.b64decode(one) for one in (export["consistency"] or {"hashes": []})["hashes"]]
        try:
            fits = not old_size or roots_of(old_size, size, path, old_root) == (old_root, root)
        except (IndexError, ValueError):
            fits = False
        if not fits:
            faults.append(f"the log was changed: it does not continue the checkpoint of size {old_size}")
    return faults


if __name__ == "__main__":
    kept_note = Path(sys.argv[2]).read_text() if "+" not in sys.argv[2] else None
    found_faults = main(json.loads(Path(sys.argv[1]).read_text()), kept_note, *sys.argv[3 if kept_note else 2 :])
    print("\n".join(found_faults) or "all entries stand in the log as the list says")
    sys.exit(1 if found_faults else 0)
