"""Error cells of workbooks: what a spreadsheet could not compute is seen and refused by the cell, in XLS and ODS too."""

from __future__ import annotations

import base64
import io
import zipfile
import zlib

from hypothesis import given
from hypothesis import strategies as st

from qafila.shipping.orders.reading import read_bytes
from qafila.shipping.orders.workbook_errors import errors_of
from qafila.shipping.orders.workbooks import rows_of

# LibreOffice 7.4 saved this: with =NA(), =1/0, no common cell, =SQRT(-1), an unknown function, "a"+1, INDIRECT
_XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)TWFj`6h8CsX7}GTO*To>T$;qSnoE;SNm|i})?BLwDk-&UDTQ{s*~GP*Y}iIn@Uk`bMJ*^5d?`pJZ;BTLeNb@o=7XXyeeecpA4I7"
        "St0+=1`TfqB+2rqb1KCss+nnXh%ztL)%$b>UoBjH$%7ybEG+d-SxQ9Hn<OIm)qA6e?_Yowr3~kAAoE+KNfd3UNnwsy>i~B19@}2vEwz="
        "C<Q*XeH2L~vL-wcIlFHNCN(bH56Y=y?S`K@Kn(i+FD6*ksi|N88|*^hgGh3udGJ=^~#U>R^TupC&SLjY9*tAN$OEx;Pl38GqH9k3qQ0N"
        "e&_1U3PifwverZZ$RI?P#}{?>5x!8-C|shk%V+^p(&jo4?>Im%G0Rjd<TXFM4qac!Z`|H-;jKXz0I!L6IS%ScVLgbPrmJ&VgD^?+Nu&D"
        "ffu>0s1M_Yc%?h)i1K2k#f6~<;3$pmO0-Fr3ZTWy=eKXVg!o(YKS6~pg0|eAB<x}1AWf+^}LK=>reyI!=tXJx7k}pb8KS|#HM1YNMb>3"
        "XO8}GLM}VagqY6Lh5q~6=vI+*y6Nb1IJ-jU+^NTB^XWTQp@&zYcdSAWTth!=!LHKea2-s0q^?Z+q^?SPrLIo<rQVV*agK@po`yER<<-_"
        "Yni`9xPQC*BRQSy+8%T8UjH1hQn7wrNfUM=qvNvWk&SmXx+)bOZY)7BL8f-eH;Pvf{>POj6&A$e<-?!oaZTNNjPq_ZS@Ivsf#EB$}aWp"
        "=L@G%pgNyJc3r{d8V!pcBbkCeNl+%4rD4uXnJ!(JU!qIL~%<w9yqZE@t$9x8a1hbqG^#;`lK=}OsA5bU~!8ZTeEv!U;((9^WSv4zi>!s"
        "--y=Di&<qf^QkWNa>S%?j;BDO)jrVw~Z}zBX68eVOl1eLGz3^YAnQNJVlJ7FG+Zx-#GF{IP|;T&?I4^w{*QY@5_ec7@q#x%LrKaxAv3p"
        "lOG-|4<b|Qw3;N0h*@(&6`JCl*q1QIhikoFSYz-$r<Y}B_lm@1NE{;?(2~JgN&>LrRZ#u?Q^H!)#;~Z#gX5~ye#466<%Sv0UloK8orfA"
        "syP|J$P8s#<WMszQ^D*l!@eS)ef7W=5!EB?bt+SbFU`KmHQb`c4j;tv6kugjt)d9nd6<`1c=?1^tC-n}sLH&A>(Qt!p~DP=>UDa~;(5&"
        "VW#mP_(0-nieNd}u);31RtZ|^(ZhaWpcA*Ed!2&6pMWr&2=kUJnv#RJLpN@M(_lnwaa-}aQw*X)Q7CT|P8L3>FSgOY@Ii6CTLk4Y2`z1"
        "Z}e$Lq*ibqq)lgaU!(B7w_u|(+ZySffWj>i&-n4HOAe0;q3dU98#9n!jC$stj<0(@!V^qaq38GStX_G>nEwte^wAM`WEgK&SZ$#473Ve"
        "B(`?je)wj+uOS+T_STFY4Tt+udef4z6iW?wkEC{eyD1i;<rx)`c%GoZGoAc=ip*AHMSLFnfqR+7Xjy=RA4PCF_3UOBh0~JzGY`T<*_%9"
        "+;kf6oDk3oVt3itU5irc6I}318zL{C*S{~e|bKn&>YsuejR$~F|3}V6Uew(juS=8UnS8%zg?Xo-qnsj=O>1+?j&q{6f!)quJt{xH~3oS"
        "uq}=(`>9d92V(2KKaQovzW=wIx4O<a9;PR;|4F<{`0hub1><rjOqs!ZB?-#v&~DZ*DdPNZ1HQAo{xDXEiVQK)z~bcTUB~`gUF+ZM|Ns0"
        "Ac&Z}f"
    )
)
_WORDS = {
    (1, 1): "#N/A", (1, 2): "#DIV/0!", (2, 1): "#REF!", (2, 2): "#VALUE!", (3, 1): "#NAME?", (3, 2): "#VALUE!", (4, 1): "#REF!",
}  # fmt: skip


