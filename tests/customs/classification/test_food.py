"""What Morocco exports to eat, in English, French, Arabic, Chinese and the Moroccan vernacular: the right heading."""

from __future__ import annotations

import pytest

from qafila.customs.classification.classifier import classifier

FOOD = [
    ("dried figs 500 g", "080420"), ("Dried apricots 1 kg", "081310"), ("Dattes Mejhoul 1 kg", "080410"), ("تمر المجهول 1 كلغ", "080410"),
    ("Thyme honey 500 g", "040900"), ("Miel d'euphorbe du Maroc", "040900"), ("عسل حر طبيعي", "040900"), ("蜂蜜 500克", "040900"),
    ("Olives vertes dénoyautées bocal", "200570"), ("زيتون أخضر مخلل", "200570"), ("Green olives in brine", "200570"),
    ("Extra virgin olive oil 1 L", "150920"), ("زيت الزيتون البكر الممتاز", "150920"), ("زيت العود البلدية", "150920"), ("zit l3oud beldi", "150920"),
    ("特级初榨橄榄油 500ml", "150920"), ("Amlou beldi 250 g", "200819"), ("أملو باللوز والعسل", "200819"), ("Ras el hanout 100 g", "091091"),
    ("زعفران حر تالوين", "091020"), ("Cumin d'Alnif moulu", "090932"), ("كسكس بلدي", "190240"), ("Citrons confits bocal", "200190"),
    ("Thé vert gunpowder 250 g", "090210"), ("atay chinwa", "090210"), ("Verveine séchée (louiza)", "121190"), ("زيت أركان للأكل", "151590"),
    ("louz beldi 1 kg", "080212"), ("guergaa 500 g", "080232"), ("Kaab el ghzal box", "190590"), ("Sardines à l'huile d'olive", "160413"),
]  # fmt: skip


@pytest.mark.parametrize(("title", "hs"), FOOD)
def test_heading(title: str, hs: str) -> None:
    best = classifier().suggest(title, "", "", most=1).best
    assert best is not None
    assert best.hs6[:4] == hs[:4]
    assert best.hs6 == hs
