"""What the footers of Parquet files say of a table: its key, and a description for each column."""

import base64
import struct


def field_descriptions(db, file):
    """Names of the top-level fields -> `description`, read from the Arrow schema that the Parquet footer carries."""
    rows = db.execute("SELECT value FROM parquet_kv_metadata(?) WHERE key = 'ARROW:schema'", [file]).fetchall()
    if not rows:
        return {}
    message = base64.b64decode(bytes(rows[0][0]))
    start = 8 if message[:4] == b"\xff\xff\xff\xff" else 4
    buffer = message[start:]

    # Just enough of FlatBuffers: a table's slot, a vector's elements, a string.
    def number(place, form="<I"):
        return struct.unpack_from(form, buffer, place)[0]

    def slot(table, index):
        vtable = table - number(table, "<i")
        offset = number(vtable + 4 + 2 * index, "<H") if 4 + 2 * index < number(vtable, "<H") else 0
        return table + offset if offset else None

    def follow(place):
        return place + number(place)

    def elements(place):
        if place is None:
            return []
        vector = follow(place)
        return [follow(vector + 4 + 4 * index) for index in range(number(vector))]

    def text(place):
        start = follow(place)
        return buffer[start + 4 : start + 4 + number(start)].decode()

    schema = follow(slot(follow(0), 2))
    found = {}
    for field in elements(slot(schema, 1)):
        pairs = {text(slot(pair, 0)): text(slot(pair, 1)) for pair in elements(slot(field, 6))}
        found[text(slot(field, 0))] = pairs.get("description", "")
    return found


def key_of(db, file):
    """The key columns, which the program writes into the footer of each part."""
    return db.execute("SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'key'", [file]).fetchone()[0].split(",")
