"""Gathers what a process needs of its base image: Python, the libraries that are linked, authorities, time zones.

Run in the stage that builds: `image_runtime.py TARGET FOLDER`, FOLDER being the packages the process brings itself.
The result has no shell, no package manager and no tools; it still says which Debian packages its files came from.
"""

from __future__ import annotations

import compileall
import os
import py_compile
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

# Parts of the standard library for people at a keyboard, for installing and for testing Python itself.
LEFT_OUT = {"test", "idlelib", "lib2to3", "ensurepip", "tkinter", "turtledemo", "pydoc_data", "venv"}
LEFT_OUT |= {"site-packages", "dist-packages", "__pycache__"}
# Their shared objects; the public image has the one of tkinter without the libraries it links.
LEFT_OUT_PREFIXES = ("config-", "_tkinter.", "_test", "_ctypes_test", "_xxtest")
SURROUNDINGS = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/openssl.cnf",
    "/usr/lib/ssl/cert.pem",
    "/usr/lib/ssl/certs",
    "/usr/lib/ssl/openssl.cnf",
    "/usr/lib/locale/C.utf8",
    "/usr/share/zoneinfo",
    "/usr/share/common-licenses",
    "/usr/share/ca-certificates",
    "/etc/ld.so.cache",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/os-release",
    "/etc/debian_version",
)
# The C library opens these by name when it needs them, so that nothing links them.
OPENED_BY_NAME = ("libgcc_s.so.1", "libnss_dns.so.2", "libnss_files.so.2")
STANDARD_LIBRARY = Path(sysconfig.get_path("stdlib", vars={"installed_base": sys.base_prefix}))
DPKG = Path("/var/lib/dpkg")


class Root:
    """A folder that becomes the root of an image; files keep their places, links their targets."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.taken = folder, set[Path]()
        folder.mkdir()
        for link in Path("/").iterdir():  # /lib and /lib64 lead into /usr
            if link.is_symlink() and (link / ".").is_dir():
                (folder / link.name).symlink_to(os.readlink(link))
        (folder / "tmp").mkdir()
        (folder / "tmp").chmod(0o1777)

    def take(self, path: Path) -> None:
        """Take a file, a whole folder, or a link with what it leads to."""
        path = path.parent.resolve() / path.name
        if path in self.taken or not os.path.lexists(path):
            return
        self.taken.add(path)
        target = self.folder / path.relative_to("/")
        if path.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.symlink_to(os.readlink(path))
            self.take(path.parent / os.readlink(path))
        elif path.is_dir():
            target.mkdir(parents=True, exist_ok=True)
            for inner in sorted(path.iterdir()):
                if inner.name not in LEFT_OUT and not inner.name.startswith(LEFT_OUT_PREFIXES):
                    self.take(inner)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def python_files() -> Iterator[Path]:
    """Yield the interpreter under its names and the standard library."""
    interpreter = Path(sys._base_executable)
    for name in ("python", "python3", f"python3.{sys.version_info.minor}"):
        yield interpreter.parent / name
    yield STANDARD_LIBRARY


def linked_libraries(binaries: Iterable[Path]) -> set[Path]:
    """Return the libraries of the system that these binaries need, as the dynamic loader finds them."""
    said = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    missing = re.findall(r"^\s+(\S+) => not found", said, flags=re.MULTILINE)
    if missing:
        raise SystemExit(f"image_runtime: no such library in the base image: {', '.join(sorted(set(missing)))}")
    return {Path(found) for found in re.findall(r"(/\S+) \(0x", said)}


def binaries_in(folder: Path) -> list[Path]:
    """Return the shared objects below a folder."""
    return sorted(path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink())


def owners(taken: set[Path]) -> set[str]:
    """Return the Debian packages that any of these files belongs to."""
    found = set()
    for listing in (DPKG / "info").glob("*.list"):
        files = (Path(line) for line in listing.read_text().splitlines())
        if any(path.parent.resolve() / path.name in taken and not path.is_dir() for path in files):
            found.add(listing.stem.partition(":")[0])
    return found


def write_packages(root: Root) -> int:
    """Write the package status that scanners read, and each package's licence; return how many packages."""
    names = owners(root.taken)
    blocks = (DPKG / "status").read_text().split("\n\n")
    kept = [block.strip() for block in blocks if block.strip().partition("\n")[0].removeprefix("Package: ") in names]
    status = root.folder / DPKG.relative_to("/") / "status"
    status.parent.mkdir(parents=True)
    status.write_text("\n\n".join(kept) + "\n")
    for name in sorted(names):
        root.take(Path("/usr/share/doc") / name / "copyright")
    return len(kept)


def main(target: str, folder: str) -> int:
    """Fill the target folder; say how large it became."""
    root = Root(Path(target))
    for path in (*python_files(), *map(Path, SURROUNDINGS)):
        root.take(path)
    stdlib = root.folder / STANDARD_LIBRARY.relative_to("/")
    binaries = [Path(sys._base_executable).resolve(), *binaries_in(stdlib), *binaries_in(Path(folder))]
    libraries = linked_libraries(binaries)
    libraries |= {library.parent / name for library in libraries for name in OPENED_BY_NAME}
    for library in sorted(libraries):
        if not library.is_relative_to(folder):
            root.take(library)
    packages = write_packages(root)
    compileall.compile_dir(
        stdlib, stripdir=target, quiet=1,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )  # fmt: skip
    size = sum(path.lstat().st_size for path in root.folder.rglob("*") if not path.is_dir())
    print(f"{size / 1e6:.0f} MB of the base image, from {packages} Debian packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
