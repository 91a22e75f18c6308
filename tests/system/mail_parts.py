#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""mail_parts - what a reader sees of a message, for comparing two

    mail_parts.py FILE

Prints the fields that people read, decoded, and each part: its type, its name,
the SHA-256 of its octets; of a text that of its characters, with LF at the ends
of its lines and without empty lines at its end.  The parser is Python's.
"""
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


def show(message, depth):
    """show - print a message and its parts, each below its own"""
    indent = "  " * depth
    for name in FIELDS:
        for value in message.get_all(name, []):
            words = ' '.join(str(value).split())
            # a keyword of any case
            words = words.lower() if name == "Sensitivity" else words
            print(f"{indent}{name}: {words}")
    for key in ("Content-ID", "Content-Description"):
        if key in message and depth > 0:
            print(f"{indent}{key}: {message[key]}")
    # of a message within another it makes no difference
    if not message.is_multipart() and message.get_content_disposition():
        print(f"{indent}{message.get_content_disposition()}")
    kind = message.get_content_type()
    name = message.get_filename() or ""
    if message.is_multipart():
        print(f"{indent}{kind}")
        for part in message.get_payload():
            show(part, depth + 1)
    else:
        print(f"{indent}{kind} [{name}] {digest(message)}")


with open(sys.argv[1], "rb") as file:
    show(email.message_from_binary_file(file, policy=email.policy.default), 0)
