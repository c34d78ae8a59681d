"""A Python wheel that holds the program: pip and uv put it on the PATH."""

import base64
import csv
import hashlib
import io
import time
import zipfile


def metadata(of):
    about = of.about
    head = [
        ("Metadata-Version", "2.4"),
        ("Name", "huitou"),
        ("Version", of.version),
        ("Summary", about["description"]),
        ("Keywords", ",".join(about["keywords"])),
        ("License-Expression", about["license"]),
        *(("License-File", name) for name in sorted(of.papers) if name.startswith("LICENSE")),
        ("Classifier", "Environment :: Console"),
        ("Classifier", "Operating System :: POSIX :: Linux"),
        ("Requires-Python", ">=3.7"),
        ("Description-Content-Type", "text/markdown"),
    ]
    return "".join(f"{key}: {value}\n" for key, value in head).encode() + b"\n" + of.papers["README.md"].data


def digest(data):
    """A hash as the file RECORD has it."""
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel(made, of, glibc, epoch):
    # Both names of one thing where there are two: pip before 20.3 knows the years only.
    platforms = [f"manylinux_{glibc.replace('.', '_')}_x86_64"] + ["manylinux2014_x86_64"] * (glibc == "2.17")
    described = f"huitou-{of.version}.dist-info"
    tags = "".join(f"Tag: py3-none-{platform}\n" for platform in platforms)
    content = {
        f"huitou-{of.version}.data/scripts/huitou": of.program.data,
        f"{described}/METADATA": metadata(of),
        f"{described}/WHEEL": f"Wheel-Version: 1.0\nGenerator: huitou\nRoot-Is-Purelib: false\n{tags}".encode(),
    }
    content |= {f"{described}/licenses/{name}": paper.data for name, paper in of.papers.items() if name.startswith("LICENSE")}
    content = dict(sorted(content.items()))

    record = io.StringIO()
    rows = csv.writer(record, lineterminator="\n")
    rows.writerows([path, digest(data), len(data)] for path, data in content.items())
    rows.writerow([f"{described}/RECORD", "", ""])
    content[f"{described}/RECORD"] = record.getvalue().encode()

    with zipfile.ZipFile(made / f"huitou-{of.version}-py3-none-{'.'.join(platforms)}.whl", "w") as archive:
        for path, data in content.items():
            entry = zipfile.ZipInfo(path, time.gmtime(epoch)[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            # Of the system that made it: Unix, whatever Python thinks.
            entry.create_system = 3
            entry.external_attr = (0o100755 if data is of.program.data else 0o100644) << 16
            archive.writestr(entry, data, compresslevel=6)
