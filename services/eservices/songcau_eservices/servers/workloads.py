"""Which process may call which RPC, by the name in its certificate; whoever is not named may not."""

from collections.abc import Mapping

_GATEWAY = frozenset({"gateway"})

_METHODS = {
    "AttachmentService": (
        "AttachFile",
        "GetAttachment",
        "ListReusablePapers",
        "ReusePaper",
        "RemoveAttachment",
    ),
    "DossierService": (
        "CreateDossier",
        "UpdateDossier",
        "GetDossier",
        "ListDossiers",
        "GetChecklist",
        "SubmitDossier",
        "AcceptDossier",
        "RefuseDossier",
        "RequestSupplement",
        "SupplySupplement",
        "RequirePayment",
        "StartProcessing",
        "ProposeDecision",
        "ResolveDossier",
        "ReturnResult",
        "WithdrawDossier",
        "StopDossier",
        "GetReceipt",
        "ListDossierHistory",
    ),
    "PaymentService": (
        "CreatePayment",
        "GetPayment",
        "RecordPaymentNotification",
    ),
    "ProcedureService": (
        "SearchProcedures",
        "GetProcedure",
    ),
    "RefusalService": ("RecordRefusal",),
    "ResultService": (
        "GetResultFile",
        "VerifyResult",
        "RevokeResult",
    ),
    "UnitService": (
        "ListUnits",
        "GetUnit",
        "ResolveUnit",
        "ListAgencies",
    ),
}

WORKLOADS: Mapping[str, frozenset[str]] = {
    f"songcau.eservices.v1.{service}/{method}": _GATEWAY for service, methods in _METHODS.items() for method in methods
}
