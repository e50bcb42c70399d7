"""Tables of an owner's clients, as spreadsheets and CRMs save them: CSV and XLSX. Never deployed; XLSX needs the extra.

Data flows one way. A text (`csv_rows`) or a workbook (`workbook_rows`) becomes rows of clean `cells`, and these a
`client_table`, with notes on the cells that are not read as they seem.
"""
