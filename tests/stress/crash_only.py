#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kills store_sim (kill -9) at random moments of import, serve with background scanning, reload,
quarantine release, and looks at what is left.

After each round, with the store opened anew:
  - `store_sim check` finds nothing;
  - each message whose import was acknowledged (exit status 0) is there;
  - no stamp says of a content what the vendor does not say of it;
  - `open` gives out no message with bad content, but what was given back from quarantine.

The vendor is tests/vendors/good, which judges a content by words in it, so that the harness knows what
is right. The seed of each round is printed; `--seed` begins there (what is killed when depends on the
machine too).
"""
import argparse
import hashlib
import pathlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time

BAD = {b"INFECTED:Worm": "infected", b"SUSPICIOUS": "suspicious"}
CLEAN_VERDICTS = (1, 2)  # VSAPI_VERDICT_CLEAN, _CLEAN_PERMANENT
ROUNDS_PER_STORE = 15


class Wrong(Exception):
    """What must hold does not."""


class Store:
    def __init__(self, program, vendor, folder):
        self.program, self.folder = program, folder
        self.path = folder / "store"
        self.acknowledged = set()  # tokens of messages that must be there
        self.released = set()      # digests of messages that somebody gave back, or was about to
        self.run("init", self.path)
        self.run("settings", self.path, "set", "Library", vendor)
        self.run("settings", self.path, "set", "BackgroundScanning", "1")

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

    def rows(self, query):
        database = sqlite3.connect(f"file:{self.path / 'mdb1.db'}?mode=ro", uri=True)
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()


# ---- What is going on ----

def write_mail(folder, seed, rng):
    """Some messages, clean and bad, each with a token in its subject; gives the tokens."""
    folder.mkdir()
    tokens = set()
    for number in range(rng.randint(1, 60)):
        token = f"{seed}.{number}"
        words = rng.choices([b"harmless", *BAD], weights=(8, 1, 1))[0]
        part = (b"Content-Type: text/plain\r\n\r\n" + words + b" " + token.encode() + b" " +
                bytes(rng.choices(b"abcdefgh ", k=rng.randint(1, 2000))) + b"\r\n")
        mail = (b"From: a@example.org\r\nTo: b@example.org\r\nSubject: token " + token.encode() +
                b"\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
                part + b"--b--\r\n")
        (folder / f"{number}.eml").write_bytes(mail)
        tokens.add(token)
    return tokens


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
    process = store.start("import", store.path, mail)
    kill_amid(process, rng, 0.5)
    return process.returncode == 0


def kill_release(store, mail, rng):
    store.run("import", store.path, mail)
    process = release_all(store)
    if process:
        kill_amid(process, rng, 0.1)
    return True


def kill_host(store, mail, rng):
    """While clients import, open, reload and release."""
    host = store.start("serve", store.path)
    if rng.random() < 0.1:
        kill_amid(host, rng, 0.1)
        return False
    host.stdout.readline()
    importing = store.start("import", store.path, mail)
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
    return importing.returncode == 0


KINDS = {"import": kill_import, "release": kill_release, "host": kill_host}


def tamper(store):
    """One bad content is stamped clean, so that it is seen that this is seen."""
    database = sqlite3.connect(store.path / "mdb1.db")
    database.execute("UPDATE contents SET stamp_verdict = 1 WHERE id = (SELECT c.id FROM contents c "
                     "JOIN messages m ON m.id = message WHERE stamp_verdict > 2 "
                     "AND instr(raw, 'SUSPICIOUS') LIMIT 1)")
    database.commit()
    database.close()


# ---- What is left ----

def expect_nothing_lost(store):
    there = {subject.split()[-1] for (subject,) in store.rows("SELECT subject FROM messages")}
    lost = store.acknowledged - there
    if lost:
        raise Wrong(f"lost: {sorted(lost)[:5]}")


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


def play(store, seed, counts, tampers):
    rng = random.Random(seed)
    mail = store.folder / f"mail{seed}"
    tokens = write_mail(mail, seed, rng)
    kind = rng.choices(list(KINDS), weights=(3, 2, 5))[0]
    acknowledged = KINDS[kind](store, mail, rng)
    if acknowledged:
        store.acknowledged |= tokens
    counts[kind, acknowledged] = counts.get((kind, acknowledged), 0) + 1
    print(f"seed {seed}: {kind}, {len(tokens)} messages, "
          f"{'acknowledged' if acknowledged else 'not acknowledged'}", flush=True)
    if tampers:
        tamper(store)
    look(store)
    shutil.rmtree(mail)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--program", required=True, help="store_sim")
    parser.add_argument("--vendor", required=True, help="tests/vendors/good.so")
    parser.add_argument("--rounds", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--tamper", action="store_true", help="stamp what is bad clean: must fail")
    options = parser.parse_args()
    counts = {}
    seeds = list(range(options.seed, options.seed + options.rounds))
    for first in range(0, len(seeds), ROUNDS_PER_STORE):
        with tempfile.TemporaryDirectory(prefix="crash_only") as folder:
            store = Store(options.program, options.vendor, pathlib.Path(folder))
            for seed in seeds[first:first + ROUNDS_PER_STORE]:
                try:
                    play(store, seed, counts, options.tamper)
                except Wrong as wrong:
                    kept = tempfile.mkdtemp(prefix="crash_only_kept")
                    shutil.copytree(store.path, kept, dirs_exist_ok=True,
                                    ignore=shutil.ignore_patterns("*.sock"))
                    sys.exit(f"seed {seed} (its store began with {seeds[first]}; kept: {kept}): {wrong}")
    for (kind, acknowledged), rounds in sorted(counts.items()):
        print(f"{kind}, {'acknowledged' if acknowledged else 'killed before'}: {rounds}")
    print(f"{options.rounds} rounds, all sound")


if __name__ == "__main__":
    main()
