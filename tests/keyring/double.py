# SPDX-License-Identifier: Apache-2.0
"""A Secret Service with one keyring and one item, that misbehaves as told: `double.py FILE`.

The file holds JSON, and is read again whenever it has been replaced:

    locked          the keyring and its item are locked
    secret          the item's content; base64
    attributes      of the item
    answers         {"SearchItems": what to answer in place of the truth}:
                    {"signature": "s", "body": [...]}   anything at all; "hex:00ff" is
                    bytes, {"struct": [...]} a structure
                    {"error": "org.freedesktop..."}
                    {"silent": true}, {"die": true}
                    {"late": seconds}                   then the truth
                    {"once": {...}}                     the first time only
    prompts         methods that answer with a prompt
    prompt          what comes of it: accept, dismiss, silent, die, late

Every call is printed, one name a line. Messages are made by hand, so that they can lie.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from jeepney import DBusAddress, HeaderFields, MessageType, new_error, new_method_return, new_signal
from jeepney.bus_messages import message_bus
from jeepney.io.blocking import open_dbus_connection
from secretstorage.dhcrypto import DH_PRIME_1024

ROOT = "/org/freedesktop/secrets"
KEYRING = ROOT + "/collection/login"
ITEM = KEYRING + "/1"
SESSION = ROOT + "/session/s1"
PROMPT = ROOT + "/prompt/p1"


def hkdf(secret):
    key = hmac.new(b"\0" * 32, secret, hashlib.sha256).digest()
    return hmac.new(key, b"\1", hashlib.sha256).digest()[:16]


class Double:
    def __init__(self, path):
        self.path = path
        self.read_at = None
        self.key = None
        self.listen()

    def listen(self):
        """What it is told may change between two messages."""
        status = os.stat(self.path)
        changed = (status.st_ino, status.st_mtime_ns)
        if changed == self.read_at:
            return
        self.read_at = changed
        with open(self.path, encoding="ascii") as file:
            self.spec = json.load(file)
        self.there = True
        self.locked = self.spec.get("locked", False)

    def open(self):
        self.bus = open_dbus_connection(bus="SESSION")
        request = message_bus.RequestName("org.freedesktop.secrets")
        self.bus.send_and_get_reply(request)

    # ---- the truth ----

    def OpenSession(self, algorithm, argument):
        private = int.from_bytes(os.urandom(128), "big")
        shared = pow(int.from_bytes(argument[1], "big"), private, DH_PRIME_1024)
        self.key = hkdf(shared.to_bytes(128, "big"))
        public = pow(2, private, DH_PRIME_1024).to_bytes(128, "big")
        return "vo", (("ay", public), SESSION)

    def SearchItems(self, attributes):
        ours = self.spec.get("attributes", {})
        found = self.there and all(ours.get(key) == value for key, value in attributes.items())
        items = [ITEM] if found else []
        return "aoao", ([], items) if self.locked else (items, [])

    def GetSecret(self, session):
        pad = padding.PKCS7(128).padder()
        text = pad.update(base64.b64decode(self.spec.get("secret", ""))) + pad.finalize()
        vector = os.urandom(16)
        seal = Cipher(algorithms.AES(self.key), modes.CBC(vector)).encryptor()
        return "(oayays)", ((SESSION, vector, seal.update(text) + seal.finalize(), "text/plain"),)

    def ReadAlias(self, name):
        return "o", (KEYRING,)

    def Get(self, interface, name):
        values = {
            "Locked": ("b", self.locked),
            "Collections": ("ao", [KEYRING]),
            "Items": ("ao", [ITEM] if self.there else []),
            "Attributes": ("a{ss}", self.spec.get("attributes", {})),
        }
        return "v", (values[name],)

    def prompt_or(self, method):
        return PROMPT if method in self.spec.get("prompts", ()) else "/"

    def Unlock(self, objects):
        prompt = self.prompt_or("Unlock")
        if prompt == "/":
            self.locked = False
        return "aoo", ([] if self.locked else objects, prompt)

    def CreateItem(self, properties, secret, replace):
        prompt = self.prompt_or("CreateItem")
        return "oo", (ITEM if prompt == "/" else "/", prompt)

    def Delete(self):
        prompt = self.prompt_or("Delete")
        self.there = prompt != "/"
        return "o", (prompt,)

    def Prompt(self, window):
        return "", ()

    def Dismiss(self):
        return "", ()

    # ---- what comes of it ----

    def bytes_in(self, value):
        if isinstance(value, str) and value.startswith("hex:"):
            return bytes.fromhex(value[4:])
        if isinstance(value, dict):
            return tuple(self.bytes_in(value["struct"]))
        if isinstance(value, list):
            return [self.bytes_in(each) for each in value]
        return value

    def answer(self, message, name):
        told = self.spec.get("answers", {}).get(name, {})
        if "once" in told:
            told = told.pop("once")
        if "die" in told:
            os._exit(0)
        if "silent" in told:
            return None
        if "error" in told:
            return new_error(message, told["error"], "s", ("told to",))
        if "signature" in told:
            return new_method_return(message, told["signature"], tuple(self.bytes_in(told["body"])))
        if "late" in told:
            time.sleep(told["late"])
        if "vanish" in told:
            self.there = False
            return new_error(message, "org.freedesktop.Secret.Error.NoSuchObject", "s", ("gone",))
        return new_method_return(message, *getattr(self, name)(*message.body))

    def after_prompt(self):
        how = self.spec.get("prompt", "silent")
        if how == "die":
            os._exit(0)
        if how == "silent":
            return
        if how == "late":
            time.sleep(3)
        if how == "accept":
            self.locked = False
        source = DBusAddress(PROMPT, interface="org.freedesktop.Secret.Prompt")
        body = (how == "dismiss", ("s", ""))
        self.bus.send(new_signal(source, "Completed", "bv", body))

    def serve(self):
        self.open()
        print("ready", flush=True)
        while True:
            message = self.bus.receive()
            if message.header.message_type is not MessageType.method_call:
                continue
            self.listen()
            name = message.header.fields[HeaderFields.member]
            print(name, *[f" {v}" for v in message.body if name == "Get"], flush=True)
            if name == "Get":
                told = self.spec.get("answers", {})
                detail = "Get" + message.body[1]
                if detail in told:
                    told["Get"] = told[detail]
                else:
                    told.pop("Get", None)
            reply = self.answer(message, name)
            if reply:
                self.bus.send(reply)
            if name == "Prompt":
                self.after_prompt()


Double(sys.argv[1]).serve()
