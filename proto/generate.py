"""Generates the Python modules of the contracts: a build hook at install, a command while a contract is edited."""

from __future__ import annotations

import fcntl
import shutil
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


def generate(root: Path = HERE) -> Path:
    """Generate `gen/songcau/**` from every contract below `root`; a failed run leaves the old modules in place."""
    import grpc_tools
    from grpc_tools import protoc

    contracts = sorted(str(path.relative_to(root)) for path in (root / "songcau").rglob("*.proto"))
    target = root / "gen"
    with (root / ".generate.lock").open("w") as lock, tempfile.TemporaryDirectory(dir=root) as staging:
        fcntl.flock(lock, fcntl.LOCK_EX)
        well_known = Path(grpc_tools.__file__).parent / "_proto"
        outputs = [f"--{kind}_out={staging}" for kind in ("python", "pyi", "grpc_python")]
        if shutil.which("protoc-gen-mypy_grpc", path=str(Path(sys.executable).parent)):
            plugin = Path(sys.executable).parent / "protoc-gen-mypy_grpc"
            outputs += [f"--plugin=protoc-gen-mypy_grpc={plugin}", f"--mypy_grpc_out={staging}"]
        if contracts and protoc.main(["protoc", f"-I{root}", f"-I{well_known}", *outputs, *contracts]) != 0:
            raise SystemExit("the contracts do not compile; the lines above name file and line")
        for policy in (root / "songcau").rglob("*_grpc_service_config.json"):
            shutil.copy(policy, Path(staging) / policy.relative_to(root))
        (target / "songcau").mkdir(parents=True, exist_ok=True)
        shutil.copytree(Path(staging) / "songcau", target / "songcau", dirs_exist_ok=True) if contracts else None
    return target


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a command in an environment without the build back end
    pass
else:

    class GenerateHook(BuildHookInterface):  # type: ignore[type-arg]
        """Hatch calls this before it builds a wheel or an editable install."""

        PLUGIN_NAME = "custom"

        def initialize(self, version: str, build_data: dict[str, object]) -> None:  # noqa: ARG002
            """Generate before the files are collected."""
            generate(Path(self.root))


if __name__ == "__main__":
    print(f"generated {sum(1 for _ in generate().rglob('*_pb2.py'))} modules")
