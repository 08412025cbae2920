"""One table as .xlsx, for those who count in a spreadsheet."""

from collections.abc import Iterable, Sequence
from io import BytesIO

from xlsxwriter import Workbook

Cell = str | int | None

MIME = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A name of a sheet: https://support.microsoft.com/office/3f94811f-ddda-43b8-b6a5-7e5b5c2b4d5b
_NAME_CHARS = 31
# A row at a time: a city's ledger never stands in memory as a whole. Nothing is guessed from a
# text: neither a number nor a formula nor a link.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_numbers": False,
    "strings_to_formulas": False,
    "strings_to_urls": False,
}


def write_sheet(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The content of an .xlsx file with one sheet: a line of headings, then the rows."""
    content = BytesIO()
    with Workbook(content, _OPTIONS) as book:
        sheet = book.add_worksheet(_sheet_name(name))
        sheet.write_row(0, 0, header, book.add_format({"bold": True}))
        for number, row in enumerate(rows, 1):
            sheet.write_row(number, 0, row)
        sheet.freeze_panes(1, 0)
    return content.getvalue()


def _sheet_name(name: str) -> str:
    return "".join(c for c in name if c not in r"[]:*?/\'")[:_NAME_CHARS] or "1"
