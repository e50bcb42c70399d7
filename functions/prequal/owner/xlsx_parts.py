"""What is the same in every workbook of ours: all but the rows, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prequal.core.form import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHEET = "xl/worksheets/sheet1.xml"

# The styles of cells, by their place in `cellXfs`. What is quoted stays text even when the owner edits the cell.
ORDINARY, BOLD, DATE, LINES, QUOTED = range(5)
LINE_HEIGHT = 15  # in points
DATE_FORMAT = "yyyy-mm-dd hh:mm:ss"

# Letters on their ground.
_COLOURS = {Grade.HOT: ("9C2B12", "F9D5CB"), Grade.WARM: ("7A5200", "FCE9BE"), Grade.COLD: ("27507A", "DCE8F4")}

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def around_the_sheet(last_column: str, last_row: int) -> Mapping[str, str]:
    """Return the files beside the sheet, by their names in the archive."""
    return {
        "[Content_Types].xml": f"""{_XML}<Types xmlns="{_TYPES}">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>
<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/>
<Override PartName="/{SHEET}" ContentType="{_KIND}.worksheet+xml"/>
</Types>""",
        "_rels/.rels": f"""{_XML}<Relationships xmlns="{_PACKAGE}">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""",
        "xl/_rels/workbook.xml.rels": f"""{_XML}<Relationships xmlns="{_PACKAGE}">
<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/>
</Relationships>""",
        "xl/workbook.xml": f"""{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">
<sheets><sheet name="Leads" sheetId="1" r:id="rId1"/></sheets>
<definedNames><definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">\
Leads!$A$1:${last_column}${last_row}</definedName></definedNames>
</workbook>""",
        "xl/styles.xml": _styles(),
    }


def before_the_rows(widths: Iterable[int]) -> str:
    """Return the beginning of the sheet: its heading stays in sight, its columns are so many characters wide."""
    columns = (f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, start=1))
    return f"""{_XML}<worksheet xmlns="{_MAIN}">
<sheetViews><sheetView tabSelected="1" workbookViewId="0">\
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>
<sheetFormatPr defaultRowHeight="{LINE_HEIGHT}" customHeight="1"/>
<cols>{"".join(columns)}</cols>
<sheetData>"""


def after_the_rows(last_column: str, last_row: int, grades: str) -> str:
    """Return the end of the sheet: each column can be filtered, and the grades in one are coloured."""
    rules = (
        f'<cfRule type="cellIs" dxfId="{n}" priority="{n + 1}" operator="equal"><formula>"{grade}"</formula></cfRule>'
        for n, grade in enumerate(_COLOURS)
    )
    return f"""</sheetData>
<autoFilter ref="A1:{last_column}{last_row}"/>
<conditionalFormatting sqref="{grades}1:{grades}{last_row}">{"".join(rules)}</conditionalFormatting>
</worksheet>"""


def _styles() -> str:
    coloured = (
        f'<dxf><font><b/><color rgb="FF{letters}"/></font>'
        f'<fill><patternFill patternType="solid"><bgColor rgb="FF{ground}"/></patternFill></fill></dxf>'
        for letters, ground in _COLOURS.values()
    )
    return f"""{_XML}<styleSheet xmlns="{_MAIN}">
<numFmts count="1"><numFmt numFmtId="164" formatCode="{DATE_FORMAT}"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs>
<cellXfs count="5">
<xf applyAlignment="1"><alignment vertical="top"/></xf>
<xf fontId="1" applyFont="1" applyAlignment="1"><alignment vertical="top"/></xf>
<xf numFmtId="164" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top"/></xf>
<xf applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>
<xf quotePrefix="1" applyAlignment="1"><alignment vertical="top"/></xf>
</cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
<dxfs count="{len(_COLOURS)}">{"".join(coloured)}</dxfs>
</styleSheet>"""
