#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""program_storm.py - the programs of program_storm_test.c, and its judge

    program_storm.py feed PLACE COUNT SEED JOURNAL
    program_storm.py take PLACE SEED JOURNAL
    program_storm.py judge COUNT SEED TRACKED FED TAKEN...

PLACE is a directory or a socket.  The programs may be killed at any moment, and
are started again.  They work by examples/fourpost_client.py, a copy of which
lies beside this file, and note in a journal what they do: `feed` submits
messages to the applications that `take` serves, and takes the reports.  What
becomes of a recipient in the end is a function of the seed; on the way there
`take` puts recipients off, answers wrongly, or too late.  `judge` holds all
journals against what tracking says of each recipient.
"""
import collections
import json
import os
import random
import re
import sys
import time
import zlib

import fourpost_client

DOMAIN = "C=XX;A=TEST;P=STORM"
AHEAD = 64  # submissions that await their answers


def number(seed, *of):
    """Draw a number that depends on the seed and these alone."""
    return zlib.crc32(repr((seed, of)).encode())


def recipients_of(seed, m):
    """Tell how many recipients message m has."""
    return 1 + number(seed, "recipients", m) % 3


def fate_of(seed, m, k):
    """Tell what becomes of recipient k of message m, both from 0."""
    return ("delivered", "delivered", "delivered", "transferred", "failed")[number(seed, "fate", m, k) % 5]


def way_of(seed, m, k):
    """Tell by which form of access the recipient is reached."""
    return ("EDI", "SOK")[number(seed, "way", m, k) % 2]


def request_of(seed, m, k):
    """Tell which reports the originator wants."""
    return ("none", "non-delivery", "report")[number(seed, "request", m, k) % 3]


def named(address):
    """Read message and recipient of an address, or None."""
    found = re.search(r"S=R(\d+)-(\d+)(;|$)", address)
    return None if found is None else (int(found[1]), int(found[2]))


class Journal:
    """Lines that outlive the program: each is in the file before the next step."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, *words):
        os.write(self.fd, (" ".join(str(word) for word in words) + "\n").encode())


def lines_of(path):
    """Return the lines of a journal, as lists of words."""
    try:
        with open(path, encoding="utf-8") as file:
            return [line.split() for line in file]
    except FileNotFoundError:
        return []


def message(seed, m):
    """Compose message m."""
    return {
        "kind": "message",
        "originator": DOMAIN + ";O=SRC;S=Feed",
        "recipients": [
            {"address": "%s;O=%s;S=R%d-%d" % (DOMAIN, way_of(seed, m, k), m, k),
             "report_request": request_of(seed, m, k)}
            for k in range(recipients_of(seed, m))
        ],
        "ipm": {"subject": "m%d" % m},
        "parts": [{"type": "text", "text": "x" * (number(seed, "size", m) % 4000)}],
    }


def feed(path, count, seed, journal_path):
    """Submit what has no answer yet, and take reports, for ever."""
    place = fourpost_client.connect(path)
    answered = {words[1] for words in lines_of(journal_path) if words[0] == "answer"}
    left = collections.deque(m for m in range(count) if "m%d" % m not in answered)
    journal = Journal(journal_path)
    waiting, again = {}, set()
    for item in place.claimed():
        take_report(place, item, journal)
    while True:
        while left and len(waiting) < AHEAD:
            m = left.popleft()
            name = "m%d" % m
            # An earlier life of this program may have left the answer.
            waiting[name] = m, place.submit(message(seed, m), name=name, wait=0)
        for name, (m, early) in list(waiting.items()):
            answer = early or place.answer(name)
            if answer is None:
                continue
            journal.note("answer", name, answer["id"])
            del waiting[name]
            # Once more under its key: that is the same submission.
            if m not in again and number(os.getpid(), m) % 20 == 0:
                again.add(m)
                left.append(m)
        item = place.next(wait=0.02)
        while item is not None:
            take_report(place, item, journal)
            item = place.next()


def take_report(place, item, journal):
    """Note whom a report is about, and answer it."""
    report = item.object["report"]
    for recipient in report["recipients"]:
        journal.note("report", item.id, report.get("submission"), recipient["n"], recipient["result"])
    place.done(item, {"all": {"result": "delivered"}}, wait=0)


class Taker:
    """The program that is given the messages."""

    def __init__(self, path, seed, journal_path):
        self.path, self.seed = path, seed
        self.place = None
        self.random = random.Random(os.getpid())
        self.done = {tuple(words[1:3]) for words in lines_of(journal_path) if words[0] == "done"}
        self.journal = Journal(journal_path)

    def answer_to(self, item, m):
        """Decide on each recipient: its fate, or later."""
        answers = []
        for recipient in item.object["recipients"]:
            if not recipient.get("responsible", True):
                continue
            _, k = named(recipient["address"])
            result = fate_of(self.seed, m, k)
            if self.random.random() < 0.15:
                result = "transient"
            answers.append({"n": recipient["n"], "result": result, "text": "as the seed says"})
            self.journal.note("says", item.id, item.object["attempt"], m, k, result)
        return {"recipients": answers}

    def serve(self, item):
        """Answer an object, some of them wrongly first, some slowly."""
        attempt = item.object["attempt"]
        m = int(item.object["ipm"]["subject"][1:])
        answer = self.answer_to(item, m)
        chance = self.random.random()
        if chance < 0.01:
            time.sleep(self.random.random())
        elif chance < 0.03:
            self.answer_wrongly(item, answer)
        safe = self.random.random() < 0.05
        if hasattr(self.place, "ask") and self.random.random() < 0.05:
            # Cut between the answer and its commit.
            self.place.send(dict(answer, op="done", id=item.id))
            self.place.close()
            raise ConnectionError
        try:
            self.place.done(item, answer, wait=10 if safe else 0)
            safe |= hasattr(self.place, "ask")
        except (TimeoutError, fourpost_client.Refused):
            safe = False  # too late: somebody has answered, or it comes again
        self.journal.note("done", item.id, attempt)
        if safe:
            self.journal.note("safe", item.id, attempt)

    def answer_wrongly(self, item, answer):
        """Answer for a recipient too many, and wait until that is refused."""
        wrong = {"recipients": answer["recipients"] + [{"n": 99, "result": "delivered"}]}
        try:
            self.place.done(item, wrong, wait=10)
        except (TimeoutError, fourpost_client.Refused):
            pass

    def run(self):
        """Serve for ever, over one connection after the other."""
        while True:
            try:
                self.place = fourpost_client.connect(self.path)
                self.work()
            except OSError:
                time.sleep(0.1)  # nobody is there yet

    def work(self):
        """Serve for ever, what was claimed before first."""
        for item in self.place.claimed():
            # An answer that is not committed yet must not be given twice.
            if (str(item.id), str(item.object["attempt"])) not in self.done:
                self.serve(item)
        while True:
            try:
                item = self.place.next(wait=5)
            except fourpost_client.Refused:
                item = None
                time.sleep(0.1)
            if item is not None:
                self.journal.note("claim", item.id, item.object["attempt"],
                                  *("%d-%d" % named(r["address"]) for r in item.object["recipients"]
                                    if r.get("responsible", True)))
                self.serve(item)


