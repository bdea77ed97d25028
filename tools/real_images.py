"""Images of Kafka and Keycloak to build on: the public ones, or stand-ins of the same layout from Maven artefacts."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from base_image import java_image
from container_engine import Engine, EngineError
from songcau_local.full.artefacts import ArtefactError, kafka_libraries, keycloak_home, library
from songcau_local.full.versions import part

ROOT = Path(__file__).resolve().parent.parent
PUBLIC = {"kafka": "docker.io/apache/kafka", "keycloak": "quay.io/keycloak/keycloak"}
Say = Callable[[str], None]


def real_image(engine: Engine, name: str, say: Say) -> tuple[str, str]:
    """Return the image of a real part and how it came; raises EngineError where it cannot be had."""
    chosen = os.environ.get(f"{name.upper()}_IMAGE")
    if chosen:
        return chosen, f"chosen by {name.upper()}_IMAGE"
    version = part(name).version
    public, stand_in = f"{PUBLIC[name]}:{version}", f"{engine.local}stand-in/{name}:{version}"
    if engine.local and engine.has(stand_in):
        return stand_in, "stand-in from Maven artefacts, made before"
    if engine.has(public) or engine.can_pull(public):
        return public, "the public image"
    try:
        _make(engine, name, stand_in, say)
    except ArtefactError as error:
        raise EngineError(f"{public} cannot be pulled and has no stand-in: {error}") from error
    return stand_in, "stand-in from Maven artefacts, as no registry answers"


def _make(engine: Engine, name: str, image: str, say: Say) -> None:
    java, recipe = java_image(engine), ROOT / "infra/k8s" / name / "stand-in"
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / "context"
        shutil.copytree(recipe, context)
        if name == "kafka":
            shutil.copytree(kafka_libraries(say), context / "libs")
            shutil.copy(library("kafka-log-binding", say), context / "libs")
        else:
            shutil.copytree(keycloak_home(say), context / "keycloak", symlinks=True)
        engine.build(context, context / "Dockerfile", image, ["--build-arg", f"BASE_IMAGE={java}"])
