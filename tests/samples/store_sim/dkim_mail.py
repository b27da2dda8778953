#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Signs and verifies a message by DKIM without a name server: dkim_mail.py sign|verify KEY.pem MAIL.
# Signing writes the message with its signature to standard output.
import subprocess
import sys

import dkim


def public_key(key_file):
    der = subprocess.run(["openssl", "rsa", "-in", key_file, "-pubout", "-outform", "DER"],
                         check=True, capture_output=True).stdout
    import base64
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(der)


def main():
    action, key_file, mail_file = sys.argv[1:]
    with open(mail_file, "rb") as file:
        mail = file.read()
    if action == "sign":
        with open(key_file, "rb") as file:
            signature = dkim.sign(mail, b"s", b"example.org", file.read(),
                                  include_headers=[b"from", b"to", b"subject"])
        sys.stdout.buffer.write(signature + mail)
        return 0
    record = public_key(key_file)
    return 0 if dkim.verify(mail, dnsfunc=lambda name, timeout=5: record) else 1


sys.exit(main())
