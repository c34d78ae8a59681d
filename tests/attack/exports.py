"""Mutated exports of seller centres: CSV, XLSX, XLS."""

import shutil
import struct
import zipfile
from io import BytesIO

import mutation
from trial import run

HEADER = "订单编号,买家会员名,买家应付货款,总金额,买家实际支付金额,订单状态,订单创建时间,订单付款时间,宝贝标题\n"
ROW = "{0},买家{0},100.00,100.00,100.00,交易成功,2026-01-0{1} 10:00:00,2026-01-0{1} 10:05:00,手机壳\n"


def csv():
    return (HEADER + "".join(ROW.format(1000 + number, 1 + number % 9) for number in range(50))).encode("gb18030")


def xlsx():
    """A workbook with one sheet, written by hand."""
    rows = [line.split(",") for line in csv().decode("gb18030").splitlines()]
    cell = lambda text: f'<c t="inlineStr"><is><t>{text}</t></is></c>'
    sheet = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
    spreadsheet = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/package/2006/relationships"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{spreadsheet}" xmlns:r="{office}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{relations}"><Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/a.xml"/></Relationships>',
        "xl/worksheets/a.xml": f'<worksheet xmlns="{spreadsheet}"><sheetData>{sheet}</sheetData></worksheet>',
    }
    return parts


def packed(parts, compression=zipfile.ZIP_DEFLATED):
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def record(kind, body):
    return struct.pack("<HH", kind, len(body)) + body


def text8(text, width):
    """A text as XLS files have it: the count of letters, a flag for two bytes a letter, the letters."""
    return struct.pack(width, len(text)) + b"\x01" + text.encode("utf-16-le")


def xls():
    """A workbook of Excel 97 with one sheet, written by hand: texts in a shared table, amounts as numbers ([MS-XLS] 2.4)."""
    rows = [line.split(",") for line in csv().decode("gb18030").splitlines()]
    shared = {text: place for place, text in enumerate(dict.fromkeys(cell for row in rows for cell in row))}
    begin = lambda kind: record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))
    cells = b""
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            is_amount = number > 0 and column in (2, 3, 4)
            cells += record(0x0203, place + struct.pack("<d", float(cell))) if is_amount else record(0x00FD, place + struct.pack("<I", shared[cell]))
    size = struct.pack("<IIHHH", 0, len(rows), 0, len(rows[0]), 0)
    sheet = begin(0x0010) + record(0x0200, size) + cells + record(0x000A, b"")
    # A record has 8,224 bytes at most; the texts that do not fit go on in the next one.
    parts, body = [], struct.pack("<II", len(rows) * len(rows[0]), len(shared))
    for text in shared:
        entry = text8(text, "<H")
        if len(body) + len(entry) > 8224:
            parts, body = parts + [body], b""
        body += entry
    texts = b"".join(record(0x00FC if place == 0 else 0x003C, part) for place, part in enumerate(parts + [body]))
    code_page = record(0x0042, struct.pack("<H", 1200))
    bound = lambda at: record(0x0085, struct.pack("<IH", at, 0) + text8("a", "<B"))
    before = begin(0x0005) + code_page
    at = len(before + bound(0) + texts + record(0x000A, b""))
    return compound(before + bound(at) + texts + record(0x000A, b"") + sheet)


def compound(stream):
    """A compound file with the stream of a workbook ([MS-CFB] 2): header, table of sectors, directory, stream."""
    stream += bytes(-len(stream) % 512)
    stream += bytes(max(0, 4096 - len(stream)))
    sectors = len(stream) // 512
    tables = (sectors + 2) // 127 + 1
    end, free, own = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    # The table's own sectors, the directory, the stream.
    successors = [own] * tables + [end] + [tables + 2 + number for number in range(sectors - 1)] + [end]
    successors += [free] * (128 * tables - len(successors))
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, tables, tables, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", *(list(range(tables)) + [free] * (109 - tables)))
    directory = b""
    for name, kind, child, start, size in [("Root Entry", 5, 1, end, 0), ("Workbook", 2, free, tables + 1, len(stream)), ("", 0, free, 0, 0), ("", 0, free, 0, 0)]:
        letters = name.encode("utf-16-le")
        length = len(letters) + 2 if name else 0
        directory += letters.ljust(64, b"\0") + struct.pack("<HBBIII", length, kind, 1, free, free, child) + bytes(36) + struct.pack("<IQ", start, size)
    return header + struct.pack(f"<{len(successors)}I", *successors) + directory + stream


def bomb(parts):
    """Sheets of blanks, which take a thousandth of their size when packed, of one cell, of many runs, and of cells that lie far apart."""
    sheet = parts["xl/worksheets/a.xml"]
    filled = lambda text: sheet.replace("<sheetData>", "<sheetData>" + text, 1)
    run = "<r><t>a</t></r>" * (1 << 20)
    far = "".join(f'<row r="{row}"><c r="XFD{row}" t="inlineStr"><is><t>a</t></is></c></row>' for row in range(100, 100_100))
    texts = "<sst>" + "<si/>" * (12 << 20) + "</sst>"
    sheets = [
        filled(" " * (64 << 20)), filled(" " * (150 << 20)), filled("<row/>" * (24 << 20)), filled(f"<row><c t='inlineStr'><is><t>{'a' * (100 << 20)}</t></is></c></row>"),
        filled(f"<row><c t='inlineStr'><is>{run * 8}</is></c></row>"), filled(f"<!--{'<c/>' * (25 << 20)}-->"), filled(far),
        sheet.replace('<c t="inlineStr">', '<c r="XFD1048576" t="inlineStr">', 1),
    ]
    yield from (packed({**parts, "xl/worksheets/a.xml": text}) for text in sheets)
    yield packed({**parts, "xl/sharedStrings.xml": texts})
    yield packed({**parts, "xl/styles.xml": "<styleSheet><cellXfs>" + "<xf/>" * (10 << 20) + "</cellXfs></styleSheet>"})


def exports(huitou, folder, chance):
    """Mutated exports, read by `import`."""
    parts = xlsx()
    plain = packed(parts, zipfile.ZIP_STORED)
    whole = {"csv": csv(), "xlsx": packed(parts), "xls": xls()}
    bombs = list(bomb(parts))
    for kind, data in [*whole.items(), *(("xlsx", data) for data in bombs)]:
        (folder / f"export.{kind}").write_bytes(data)
        outcome = run([huitou, "import", "tmall-orders", f"export.{kind}", "--to", "shop"], folder)
        # What is whole is read: mutations of what is refused anyway would show nothing.
        fault = "panic" if data in whole.values() and outcome.code != 0 else None
        shutil.rmtree(folder / "shop", ignore_errors=True)
        yield outcome, f"{kind}, {len(data)} bytes", fault
    while True:
        kind = chance.choice(["csv", "xlsx", "xlsx", "xls", "xls"])
        data = plain if kind == "xlsx" and chance.random() < 0.5 else whole[kind]
        data = chance.choice(bombs) if kind == "xlsx" and chance.random() < 0.02 else mutation.mutated(chance, data, whole["csv"])
        (folder / f"export.{kind}").write_bytes(data)
        outcome = run([huitou, "import", "tmall-orders", f"export.{kind}", "--to", "shop"], folder)
        if outcome.fault:
            (folder / f"fault.{kind}").write_bytes(data)
        yield outcome, kind, None
