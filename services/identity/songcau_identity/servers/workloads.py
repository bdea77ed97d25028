"""Which process may call which RPC, by the name in its certificate; whoever is not named may not."""

from collections.abc import Mapping

_CITIZENS = "songcau.identity.v1.CitizenService"
_ACCESSES = "songcau.identity.v1.AccessListService"
_GATEWAY = frozenset({"gateway"})

WORKLOADS: Mapping[str, frozenset[str]] = {
    f"{_CITIZENS}/LinkCitizen": frozenset({"identity-bridge"}),
    f"{_CITIZENS}/GetOwnProfile": frozenset({"gateway", "eservices"}),
    f"{_CITIZENS}/LookUpCitizen": _GATEWAY,
    f"{_CITIZENS}/UnlinkCitizen": _GATEWAY,
    f"{_CITIZENS}/BlockCitizen": _GATEWAY,
    f"{_CITIZENS}/UnblockCitizen": _GATEWAY,
    f"{_ACCESSES}/ListOwnAccesses": _GATEWAY,
}
