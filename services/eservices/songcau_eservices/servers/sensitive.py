"""The writes that wait while nobody vouches for the audit log: what decides on a citizen's dossier; a closed list."""

_DOSSIERS = "songcau.eservices.v1.DossierService"

SENSITIVE = frozenset(
    {
        f"{_DOSSIERS}/RefuseDossier",
        f"{_DOSSIERS}/ResolveDossier",
        f"{_DOSSIERS}/StopDossier",
        "songcau.eservices.v1.ResultService/RevokeResult",
    }
)
