"""Installs a program from Debian's packages, where this is Debian and we may."""

from __future__ import annotations

import os
import shutil
import subprocess


def install(program: str, *packages: str) -> bool:
    """Install the first of these packages that brings the program; return whether it is there now."""
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        return False
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for package in packages:
        command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
        done = subprocess.run(command, capture_output=True, check=False, env=quiet)
        if done.returncode == 0 and shutil.which(program):
            return True
    return False
