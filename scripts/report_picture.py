"""Takes docs/report.png, the picture in README.md, of the report on the sample data.

    python scripts/report_picture.py REPORT.html

It shows the first screen of one shop: its morning. The picture has 256 colours, so that it is small. The bytes depend on the Chromium and
its fonts, so no test compares them. Run it by the Python of scripts/python.sh.
"""

import os
import pathlib
import struct
import sys
import zlib

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "report"))

from browser import Browser, find  # noqa: E402

PICTURE = ROOT / "docs" / "report.png"
SHOP = 58501001
WIDTH, HEIGHT = 1240, 1000


def pixels(picture):
    """The pixels of a PNG of 8 bits a channel, as rows of colours."""
    place, data, channels = 8, b"", 0
    while place < len(picture):
        length, kind = struct.unpack(">I4s", picture[place : place + 8])
        body = picture[place + 8 : place + 8 + length]
        if kind == b"IHDR":
            width, height = struct.unpack(">II", body[:8])
            channels = {2: 3, 6: 4}[body[9]]
        elif kind == b"IDAT":
            data += body
        place += 12 + length
    rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(height, 1 + width * channels)
    above = np.zeros(width * channels, np.int32)
    whole = np.empty((height, width, channels), np.uint8)
    for number, row in enumerate(rows):
        above = unfiltered(int(row[0]), row[1:].astype(np.int32), above, channels)
        whole[number] = above.reshape(width, channels)
    return whole[:, :, :3]


def unfiltered(kind, row, above, channels):
    """A row of a PNG without its filter, given the row above."""
    if kind == 0:
        return row
    if kind == 2:
        return (row + above) & 255
    row, above = row.tolist(), above.tolist()
    for place, value in enumerate(row):
        left, corner = (row[place - channels], above[place - channels]) if place >= channels else (0, 0)
        up = above[place]
        if kind == 1:
            guess = left
        elif kind == 3:
            guess = (left + up) // 2
        else:
            guess = min((left, up, corner), key=lambda each: abs(left + up - corner - each))
        row[place] = (value + guess) & 255
    return np.array(row, np.int32)


def small_png(colours):
    """A PNG with 256 of the colours, each pixel in the nearest of them."""
    height, width, _ = colours.shape
    found, where, counts = np.unique(colours.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True)
    # One colour after the other, each the one that those before represent worst. Rare hues, as of a thin line, get their turn.
    chosen, nearest, distance = [int(counts.argmax())], np.zeros(len(found), np.uint8), np.full(len(found), np.inf)
    while True:
        new = ((found.astype(np.float64) - found[chosen[-1]]) ** 2).sum(axis=1)
        nearest[new < distance] = len(chosen) - 1
        distance = np.minimum(distance, new)
        if len(chosen) == 256 or distance.max() == 0:
            break
        chosen.append(int((distance * np.sqrt(counts)).argmax()))
    palette = found[chosen]
    rows = nearest[where.reshape(-1)].reshape(height, width)
    data = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", palette.tobytes()) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


def main():
    report = os.path.abspath(sys.argv[1])
    with Browser(find()) as browser:
        browser.size(WIDTH, HEIGHT)
        browser.open(f"file://{report}#shop={SHOP}&lang=en&theme=light")
        browser.settle()
        browser.screenshot(PICTURE)
    PICTURE.write_bytes(small_png(pixels(PICTURE.read_bytes())))


if __name__ == "__main__":
    main()
