"""Writes what an image holds as a CycloneDX bill of materials: Python distributions and Debian packages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from container_engine import Engine, EngineError
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

# Runs inside the image, with what is there.
LOOK = """
import importlib.metadata, json, pathlib, platform
status = pathlib.Path("/var/lib/dpkg/status")
print(json.dumps({
    "interpreter": platform.python_version(),
    "python": sorted((d.metadata["Name"], d.version) for d in importlib.metadata.distributions()),
    "debian": status.read_text() if status.exists() else "",
}))
"""


def write_sbom(engine: Engine, image: str, target: Path) -> int:
    """Write the bill of an image and return how many components it names; raises EngineError where it is not valid."""
    found = json.loads(engine.run(image, "-c", LOOK, flags=("--network", "none", "--entrypoint", "python")))
    bom = Bom(components=[_interpreter(found["interpreter"]), *_python(found["python"]), *_debian(found["debian"])])
    bom.metadata.component = Component(name=image.rsplit("/", 1)[-1], type=ComponentType.CONTAINER, bom_ref="image")
    bom.serial_number = uuid5(NAMESPACE_URL, json.dumps(found, sort_keys=True))
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    document = json.loads(text)
    document["metadata"].pop("timestamp", None)  # equal images have equal bills
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault is not None:
        raise EngineError(f"the bill of materials of {image} is not valid CycloneDX: {fault}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    return len(bom.components)


def _interpreter(version: str) -> Component:
    # In the public base image it is no Debian package.
    purl = PackageURL("generic", name="python", version=version)
    return Component(name="python", version=version, purl=purl, type=ComponentType.PLATFORM, bom_ref=str(purl))


def _python(found: list[list[str]]) -> Iterator[Component]:
    for name, version in sorted({(name, version) for name, version in found}):
        purl = PackageURL("pypi", name=name.lower().replace("_", "-"), version=version)
        yield Component(name=name, version=version, purl=purl, type=ComponentType.LIBRARY, bom_ref=str(purl))


def _debian(status: str) -> Iterator[Component]:
    for block in status.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and not line.startswith(" "))
        if "installed" not in fields.get("Status", ""):
            continue
        purl = PackageURL(
            "deb",
            "debian",
            fields["Package"],
            fields["Version"],
            {"arch": fields["Architecture"], "distro": "bookworm"},
        )
        yield Component(
            name=fields["Package"], version=fields["Version"], purl=purl, type=ComponentType.LIBRARY, bom_ref=str(purl)
        )
