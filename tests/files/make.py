"""Writes the files of this folder: four orders as the tests' `orders()` has them, in ways that huitou does not read, or that no
writer of the tests has. Needs pyarrow.

    python make.py
"""

import base64
import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe

DAYS = [(2026, 1, 5), (2026, 1, 20), (2026, 2, 14), (2026, 3, 1)]
times = [dt.datetime(*day, 12) for day in DAYS]
table = pa.table(
    {
        "order_id": pa.array([101, 102, 103, 104], pa.int64()),
        "customer_id": pa.array([11, 12, 11, 13], pa.int64()),
        "created_at": pa.array(times, pa.timestamp("us")),
        "paid_amount": pa.array([Decimal(yuan) for yuan in ("100.00", "50.00", "75.00", "0.00")], pa.decimal128(18, 2)),
    }
)
PLAIN = {"write_statistics": False, "store_schema": False, "use_dictionary": False}


class Keys(pe.KmsClient):
    """Wraps keys by nothing: nobody is to read these files."""

    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key_bytes, _master_key):
        return base64.b64encode(key_bytes)

    def unwrap_key(self, wrapped_key, _master_key):
        return base64.b64decode(wrapped_key)


# One column in a codec that is not built in.
codecs = {name: "brotli" if name == "paid_amount" else "none" for name in table.column_names}
pq.write_table(table, "brotli.parquet", compression=codecs, **PLAIN)
for name, has_plain_footer in (("encrypted", False), ("encrypted_columns", True)):
    how = pe.EncryptionConfiguration(footer_key="f", column_keys={"k": ["customer_id", "paid_amount"]}, plaintext_footer=has_plain_footer)
    properties = pe.CryptoFactory(lambda config: Keys(config)).file_encryption_properties(pe.KmsConnectionConfig(), how)
    with pq.ParquetWriter(f"{name}.parquet", table.schema, encryption_properties=properties, compression="none", **PLAIN) as writer:
        writer.write_table(table)

# Each page with a checksum, and not compressed: a changed byte is then noticed by the checksum alone.
pq.write_table(table, "checksums.parquet", write_page_checksum=True, compression="none", **PLAIN)
