"""Mutations of files: what a bad disk, a cut transfer or a hostile sender makes of them."""


def mutated(chance, data, other=b""):
    """Some bytes changed, cut, repeated, zeroed, or taken from elsewhere."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 1, 2, 5, 20])):
        if not data:
            break
        at = chance.randrange(len(data))
        length = min(len(data) - at, chance.choice([1, 2, 4, 8, 64, 512]))
        kind = chance.randrange(8)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFE, 0xFF])
        elif kind == 2:
            data[at : at + length] = bytes(length)
        elif kind == 3:
            data[at : at + length] = b"\xff" * length
        elif kind == 4:
            del data[at : at + length]
        elif kind == 5:
            data[at:at] = data[at : at + length] * chance.choice([1, 2, 50])
        elif kind == 6:
            del data[at:]
        elif other:
            start = chance.randrange(len(other))
            data[at : at + length] = other[start : start + length]
    return bytes(data)


def near_the_end(chance, data):
    """A mutation of the last kilobyte, where Parquet has its footer."""
    cut = max(0, len(data) - chance.choice([64, 1024, 8192]))
    return data[:cut] + mutated(chance, data[cut:])


def of_text(chance, text, words):
    """A text with words changed, repeated, nested or left out."""
    pieces = text.split(" ")
    for _ in range(chance.choice([1, 1, 2, 5])):
        at = chance.randrange(len(pieces))
        kind = chance.randrange(6)
        if kind == 0:
            pieces[at] = chance.choice(words)
        elif kind == 1:
            del pieces[at]
            pieces = pieces or [""]
        elif kind == 2:
            pieces.insert(at, chance.choice(words))
        elif kind == 3:
            pieces[at] = pieces[at] * chance.choice([2, 3, 1000])
        elif kind == 4:
            depth = chance.choice([2, 100, 5000])
            pieces[at] = "[" * depth + pieces[at] + "]" * depth
        else:
            letters = list(pieces[at] or "x")
            letters[chance.randrange(len(letters))] = chance.choice("\x00\x1b\n\t:&*!%@`{}[]#|>'\"\\é中\U0001f600\u202e")
            pieces[at] = "".join(letters)
    return " ".join(pieces)
