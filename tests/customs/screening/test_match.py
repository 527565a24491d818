from __future__ import annotations

from pathlib import Path

import pytest

from qafila.core.fault import Fault
from qafila.customs.screening import Listed, Party, Screener, read_list
from qafila.customs.screening.names import name, skeleton

LISTED = (
    Listed("un", "1", ("Muammar al-Gaddafi",), countries=("LY",), birth_dates=("1942",)),
    Listed("un", "2", ("Usama bin Laden",), countries=("SA",)),
    Listed("us", "3", ("Владимир Иванович Кузнецов",), countries=("RU",)),
    Listed("us", "4", ("王小明",), countries=("CN",)),
    Listed("eu", "5", ("Mohammed Hussein al-Tikriti",), countries=("IQ",), birth_dates=("1960-03-02",)),
    Listed("eu", "6", ("Golden Star Shipping Company Ltd",), identifiers=("IMO 9074729",)),
    Listed("eu", "7", ("Jürgen Groß",)),
    *(
        Listed("noise", f"n{i}", (text,))
        for i, text in enumerate(
            [
                "Mohammed Alami",
                "Fatima Zahra",
                "Wang Wei",
                "Ivan Petrov",
                "Star Logistics Ltd",
                "Hussein Ali",
                "Silver Moon Trading Company",
                "Zhang Xiaoming",
                "Omar Bennani",
                "Vladimir Sokolov",
            ]
        )
    ),
)


@pytest.fixture(scope="module")
def screener() -> Screener:
    return Screener(LISTED)


@pytest.mark.parametrize(
    ("id", "spellings"),
    [
        (
            "1",
            [
                "Moammar Gadhafi",
                "Mouammar Kadhafi",
                "معمر القذافي",
                "Qaddafi, Muammar",
                "Muammar el Qadhdhafi",
            ],
        ),
        (
            "2",
            ["Osama bin Ladin", "Oussama Ben Laden", "أسامة بن لادن", "Usamah Binladin", "Ussama Bin Laden"],
        ),
        (
            "3",
            [
                "Vladimir Ivanovich Kuznetsov",
                "Kuznetsov Vladimir",
                "Wladimir Kusnezow",
                "Vladimir Kuznecov",
                "Владимир Кузнецов",
            ],
        ),
        ("4", ["Wang Xiaoming", "Xiaoming Wang", "WANG Xiao Ming", "王 小明", "Wang Xiao-Ming"]),
        (
            "5",
            [
                "محمد حسين التكريتي",
                "Mohamed Husain Tikriti",
                "Muhammad Hussain al Tikrity",
                "Tikriti Mohammad Hussein",
                "Mohamad Hossein Al-Tikriti",
            ],
        ),
        (
            "6",
            [
                "Golden Star Shipping Co",
                "GOLDEN STAR SHIPPING LLC",
                "Goldenstar Shipping",
                "Golden Star Shiping Company",
                "Golden-Star Shipping Co. Ltd.",
            ],
        ),
        ("7", ["Juergen Gross", "Jurgen Gross", "GROSS Jürgen", "Jürgen Gross", "J\u00fcrgen Gro\u00df"]),
    ],
)
def test_a_name_is_found_however_it_is_spelt(screener: Screener, id: str, spellings: list[str]) -> None:
    for spelling in spellings:
        hits = screener.screen(Party(spelling))
        assert [h.listed.id for h in hits][:1] == [id], (spelling, hits)
        assert hits[0].reason


@pytest.mark.parametrize(
    "innocent",
    [
        "Amina El Alaoui",
        "Mohammed Tazi",
        "李小红",
        "Star Coffee Ltd",
        "Vladimir Horowitz",
        "Hussein Bennis",
        "Coopérative Argane d'Essaouira",
        "Jürgen Klein",
        "Laden Özdemir",
        "Golden Dates Company",
        "",
        "—",
    ],
)
def test_others_pass(screener: Screener, innocent: str) -> None:
    assert screener.screen(Party(innocent)) == []


def test_another_year_of_birth_speaks_against_but_does_not_clear(screener: Screener) -> None:
    same = screener.screen(Party("Mohammed Hussein Tikriti", birth_date="1960"))[0]
    other = screener.screen(Party("Mohammed Hussein Tikriti", birth_date="1991"), threshold=0.5)[0]
    assert same.score > other.score
    assert "another year" in str(other.reason)


def test_an_identifier_is_proof_whatever_the_name(screener: Screener) -> None:
    (hit,) = screener.screen(Party("Blue Wave", identifiers=("imo-9074729",)))
    assert (hit.listed.id, hit.score) == ("6", 1.0)


