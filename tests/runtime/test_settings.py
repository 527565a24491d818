from pathlib import Path

import pytest

from qafila.runtime.settings import Settings

DOCUMENT = Path(__file__).parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_and_nothing_else_is() -> None:
    documented = {
        line.split("`")[1]
        for line in DOCUMENT.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `QAFILA_")
    }
    assert documented == {f"QAFILA_{name.upper()}" for name in Settings.model_fields}
    assert all(field.description for field in Settings.model_fields.values())


def test_a_post_without_a_limit_may_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAFILA_CN22_LIMIT_SDR", "null")
    assert Settings().cn22_limit_sdr is None
