import pytest

from qafila.core.identifiers import awb, container, gs1
from qafila.core.identifiers.errors import InvalidNumber


@pytest.mark.parametrize(
    ("kind", "key"),
    [("SSCC", "106141412345678908"), ("GTIN-14", "10614141000415"), ("GLN", "9501101530003")],
)
def test_gs1_keys_of_the_general_specifications(kind: str, key: str) -> None:
    assert gs1.parse(kind, key) == key
    with pytest.raises(InvalidNumber, match=f"should be {key[-1]}"):
        gs1.parse(kind, key[:-1] + str((int(key[-1]) + 1) % 10))


def test_an_sscc_is_built_from_prefix_and_serial() -> None:
    assert gs1.sscc("0614141", 234567890, extension=1) == "106141412345678908"
    with pytest.raises(InvalidNumber, match="9 digits"):
        gs1.sscc("0614141", 10**9)


def test_air_waybill() -> None:
    assert awb.number("147", 1234567) == "147-12345675"  # 1234567 = 7 × 176366 + 5
    with pytest.raises(InvalidNumber, match="should be 5"):
        awb.parse("147-12345676")
    with pytest.raises(InvalidNumber, match="3 \\+ 8 digits"):
        awb.parse("147-1234567")


def test_containers_and_ulds() -> None:
    assert container.parse_container("csqu 305438 3") == "CSQU3054383"
    with pytest.raises(InvalidNumber):
        container.parse_container("CSQU3054384")
    assert container.parse_uld("ake 12345 at") == "AKE12345AT"
    with pytest.raises(InvalidNumber, match="type of 3"):
        container.parse_uld("12345AT")