def test_an_xls_shows_its_error_words() -> None:
    assert errors_of(_XLS, "Orders") == _WORDS
    rows = rows_of(_XLS)
    assert rows[1] == ["A-1", "#N/A", "#DIV/0!"]
    assert rows[4] == ["A-4", "#REF!", "12.5"]
    assert errors_of(_XLS, "another sheet") == {}


def test_an_ods_shows_its_error_words_however_often_a_cell_is_repeated() -> None:
    book = _ods(
        _row(_cell("order_id"), _cell("title"), _cell("unit_price"), _cell("quantity")),
        '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>',
        _row(
            _cell("A-1"),
            # LibreOffice marks an error, Excel only shows its word
            '<table:table-cell table:number-columns-repeated="2" office:value-type="string" office:string-value="" '
            'calcext:value-type="error"><text:p>Err:502</text:p></table:table-cell>',
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">'
            "<text:p>#DIV/0!</text:p></table:table-cell>",
        ),
    )
    assert errors_of(book, "Orders") == {(3, 1): "Err:502", (3, 2): "Err:502", (3, 3): "#DIV/0!"}
    assert rows_of(book)[3] == ["A-1", "Err:502", "Err:502", "#DIV/0!"]


def test_the_row_is_refused_by_the_name_of_its_cell() -> None:
    error = '<table:table-cell calcext:value-type="error"><text:p>#NOM?</text:p></table:table-cell>'
    names = ["order_id", "destination_country", "destination_city", "quantity", "unit_price", "currency"]
    said = ["A-1", "FR", "Lyon", "1", "3", "EUR"]
    sheet = read_bytes(_ods(_row(*map(_cell, [*names, "title"])), _row(*map(_cell, said), error)))
    assert [(p.row, p.field, p.value) for p in sheet.problems] == [(2, "title", "#NOM?")]
    assert sheet.good == ()


@given(st.integers(0, len(_XLS)), st.binary(max_size=40))
def test_a_damaged_xls_is_no_crash(at: int, junk: bytes) -> None:
    damaged = _XLS[:8] + (_XLS[8:at] + junk + _XLS[at + len(junk) :])
    assert isinstance(errors_of(damaged, "Orders"), dict)


def _cell(text: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'


def _row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _ods(*rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f'<office:document-content {spaces} xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:'
        f'xmlns:calcext:1.0"><office:body><office:spreadsheet><table:table table:name="Orders">{"".join(rows)}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr("content.xml", content)
    return made.getvalue()


def test_cells_without_their_place_and_formulas_that_nobody_computed() -> None:
    """Programs leave out `r`, and write formulas without a value: neither value is lost unseen."""
    heads = "".join(f'<c t="inlineStr"><is><t>{head}</t></is></c>' for head in ("a", "b", "c", "d"))
    cells = '<c><v>1</v></c><c t="e"><f>X</f><v>#REF!</v></c><c><f>1+1</f></c><c t="str"><f>""</f><v></v></c>'
    book = _xlsx(f"<row>{heads}</row><row>{cells}</row><row r='9'><c r='C9'><f>2+2</f><v/></c></row>")
    assert errors_of(book, "s") == {(1, 1): "#REF!", (1, 2): "#N/A", (8, 2): "#N/A"}
    assert rows_of(book)[1] == ["1", "#REF!", "#N/A", ""]


def _xlsx(rows: str) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}"><Relationship Id="r" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="s" sheetId="1" r:id="r"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f'<worksheet xmlns="{main}"><sheetData>{rows}</sheetData></worksheet>'
        )
    return made.getvalue()


def test_a_title_may_stand_above_the_headings() -> None:
    head = "order_id,country,city,title,quantity,unit_price,currency"
    sheet = read_bytes(f"Orders of December,,,,,,\n\n{head}\n1,FR,Lyon,Bag,1,5,EUR\n".encode())
    assert [(row.number, row.get("city")) for row in sheet.good] == [(4, "Lyon")]
