#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""fourpost_client.py - submit, take and answer X.400 messages from Python

One file, standard library alone.  A place is the directory of an application
of Fourpost, or its socket, see fourpost-app(8); both are used alike:

    place = fourpost_client.connect("/srv/edi")
    answer = place.submit({"kind": "message", ...}, name="order-7")
    item = place.next(wait=60)
    place.done(item, {"all": {"result": "delivered"}})

Objects and answers are those of fourpost-json(5).  From the command line:

    fourpost_client.py PLACE submit -f FROM -t TO... [-s SUBJECT] [FILE...]
    fourpost_client.py PLACE submit --json OBJECT
    fourpost_client.py PLACE take [--wait SECONDS] [--result RESULT] [--save DIR]

submit reads the text from standard input.  take claims one object, prints it,
and answers it.  Exit 0 done, 1 refused, 2 nothing came in time.
"""
import argparse
import base64
import copy
import itertools
import json
import os
import socket
import stat
import sys
import time

POLL = 0.05  # seconds between two looks at a directory


class Refused(Exception):
    """What Fourpost did not take: reason is what it says of that."""

    def __init__(self, reason):
        super().__init__(reason.get("text", ""))
        self.reason = reason


class Item:
    """An object that was given to us.  `object` is its JSON."""

    def __init__(self, id, object, read):
        self.id = id
        self.object = object
        self._read = read

    def content(self):
        """Return the octets of the content, or None of a probe."""
        source = self.object.get("content")
        return None if source is None else self._octets(source)

    def part(self, n):
        """Return the octets of part n, from 0; a text in UTF-8."""
        part = self.object["parts"][n]
        if "text" in part:
            return part["text"].encode()
        return self._octets(part)

    def _octets(self, source):
        if "base64" in source:
            return base64.b64decode(source["base64"])
        return self._read(source)


def put_whole(folder, name, octets):
    """Have a file on the disk, whole, before it has its name."""
    hidden = os.path.join(folder, "." + name)
    with open(hidden, "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    os.rename(hidden, os.path.join(folder, name))


class Directory:
    """The directory of an application."""

    _numbers = itertools.count()

    def __init__(self, path):
        os.umask(0o007)  # the group of the directory reads what we write
        self.path = path

    def _at(self, *names):
        return os.path.join(self.path, *names)

    def _put(self, place, name, octets):
        put_whole(self._at(place), name, octets)

    def _load(self, *names):
        """Return the JSON of a file, or None if it is not there."""
        try:
            with open(self._at(*names), encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return None

    def _until(self, wait, look):
        """Look until there is something, or time is up: None."""
        limit = time.monotonic() + wait
        while True:
            found = look()
            if found is not None or time.monotonic() >= limit:
                return found
            time.sleep(POLL)

    def submit(self, object, files=None, name=None, wait=60):
        """Submit an object, and return the answer.

        files has the octets of each file that the object names.  name is what
        makes the submission one: with the same name again, after a crash, it
        is the same submission.  Raises Refused, and TimeoutError if there is
        no answer yet; with wait=0 nothing is waited for.
        """
        if name is None:
            name = "%d-%d-%d" % (time.time_ns(), os.getpid(), next(self._numbers))
        answer = self.answer(name)
        if answer is not None:
            return answer
        if not os.path.exists(self._at("in/new", name + ".json")):
            for file, octets in (files or {}).items():
                self._put("in/new", file, octets)
            self._put("in/new", name + ".json", json.dumps(object).encode())
        answer = self._until(wait, lambda: self.answer(name))
        if answer is None and wait > 0:
            raise TimeoutError(name)
        return answer

    def answer(self, name):
        """Take the answer to a submission, or return None."""
        answer = self._load("in/done", name + ".json")
        if answer is not None:
            os.unlink(self._at("in/done", name + ".json"))
            return answer
        reason = self._load("in/error", name + ".error.json")
        if reason is not None:
            os.unlink(self._at("in/error", name + ".error.json"))
            raise Refused(reason)
        return None

    def _ids(self, place):
        names = (file[:-5] for file in os.listdir(self._at(place)) if file.endswith(".json"))
        return sorted(int(name) for name in names if name.isdigit())

    def _read(self, source):
        """Return the octets that an object names."""
        with open(self._at("out/new", source["file"]), "rb") as file:
            return file.read()

    def _item(self, id):
        object = self._load("out/cur", "%d.json" % id)
        return None if object is None else Item(id, object, self._read)

    def _claim(self):
        for id in self._ids("out/new"):
            file = "%d.json" % id
            try:
                os.rename(self._at("out/new", file), self._at("out/cur", file))
            except FileNotFoundError:
                continue  # another process was quicker
            return self._item(id)
        return None

    def claimed(self):
        """Return what was claimed and not answered, as after a crash."""
        answered = self._ids("out/done")
        items = (self._item(id) for id in self._ids("out/cur") if id not in answered)
        return [item for item in items if item is not None]

    def next(self, wait=0):
        """Claim the oldest object, or return None."""
        return self._until(wait, self._claim)

    def done(self, item, answer, wait=60):
        """Answer an object, and wait until the answer is safe.

        Raises Refused where the answer cannot be used; the object is still
        ours then.  With wait=0 nothing is waited for.
        """
        file = "%d.json" % item.id
        self._put("out/done", file, json.dumps(answer).encode())
        if wait > 0 and self._until(wait, lambda: self._settled(item.id)) is None:
            raise TimeoutError(file)

    def _settled(self, id):
        reason = self._load("out/error", "%d.error.json" % id)
        if reason is not None:
            os.unlink(self._at("out/error", "%d.error.json" % id))
            os.unlink(self._at("out/error", "%d.json" % id))
            raise Refused(reason)
        places = ("out/done", "out/cur", "out/new")
        if any(os.path.exists(self._at(place, "%d.json" % id)) for place in places):
            return None
        return True

    def release(self, item):
        """Give an object back: it comes again."""
        file = "%d.json" % item.id
        os.rename(self._at("out/cur", file), self._at("out/new", file))


class Socket:
    """The socket of an application: one connection to it.

    What ends the connection raises ConnectionError.  What was claimed by it
    comes again; a submission is made again under its name by another one.
    """

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(path)
        self._file = self._socket.makefile("rb")
        self.greeting = self._hear()

    def close(self):
        """Close the connection."""
        self._file.close()
        self._socket.close()

    def send(self, request, octets=()):
        """Send a request and the octets behind it, whose answer is to come."""
        self._socket.sendall(json.dumps(request).encode() + b"\n" + b"".join(octets))

    def _hear(self):
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise ConnectionError("the connection has ended")
        return json.loads(line)

    def _octets(self, count):
        octets = self._file.read(count)
        if len(octets) != count:
            raise ConnectionError("the connection has ended")
        return octets

    def ask(self, request, octets=()):
        """Send a request, and return its answer."""
        self.send(request, octets)
        answer = self._hear()
        if not answer["ok"]:
            raise Refused(answer)
        return answer

    def submit(self, object, files=None, name=None, wait=60):
        """Submit an object, as Directory.submit does."""
        object = copy.deepcopy(object)
        if name is not None:
            object["key"] = name
        sources = [object["content"]] if "content" in object else object.get("parts", [])
        octets = []
        for source in sources:
            if "file" in source:
                octets.append((files or {})[source.pop("file")])
                source["octets"] = len(octets[-1])
        self._socket.settimeout(wait or None)
        answer = self.ask({"op": "submit", "object": object}, octets)
        self._socket.settimeout(None)
        return {member: answer[member] for member in answer if member not in ("ok", "tag")}

    def claimed(self):
        """Return nothing: the end of a connection releases what it claimed."""
        return []

    def next(self, wait=0, octets="parts"):
        """Claim the next object, or return None.

        octets tells what comes with it: those of its parts, or its "content".
        """
        answer = self.ask({"op": "next", "wait": int(wait), "octets": octets})
        object = answer["object"]
        if object is None:
            return None
        found = {}
        sources = [object["content"]] if "content" in object else object.get("parts", [])
        for source in sources:
            if "octets" in source and "base64" not in source:
                found[id(source)] = self._octets(source["octets"])
        return Item(object["id"], object, lambda source: found[id(source)])

    def done(self, item, answer, wait=60):
        """Answer an object: the answer is safe when this returns."""
        self.ask(dict(answer, op="done", id=item.id))

    def release(self, item):
        """Give an object back: it comes again."""
        self.ask({"op": "release", "id": item.id})

    def check(self, addresses, originator=None, size=0):
        """Tell what would become of a message to each of some addresses."""
        request = {"op": "check", "addresses": addresses, "size": size}
        if originator is not None:
            request["originator"] = originator
        return self.ask(request)["addresses"]

    def status(self):
        """Tell what is claimed, and how much waits."""
        return self.ask({"op": "status"})


def connect(path):
    """Return the place at a path: a directory or a socket."""
    return Socket(path) if stat.S_ISSOCK(os.stat(path).st_mode) else Directory(path)


def command_submit(place, options):
    """Submit what the options say, and print the answer."""
    files = {}
    if options.json is not None:
        with open(options.json, encoding="utf-8") as file:
            object = json.load(file)
    else:
        object = {
            "kind": "message",
            "originator": options.sender,
            "recipients": [{"address": to} for to in options.to],
            "ipm": {"subject": options.subject},
            "parts": [{"type": "text", "text": sys.stdin.read()}],
        }
        for recipient in object["recipients"]:
            if options.report:
                recipient["report_request"] = "report"
    name = options.name or "%d-%d" % (time.time_ns(), os.getpid())
    for n, path in enumerate(options.files):
        file = "%s.%d.part" % (name, n)
        with open(path, "rb") as octets:
            files[file] = octets.read()
        object["parts"].append({"type": "file", "name": os.path.basename(path), "file": file})
    print(json.dumps(place.submit(object, files, name)))


def command_take(place, options):
    """Claim an object, print and save it, and answer it."""
    item = place.next(options.wait)
    if item is None:
        return 2
    print(json.dumps(item.object))
    if options.save is not None:
        for n, part in enumerate(item.object.get("parts", [])):
            name = os.path.basename(part.get("name", "")) or "part"
            with open(os.path.join(options.save, "%d.%d.%s" % (item.id, n, name)), "wb") as file:
                file.write(item.part(n))
    place.done(item, {"all": {"result": options.result}})
    return 0


def main():
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description="submit and take X.400 messages")
    parser.add_argument("place", help="the directory of an application, or its socket")
    commands = parser.add_subparsers(dest="command", required=True)
    submit = commands.add_parser("submit", help="submit a message")
    submit.add_argument("--json", help="the whole object, from this file")
    submit.add_argument("-f", dest="sender", help="the originator's O/R address")
    submit.add_argument("-t", dest="to", action="append", default=[], help="a recipient's")
    submit.add_argument("-s", dest="subject", default="", help="the subject")
    submit.add_argument("--report", action="store_true", help="report a delivery too")
    submit.add_argument("--name", help="by which the submission is one")
    submit.add_argument("files", nargs="*", help="files to go along")
    take = commands.add_parser("take", help="take an object, and answer it")
    take.add_argument("--wait", type=float, default=0, help="seconds to wait for one")
    take.add_argument("--result", default="delivered", help="delivered, failed, transient ...")
    take.add_argument("--save", help="put its parts into this directory")
    options = parser.parse_args()
    if options.command == "submit" and options.json is None and not (options.sender and options.to):
        parser.error("submit needs -f and -t, or --json")
    try:
        run = command_submit if options.command == "submit" else command_take
        return run(connect(options.place), options) or 0
    except Refused as refused:
        print("refused: %s" % json.dumps(refused.reason), file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
