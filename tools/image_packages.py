"""Leaves of installed packages what a process reads: `image_packages.py SITE_PACKAGES`, run in the stage that builds.

Foreign modules stay compiled only, so a traceback names their lines without quoting them; ours keep their source.
Licences and metadata stay.
"""

from __future__ import annotations

import py_compile
import shutil
import struct
import sys
from pathlib import Path

OURS = "songcau"
FOR_COMPILERS = {".c", ".cpp", ".h", ".hpp", ".pxd", ".pxi", ".pyi", ".pyx"}
# Names of the places of the world's numbers: 19 MB that only `phonenumbers.geocoder` reads, which nothing here does.
NEVER_READ = ("phonenumbers/geodata",)
UNCHECKED = py_compile.PycInvalidationMode.UNCHECKED_HASH
# Header of a 64-bit little-endian ELF file; offsets as in elf(5).
ELF_64_LITTLE = b"\x7fELF\x02\x01"
PROGRAM_HEADERS, SECTION_HEADERS, HEADER_COUNTS = 32, 40, 54
SEGMENT_OFFSET, SEGMENT_SIZE = 8, 32


def main(folder: str) -> int:
    """Trim the folder; say what it was and what it is."""
    packages = Path(folder)
    before = size(packages)
    for name in NEVER_READ:
        shutil.rmtree(packages / name, ignore_errors=True)
    for path in sorted(path for path in packages.rglob("*") if path.is_file()):
        if path.suffix in FOR_COMPILERS or path.name == "RECORD":  # the list of files is no longer true
            path.unlink()
        elif path.suffix == ".py":
            compile_module(path, keep_source=path.relative_to(packages).parts[0].startswith(OURS))
        elif ".so" in path.suffixes:
            drop_symbol_table(path)
    print(f"packages: {before / 1e6:.0f} MB as installed, {size(packages) / 1e6:.0f} MB as they run")
    return 0


def size(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def compile_module(path: Path, *, keep_source: bool) -> None:
    """Compile one module; a file that is no module of this Python, such as a template, stays as it is."""
    target = None if keep_source else str(path.with_suffix(".pyc"))
    try:
        py_compile.compile(str(path), cfile=target, doraise=True, quiet=2, invalidation_mode=UNCHECKED)
    except py_compile.PyCompileError:
        return
    if not keep_source:
        path.unlink()


def drop_symbol_table(library: Path) -> None:
    """Cut what lies behind the last segment: names for debuggers, which the dynamic loader never reads."""
    content = bytearray(library.read_bytes())
    if not content.startswith(ELF_64_LITTLE) or struct.unpack_from("<Q", content, SECTION_HEADERS) == (0,):
        return  # no library, or cut before
    (first,) = struct.unpack_from("<Q", content, PROGRAM_HEADERS)
    width, count = struct.unpack_from("<HH", content, HEADER_COUNTS)
    ends = [_segment_end(content, first + number * width) for number in range(count)]
    struct.pack_into("<Q", content, SECTION_HEADERS, 0)
    struct.pack_into("<HHH", content, HEADER_COUNTS + 4, 0, 0, 0)
    library.write_bytes(content[: max(ends)])


def _segment_end(content: bytearray, header: int) -> int:
    (offset,) = struct.unpack_from("<Q", content, header + SEGMENT_OFFSET)
    (length,) = struct.unpack_from("<Q", content, header + SEGMENT_SIZE)
    return int(offset + length)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
