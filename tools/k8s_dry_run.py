"""Lets the API server itself judge staging and production, with the operators' definitions that can be had."""

from __future__ import annotations

from k8s_cluster import NAMESPACE, Cluster, Document, say
from k8s_schemas import definition_files

ELSEWHERE = f"{NAMESPACE}-dry-run"


def server_dry_run(cluster: Cluster) -> None:
    """Judge both overlays; what was installed for it is removed again."""
    definitions = [word for file in definition_files() for word in ("--filename", str(file))]
    if definitions:
        cluster.call("apply", "--server-side", "--force-conflicts", *definitions)
        # Until then the server answers as if it did not know the kinds.
        cluster.call("wait", "--for=condition=Established", "--timeout=60s", *definitions)
    try:
        known = set(cluster.call("api-resources", "--no-headers", "--output=name").split())
        for overlay in ("staging", "production"):
            dry_run(cluster, overlay, known)
    finally:
        cluster.call("delete", "namespace", ELSEWHERE, "--ignore-not-found", "--wait=true")
        if definitions:
            cluster.call("delete", "--ignore-not-found", *definitions)


def dry_run(cluster: Cluster, overlay: str, known: set[str]) -> None:
    """Judge one overlay, in a namespace where nothing of it is yet; say which kinds the server does not know."""
    documents = list(cluster.manifests(f"infra/k8s/overlays/{overlay}"))
    for document in documents:
        if document["kind"] == "Namespace":
            document["metadata"]["name"] = ELSEWHERE
            cluster.apply([document])
        else:
            document["metadata"]["namespace"] = ELSEWHERE
    ours = [document for document in documents if is_known(document, known)]
    unknown = sorted({document["kind"] for document in documents if not is_known(document, known)})
    cluster.apply(ours, "--dry-run=server")
    say(
        f"{overlay}: the API server takes {len(ours)} documents; kinds it does not know: {', '.join(unknown) or 'none'}"
    )


def is_known(document: Document, known: set[str]) -> bool:
    """Say whether the cluster has the kind of a document."""
    group = document["apiVersion"].rpartition("/")[0]
    return any(name.partition(".")[2] == group for name in known)
