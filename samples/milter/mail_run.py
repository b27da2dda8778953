#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# What postfix.sh needs beside a shell: clients that send many messages at once and try again as an
# MTA does, a look at what came out of the other end, and DKIM without a name server.
"""send PORT FOLDER CONNECTIONS        sends each .eml of FOLDER to NAME@example.org until it is accepted or
                                    refused; prints a line for each try: NAME CODE SECONDS
check FOLDER RESULTS MAILDIR        compares: each accepted message is there byte for byte, no other is
lanes PORT SUBMISSION_PORT SECONDS PRECEDENCE
                                    how long bulk mail and persons wait; prints a row of figures
dkim-sign KEY MAIL                  prints the message with a signature by this RSA key
dkim-verify KEY MAIL                exit status 0 if its signature holds"""
import base64
import pathlib
import queue
import random
import smtplib
import statistics
import subprocess
import sys
import threading
import time

HOST = "127.0.0.1"
RETRY_AFTER = 0.3  # seconds


class Client:
    """One connection at a time, and a new one after each trouble, as Postfix keeps on deferring in the old."""

    def __init__(self, port):
        self.port = port
        self.smtp = None

    def send(self, name, message):
        """The reply's code; 0 for a connection that was lost."""
        try:
            if self.smtp is None:
                self.smtp = smtplib.SMTP(HOST, self.port, timeout=600)
            wire = with_line_feeds(message).replace(b"\n", b"\r\n")
            self.smtp.sendmail("sender@example.com", [f"{name}@example.org"], wire)
            return 250
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
            self.close()
            refused = getattr(error, "recipients", None)
            return next(iter(refused.values()))[0] if refused else error.smtp_code
        except (OSError, smtplib.SMTPException):
            self.close()
            return 0

    def close(self):
        if self.smtp is not None:
            self.smtp.close()
            self.smtp = None


def with_line_feeds(message):
    return message.replace(b"\r\n", b"\n")


def print_line(*fields):
    print(*fields, sep="\t", flush=True)


def send_all(port, messages, connections, tell):
    """Sends (name, bytes) pairs over so many connections; the order of retries is nobody's."""
    todo = queue.Queue()
    for message in messages:
        todo.put(message)

    def work():
        client = Client(port)
        while True:
            try:
                name, message = todo.get_nowait()
            except queue.Empty:
                return client.close()
            while True:
                begin = time.monotonic()
                code = client.send(name, message)
                tell(name, code, time.monotonic() - begin)
                if code == 250 or 500 <= code < 600:
                    break
                time.sleep(RETRY_AFTER)

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    return threads


def send(port, folder, connections):
    lock = threading.Lock()

    def tell(name, code, seconds):
        with lock:
            print_line(name, code, f"{seconds:.3f}")

    files = sorted(pathlib.Path(folder).glob("*.eml"))
    random.Random(1).shuffle(files)
    messages = [(file.stem, file.read_bytes()) for file in files]
    for thread in send_all(int(port), messages, int(connections), tell):
        thread.join()


def delivered(maildir):
    """Of each recipient's name the messages that came, with what Postfix has put before them."""
    found = {}
    for file in pathlib.Path(maildir).glob("new/*"):
        message = file.read_bytes()
        mark = message.index(b"Delivered-To: ") + len(b"Delivered-To: ")
        name = message[mark:message.index(b"@", mark)].decode()
        found.setdefault(name, []).append(message)
    return found


