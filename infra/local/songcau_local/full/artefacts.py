"""Brings the published files of Kafka and Keycloak onto this machine: through Maven, cached, checked by checksum."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .versions import Part, part

DEPENDENCY_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1"
POM = """<project>
  <modelVersion>4.0.0</modelVersion><groupId>local</groupId><artifactId>parts</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></dependency>
  </dependencies>
</project>
"""

# What Keycloak fixes when it builds itself; everything else is said at the start.
KEYCLOAK_BUILD_OPTIONS = ("--db=dev-file", "--health-enabled=true")
MACHINE = ("PATH", "HOME", "JAVA_HOME", "LANG", "LC_ALL", "TMPDIR")

Say = Callable[[str], None]


class ArtefactError(Exception):
    """A real part cannot be had; the text says what is missing and what to do."""


def cache_folder() -> Path:
    """Return where downloaded parts stay, shared by every checkout of this user."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "songcau"


def require_java() -> str:
    """Return the Java program; raises ArtefactError where there is none."""
    java = shutil.which("java")
    if java is None:
        raise ArtefactError("the real Kafka and Keycloak need Java 17 or newer and there is none: install a JRE")
    return java


def kafka_libraries(say: Say) -> Path:
    """Return the folder of Kafka's libraries, fetched and checked the first time."""
    kafka = part("kafka")
    target = cache_folder() / f"kafka-{kafka.version}"
    with _one_at_a_time(target):
        if not is_complete(target, kafka.files):
            say(f"fetching Apache Kafka {kafka.version} ({len(kafka.files)} libraries)")
            with staged(target) as staging:
                pom = staging / "pom.xml"
                pom.write_text(POM.format(group=kafka.group, name=kafka.artefact, version=kafka.version))
                maven("-f", str(pom), f"{DEPENDENCY_PLUGIN}:copy-dependencies", f"-DoutputDirectory={staging}")
                pom.unlink()
                check(staging, kafka.files)
    return target


def keycloak_home(say: Say) -> Path:
    """Return Keycloak's distribution, fetched, checked and built for `start --optimized` the first time."""
    keycloak = part("keycloak")
    target = cache_folder() / f"keycloak-{keycloak.version}-built"
    home = target / f"keycloak-{keycloak.version}"
    with _one_at_a_time(target):
        if not (home / "bin/kc.sh").exists():
            say(f"fetching Keycloak {keycloak.version} (177 MB)")
            with staged(target) as staging:
                unpack(fetch(keycloak, staging, kind="zip"))
                say("building Keycloak once for every later start (about half a minute)")
                build(staging / home.name)
    return home


def unpack(archive: Path) -> None:
    """Unpack an archive beside itself and remove it."""
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(archive.parent)
    for script in archive.parent.rglob("*.sh"):
        script.chmod(0o755)
    archive.unlink()


def build(home: Path) -> None:
    """Let Keycloak prepare itself for the options that are fixed; without this each first start takes twice as long."""
    command = [str(home / "bin/kc.sh"), "build", *KEYCLOAK_BUILD_OPTIONS]
    machine = {name: os.environ[name] for name in MACHINE if name in os.environ}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=machine)
    if done.returncode != 0:
        words = (done.stdout + done.stderr).strip().splitlines() or ["it said nothing"]
        raise ArtefactError(f"Keycloak could not be built: {words[-1][:300]}")


@contextmanager
def _one_at_a_time(target: Path) -> Iterator[None]:
    """Let two stacks that start together fetch once."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(target.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def library(name: str, say: Say) -> Path:
    """Return the one library of a part, fetched and checked the first time."""
    wanted = part(name)
    target = cache_folder() / f"{name}-{wanted.version}"
    with _one_at_a_time(target):
        if not is_complete(target, wanted.files):
            say(f"fetching {wanted.artefact} {wanted.version}")
            with staged(target) as staging:
                fetch(wanted, staging, kind="jar")
    (file,) = wanted.files
    return target / file


def fetch(wanted: Part, folder: Path, *, kind: str) -> Path:
    """Bring the one file of a part into an empty folder and check it."""
    coordinates = f"{wanted.group}:{wanted.artefact}:{wanted.version}:{kind}"
    maven(f"{DEPENDENCY_PLUGIN}:copy", f"-Dartifact={coordinates}", f"-DoutputDirectory={folder}")
    check(folder, wanted.files)
    (file,) = wanted.files
    return folder / file


def maven(*arguments: str) -> None:
    """Run Maven quietly; raises ArtefactError with its last words."""
    program = shutil.which("mvn")
    if program is None:
        raise ArtefactError("without Docker the real parts come through Maven, which is not installed: install Maven")
    done = subprocess.run([program, "-q", "-B", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        words = [line for line in done.stdout.splitlines() if "ERROR" in line] or ["it said nothing"]
        raise ArtefactError(f"Maven could not bring the part: {words[0][:300]}")


def is_complete(folder: Path, files: Mapping[str, str]) -> bool:
    """Say whether every pinned file is there; what was accepted once is not hashed again."""
    return all((folder / name).exists() for name in files)


def check(folder: Path, files: Mapping[str, str]) -> None:
    """Raise ArtefactError where a file is missing, unpinned or not the published one."""
    found = {path.name for path in folder.iterdir() if path.suffix in {".jar", ".zip"}}
    if found != set(files):
        raise ArtefactError(f"not the pinned set of files: {sorted(found ^ set(files))}")
    for name, expected in files.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
            raise ArtefactError(
                f"{name} is not the published file (its checksum differs): nothing was installed; "
                "Maven keeps a copy of its own, remove that before you try again"
            )


@contextmanager
def staged(target: Path) -> Iterator[Path]:
    """Lend an empty folder that takes the target's place at the end of the block, and is removed where that fails."""
    staging = target.with_name(target.name + f".new-{os.getpid()}")
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    try:
        yield staging
        shutil.rmtree(target, ignore_errors=True)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
