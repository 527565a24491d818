"""`python -m benchmarks [NAME …]`: every module of this folder that has a `run`, or those that are named."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys

import benchmarks
from benchmarks.report import Report


def main(names: list[str]) -> int:
    """Run the benchmarks; 2 if a name is unknown."""
    known = sorted(m.name for m in pkgutil.iter_modules(benchmarks.__path__))
    runnable = {
        name: module
        for name in known
        if not name.startswith("_")
        and hasattr(module := importlib.import_module(f"benchmarks.{name}"), "run")
    }
    unknown = [name for name in names if name not in runnable]
    if unknown:
        print(f"no benchmark {unknown[0]}; there are {', '.join(runnable)}", file=sys.stderr)
        return 2
    report = Report()
    report(
        f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}: "
        "read the ratios, times depend on the machine"
    )
    for name in names or runnable:
        report.heading(name)
        runnable[name].run(report)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
