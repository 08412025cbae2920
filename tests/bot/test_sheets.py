"""A table as .xlsx, as spreadsheet programs read it."""

from io import BytesIO

from openpyxl import load_workbook

from bot.sheets import Cell, write_sheet


def _read(content: bytes) -> list[tuple[object, ...]]:
    return list(load_workbook(BytesIO(content)).worksheets[0].iter_rows(values_only=True))


def test_a_spreadsheet_program_reads_what_was_written() -> None:
    content = write_sheet("Sổ gửi", ["Tổ", "Số"], [["Tổ 12 & “13” <cũ>", 3], [None, 0]])

    assert _read(content) == [("Tổ", "Số"), ("Tổ 12 & “13” <cũ>", 3), (None, 0)]


def test_a_formula_is_only_text() -> None:
    content = write_sheet("a", ["x"], [["=1+1"], ["@SUM(A1)"], ["+84 905"]])

    cells = [row[0] for row in load_workbook(BytesIO(content)).worksheets[0].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == ["=1+1", "@SUM(A1)", "+84 905"]
    assert {cell.data_type for cell in cells} == {"s"}


def test_a_name_that_no_sheet_may_have_is_mended() -> None:
    content = write_sheet("Tin [K7]/: " + "x" * 60, ["a"], [])

    assert load_workbook(BytesIO(content)).sheetnames == ["Tin K7 " + "x" * 24]


def test_a_whole_city_is_written_at_once() -> None:
    rows: list[list[Cell]] = [
        [f"Tổ dân phố {i % 300}", "telegram", "sent", i] for i in range(24_303)
    ]

    assert len(_read(write_sheet("a", ["a", "b", "c", "d"], rows))) == 24_304
