"""The built wheel in an empty virtual environment, with no Node and no compiler within reach: it serves, and a label is made.

The packages that the lock names are those of the environment that runs the suite: the suite has no network. Only qafila is
installed, from its wheel, with `--no-deps --no-index`; that the wheel asks for just what `requirements/run.in` says is compared.
What the suite does not show is that every one of them has a wheel of its own: `pip install --only-binary :all:` does.
"""

from __future__ import annotations

import os
import re
import shutil
import site
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import Any

import orjson
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "src" / "qafila" / "web" / "static" / "built" / "manifest.json"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of these sources; skips where the front end is not built, or what builds wheels is not here."""
    if not BUILT.exists():
        pytest.skip("the front end is not built: python src/qafila/web/frontend/build.py")
    pytest.importorskip("hatchling", reason="hatchling is not installed (requirements/build.txt)")
    folder = tmp_path_factory.mktemp("wheel")
    made = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stderr
    (found,) = folder.glob("*.whl")
    return found


def test_the_wheel_is_for_every_machine_and_holds_what_it_shows(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")  # nothing to compile
    with zipfile.ZipFile(wheel) as content:
        names = set(content.namelist())
        (meta,) = (n for n in names if n.endswith(".dist-info/METADATA"))
        told = message_from_bytes(content.read(meta))
    for needed in (
        "qafila/web/static/built/manifest.json",
        "qafila/samples/orders.csv",
        "qafila/facts/vocabulary.csv",
    ):
        assert needed in names
    assert any(re.fullmatch(r"qafila/shipping/papers/fonts/.+\.ttf", n) for n in names)
    assert not any("node_modules" in n or "web/frontend/" in n or n.startswith("tests/") for n in names)
    lines = (ROOT / "requirements" / "run.in").read_text().splitlines()
    wanted = {str(Requirement(line)) for line in lines if line and not line.startswith("#")}
    asked = {str(Requirement(r)) for r in told.get_all("Requires-Dist", []) if "extra ==" not in r}
    assert asked == wanted


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with qafila in it from the wheel; its other packages are those of this one."""
    place = tmp_path_factory.mktemp("venv")
    venv.create(place, with_pip=False, symlinks=True)
    (inside,) = place.glob("lib/python*/site-packages")
    # named in a .pth file these come after its own, and what is installed there for editing (qafila itself) is not read
    (inside / "locked.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    installer = [sys.executable, "-m", "pip", "--python", str(place), "--disable-pip-version-check"]
    subprocess.run([*installer, "install", "-q", "--no-deps", "--no-index", str(wheel)], check=True)
    _bring_kernels(inside)
    return place


def _bring_kernels(inside: Path) -> None:
    """Puts beside the installed sources what was compiled of the same sources here: a first start compiles for a minute."""
    for source in (ROOT / "src" / "qafila").rglob("*.py"):
        copy = inside / source.relative_to(ROOT / "src")
        kernels = list((source.parent / "__pycache__").glob(f"{source.stem}.*.nb?"))
        if kernels and copy.exists() and copy.read_bytes() == source.read_bytes():
            (copy.parent / "__pycache__").mkdir(exist_ok=True)
            os.utime(copy, ns=(source.stat().st_atime_ns, source.stat().st_mtime_ns))  # by it they are known
            for kernel in kernels:
                shutil.copy2(kernel, copy.parent / "__pycache__")


def _environment(place: Path, home: Path) -> dict[str, str]:
    """Of a machine on which there is nothing but this environment: no Node, no compiler, none of our sources."""
    (home / "empty").mkdir(exist_ok=True)
    assert shutil.which("node", path=f"{place / 'bin'}") is None
    return {
        "PATH": os.pathsep.join((str(place / "bin"), str(home / "empty"))),
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "QAFILA_HOME": str(home / "qafila"),
    }


def _run(place: Path, environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [str(place / "bin" / "qafila"), *arguments],
        env=environment,
        cwd=environment["HOME"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _asked(address: str, key: str = "", body: Any = None) -> bytes:
    headers = {"content-type": "application/json", **({"authorization": f"Bearer {key}"} if key else {})}
    sent = None if body is None else orjson.dumps(body)
    try:
        with urllib.request.urlopen(urllib.request.Request(address, sent, headers), timeout=280) as answer:
            read: bytes = answer.read()
            return read
    except urllib.error.HTTPError as refused:
        raise AssertionError(refused.read().decode()) from None


def test_it_serves_and_makes_a_label(installed: Path, tmp_path: Path) -> None:
    environment = _environment(installed, tmp_path)
    log = tmp_path / "serve.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [str(installed / "bin" / "qafila"), "serve", "--port", "18490"],
            env=environment,
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        for _ in range(1400):
            if (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text())) or server.poll() is not None:
                break
            time.sleep(0.2)
        assert found, log.read_text()
        address = found[0]
        assert _asked(f"{address}/healthz") == b"ok"
        assert b"qafila" in _asked(f"{address}/fr/")
        key = _run(installed, environment, "merchant", "key", "local").split()[0]
        order = {
            "id": "A-1",
            "sender": {"country": "MA", "city": "Casablanca", "name": "Souk"},
            "receiver": {"country": "MA", "city": "Rabat", "name": "Amina", "line1": "1 rue Oukaimeden"},
            "items": [
                {
                    "title": "ceramic bowl",
                    "quantity": 1,
                    "hs": "691200",
                    "unit_value": {"amount": "90", "currency": "MAD"},
                }
            ],
        }
        offers = orjson.loads(_asked(f"{address}/api/v1/offers", key, order))["offers"]
        made = orjson.loads(_asked(f"{address}/api/v1/bookings", key, {"offer_id": offers[0]["id"]}))
        label = _asked(f"{address}/api/v1/{made['links']['label']}", key)
        assert label.startswith(b"%PDF-")
        assert len(label) > 5000
    finally:
        server.terminate()
        server.wait(60)
