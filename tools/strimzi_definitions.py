"""Strimzi's custom resource definitions, made by its own generator from its published classes: nowhere else are they
in a package registry."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from songcau_local.full.artefacts import ArtefactError, cache_folder, library, require_java, staged
from songcau_local.full.versions import part

MODEL = "io.strimzi.api.kafka.model"
CLASSES = {
    "kafka.yaml": f"{MODEL}.kafka.Kafka",
    "node-pool.yaml": f"{MODEL}.nodepool.KafkaNodePool",
    "topic.yaml": f"{MODEL}.topic.KafkaTopic",
    "user.yaml": f"{MODEL}.user.KafkaUser",
}
# The last generator that was published is older than the classes, which refer to newer ones of Kubernetes: those first.
LIBRARIES = ("kubernetes-model-core", "kubernetes-model-common", "strimzi-generator", "strimzi-api")


def strimzi_definitions(say: Callable[[str], None]) -> list[Path]:
    """Return the files of the definitions, made the first time; raises ArtefactError where they cannot be."""
    target = cache_folder() / f"strimzi-definitions-{part('strimzi-api').version}"
    files = [target / name for name in CLASSES]
    if not all(file.exists() for file in files):
        java, libraries = require_java(), os.pathsep.join(str(library(name, say)) for name in LIBRARIES)
        with staged(target) as staging:
            wanted = [f"{kind}={staging / name}" for name, kind in CLASSES.items()]
            done = subprocess.run(
                [java, "-cp", libraries, "io.strimzi.crdgenerator.CrdGenerator", "--yaml", *wanted],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode or not all((staging / name).exists() for name in CLASSES):
                raise ArtefactError(f"Strimzi's generator failed: {done.stderr.strip()[-300:]}")
    return files
