"""Which process may call which RPC, by the name in its certificate; whoever is not named may not."""

from collections.abc import Mapping

from songcau_audit.servers import log, proofs

WORKLOADS: Mapping[str, frozenset[str]] = dict.fromkeys((*log.RULES, *proofs.RULES), frozenset({"gateway"}))
