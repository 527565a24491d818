"""Goods that Morocco sends, as sellers write them in five languages: the right heading, or a question.

The headings are those of HS 2022 by its own terms (chapters' notes and texts of headings); the words are not those of the
shipped knowledge, but a seller's.
"""

from __future__ import annotations

import pytest

from qafila.customs.classification.classifier import classifier
from qafila.shipping.orders.declared import sure_enough

GOODS = [
    ("Huile d'argan alimentaire torréfiée 250 ml, coopérative d'Essaouira", {"1515"}),
    ("زيت الأركان الخالص للشعر والبشرة 100 مل", {"1515", "3304", "3305"}),
    ("Pure prickly pear seed oil, cold pressed, 30 ml", {"1515", "3304"}),
    ("sardines marocaines à l'huile d'olive, boîte 125 g", {"1604"}),
    ("Canned sardines in tomato sauce 125g x 50", {"1604"}),
    ("poulpe congelé nettoyé calibre T4", {"0307", "1605"}),
    ("Tomates cerises fraîches, caisse de 5 kg", {"0702"}),
    ("maticha طماطم طرية", {"0702"}),
    ("clémentines fraîches calibre 2", {"0805"}),
    ("Fresh blueberries 125 g punnet", {"0810"}),
    ("dattes Medjool premium 1 kg", {"0804"}),
    ("تمر المجهول ممتاز 5 كيلو", {"0804"}),
    ("摩洛哥 椰枣 1公斤", {"0804"}),
    ("safran pur de Taliouine 5 g", {"0910"}),
    ("kamoun beldi d'Alnif moulu 200g", {"0909"}),
    ("Cumin d'Alnif en graines", {"0909"}),
    ("verveine séchée (louiza) sachet 50g", {"1211"}),
    ("لويزة مجففة 100 غرام", {"1211"}),
    ("thé vert gunpowder 4011, boîte 500g", {"0902"}),
    ("Couscous fin de blé dur 1kg", {"1902"}),
    ("كسكس الشعير البلدي", {"1902"}),
    ("miel d'euphorbe pur 500 g", {"0409"}),
    ("3sel 7or dial za3tar 1kg", {"0409"}),
    ("amlou aux amandes et huile d'argan 200 g", {"2008", "2007", "1515"}),
    ("olives vertes dénoyautées en bocal 370 g", {"2005", "0711"}),
    ("citrons confits beldi bocal", {"2001", "2008", "0812"}),
    ("câpres au vinaigre 100 g", {"2001"}),
    ("harissa marocaine tube 140 g", {"2103"}),
    ("eau de rose de Kelaat M'Gouna 250 ml", {"3301", "3304"}),
    ("huile essentielle de romarin 10 ml", {"3301"}),
    ("savon noir à l'eucalyptus 200 g", {"3401"}),
    ("ghassoul en plaques 1 kg", {"2508", "3304"}),
    ("henné en poudre naturel", {"3305", "1404", "3203", "3304"}),
    ("Tapis Beni Ouarain en laine fait main 200x300", {"5701", "5702"}),
    ("زربية صوف أمازيغية يدوية", {"5701", "5702"}),
    ("摩洛哥手工羊毛地毯", {"5701", "5702"}),
    ("coussin en sabra (soie de cactus) 50x50", {"6304", "9404"}),
    ("Moroccan wool wedding blanket handira", {"6301", "6304"}),
    ("panier en feuilles de palmier doum tressé", {"4602"}),
    ("chapeau de paille berbère à pompons", {"6504"}),
    ("babouches en cuir jaune homme taille 42", {"6403", "6404", "6405"}),
    ("بلغة جلد تقليدية", {"6403", "6405"}),
    ("sac à main cuir véritable fait main Fès", {"4202"}),
    ("portefeuille en cuir de Marrakech", {"4202"}),
    ("pouf marocain en cuir non rempli", {"9404", "4205"}),
    ("ceinture en cuir tressé", {"4203"}),
    ("tajine en terre cuite 30 cm", {"6912"}),
    ("طاجين فخار كبير", {"6912"}),
    ("carreaux de zellige 10x10 bleu", {"6907"}),
    ("lanterne en laiton ajouré", {"9405", "8306"}),
    ("théière en inox gravée 1 L", {"7323", "7418"}),
    ("coffret à bijoux en bois de thuya", {"4420"}),
    ("bague en argent 925 de Tiznit", {"7113"}),
    ("خاتم فضة 925", {"7113"}),
    ("faisceau de câbles pour tableau de bord automobile", {"8544"}),
    ("phosphate naturel broyé en vrac", {"2510"}),
    ("engrais DAP 18-46", {"3105"}),
    ("caftan brodé en velours pour femme", {"6204", "6104", "6211"}),
    ("djellaba homme en laine", {"6211", "6201", "6102", "6101"}),
    ("lentilles de contact mensuelles", {"9001"}),
]


@pytest.mark.parametrize(("words", "headings"), GOODS)
def test_the_right_heading_or_a_question(words: str, headings: set[str]) -> None:
    found = classifier().suggest(words)
    best = found.best
    declared = best is not None and not found.abstained and sure_enough(round(best.confidence, 2))
    assert not declared or best.hs6[:4] in headings, (best.hs6, best.confidence)


def test_most_of_them_are_found() -> None:
    right = sum(
        (best := classifier().suggest(words).best) is not None and best.hs6[:4] in headings
        for words, headings in GOODS
    )
    print(f"{right} of {len(GOODS)} Moroccan goods have the right heading first")
    assert right >= 50
