"""Mutated exports of seller centres: CSV, XLSX, XLS."""

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


def xls():
    """A compound file with the header of one; its sectors are noise, which is what a damaged one is."""
    header = bytearray(512)
    header[:8] = bytes.fromhex("d0cf11e0a1b11ae1")
    header[24:32] = bytes.fromhex("3e000300feff0900")
    header[32:34] = b"\x06\x00"
    header[44:48] = (1).to_bytes(4, "little")
    header[56:60] = (4096).to_bytes(4, "little")
    header[60:64] = header[68:72] = b"\xfe\xff\xff\xff"
    header[76:] = b"\xff" * (512 - 76)
    header[76:80] = bytes(4)
    fat = bytearray(b"\xff" * 512)
    fat[0:4] = b"\xfd\xff\xff\xff"
    fat[4:8] = b"\xfe\xff\xff\xff"
    fat[8:12] = b"\xfe\xff\xff\xff"
    directory = bytearray(512)
    for at, (name, kind, start, size) in enumerate([("Root Entry", 5, 0xFFFFFFFE, 0), ("Workbook", 2, 2, 4096)]):
        entry = bytearray(128)
        encoded = name.encode("utf-16-le")
        entry[: len(encoded)] = encoded
        entry[64:66] = (len(encoded) + 2).to_bytes(2, "little")
        entry[66] = kind
        entry[68:80] = b"\xff" * 12
        entry[116:120] = start.to_bytes(4, "little")
        entry[120:124] = size.to_bytes(4, "little")
        directory[at * 128 : at * 128 + 128] = entry
    directory[76:80] = (1).to_bytes(4, "little")
    stream = bytes.fromhex("0908100000060500") + bytes(8) + bytes(512 - 16)
    return bytes(header) + bytes(fat) + bytes(directory) + stream * 8


def bomb(parts):
    """A sheet of blanks, which takes a thousandth of its size when packed."""
    blank = parts["xl/worksheets/a.xml"].replace("<sheetData>", "<sheetData>" + " " * (64 << 20), 1)
    far = parts["xl/worksheets/a.xml"].replace('<c t="inlineStr">', '<c r="XFD1048576" t="inlineStr">', 1)
    return [packed({**parts, "xl/worksheets/a.xml": text}) for text in (blank, far)]


def exports(huitou, folder, chance):
    """Mutated exports, read by `import`."""
    parts = xlsx()
    plain = packed(parts, zipfile.ZIP_STORED)
    whole = {"csv": csv(), "xlsx": packed(parts), "xls": xls()}
    bombs = bomb(parts)
    while True:
        kind = chance.choice(["csv", "xlsx", "xlsx", "xls", "xls"])
        data = plain if kind == "xlsx" and chance.random() < 0.5 else whole[kind]
        data = chance.choice(bombs) if kind == "xlsx" and chance.random() < 0.1 else mutation.mutated(chance, data, whole["csv"])
        (folder / f"export.{kind}").write_bytes(data)
        outcome = run([huitou, "import", "tmall-orders", f"export.{kind}", "--to", "shop"], folder)
        if outcome.fault:
            (folder / f"fault.{kind}").write_bytes(data)
        yield outcome, kind, None
