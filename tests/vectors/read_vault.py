#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A second reader of the vault, written from backends/README.md alone.

It keeps that page true: whoever has the page, a vault and its key can read the records with
nothing else. For tests only: it is slow, and it does not protect what it holds in memory.

    read_vault.py VAULT KEY             prints the records as a JSON object, id to text
    read_vault.py --passphrase VAULT    the same, with the passphrase from standard input
"""

import hashlib
import hmac
import json
import struct
import sys

MAGIC = b"\x89HFV\r\n\x1a\n"
FIXED_HEADER = struct.Struct(">8s2H3IQ16s32s")
TAG_SIZE = 16
HEADER_MAX = 64 << 10
VAULT_MAX = 2 << 20
TEXT_MAX = 16 << 10
SLOTS = range(0x0100, 0x0200)
KEY_FILE_SLOT = 0x0101
PASSPHRASE_SLOT = 0x0102
PASSPHRASE_HEAD = struct.Struct(">3H32s")
WORK_MAX = 1 << 30
CRITICAL = 0x8000


class Damaged(Exception):
    pass


class TooNew(Exception):
    pass


# ---- AES-256, encryption of one block (FIPS 197); GCM needs no decryption ----


def times_x(byte):
    byte <<= 1
    return byte ^ 0x11B if byte & 0x100 else byte


def make_sbox():
    """The inverse of each byte by powers of the generator 3, then the affine step."""
    powers = [1]
    for _ in range(254):
        powers.append(powers[-1] ^ times_x(powers[-1]))
    box = [0x63] * 256
    for exponent, byte in enumerate(powers):
        inverse = powers[-exponent % 255]
        rotations = inverse
        for _ in range(4):
            inverse = (inverse << 1 | inverse >> 7) & 0xFF
            rotations ^= inverse
        box[byte] = rotations ^ 0x63
    return box


SBOX = make_sbox()
TIMES_2 = [times_x(byte) for byte in range(256)]
SHIFTED = [4 * ((column + row) % 4) + row for column in range(4) for row in range(4)]


def expand_key(key):
    words = [list(key[i : i + 4]) for i in range(0, 32, 4)]
    constant = 1
    for i in range(8, 60):
        word = words[-1]
        if i % 8 == 0:
            word = [SBOX[byte] for byte in word[1:] + word[:1]]
            word[0] ^= constant
            constant = times_x(constant)
        elif i % 8 == 4:
            word = [SBOX[byte] for byte in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i : i + 4], []) for i in range(0, 60, 4)]


def mix_column(column):
    every = column[0] ^ column[1] ^ column[2] ^ column[3]
    return [
        byte ^ every ^ TIMES_2[byte ^ following]
        for byte, following in zip(column, column[1:] + column[:1])
    ]


def encrypt_block(round_keys, block):
    state = [a ^ b for a, b in zip(block, round_keys[0])]
    for number, round_key in enumerate(round_keys[1:], 1):
        state = [SBOX[state[i]] for i in SHIFTED]
        if number < 14:
            state = sum((mix_column(state[i : i + 4]) for i in range(0, 16, 4)), [])
        state = [a ^ b for a, b in zip(state, round_key)]
    return bytes(state)


# ---- GCM with a nonce of twelve zero bytes (NIST SP 800-38D) ----


def multiply(one, other):
    product = 0
    for bit in range(127, -1, -1):
        if one >> bit & 1:
            product ^= other
        other = other >> 1 ^ (0xE1 << 120 if other & 1 else 0)
    return product


def padded(data):
    return data + bytes(-len(data) % 16)


def authenticate(hash_key, bound, ciphertext):
    lengths = struct.pack(">2Q", 8 * len(bound), 8 * len(ciphertext))
    data = padded(bound) + padded(ciphertext) + lengths
    result = 0
    for i in range(0, len(data), 16):
        result = multiply(result ^ int.from_bytes(data[i : i + 16], "big"), hash_key)
    return result


def gcm_open(key, bound, sealed):
    if len(sealed) < TAG_SIZE:
        raise Damaged("no room for a tag")
    ciphertext, tag = sealed[:-TAG_SIZE], sealed[-TAG_SIZE:]
    round_keys = expand_key(key)

    def counter_block(number):
        return encrypt_block(round_keys, bytes(12) + struct.pack(">I", number))

    hash_key = int.from_bytes(encrypt_block(round_keys, bytes(16)), "big")
    mask = int.from_bytes(counter_block(1), "big")
    expected = (authenticate(hash_key, bound, ciphertext) ^ mask).to_bytes(16, "big")
    if not hmac.compare_digest(expected, tag):
        raise Damaged("content and tag do not fit")
    blocks = range((len(ciphertext) + 15) // 16)
    stream = b"".join(counter_block(2 + number) for number in blocks)
    return bytes(a ^ b for a, b in zip(ciphertext, stream))


# ---- the vault ----


def hkdf(key, salt, purpose):
    extracted = hmac.new(salt, key, hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\x01", hashlib.sha256).digest()


def unseal(key, salt, purpose, bound, sealed):
    return gcm_open(hkdf(key, salt, purpose), bound, sealed)


def read_entries(data):
    position = 0
    while position < len(data):
        if len(data) - position < 4:
            raise Damaged("an entry is cut off")
        kind, size = struct.unpack_from(">2H", data, position)
        content = data[position + 4 : position + 4 + size]
        if len(content) != size:
            raise Damaged("an entry is cut off")
        if kind & CRITICAL:
            raise TooNew("unknown entry")
        yield kind, content
        position += 4 + size


def read_records(text):
    if len(text) < 4:
        raise Damaged("no number of records")
    (count,) = struct.unpack_from(">I", text)
    records = {}
    position = 4
    while position < len(text):
        if len(text) - position < 4:
            raise Damaged("a record is cut off")
        id_size, text_size = struct.unpack_from(">2H", text, position)
        start = position + 4
        position = start + id_size + text_size
        if not 1 <= id_size <= 47 or text_size > TEXT_MAX or position > len(text):
            raise Damaged("a record is cut off")
        record_id = text[start : start + id_size].decode("ascii")
        if record_id in records:
            raise Damaged("an id is there twice")
        records[record_id] = text[start + id_size : position].decode("utf-8")
    if len(records) != count:
        raise Damaged("the number of records is wrong")
    return records


def derive(passphrase, log2_n, r, p, salt):
    if log2_n < 14 or not r or not p:
        raise Damaged("the passphrase slot is too weak")
    if log2_n > 20 or r > 32 or p > 4 or 128 * r * p << log2_n > WORK_MAX:
        raise TooNew("the passphrase slot takes too much work")
    memory = 2 * WORK_MAX - 1
    return hashlib.scrypt(passphrase, salt=salt, n=1 << log2_n, r=r, p=p, maxmem=memory, dklen=32)


def open_passphrase_slot(content, passphrase, vault_id):
    if len(content) != PASSPHRASE_HEAD.size + 32 + TAG_SIZE:
        raise Damaged("the passphrase slot is not well-formed")
    log2_n, r, p, salt = PASSPHRASE_HEAD.unpack_from(content)
    key = derive(passphrase, log2_n, r, p, salt)
    sealed = content[PASSPHRASE_HEAD.size :]
    return unseal(key, salt, b"hftoken vault 1: passphrase", vault_id, sealed)


def unlock(entries, file_key, passphrase, vault_id):
    slots = [(kind, content) for kind, content in entries if kind in SLOTS]
    ours = [content for kind, content in slots if kind == KEY_FILE_SLOT]
    with_passphrase = [content for kind, content in slots if kind == PASSPHRASE_SLOT]
    if slots and not ours and not with_passphrase:
        raise TooNew("only unknown slots")
    if passphrase is not None and with_passphrase:
        return open_passphrase_slot(with_passphrase[0], passphrase, vault_id)
    for content in ours if file_key is not None else []:
        if len(content) != 80:
            continue
        try:
            return unseal(
                file_key, content[:32], b"hftoken vault 1: key file", vault_id, content[32:]
            )
        except Damaged:
            continue
    raise Damaged("the key fits no slot")


def read_vault(vault, file_key=None, passphrase=None):
    """The records of a vault; all is given as bytes. Raises Damaged or TooNew."""
    if len(vault) < FIXED_HEADER.size + TAG_SIZE or len(vault) > VAULT_MAX:
        raise Damaged("impossible size")
    fields = FIXED_HEADER.unpack_from(vault)
    magic, major, _minor, flags, header_size, total, _generation, vault_id, salt = fields
    if magic != MAGIC:
        raise Damaged("not a vault")
    if major > 1:
        raise TooNew("major version")
    if major < 1 or total != len(vault):
        raise Damaged("impossible version or size")
    if not FIXED_HEADER.size <= header_size <= min(HEADER_MAX, total - TAG_SIZE):
        raise Damaged("impossible size of the header")
    if flags & 0xFFFF0000:
        raise TooNew("unknown flag")
    if file_key is not None and len(file_key) != 32:
        raise Damaged("impossible size of the key")
    header = vault[:header_size]
    entries = list(read_entries(header[FIXED_HEADER.size :]))
    key = unlock(entries, file_key, passphrase, vault_id)
    purpose = b"hftoken vault 1: records"
    return read_records(unseal(key, salt, purpose, header, vault[header_size:]))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    file_key = passphrase = None
    if sys.argv[1] == "--passphrase":
        path = sys.argv[2]
        passphrase = sys.stdin.buffer.readline().rstrip(b"\r\n")
    else:
        path = sys.argv[1]
        with open(sys.argv[2], "rb") as file:
            file_key = file.read()
    with open(path, "rb") as file:
        vault = file.read()
    try:
        json.dump(read_vault(vault, file_key, passphrase), sys.stdout, indent=2, ensure_ascii=False)
    except (Damaged, TooNew) as error:
        sys.exit(f"{path}: {error}")
    print()


if __name__ == "__main__":
    main()
