#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""relay.py - an SMTP server for tests, which behaves as it is told to

relay.py DIRECTORY, with a listening socket as descriptor 3.  Each message that
is taken is the file DIRECTORY/N, and a line of DIRECTORY/log: an object with
"n", "from", "to", "id" (Message-ID), "tls".  Commands are lines of
DIRECTORY/commands.

DIRECTORY/habits, an object, is read for each connection:
  "without"  extensions that are not offered
  "reply"    the reply to a command ("" is the greeting, "." the message), or
             to a RCPT with such a text in it
  "most"     recipients of a transaction, 452 4.5.3 for more
  "close"    close instead of a reply to this command
  "endless"  reply to this command by a line without an end
  "lines"    reply to this command by lines without an end
  "cut"      as often as this only, then as usual
  "slow"     seconds before a message is answered for
  "cert", "key"  files: offers STARTTLS
"""

import json
import os
import re
import socket
import ssl
import sys
import threading
import time

LOCK = threading.Lock()
TOTAL = [0]


class Session:
    def __init__(self, directory, sock):
        self.directory = directory
        self.sock = sock
        self.rest = b""
        self.tls = False
        with LOCK:
            self.habits = self.read_habits()
        self.forget()

    def read_habits(self):
        """Read what this connection does; what is done a few times only is
        counted down."""
        name = os.path.join(self.directory, "habits")
        if not os.path.exists(name):
            return {}
        with open(name) as file:
            habits = json.load(file)
        if habits.get("cut", 1) <= 0:
            for habit in ("close", "reply", "endless", "lines"):
                habits.pop(habit, None)
        return habits

    def count_down(self):
        if "cut" not in self.habits:
            return
        name = os.path.join(self.directory, "habits")
        with LOCK:
            with open(name) as file:
                habits = json.load(file)
            habits["cut"] -= 1
            with open(name + ".new", "w") as file:
                json.dump(habits, file)
            os.rename(name + ".new", name)

    def forget(self):
        self.sender = None
        self.recipients = []

    def line(self):
        while b"\n" not in self.rest:
            more = self.sock.recv(65536)
            if not more:
                raise EOFError
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.rstrip(b"\r").decode("latin-1")

    def say(self, verb, usual, line=""):
        """Reply to a command, as usual or otherwise; the code that was
        said."""
        if self.habits.get("endless") == verb:
            self.count_down()
            self.flood("250-" + "x" * 65536)
        if self.habits.get("lines") == verb:
            self.count_down()
            self.flood("250-x\r\n" * 1000)
        if self.habits.get("close") == verb:
            self.count_down()
            self.sock.shutdown(socket.SHUT_RDWR)
            raise EOFError
        reply = usual
        for key, other in self.habits.get("reply", {}).items():
            if key == verb or (verb == "RCPT" and len(key) > 1 and key in line):
                reply = other
                self.count_down()
        self.sock.sendall((reply + "\r\n").encode("latin-1"))
        return reply[:3]

    def flood(self, text):
        """Say something until nobody listens."""
        while True:
            self.sock.sendall(text.encode())

    def extensions(self):
        offered = ["PIPELINING", "SIZE 10000000", "8BITMIME", "DSN"]
        if "cert" in self.habits and not self.tls:
            offered.append("STARTTLS")
        return [
            e
            for e in offered
            if e.split()[0] not in self.habits.get("without", [])
        ]

    def ehlo(self):
        lines = ["relay"] + self.extensions()
        return "\r\n".join(
            "250%s%s" % ("-" if i + 1 < len(lines) else " ", line)
            for i, line in enumerate(lines)
        )

    def begin_tls(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.habits["cert"], self.habits["key"])
        self.sock = context.wrap_socket(self.sock, server_side=True)
        self.tls = True

    def data(self):
        lines = []
        while True:
            line = self.line()
            if line == ".":
                break
            lines.append(line[1:] if line.startswith(".") else line)
        return "\r\n".join(lines) + "\r\n"

    def keep(self, text):
        with LOCK:
            TOTAL[0] += 1
            n = TOTAL[0]
            name = os.path.join(self.directory, str(n))
            with open(name + ".new", "w", encoding="latin-1", newline="") as f:
                f.write(text)
            found = re.search("(?im)^Message-ID:\\s*(\\S*)", text)
            entry = {
                "n": n,
                "from": self.sender,
                "to": self.recipients,
                "id": found.group(1) if found else "",
                "tls": self.tls,
            }
            with open(os.path.join(self.directory, "log"), "a") as log:
                log.write(json.dumps(entry) + "\n")
            os.rename(name + ".new", name)

    def message(self):
        text = self.data()
        # What is taken is kept before anybody hears of it.
        reply = self.habits.get("reply", {}).get(".", "250")
        if reply.startswith("2") or self.habits.get("close") == ".":
            self.keep(text)
        time.sleep(self.habits.get("slow", 0))
        self.say(".", "250 2.0.0 taken")

    def command(self, line):
        verb = line.split(" ")[0].split(":")[0].upper()
        if verb == "EHLO":
            self.say("EHLO", self.ehlo())
        elif verb == "MAIL":
            self.forget()
            if self.say("MAIL", "250 2.1.0 ok").startswith("2"):
                self.sender = line[11:].split(">")[0]
        elif verb == "RCPT":
            if self.sender is None:
                self.say("RCPT", "503 5.5.1 no sender")
            elif len(self.recipients) >= self.habits.get("most", 1000):
                self.say("RCPT", "452 4.5.3 too many recipients")
            elif self.say("RCPT", "250 2.1.5 ok", line).startswith("2"):
                self.recipients.append(line[9:].split(">")[0])
        elif verb == "DATA":
            if not self.recipients:
                self.say("DATA", "554 5.5.1 no recipients")
            elif self.say("DATA", "354 go on").startswith("3"):
                self.message()
                self.forget()
        elif verb == "STARTTLS" and "cert" in self.habits:
            if self.say("STARTTLS", "220 go on").startswith("2"):
                self.begin_tls()
        elif verb == "QUIT":
            self.say("QUIT", "221 bye")
            raise EOFError
        else:
            self.forget()
            self.say(verb, "250 2.0.0 ok")

    def run(self):
        try:
            if not self.say("", "220 relay").startswith("2"):
                return
            while True:
                line = self.line()
                name = os.path.join(self.directory, "commands")
                with LOCK, open(name, "a") as file:
                    file.write(line + "\n")
                self.command(line)
        except (EOFError, OSError):
            pass
        finally:
            self.sock.close()


def main():
    listener = socket.socket(fileno=3)
    directory = sys.argv[1]
    log = os.path.join(directory, "log")
    if os.path.exists(log):
        with open(log) as file:
            TOTAL[0] = len(file.readlines())
    while True:
        sock = listener.accept()[0]
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = Session(directory, sock)
        threading.Thread(target=session.run, daemon=True).start()


if __name__ == "__main__":
    main()