class Judge:
    """What all of them say, recipient by recipient."""

    def __init__(self, count, seed, tracked, fed, *taken):
        self.wrong = []
        self.count, self.seed = count, seed
        self.fed = lines_of(fed)
        self.taken = [words for path in taken for words in lines_of(path)]
        with open(tracked, encoding="utf-8") as file:
            self.tracked = [json.loads(line) for line in file]

    def blame(self, *words):
        """Note something that is not as it should be."""
        self.wrong.append(" ".join(str(word) for word in words))

    def judge_keys(self):
        """Hold each key to one message."""
        ids = collections.defaultdict(set)
        for words in self.fed:
            if words[0] == "answer":
                ids[words[1]].add(words[2])
        for m in range(self.count):
            if len(ids["m%d" % m]) != 1:
                self.blame("m%d" % m, "is", len(ids["m%d" % m]), "messages", *ids["m%d" % m])
        everything = [id for of in ids.values() for id in of]
        if len(everything) != len(set(everything)):
            self.blame("two keys are one message")

    def judge_fates(self):
        """Hold each recipient to one fate that program and tracking agree on."""
        said = collections.defaultdict(set)
        for words in self.taken:
            if words[0] == "says" and words[5] != "transient":
                said[int(words[3]), int(words[4])].add(words[5])
        state = collections.defaultdict(list)
        for row in self.tracked:
            for recipient in row["recipients"]:
                if named(recipient["address"]) is not None:
                    state[named(recipient["address"])].append(recipient["state"])
        for m in range(self.count):
            for k in range(recipients_of(self.seed, m)):
                fate = fate_of(self.seed, m, k)
                if said[m, k] != {fate} or state[m, k] != [fate]:
                    self.blame("recipient", m, k, "is", fate, "said", said[m, k], "tracked", state[m, k])

    def judge_reports(self):
        """Hold each recipient to the one report that is owed, or none."""
        found = collections.Counter()
        seen = {}
        for words in self.fed:
            if words[0] == "report":
                key = (words[2], int(words[3]), words[4])
                # The program itself may be given a report twice if it dies.
                if seen.setdefault((words[1], key), True) is True:
                    seen[words[1], key] = False
                    found[key] += 1
        for m in range(self.count):
            for k in range(recipients_of(self.seed, m)):
                fate, request = fate_of(self.seed, m, k), request_of(self.seed, m, k)
                owed = fate == "failed" and request != "none" or fate == "delivered" and request == "report"
                got = [n for n in ("delivered", "failed") for _ in range(found["m%d" % m, k + 1, n])]
                if got != ([fate] if owed else []):
                    self.blame("reports on", m, k, got, "of", fate, request)

    def judge_claims(self):
        """Hold what was answered for good, and safe, to not come again."""
        final = {}
        for words in self.taken:
            if words[0] == "says":
                final.setdefault(tuple(words[1:3]), {})["%s-%s" % (words[3], words[4])] = words[5]
            elif words[0] == "safe":
                for name, result in final.get(tuple(words[1:3]), {}).items():
                    if result != "transient":
                        final[name] = words[1]
            elif words[0] == "claim":
                for name in words[3:]:
                    if final.get(name) == words[1]:
                        self.blame("recipient", name, "is given again")

    def verdict(self):
        """Print how many are lost or doubled; 1 if there are any."""
        for judge in (self.judge_keys, self.judge_fates, self.judge_reports, self.judge_claims):
            judge()
        for line in self.wrong[:40]:
            print(line)
        recipients = sum(recipients_of(self.seed, m) for m in range(self.count))
        tally = collections.Counter(words[0] for words in self.taken + self.fed)
        print("figure: %d messages to %d recipients, %d claims, %d reports, %d answers to %d submissions: %d wrong" % (
            self.count, recipients, tally["claim"], tally["report"], tally["answer"], self.count, len(self.wrong)))
        return 1 if self.wrong else 0


def main():
    """Do what the command line says."""
    what, words = sys.argv[1], sys.argv[2:]
    if what == "feed":
        feed(words[0], int(words[1]), int(words[2]), words[3])
    elif what == "take":
        Taker(words[0], int(words[1]), words[2]).run()
    elif what == "judge":
        sys.exit(Judge(int(words[0]), int(words[1]), *words[2:]).verdict())


if __name__ == "__main__":
    main()
