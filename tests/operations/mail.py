"""scripts/mail_brief.sh: what it hands to a mail program, read back by a parser of mails; and one mail through a real one to a server.

    python tests/operations/mail.py

Without msmtp the last of these is skipped, and said so.
"""

import email
import email.policy
import os
import pathlib
import shutil
import socketserver
import subprocess
import tempfile
import threading

from outcomes import Skipped, run

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPT = ROOT / "scripts" / "mail_brief.sh"

NAME = "杭州云棉女装旗舰店 & <Söhne> " * 3
TITLE = f"{NAME}2026-11-21 周六：支付金额 6,606，较上周六 +6.2%"
PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{title}</title>
</head>
<body style="margin:0">
<div style="x">
<h1 style="y">杭州 &amp; &lt;b&gt;</h1>
<h2 style="y">昨日</h2>
<table width="100%">
<tr style="z"><th scope="col" align="left" valign="top"></th><th scope="col" align="right" valign="top">当日</th></tr>
<tr style="z"><th scope="row" align="left" valign="top">支付金额（元）</th><td align="right" valign="top"><b>6,606</b></td></tr>
</table>
<p style="w">访客数&nbsp;<span style="v">+7,494</span> · 件单价&nbsp;<span style="v">-1</span></p>
</div>
</body>
</html>
"""
SHOP = "Zhang San <zhang@example.com>"


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Desk:
    """A folder with a page, and a mail program that keeps what it is handed."""

    def __init__(self, title=TITLE, code=0):
        self.owner = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.owner.name)
        self.page = self.folder / "brief.html"
        self.page.write_text(PAGE.format(title=escaped(title)), encoding="utf-8")
        recorder = self.folder / "recorder"
        recorder.write_text(f'#!/bin/sh\necho "$@" >"{self.folder}/arguments"\ncat >"{self.folder}/mail"\nexit {code}\n')
        recorder.chmod(0o755)

    def send(self, *arguments, **variables):
        environment = {"PATH": "/usr/bin:/bin", "SENDMAIL": str(self.folder / "recorder"), **variables}
        shell = shutil.which("dash") or "/bin/sh"
        return subprocess.run([shell, SCRIPT, *arguments], env=environment, capture_output=True, text=True, check=False)

    def mail(self):
        return (self.folder / "mail").read_bytes()


def parsed(mail):
    return email.message_from_bytes(mail, policy=email.policy.default)


def a_mail_has_the_page_and_its_text():
    desk = Desk()
    done = desk.send("--from", "Shop data <data@example.com>", "--to", SHOP, str(desk.page))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    assert (desk.folder / "arguments").read_text() == "-i -t\n"
    mail = parsed(desk.mail())
    assert not mail.defects, mail.defects
    assert (mail["From"], mail["To"]) == ("Shop data <data@example.com>", SHOP), (mail["From"], mail["To"])
    assert mail["Subject"] == TITLE, mail["Subject"]
    text, page = mail.iter_parts()
    assert not text.defects and not page.defects
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert page.get_payload(decode=True) == desk.page.read_bytes(), "the page is not the same, byte for byte"
    said = text.get_payload(decode=True).decode()
    assert "杭州 & <b>" in said and "== 昨日 ==\n当日\n" in said and "支付金额（元） | 6,606\n" in said, said
    assert "访客数 +7,494 · 件单价 -1\n" in said, said
    assert "style" not in said and "2026-11-21" not in said, said


def every_line_is_short_and_ascii():
    desk = Desk()
    desk.send("--from", "数据组数据组数据组数据组 <data@example.com>", "--to", SHOP, "--to", "王 五 <wang@example.com>", "--to", "li@example.com", str(desk.page))
    mail = desk.mail()
    # RFC 5322 allows 78 letters, RFC 2047 no word of more than 75.
    assert all(len(line) <= 78 for line in mail.splitlines()), max(mail.splitlines(), key=len)
    assert mail.isascii()
    words = [word for word in mail.split() if word.startswith(b"=?")]
    assert words and all(len(word) <= 75 for word in words), words
    found = parsed(mail)
    assert found["From"].addresses[0].display_name == "数据组数据组数据组数据组", found["From"]
    assert [one.addr_spec for one in found["To"].addresses] == ["zhang@example.com", "wang@example.com", "li@example.com"], found["To"]
    assert found["To"].addresses[1].display_name == "王 五"


def a_plain_subject_stays_readable():
    desk = Desk(title="Leaf & Co 2026-11-21 Sat: paid amount 120, +50.0% vs last Sat")
    desk.send("--from", "a@b.c", "--to", "d@e.f", str(desk.page))
    assert b"Subject: Leaf & Co 2026-11-21 Sat: paid amount 120, +50.0% vs last Sat\n" in desk.mail()


def print_sends_nothing():
    desk = Desk()
    done = desk.send("--print", "--from", "a@b.c", "--to", "d@e.f", str(desk.page))
    assert done.returncode == 0 and parsed(done.stdout.encode())["Subject"] == TITLE, done
    assert not (desk.folder / "mail").exists()


def mistakes_are_told():
    desk = Desk()
    page = str(desk.page)
    cases = [
        (2, "expected --from", ["--to", "d@e.f", page]),
        (2, "expected --to", ["--from", "a@b.c", page]),
        (2, "expected the path", ["--from", "a@b.c", "--to", "d@e.f"]),
        (2, "`nobody` is no address", ["--from", "nobody", "--to", "d@e.f", page]),
        (2, "an address has two lines", ["--from", "a@b.c", "--to", "d@e.f\nBcc: x@y.z", page]),
        (2, "letters that an address cannot have", ["--from", "A <a b@c>", "--to", "d@e.f", page]),
        (2, "no option --cc", ["--cc", "a@b.c"]),
        (2, "after --to", ["--to"]),
        (3, "cannot be read", ["--from", "a@b.c", "--to", "d@e.f", str(desk.folder / "no.html")]),
        (3, "has no title", ["--from", "a@b.c", "--to", "d@e.f", str(desk.folder / "recorder")]),
    ]
    for code, said, arguments in cases:
        done = desk.send(*arguments)
        assert done.returncode == code and said in done.stderr, (arguments, done)
    assert not (desk.folder / "mail").exists()
    failing = Desk(code=75)
    done = failing.send("--from", "a@b.c", "--to", "d@e.f", str(failing.page))
    assert done.returncode == 75, done
    done = desk.send("--from", "a@b.c", "--to", "d@e.f", page, SENDMAIL="/nowhere/sendmail")
    assert done.returncode != 0, done


def the_script_is_plain_shell():
    found = shutil.which("shellcheck")
    if not found:
        raise Skipped("shellcheck is not installed")
    done = subprocess.run([found, "--shell=sh", SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert os.access(SCRIPT, os.X_OK)


class Server(socketserver.StreamRequestHandler):
    """As much of SMTP as takes one mail."""

    def handle(self):
        answer = lambda text: self.wfile.write(text.encode() + b"\r\n")
        answer("220 here")
        for line in self.rfile:
            word = line.strip().split(b" ")[0].upper()
            if word == b"DATA":
                answer("354 go on")
                lines = []
                for part in self.rfile:
                    if part == b".\r\n":
                        break
                    lines.append(part.removeprefix(b".") if part.startswith(b"..") else part)
                self.server.mails.append((list(self.server.recipients), b"".join(lines)))
            elif word == b"RCPT":
                self.server.recipients.append(line.decode().split("<")[1].split(">")[0])
            if word == b"QUIT":
                answer("221 gone")
                return
            answer("250 well")


def a_real_mail_program_takes_it():
    found = shutil.which("msmtp")
    if not found:
        raise Skipped("msmtp is not installed")
    desk = Desk()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Server) as server:
        server.mails, server.recipients = [], []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings = desk.folder / "msmtprc"
        settings.write_text(f"account default\nhost 127.0.0.1\nport {server.server_address[1]}\ntls off\nauth off\nfrom data@example.com\n")
        settings.chmod(0o600)
        program = desk.folder / "sendmail"
        program.write_text(f'#!/bin/sh\nexec {found} -C {settings} "$@"\n')
        program.chmod(0o755)
        done = desk.send("--from", "数据组 <data@example.com>", "--to", SHOP, "--to", "li@example.com", str(desk.page), SENDMAIL=str(program))
        server.shutdown()
    assert done.returncode == 0, done
    [(recipients, mail)] = server.mails
    assert recipients == ["zhang@example.com", "li@example.com"], recipients
    found = parsed(mail)
    assert found["Subject"] == TITLE and list(found.iter_parts())[1].get_payload(decode=True).decode().replace("\r\n", "\n") == desk.page.read_text("utf-8")


TESTS = [
    a_mail_has_the_page_and_its_text, every_line_is_short_and_ascii, a_plain_subject_stays_readable, print_sends_nothing, mistakes_are_told,
    the_script_is_plain_shell, a_real_mail_program_takes_it,
]


if __name__ == "__main__":
    run(TESTS)
