#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""edi_bridge.py - carry EDIFACT files by X.400, with a status file for each

    edi_bridge.py CONFIGURATION [--once]

Works on a folder, and on an application of Fourpost (fourpost_client.py).
Interchanges that a converter moves into out/ are submitted to the partner that
their UNB segment names; those that arrive are put into in/.  Each of out/ gets
a file in status/, of one line a state:

    2026-11-30T12:00:00Z submitted 7 [C=DE;A=VIAT;P=ACME;1a2b-7]
    2026-11-30T12:00:09Z delivered
    2026-11-30T12:00:09Z failed reason 1 diagnostic 0: no such user

and lies in sent/, or in failed/, from then on.  The configuration:

    [bridge]
    place = /srv/edi                    ; of the application
    folder = /srv/edifact
    originator = C=DE;A=VIAT;P=ACME;O=EDI;S=Desk
    form = edim                         ; or ftbp, or bp14
    [partners]
    5790000123456 = C=FR;A=ATLAS;P=BNP;O=EDI;S=Desk

form is how an interchange travels: as an EDI message of X.435 (content type
35), as a file-transfer body part, or as a bilaterally-defined one (BP14) of an
interpersonal message.  All three are taken.

A name in out/ is the key of its submission, so nothing is sent twice, whenever
the bridge ends.  What arrives is named after its queue id: if the bridge ends
between the file and its answer, a file of the same name comes again.
"""
import configparser
import os
import re
import sys
import time

import fourpost_client


# BER, as far as an EDI message of X.435 needs it.

def element(tag, *values):
    """Encode an element of these octets."""
    octets = b"".join(values)
    n = len(octets)
    length = bytes([n]) if n < 128 else b"\x84" + n.to_bytes(4, "big")
    return tag + length + octets


def elements(octets):
    """Return the elements that octets are: pairs of tag and value."""
    found, at = [], 0
    while at < len(octets):
        start = at
        at += 1
        if octets[start] & 0x1F == 0x1F:
            while octets[at] & 0x80:
                at += 1
            at += 1
        tag = octets[start:at]
        n = octets[at]
        at += 1
        if n == 0x80:
            raise ValueError("an element of indefinite length")
        if n & 0x80:
            n, size = int.from_bytes(octets[at:at + (n & 0x7F)], "big"), n & 0x7F
            at += size
        if at + n > len(octets):
            raise ValueError("an element that is cut off")
        found.append((tag, octets[at:at + n]))
        at += n
    return found


def or_name(tag, address):
    """Encode an O/R name of C, A, P, O, OU1 to OU4, S and G under a tag."""
    has = {}
    for pair in address.split(";"):
        label, _, value = pair.partition("=")
        has[label.strip().upper()] = value.encode("ascii")
    unknown = set(has) - {"C", "A", "P", "O", "OU1", "OU2", "OU3", "OU4", "S", "G"}
    if unknown:
        raise ValueError("%s in %s" % (", ".join(sorted(unknown)), address))
    text = lambda value: element(b"\x13", value)  # PrintableString
    standard = []
    if "C" in has:
        standard.append(element(b"\x61", text(has["C"])))
    if "A" in has:
        standard.append(element(b"\x62", text(has["A"])))
    if "P" in has:
        standard.append(element(b"\xa2", text(has["P"])))
    if "O" in has:
        standard.append(element(b"\x83", has["O"]))
    if "S" in has:
        name = element(b"\x80", has["S"])
        if "G" in has:
            name += element(b"\x81", has["G"])
        standard.append(element(b"\xa5", name))
    units = [text(has["OU%d" % n]) for n in range(1, 5) if "OU%d" % n in has]
    if units:
        standard.append(element(b"\xa6", *units))
    return element(tag, element(b"\x30", *standard))


def edim(interchange, local, sender, recipient):
    """Encode an EDI message (X.435, annex B)."""
    this = element(b"\xa1", or_name(b"\xa0", sender), element(b"\x81", local.encode("ascii")))
    recipients = element(b"\xa3", element(b"\x30", or_name(b"\xa1", recipient)))
    heading = element(b"\x30", this, or_name(b"\xa2", sender), recipients)
    body = element(b"\x30", element(b"\x80", interchange))
    return element(b"\xa0", heading, body)


def interchange_of_edim(octets):
    """Return the primary body part of an EDI message, which is an OCTET STRING."""
    (tag, edim_value), = elements(octets)
    if tag != b"\xa0":
        raise ValueError("no EDI message")
    (_, _), (_, body) = elements(edim_value)
    tag, interchange = elements(body)[0]
    if tag == b"\xa0":  # an OCTET STRING in segments
        interchange = b"".join(value for _, value in elements(interchange))
    elif tag != b"\x80":
        raise ValueError("the primary body part is no interchange")
    return interchange


# EDIFACT, as far as the addressing needs it.

def partners_of(interchange):
    """Return sender and recipient of the UNB segment."""
    separators = b":+.? '"
    at = 0
    if interchange[:3] == b"UNA":
        separators, at = interchange[3:9], 9
    unb = re.match(rb"\s*UNB", interchange[at:at + 64])
    if unb is None:
        raise ValueError("no UNB segment")
    component, data, release, end = (separators[n:n + 1] for n in (0, 1, 3, 5))
    segment, octets, escaped = [b""], interchange[at + unb.end():], False
    for n in range(len(octets)):
        octet = octets[n:n + 1]
        if not escaped and octet == release and release != b" ":
            escaped = True
            continue
        if not escaped and octet == end:
            break
        if not escaped and octet == data:
            segment.append(b"")
        elif not escaped and octet == component:
            segment[-1] += b"\0"
        else:
            segment[-1] += octet
        escaped = False
    else:
        raise ValueError("the UNB segment has no end")
    if len(segment) < 4:
        raise ValueError("the UNB segment names no recipient")
    return tuple(segment[n].split(b"\0")[0].decode("latin-1") for n in (2, 3))


class Bridge:
    """A folder of EDIFACT files beside an application."""

    def __init__(self, path):
        settings = configparser.ConfigParser(interpolation=None, delimiters=("=",))
        with open(path, encoding="utf-8") as file:
            settings.read_file(file)
        bridge = settings["bridge"]
        self.place = fourpost_client.connect(bridge["place"])
        self.folder = bridge["folder"]
        self.originator = bridge["originator"]
        self.form = bridge.get("form", "edim")
        self.partners = dict(settings["partners"])
        if self.form not in ("edim", "ftbp", "bp14"):
            raise ValueError("form = %s" % self.form)
        for name in ("out", "sent", "failed", "in", "status"):
            os.makedirs(self._at(name), exist_ok=True)

    def _at(self, *names):
        return os.path.join(self.folder, *names)

    def _write(self, place, name, octets):
        fourpost_client.put_whole(self._at(place), name, octets)

    def tell(self, name, state):
        """Add a line to the status of a file."""
        line = time.strftime("%Y-%m-%dT%H:%M:%SZ ", time.gmtime()) + state
        try:
            with open(self._at("status", name), "rb") as file:
                before = file.read()
        except FileNotFoundError:
            before = b""
        self._write("status", name, before + line.encode() + b"\n")

    def _object(self, name, interchange, partner):
        """Return the object that carries an interchange, and its file."""
        file = name + ".octets"
        octets = interchange
        object = {
            "kind": "message",
            "originator": self.originator,
            "recipients": [{"address": partner, "report_request": "report"}],
        }
        if self.form == "edim":
            octets = edim(interchange, name[:64], self.originator, partner)
            object["content_type"] = "edi"
            object["content"] = {"file": file}
        elif self.form == "ftbp":
            object["parts"] = [{"type": "file", "name": name, "file": file}]
        else:
            object["parts"] = [{"type": "bilaterally-defined", "file": file}]
        if self.form != "edim":
            object["ipm"] = {"subject": name}
        return object, {file: octets}

    def send(self, name):
        """Submit a file of out/."""
        with open(self._at("out", name), "rb") as file:
            interchange = file.read()
        try:
            _, recipient = partners_of(interchange)
            if recipient not in self.partners:
                raise ValueError("no partner %s" % recipient)
            object, files = self._object(name, interchange, self.partners[recipient])
            answer = self.place.submit(object, files, name)
        except (ValueError, fourpost_client.Refused) as why:
            self.tell(name, "failed %s" % why)
            os.rename(self._at("out", name), self._at("failed", name))
            return
        self.tell(name, "submitted %d %s" % (answer["id"], answer["mts_id"]))
        for refused in answer.get("recipients", []):
            self.tell(name, "failed %s" % refused.get("text", ""))
        os.rename(self._at("out", name), self._at("sent", name))

    def _interchange(self, item):
        """Return the interchange that an object has."""
        if item.object.get("content_type") == "edi":
            return interchange_of_edim(item.content())
        for n, part in enumerate(item.object.get("parts", [])):
            if part["type"] in ("file", "bilaterally-defined", "text"):
                octets = item.part(n)
                if octets.lstrip()[:3] in (b"UNA", b"UNB"):
                    return octets
        raise ValueError("no EDIFACT in it")

    def take(self, item):
        """Put what an object has into in/, or say what a report says."""
        answer = {"all": {"result": "delivered"}}
        if item.object["kind"] == "report":
            self.reported(item.object["report"])
        elif item.object["kind"] == "message":
            try:
                self._write("in", "%d.edi" % item.id, self._interchange(item))
            except (ValueError, IndexError) as why:
                answer["all"] = {"result": "failed", "reason": 1, "text": str(why)}
        self.place.done(item, answer)

    def reported(self, report):
        """Note in the status of a file what a report says of it."""
        name = report.get("submission")
        if name is None:
            return
        for recipient in report["recipients"]:
            if recipient["result"] == "delivered":
                self.tell(name, "delivered")
                continue
            codes = "reason %s diagnostic %s" % (
                recipient.get("reason", "?"), recipient.get("diagnostic", "?"))
            self.tell(name, "failed %s: %s" % (codes, recipient.get("text", "")))

    def round(self, wait):
        """Send what is there, take what has come."""
        for name in sorted(os.listdir(self._at("out"))):
            if re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", name):
                self.send(name)
        item = self.place.next(wait)
        while item is not None:
            self.take(item)
            item = self.place.next()


def main():
    """Run the bridge."""
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--once"]):
        sys.exit(__doc__)
    bridge = Bridge(sys.argv[1])
    for item in bridge.place.claimed():
        bridge.take(item)
    while True:
        bridge.round(wait=1)
        if sys.argv[2:] == ["--once"]:
            return


if __name__ == "__main__":
    main()
