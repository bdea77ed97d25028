"""A cluster behind kubectl: apply, wait, run something once; failures carry the last words of what failed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
NAMESPACE = "songcau"
TASKS = "infra/k8s/overlays/dev/tasks"
Document = dict[str, Any]


class ClusterError(Exception):
    """The cluster did not do what was asked; the text says what and why."""


def say(text: str) -> None:
    """Tell the reader one thing."""
    print(f"▸ {time.strftime('%H:%M:%S')} {text}", flush=True)


@dataclass(frozen=True)
class Cluster:
    """The cluster of KUBECONFIG."""

    address: str

    @classmethod
    def connect(cls) -> Cluster:
        """Return the cluster; raises ClusterError where none answers."""
        if shutil.which("kubectl") is None:
            raise ClusterError("kubectl is not installed")
        # Without a file kubectl asks whoever listens at port 8080 of this machine, which the platform's gateway does.
        if not any(Path(file).is_file() for file in os.environ["KUBECONFIG"].split(os.pathsep)):
            raise ClusterError(f"no cluster answers at KUBECONFIG: {os.environ['KUBECONFIG']} is no file")
        done = subprocess.run(["kubectl", "get", "--raw", "/readyz"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise ClusterError(f"no cluster answers at KUBECONFIG: {done.stderr.strip()[-200:]}")
        shown = subprocess.run(
            ["kubectl", "config", "view", "--minify", "-o", "jsonpath={.clusters[0].cluster.server}"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return cls(shown.stdout)

    def call(self, *arguments: str, content: str = "") -> str:
        """Run kubectl and return what it printed; raises ClusterError."""
        done = subprocess.run(
            ["kubectl", *arguments], input=content or None, capture_output=True, text=True, cwd=ROOT, check=False
        )
        if done.returncode:
            raise ClusterError(f"kubectl {' '.join(arguments[:3])}: {done.stderr.strip()[-800:]}")
        return done.stdout

    def kubectl(self, *arguments: str) -> str:
        """Run kubectl in the platform's namespace."""
        return self.call("--namespace", NAMESPACE, *arguments)

    def manifests(self, folder: str) -> Iterator[Document]:
        """Yield the documents of an overlay."""
        yield from yaml.safe_load_all(self.call("kustomize", folder))

    def apply(self, documents: Iterable[Document], *flags: str) -> None:
        """Apply documents; nothing is done for none."""
        content = yaml.safe_dump_all(list(documents), sort_keys=False)
        if content.strip():
            self.call("apply", "--filename=-", *flags, content=content)

    def create(self, content: str) -> None:
        """Create what is not there."""
        self.call("create", "--filename=-", content=content)

    def exists(self, kind: str, name: str) -> bool:
        """Say whether something is there."""
        return bool(self.kubectl("get", kind, name, "--ignore-not-found", "--output=name").strip())

    def rolled_out(self, name: str, *, seconds: int = 180) -> None:
        """Wait until a deployment is ready; raises ClusterError with what its pods say."""
        try:
            self.kubectl("rollout", "status", f"deployment/{name}", f"--timeout={seconds}s")
        except ClusterError as error:
            pods = self.kubectl("get", "pods", "--output=wide")
            raise ClusterError(f"{name} is not ready: {error}\n{pods}\n{self._words_of(name)}") from None

    def _words_of(self, name: str) -> str:
        """Return what the pods of a deployment say; where their containers never started, what happened to them."""
        try:
            return self.kubectl("logs", f"deployment/{name}", "--tail=15", "--all-containers")
        except ClusterError:
            return self.kubectl("get", "events", "--sort-by=.lastTimestamp", "--field-selector=type=Warning")[-3000:]

    def finished(self, name: str, *, seconds: int = 300) -> None:
        """Wait for the end of a job; raises ClusterError with its log where it failed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = json.loads(self.kubectl("get", "job", name, "--output=json")).get("status", {})
            if status.get("succeeded"):
                return
            if any(found["type"] == "Failed" for found in status.get("conditions", [])):
                raise ClusterError(f"{name} failed:\n{self.log(name)}")
            time.sleep(1)
        raise ClusterError(f"{name} did not end in {seconds} s:\n{self.kubectl('describe', 'job', name)[-1500:]}")

    def log(self, job: str) -> str:
        """Return the log of a job's pod."""
        return self.kubectl("logs", f"job/{job}", "--tail=60").strip() or "it said nothing"

    def run_now(self, cron_job: str) -> str:
        """Run once what otherwise waits for its hour, and return its log; raises ClusterError where it failed."""
        name = f"{cron_job}-now"
        self.kubectl("delete", "job", name, "--ignore-not-found", "--wait=true")
        self.kubectl("create", "job", name, f"--from=cronjob/{cron_job}")
        self.finished(name)
        return self.log(name)

    def start_task(self, name: str, *arguments: str) -> None:
        """Start something that runs once inside the cluster."""
        self.kubectl("delete", "job", name, "--ignore-not-found", "--wait=true")
        (job,) = self.manifests(TASKS)
        job["metadata"]["name"] = name
        job["spec"]["template"]["spec"]["containers"][0]["args"] = list(arguments)
        self.apply([job])

    def running(self, task: str) -> None:
        """Wait until a task has begun."""
        self.kubectl("wait", f"job/{task}", "--for=jsonpath={.status.ready}=1", "--timeout=60s")

    def stop_task(self, name: str) -> str:
        """Tell a task to end and return its log; raises ClusterError where it failed or had ended before."""
        try:
            self.kubectl("exec", f"job/{name}", "--", "python", "-c", "import os; os.kill(1, 15)")
        except ClusterError as error:
            raise ClusterError(f"{name} ended before it was told to: {error}\n{self.log(name)}") from None
        return self.end_task(name, seconds=400)

    def task(self, name: str, *arguments: str, seconds: int = 300) -> str:
        """Run something once inside the cluster, tell what it said; raises ClusterError where it failed."""
        self.start_task(name, *arguments)
        return self.end_task(name, seconds=seconds)

    def end_task(self, name: str, *, seconds: int = 300) -> str:
        """Wait for a task's end and return its log."""
        self.finished(name, seconds=seconds)
        log = self.log(name)
        print(log, flush=True)
        return log
