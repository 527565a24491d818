"""What a person may mistype at a command is told in a sentence, never by a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from qafila.cli.main import app


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("log audit --checkpoint nowhere.txt", "No such file or directory: nowhere.txt"),
        ("log audit --checkpoint .", "Is a directory: ."),
        ("log audit --other nowhere", "No such file or directory: nowhere/checkpoint"),
        ("log witness --log EUR", "'EUR' is no verifier key"),
        ("log witness --log EUR --port 99999", "65535"),
        ("customs correlate codes.csv --from ../../x --to HS2017 --source me", "is no edition"),
        (f"customs correlate codes.csv --from HS2022 --to {'A' * 300} --source me", "is no edition"),
        ("customs correlate nowhere.csv --from HS2022 --to HS2017 --source me", "nowhere.csv"),
        ("customs correlate bytes.csv --from HS2022 --to HS2017 --source me", "utf-8"),
    ],
)
def test_it_is_told(said: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "codes.csv").write_text("610910,610910\n")
    (tmp_path / "bytes.csv").write_bytes(bytes(range(128, 256)))
    answer = CliRunner().invoke(app, said.split())
    assert isinstance(answer.exception, SystemExit)
    assert answer.exit_code in (1, 2)
    assert told in answer.output
