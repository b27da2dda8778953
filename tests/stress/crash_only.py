#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills store_sim (kill -9) at random moments of import, serve with background scanning, reload,
quarantine release, submission, simulation, and looks at what is left.

After each round, with the store opened anew:
  - `store_sim check` finds nothing;
  - each message whose import was acknowledged (exit status 0) is there;
  - no stamp says of a content what the vendor does not say of it;
  - `open` gives out no message with bad content, but what was given back from quarantine;
  - what was submitted and is harmless has come, whole, where it was to come, or is in the queue no
    more than until a host has run; what is bad has come nowhere;
  - a simulation goes on to its end, and has lost nothing and let nothing bad out.

The vendor is tests/vendors/good, which judges a content by words in it, so that the harness knows what
is right. Simulations know that of their own mail, have the libclamav vendor, and a store each. The seed of each round is printed; `--seed` begins there (what is killed when depends on the
machine too).
"""
import argparse
import hashlib
import pathlib
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import textwrap
import time

BAD = {b"INFECTED:Worm": "infected", b"SUSPICIOUS": "suspicious"}
CLEAN_VERDICTS = (1, 2)  # VSAPI_VERDICT_CLEAN, _CLEAN_PERMANENT
ROUNDS_PER_STORE = 15
SUBMITTED_AT_ONCE = 12
# Two seconds: twenty minutes of a day in which new definitions come.
PROFILE = textwrap.dedent("""
    [store]
    mailboxes = 10
    messages = 40
    [clients]
    loop = open
    clients = 8
    [clock]
    begins = 10:00
    seconds = 2
    speed = 600
    [each day]
    deliver = 360
    open = 500
    preview = 70
    synchronise = 30
    forward = 70
    move = 70
    [mail]
    infected_percent = 5
    sleeping_percent = 10
    [at 10:08]
    definitions = 1
    """)


class Wrong(Exception):
    """What must hold does not."""


class Store:
    def __init__(self, options, folder):
        self.program, self.clamav, self.folder = options.program, options.clamav, folder
        self.tamper = options.tamper
        self.path = folder / "store"
        self.relay = folder / "relay"  # the next host's
        self.relay.mkdir()
        self.acknowledged = set()  # tokens of messages that must be there
        self.released = set()      # digests of messages that somebody gave back, or was about to
        self.run("init", self.path)
        self.run("settings", self.path, "set", "Library", options.vendor)
        self.run("settings", self.path, "set", "BackgroundScanning", "1")
        self.run("settings", self.path, "set", "TransportAVAPI\\Enabled", "1")

    def command(self, *words):
        return [str(word) for word in (self.program, *words)]

    def run(self, *words):
        done = subprocess.run(self.command(*words), capture_output=True, text=True, errors="replace",
                              timeout=120, check=False)
        if done.returncode != 0:
            raise Wrong(f"{words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self, *words):
        return subprocess.Popen(self.command(*words), stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL)

    def rows(self, query, file="mdb1.db"):
        if not (self.path / file).exists():
            return []
        database = sqlite3.connect(f"file:{self.path / file}?mode=ro", uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()


# ---- What is going on ----

class Mail:
    """Some messages, clean and bad, each a file of `folder`, with a token in its subject."""

    def __init__(self, folder, seed, rng):
        self.folder = folder
        self.raw = write_mail(folder, seed, rng)  # by token
        self.tokens = set(self.raw)

    def file(self, token):
        return self.folder / (token.split(".")[1] + ".eml")


def write_mail(folder, seed, rng):
    folder.mkdir()
    raw = {}
    for number in range(rng.randint(1, 60)):
        token = f"{seed}.{number}"
        words = rng.choices([b"harmless", *BAD], weights=(8, 1, 1))[0]
        part = (b"Content-Type: text/plain\r\n\r\n" + words + b" " + token.encode() + b" " +
                bytes(rng.choices(b"abcdefgh ", k=rng.randint(1, 2000))) + b"\r\n")
        mail = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: token " + token.encode() +
                b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
                part + b"--b--\r\n")
        (folder / f"{number}.eml").write_bytes(mail)
        raw[token] = mail
    return raw


def release_all(store):
    found = store.rows("SELECT id, digest FROM messages JOIN quarantine ON message = id")
    if not found:
        return None
    store.released.update(digest for _, digest in found)
    return store.start("quarantine", store.path, "release", *(f"mdb1/{n}" for n, _ in found))


def wait_a_moment(rng, longest):
    time.sleep(rng.random() ** 2 * longest)


def kill_amid(process, rng, longest):
    wait_a_moment(rng, longest)
    process.kill()
    process.communicate()


def kill_import(store, mail, rng):
    """Without a host: the command itself is killed."""
    process = store.start("import", store.path, mail.folder)
    kill_amid(process, rng, 0.5)
    return mail.tokens if process.returncode == 0 else set()


def kill_release(store, mail, rng):
    store.run("import", store.path, mail.folder)
    process = release_all(store)
    if process:
        kill_amid(process, rng, 0.1)
    return mail.tokens


def kill_host(store, mail, rng):
    """While clients import, open, reload and release."""
    host = store.start("serve", store.path)
    if rng.random() < 0.1:
        kill_amid(host, rng, 0.1)
        return set()
    host.stdout.readline()
    importing = store.start("import", store.path, mail.folder)
    clients = [importing]
    if rng.random() < 0.6:
        clients.append(store.start("open", store.path, "--all"))
    if rng.random() < 0.6:
        clients.append(store.start("reload", store.path))
    if rng.random() < 0.5:
        clients.append(release_all(store))
    kill_amid(host, rng, 0.6)
    for client in filter(None, clients):
        client.communicate(timeout=120)
    return mail.tokens if importing.returncode == 0 else set()


def submit(store, mail, token, rng):
    way = ("--to", "user@example.org") if rng.random() < 0.7 else ("--relay", store.relay)
    return store.start("submit", store.path, mail.file(token), *way)


def kill_transport(store, mail, rng):
    """The host with several messages on their way; or the one command that is its own host."""
    host = store.start("serve", store.path) if rng.random() < 0.8 else None
    if host:
        host.stdout.readline()
    tokens = rng.sample(sorted(mail.tokens), min(len(mail.tokens), SUBMITTED_AT_ONCE if host else 1))
    clients = {token: submit(store, mail, token, rng) for token in tokens}
    kill_amid(host or clients[tokens[0]], rng, 0.6 if host else 0.2)
    for client in clients.values():
        client.communicate(timeout=120)
    queued = {subject.split()[-1] for (subject,) in store.rows("SELECT subject FROM pending", "transport.db")}
    if store.tamper == "queue" and queued:
        tamper_with_queue(store)
    expect_taken(mail, {token: client.returncode for token, client in clients.items()}, queued)
    empty_queue(store)
    expect_handed_on(store, mail, {token for token, client in clients.items()
                                   if client.returncode == 0 or token in queued})
    return set()


def empty_queue(store):
    """A host tries all that is in it."""
    host = store.start("serve", store.path)
    host.stdout.readline()
    end = time.monotonic() + 120
    while store.rows("SELECT id FROM pending WHERE state = 0 AND tries = 0", "transport.db"):
        if time.monotonic() > end or host.poll() is not None:
            raise Wrong("the queue is not worked on")
        time.sleep(0.02)
    host.terminate()
    host.communicate(timeout=120)


def end_simulation(store, simulate):
    """Fails where something is lost, or bad and given out."""
    try:
        store.run(*simulate)
    except Wrong as wrong:
        if "this simulation is over" not in str(wrong):  # it was, before it was killed
            raise


def kill_simulation(store, mail, rng):
    """Goes on where it was killed, once or twice; a store of its own."""
    place = store.folder / "simulated"
    place.mkdir()
    (place / "profile").write_text(PROFILE)
    store.run("init", place / "store", "--mdb", "mdb1", "--mdb", "mdb2")
    store.run("settings", place / "store", "set", "BackgroundScanning", "1")
    simulate = ("simulate", place / "store", "--profile", place / "profile", "--out", place / "out",
                "--definitions", place / "definitions", "--vendor", store.clamav,
                "--seed", rng.randrange(1000))
    for _ in range(rng.randint(1, 2)):
        process = store.start(*simulate)
        kill_amid(process, rng, 4)
        if process.returncode == 0:  # it was over before
            break
        if process.returncode != -signal.SIGKILL:
            raise Wrong(f"simulate ended with {process.returncode}")
        if (place / "store" / "mdb1.db").exists():
            store.run("check", place / "store")
    end_simulation(store, simulate)
    store.run("check", place / "store")
    shutil.rmtree(place)
    return set()


# How often, and what is done.
KINDS = {"import": (3, kill_import), "release": (2, kill_release), "host": (5, kill_host),
         "transport": (4, kill_transport), "simulation": (1, kill_simulation)}


# ---- What must be seen ----

def change(database, query):
    database = sqlite3.connect(database)
    database.execute(query)
    database.commit()
    database.close()


def tamper_with_stamp(store):
    """One bad content is stamped clean."""
    change(store.path / "mdb1.db",
           "UPDATE contents SET stamp_verdict = 1 WHERE id = (SELECT c.id FROM contents c "
           "JOIN messages m ON m.id = message WHERE stamp_verdict > 2 "
           "AND instr(raw, 'SUSPICIOUS') LIMIT 1)")


def tamper_with_queue(store):
    """What is to be tried again is lost."""
    change(store.path / "transport.db", "DELETE FROM pending")


# ---- What is left ----

def tokens_in(store):
    return {subject.split()[-1] for (subject,) in store.rows("SELECT subject FROM messages")}


def expect_nothing_lost(store):
    lost = store.acknowledged - tokens_in(store)
    if lost:
        raise Wrong(f"lost: {sorted(lost)[:5]}")


def expect_taken(mail, statuses, queued):
    """What those who submitted were told before the host was killed."""
    for token, status in statuses.items():
        if status == 0 and badness(mail.raw[token]):
            raise Wrong(f"{token} was delivered and is {badness(mail.raw[token])}")
        if status == 10 and not badness(mail.raw[token]):
            raise Wrong(f"{token} was rejected and is harmless")
        if status == 11 and token not in queued:
            raise Wrong(f"{token} was deferred and is not in the queue")


def expect_handed_on(store, mail, promised):
    relayed = {file.read_bytes() for file in store.relay.glob("*.eml")}
    there = tokens_in(store)
    for token in promised:
        if not badness(mail.raw[token]) and token not in there and mail.raw[token] not in relayed:
            raise Wrong(f"lost on its way: {token}")
    for token in mail.tokens & there:
        if badness(mail.raw[token]):
            raise Wrong(f"{token} was delivered and is {badness(mail.raw[token])}")
    for raw in relayed - set(mail.raw.values()):
        if badness(raw) or not raw.endswith(b"--b--\r\n"):
            raise Wrong(f"handed on to the next host: {raw[:200]}")
    store.acknowledged |= mail.tokens & there


def badness(content):
    return next((name for word, name in BAD.items() if word in content), "")


def expect_right_stamps(store):
    """Of each content whose bytes stand in its message as they are."""
    for digest, raw, begin, size, verdict, message, whole in store.rows(
            "SELECT c.digest, raw, span_offset, span_size, stamp_verdict, m.id, m.digest FROM contents c "
            "JOIN messages m ON m.id = message WHERE container IS NULL AND stamp_verdict NOTNULL"):
        content = raw[begin:begin + size]
        if hashlib.sha256(content).digest() != digest:
            continue  # encoded
        if verdict in CLEAN_VERDICTS and badness(content) and whole not in store.released:
            raise Wrong(f"mdb1/{message} is stamped clean and is {badness(content)}")
        if verdict not in CLEAN_VERDICTS and not badness(content):
            raise Wrong(f"mdb1/{message} is stamped {verdict} and is harmless")


def expect_nothing_bad_let_out(store):
    told = subprocess.run(store.command("open", store.path, "--all", "--verbose"), timeout=300,
                          capture_output=True, text=True, errors="replace", check=False)
    if told.returncode not in (0, 10, 11, 12):
        raise Wrong(f"open ended with {told.returncode}: {told.stderr}")
    lines = [line.split() for line in told.stdout.splitlines() if line.startswith("mdb1/")]
    allowed = {int(words[0].split("/")[1]) for words in lines if words[1] == "allowed"}
    if not allowed:
        raise Wrong("open allowed nothing: " + told.stdout[-300:] + told.stderr[-300:])
    for number, raw, digest in store.rows("SELECT id, raw, digest FROM messages"):
        if number in allowed and badness(raw) and digest not in store.released:
            raise Wrong(f"mdb1/{number} was given out and is {badness(raw)}")


def look(store):
    store.run("check", store.path)
    expect_nothing_lost(store)
    expect_right_stamps(store)
    if store.acknowledged:
        expect_nothing_bad_let_out(store)
        store.run("check", store.path)


def play(store, seed, counts):
    rng = random.Random(seed)
    mail = Mail(store.folder / f"mail{seed}", seed, rng)
    kinds = {name: kind for name, kind in KINDS.items() if name != "simulation" or store.clamav}
    name = rng.choices(list(kinds), weights=[often for often, _ in kinds.values()])[0]
    print(f"seed {seed}: {name}, {len(mail.tokens)} messages", flush=True)
    acknowledged = kinds[name][1](store, mail, rng)
    store.acknowledged |= acknowledged
    kind = name + (", acknowledged" if acknowledged else "")
    counts[kind] = counts.get(kind, 0) + 1
    if store.tamper == "stamp":
        tamper_with_stamp(store)
    look(store)
    shutil.rmtree(mail.folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--program", required=True, help="store_sim")
    parser.add_argument("--vendor", required=True, help="tests/vendors/good.so")
    parser.add_argument("--clamav", help="vsapi_clamav.so, for simulations; without it there are none")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--tamper", choices=("stamp", "queue"),
                        help="stamp what is bad clean, or empty the queue: must fail")
    options = parser.parse_args()
    counts = {}
    seeds = list(range(options.seed, options.seed + options.rounds))
    for first in range(0, len(seeds), ROUNDS_PER_STORE):
        with tempfile.TemporaryDirectory(prefix="crash_only") as folder:
            store = Store(options, pathlib.Path(folder))
            for seed in seeds[first:first + ROUNDS_PER_STORE]:
                try:
                    play(store, seed, counts)
                except Wrong as wrong:
                    kept = tempfile.mkdtemp(prefix="crash_only_kept")
                    shutil.copytree(store.path, kept, dirs_exist_ok=True,
                                    ignore=shutil.ignore_patterns("*.sock"))
                    sys.exit(f"seed {seed} (its store began with {seeds[first]}; kept: {kept}): {wrong}")
    for kind, rounds in sorted(counts.items()):
        print(f"{kind}: {rounds}")
    print(f"{options.rounds} rounds, all sound")


if __name__ == "__main__":
    main()
