"""Lets the API server itself judge staging and production, with the operators' definitions that can be had."""

from __future__ import annotations

import yaml
from k8s_cluster import NAMESPACE, Cluster, Document, say
from k8s_schemas import Loader, definition_files

ELSEWHERE = f"{NAMESPACE}-dry-run"


def server_dry_run(cluster: Cluster) -> None:
    """Judge both overlays; what was installed for it is removed again, what an operator had installed stays."""
    installed: list[str] = []
    try:
        installed = install_definitions(cluster)
        known = set(cluster.call("api-resources", "--no-headers", "--output=name").split())
        for overlay in ("staging", "production"):
            dry_run(cluster, overlay, known)
    finally:
        cluster.call("delete", "namespace", ELSEWHERE, "--ignore-not-found", "--wait=true")
        if installed:
            cluster.call("delete", "--ignore-not-found", *installed)


def install_definitions(cluster: Cluster) -> list[str]:
    """Install the operators' definitions that the cluster lacks, and return their names.

    Those that are there belong to a running operator: removing one would remove all that was made of its kinds.
    """
    there = set(cluster.call("get", "customresourcedefinitions", "--output=name").split())
    missing = {name: document for name, document in definitions().items() if name not in there}
    if missing:
        cluster.apply(missing.values(), "--server-side")
        # Until then the server answers as if it did not know the kinds.
        cluster.call("wait", "--for=condition=Established", "--timeout=60s", *missing)
    return list(missing)


def definitions() -> dict[str, Document]:
    """Return the custom resource definitions that can be had, under the names kubectl has for them."""
    documents = [document for file in definition_files() for document in yaml.load_all(file.read_text(), Loader)]
    return {
        f"customresourcedefinition.apiextensions.k8s.io/{document['metadata']['name']}": document
        for document in documents
        if document and document["kind"] == "CustomResourceDefinition"
    }


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
