#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""schema_check.py - hold JSON objects against a Schema (2020-12)

    schema_check.py SCHEMA < LINES

Each line is "good " or "bad " and an object.  Prints the lines that the Schema
takes for the other, and exits 1 if there was one; 2 if there is no validator.
"""
import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    sys.exit(2)

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
Draft202012Validator.check_schema(schema)
validator = Draft202012Validator(schema)
wrong = 0
for line in sys.stdin.buffer:
    wanted, text = line.decode("utf-8").split(" ", 1)
    error = next(validator.iter_errors(json.loads(text)), None)
    if (error is None) != (wanted == "good"):
        wrong += 1
        reason = error.message[:200] if error is not None else "accepted"
        print(wanted, reason, text[:400], file=sys.stderr)
sys.exit(1 if wrong else 0)