@pytest.mark.parametrize(
    "spellings",
    [("gaddafi", "kadhafi", "qadhdhafi"), ("mohammed", "muhammad", "mohamad"), ("yusuf", "youssef")],
)
def test_spellings_share_a_skeleton(spellings: tuple[str, ...]) -> None:
    assert len({skeleton(s) for s in spellings}) == 1


def test_an_arabic_name_shares_the_skeleton_of_its_latin_form() -> None:
    assert name("القذافي").skeletons == name("Gaddafi").skeletons


def test_both_forms_of_list_are_read_and_bad_rows_named(tmp_path: Path) -> None:
    file = tmp_path / "targets.simple.csv"
    file.write_text(
        "id,schema,name,aliases,birth_date,countries,identifiers,sanctions\n"
        'Q1,Person,Ali Test,"A. Test;علي",1970-01-01,iq;ir,X-1,UN 1267\n'
        "Q2,Person,,,,,,\n"
        "Q1,Person,Again,,,,,\n"
    )
    read = read_list(file, "os")
    assert read.parties == (
        Listed(
            "os",
            "Q1",
            ("Ali Test", "A. Test", "علي"),
            "Person",
            ("IQ", "IR"),
            ("1970-01-01",),
            ("X-1",),
            "UN 1267",
        ),
    )
    assert [(p.row, p.field) for p in read.problems] == [(2, "name"), (3, "id")]
    plain = tmp_path / "plain.csv"
    plain.write_text("Name,Country\nBad Actor,RU\n")
    assert read_list(plain, "mine").parties[0].countries == ("RU",)
    plain.write_text("party\nBad Actor\n")
    with pytest.raises(Fault, match="has no column name"):
        read_list(plain, "mine")


ACROSS_SCRIPTS = {
    "محمود عبد الرحمن البنا": [
        "Mahmoud Abdel Rahman El Banna",
        "Mahmud Abdulrahman al-Banna",
        "MAHMOOD ABD AL RAHMAN ALBANNA",
    ],
    "Юрий Владимирович Ковальчук": ["Yury Kovalchuk", "Iouri Kovaltchouk", "Juri Kowaltschuk"],
    "حسن نصر الله": ["Hassan Nasrallah", "Hasan Nasr Allah", "Хасан Насралла"],
    "عبد القادر الجزائري": ["Abdelkader El Djezairi", "Abdul Kadir Aljazairi", "Абд аль-Кадир аль-Джазаири"],
    "Ayman al-Zawahiri": ["أيمن الظواهري", "Aiman az-Zawahri", "Eymen Zevahiri"],
    "Rosoboronexport OJSC": ["Рособоронэкспорт", "ROSOBORON EXPORT", "Rosoboronexport, OAO"],
    "Huawei Technologies Co Ltd": ["华为技术有限公司", "Huawei Technology"],
    "欧阳志远": ["Ouyang Zhiyuan", "OU YANG Zhi Yuan", "歐陽志遠"],
    "Дмитрий Медведев": ["Dimitri Medwedew", "ديميتري ميدفيديف", "Dmitriy Medvedyev"],
    "Recep Çağlar Öztürk": ["Redjep Tchaglar Oezturk", "Çağlar Recep ÖZTÜRK"],
    "Ali Khamenei": ["علی خامنه\u200cای", "Ali Khamene'i", "Али Хаменеи"],
    "Al-Qaida": ["القاعدة", "Alqaida", "Al Qaeda"],
    "Viktor Bout": ["فيكتور بوت", "Wiktor But"],
}


def test_across_scripts_and_joined_or_parted() -> None:
    ready = Screener(Listed("t", text, (text,)) for text in ACROSS_SCRIPTS)
    for text, spellings in ACROSS_SCRIPTS.items():
        for spelling in spellings:
            found = [hit.listed.id for hit in ready.screen(Party(spelling))]
            assert found[:1] == [text], spelling


def test_strangers_with_a_skeleton_in_common_pass() -> None:
    ready = Screener(
        Listed("t", text, (text,)) for text in [*ACROSS_SCRIPTS, "Zhang Wei", "王建国", "Yusuf Abdullah"]
    )
    for innocent in (
        "Wei Singh",
        "Qiang Nagy",
        "Youssef Patel",
        "Jean Huang",
        "Amina Zhang",
        "Hussein Sharma",
    ):
        assert ready.screen(Party(innocent)) == [], innocent
