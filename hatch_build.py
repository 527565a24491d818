"""Build hook: dependencies from the requirements file, and the front end where it is not yet built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface


class Metadata(MetadataHookInterface):
    """Names the run-time dependencies once only: in requirements/run.in."""

    def update(self, metadata: dict[str, Any]) -> None:
        lines = (Path(self.root) / "requirements" / "run.in").read_text().splitlines()
        metadata["dependencies"] = [line for line in lines if line and not line.startswith(("#", "-"))]


class Build(BuildHookInterface):  # type: ignore[type-arg]
    """Runs the front end's own build before files are collected into the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        builder = Path(self.root) / "src" / "qafila" / "web" / "frontend" / "build.py"
        if builder.exists():
            subprocess.run([sys.executable, str(builder)], check=True)
