"""Attacks by databases: hosts that are silent, close, answer with other bytes, or never come to an end."""

import socket
import threading
import time

from scene import sample, verified
from trial import run


def message(kind, body):
    """A message of PostgreSQL's protocol."""
    return kind + (len(body) + 4).to_bytes(4, "big") + body


AUTHENTICATED = message(b"R", (0).to_bytes(4, "big"))
READY = message(b"Z", b"I")
ERROR = message(b"E", b"SFATAL\0VFATAL\0C53300\0Mtoo many\x1b[31m\nerror: forged\0\0")


def answers(chance):
    """The behaviours of a host: what it sends to each thing that it receives, and how it ends."""
    yield "silent", []
    yield "closes", [None]
    yield "random bytes", [chance.randbytes(chance.randint(1, 4000)), None]
    yield "a message of 2 GiB", [b"R" + (2**31 - 1).to_bytes(4, "big") + b"\0" * 1000]
    yield "a negative length", [b"R" + b"\xff\xff\xff\xff" + b"\0" * 1000, None]
    yield "an error", [ERROR, None]
    yield "authenticated, then silent", [AUTHENTICATED + READY]
    yield "authenticated, then random bytes", [AUTHENTICATED + READY, chance.randbytes(chance.randint(1, 4000)), None]
    yield "authenticated, then an error", [AUTHENTICATED + READY, ERROR + READY, ERROR + READY, None]
    yield "authenticated, then closes", [AUTHENTICATED + READY, None]
    yield "unknown authentication", [message(b"R", (99).to_bytes(4, "big")), None]
    yield "endless notices", ["notices"]
    yield "slow", ["slow"]


def serve(listener, script, ended):
    """Answers every connection by the script until told to end."""
    listener.settimeout(0.2)
    while not ended.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        except OSError:
            return
        threading.Thread(target=answer, args=(connection, script, ended), daemon=True).start()


def answer(connection, script, ended):
    try:
        for part in script:
            if part is None:
                return connection.close()
            if part == "notices":
                while not ended.is_set():
                    connection.sendall(message(b"N", b"SNOTICE\0Mwait\0\0"))
            elif part == "slow":
                for byte in AUTHENTICATED + READY:
                    connection.sendall(bytes([byte]))
                    time.sleep(0.05)
            else:
                connection.recv(4096)
                connection.sendall(part)
        while not ended.is_set():
            connection.recv(4096)
            time.sleep(0.05)
    except OSError:
        pass


def database(huitou, folder, chance):
    """Hosts that take a connection and behave in no way that a database does: the snapshot is published, the run says what it met."""
    data = sample(huitou, folder, "1k")
    job = (data / "job.yaml").read_text()
    assert "output:\n  path: out\n" in job
    (data / "database.yaml").write_text(job.replace("output:\n", 'output:\n  postgres: { url: "${HUITOU_PG}", timeout_minutes: 1 }\n'))
    number = 0
    while True:
        for name, script in chance.sample(scripts := list(answers(chance)), len(scripts)):
            number += 1
            ended = threading.Event()
            with socket.create_server(("127.0.0.1", 0)) as listener:
                thread = threading.Thread(target=serve, args=(listener, script, ended), daemon=True)
                thread.start()
                url = f"postgresql://loader@127.0.0.1:{listener.getsockname()[1]}/shops?sslmode={chance.choice(['disable', 'prefer'])}&connect_timeout=2"
                command = [huitou, "run", "database.yaml", "--as-of", f"2026-11-{1 + number % 20:02}", "--publish", "--quiet"]
                outcome = run(command, data, environment={"HUITOU_PG": url}, hang=100)
                ended.set()
                thread.join()
            fault = None if verified(huitou, data) else "mixture"
            if outcome.code == 0 or "\nerror: forged" in outcome.stderr:
                fault = fault or "silence"
            yield outcome, f"a host that: {name}", fault
