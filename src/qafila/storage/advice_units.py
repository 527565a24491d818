"""Units of measure as files of suppliers write them: which of them are sure not to be single pieces."""

from __future__ import annotations

import re
from functools import cache

from qafila.shipping.orders.columns import squashed

_BUNDLES = (
    # cartons and boxes
    "carton cartons ctn ctns ct cts crt box boxes bx bxs case cases cs cse crate crates cr caja cajas cj cjs caixa caixas cx cxs "
    "caisse caisses boîte boîtes colis colli kolli koli scatola scatole cartone cartoni cartón cartones karton kartons kartonu kartony "
    "krt kt kiste kisten doos ящик ящики кор короб коробка коробки коробок كرتون كرتونة كراتين صندوق صناديق",
    # pallets and containers
    "pallet pallets plt plts palette palettes paletten palet palets paleta paletas palé palés palety pal skid skids px pf bancale bancali "
    "container containers conteneur conteneurs поддон поддоны паллета паллеты паллет طبلية طبالي بالتة بالتات",
    # dozens and other numbers
    "dozen dozens doz dz dzn dzp dzs douzaine douzaines docena docenas dutzend dozzina dozzine dúzia dúzias düzine dzd gross grosse gro "
    "hundred thousand mille millar tausend tsd дюжина دزينة درزن دستة",
    # packs and bags
    "pack packs pk pks pkg pkgs pck pcks pkt pkts packet packets package packages multipack inner inners outer outers master paquet paquets "
    "paquete paquetes paq pqt pacote pacotes pct pacco pacchi paket pakete paketi packung packungen ve vpe gebinde confezione confezioni conf "
    "pak pakken opak opakowanie уп упак упаковка упаковки упаковок пачка bundle bundles bdl bdls lot lots bale bales fardo fardos tray trays "
    "bag bags bg sac sacs sack sacks saco sacos мешок باكيت رزمة حزمة كيس أكياس شوال",
    # weights
    "kg kgs kgm kilo kilos kilogram kilograms kilogramme kilogrammes kilogramm kilogramo kilogramos g gr grs grm gram grams gramme grammes "
    "gramm gramo gramos mg lb lbs lbr pound pounds livre livres oz onz ounce ounces t tne mt ton tons tonne tonnes tonelada toneladas кг г т "
    "كجم كغ كغم كيلو كيلوغرام كيلوجرام غرام جرام غم طن رطل",
    # other measures
    "l lt ltr ltrs liter liters litre litres litro litros ml cl m mtr mtrs meter meters metre metres mètre mètres metro metros lfm cm mm "
    "m2 m3 qm sqm cbm mtk mtq ft yd yds yard yards л м لتر متر",
)  # fmt: skip
_BUNDLES_UNSPACED = (
    "箱", "打", "托", "卡板", "栈板", "棧板", "包", "袋", "捆", "公斤", "千克", "克", "斤", "吨", "噸", "磅", "升", "米", "ケース", "ダース", "박스", "상자",
)  # fmt: skip
_PIECES = "pcs pc pce pces piece pieces pièce pièces stück stücke stueck stk pieza piezas pza pzas pezzi peça peças szt шт قطعة قطع القطع 件"


@cache
def _squashed(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(squashed(word) for line in words for word in line.split())


def _words(text: str) -> set[str]:
    return {squashed(text)} | {squashed(word) for word in re.findall(r"[^\W\d_]+", text)}


def is_bundle(unit: str) -> bool:
    """Whether a unit is sure to be no single piece: it names a carton, a pallet, a dozen, a weight, or a number of pieces such as
    `12 pcs`. A word that is not known is a piece: there are more words for pieces than for all else."""
    numbers = re.findall(r"(?<![^\W_])\d+", unit)
    return (
        any(int(number) > 1 for number in numbers)
        or bool(_words(unit) & _squashed(_BUNDLES))
        or any(squashed(word) in squashed(unit) for word in _BUNDLES_UNSPACED)
    )


def says_pieces(heading: str) -> bool:
    """Whether a column's heading says that it counts pieces, as `Qty shipped (pcs)` does."""
    return bool(_words(heading) & _squashed((_PIECES,)))


def counts_bundles(heading: str) -> bool:
    """Whether a column's heading says that it counts cartons, pallets, dozens or weight, as `Qty (cartons)` and `数量（箱）` do,
    or pieces in each of them."""
    words = re.sub(r"\d+", " ", heading)
    if not is_bundle(words):
        return False
    return not says_pieces(words) or bool(_EACH.search(words))


_EACH = re.compile(r"(?i)\b(per|par|por|pro|je|each)\b|/|每")
