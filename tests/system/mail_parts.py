#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""mail_parts - compare what a reader sees of two messages

    mail_parts.py FILE FILE

Compared are the fields that people read, decoded, and each part: its type, its
name, the SHA-256 of its octets; of a text that of its characters, with LF at the
ends of its lines and without empty lines at its end.  The parser is Python's.
Prints what differs; exit 1.
"""
import difflib
import email
import email.policy
import hashlib
import sys

FIELDS = ("From", "Reply-To", "To", "Cc", "Subject", "Date", "Importance",
          "Sensitivity", "Content-Language", "Thread-Topic", "Thread-Index")


def digest(part):
    """digest - the hash of a part's octets, or of the characters of a text"""
    octets = part.get_payload(decode=True)
    if part.get_content_maintype() == "text":
        charset = part.get_content_charset() or "us-ascii"
        text = octets.decode(charset).replace("\r\n", "\n").rstrip("\n")
        octets = text.encode()
    return hashlib.sha256(octets).hexdigest()


def show(message, depth, lines):
    """show - list a message and its parts, each below its own"""
    indent = "  " * depth
    for name in FIELDS:
        for value in message.get_all(name, []):
            words = ' '.join(str(value).split())
            # a keyword of any case
            words = words.lower() if name == "Sensitivity" else words
            lines.append(f"{indent}{name}: {words}")
    for key in ("Content-ID", "Content-Description"):
        if key in message and depth > 0:
            lines.append(f"{indent}{key}: {message[key]}")
    # of a message within another it makes no difference
    if not message.is_multipart() and message.get_content_disposition():
        lines.append(f"{indent}{message.get_content_disposition()}")
    kind = message.get_content_type()
    name = message.get_filename() or ""
    if message.is_multipart():
        lines.append(f"{indent}{kind}")
        for part in message.get_payload():
            show(part, depth + 1, lines)
    else:
        lines.append(f"{indent}{kind} [{name}] {digest(message)}")


def read(path):
    """read - list what a file has"""
    lines = []
    with open(path, "rb") as file:
        show(email.message_from_binary_file(file, policy=email.policy.default),
             0, lines)
    return lines


differences = list(difflib.unified_diff(read(sys.argv[1]), read(sys.argv[2]),
                                        n=0, lineterm=""))
for difference in differences:
    print(difference)
sys.exit(1 if differences else 0)