def check(folder, results, maildir):
    tries = [line.split("\t") for line in pathlib.Path(results).read_text().splitlines()]
    final = {name: int(code) for name, code, _ in tries}
    came = delivered(maildir)
    trouble = []
    for file in sorted(pathlib.Path(folder).glob("*.eml")):
        copies = came.get(file.stem, [])
        accepted = final.get(file.stem) == 250
        if accepted and not copies:
            trouble.append(f"{file.stem} is lost")
        if copies and not accepted:
            trouble.append(f"{file.stem} was refused, and came")
        if any(not copy.endswith(with_line_feeds(file.read_bytes())) for copy in copies):
            trouble.append(f"{file.stem} was changed")
    print(f"   {len(final)} messages: {sum(code == 250 for code in final.values())} accepted, "
          f"{sum(code >= 500 for code in final.values())} refused; "
          f"{sum(int(code) < 500 and int(code) != 250 for _, code, _ in tries)} tries deferred or cut off; "
          f"{sum(len(copies) > 1 for copies in came.values())} came twice; "
          f"{len(trouble)} lost, changed, or there though refused")
    for line in trouble:
        print("   " + line)
    return 1 if trouble else 0


# ---- Lanes ------------------------------------------------------------------------------------------

WORDS = "the quick brown fox jumps over a lazy dog while nobody at all is looking".split()
BULK_CONNECTIONS = 24
BULK_BYTES = 1_500_000


def text(size):
    choose = random.Random(1)
    lines = []
    while size > 0:
        lines.append(f"<p>{' '.join(choose.choices(WORDS, k=10))} {choose.random()}</p>")
        size -= len(lines[-1])
    return "\n".join(lines)


def message(precedence, body):
    """One that nobody has scanned yet."""
    field = f"Precedence: {precedence}\n" if precedence else ""
    return (f"From: sender@example.com\nSubject: lanes\n{field}MIME-Version: 1.0\n"
            f"Content-Type: text/html\n\n<p>{time.time_ns()}</p>\n{body}\n").encode()


def row(title, seconds):
    cuts = statistics.quantiles(seconds, n=20, method="inclusive") if len(seconds) > 1 else seconds * 19
    print(f"   {title:34} {len(seconds):5} {cuts[9]:9.3f} {cuts[18]:9.3f} {max(seconds):9.3f}")


def lanes(port, submission_port, seconds, precedence):
    """Bulk mail by many connections for so long; and a person who sends one message after the other."""
    bulk_body, letter = text(BULK_BYTES), text(500)
    bulk_times, times = [], []
    stop = time.monotonic() + float(seconds)

    def endless():
        while time.monotonic() < stop:
            yield "bulk", message(precedence, bulk_body)

    feed, feed_lock = endless(), threading.Lock()

    def work():
        client = Client(int(port))
        while True:
            with feed_lock:
                following = next(feed, None)
            if following is None:
                return client.close()
            begin = time.monotonic()
            client.send(*following)
            bulk_times.append(time.monotonic() - begin)

    threads = [threading.Thread(target=work) for _ in range(BULK_CONNECTIONS)]
    for thread in threads:
        thread.start()
    person = Client(int(submission_port))
    while time.monotonic() < stop:
        begin = time.monotonic()
        if person.send("person", message("", letter)) == 250:
            times.append(time.monotonic() - begin)
    for thread in threads:
        thread.join()
    person.close()
    row("bulk" if precedence else "the same mail, not marked as bulk", bulk_times)
    row("a person beside it", times)


# ---- DKIM -------------------------------------------------------------------------------------------


def dkim_sign(key, mail):
    import dkim
    content = pathlib.Path(mail).read_bytes()
    signature = dkim.sign(content, b"s", b"example.org", pathlib.Path(key).read_bytes(),
                          include_headers=[b"from", b"to", b"subject"])
    sys.stdout.buffer.write(with_line_feeds(signature) + content)


def dkim_verify(key, mail):
    import dkim
    der = subprocess.run(["openssl", "rsa", "-in", key, "-pubout", "-outform", "DER"],
                         check=True, capture_output=True).stdout
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)
    content = pathlib.Path(mail).read_bytes()
    return 0 if dkim.verify(content, dnsfunc=lambda name, timeout=5: record) else 1


COMMANDS = {"send": send, "check": check, "lanes": lanes,
            "dkim-sign": dkim_sign, "dkim-verify": dkim_verify}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    sys.exit(COMMANDS[sys.argv[1]](*sys.argv[2:]))
