"""Writing an object as JSON while it is read, so that a long one takes no memory."""

from collections.abc import Iterator
from typing import TextIO

import msgspec

from shopctl.cli import output


def write_object(stream: TextIO, value: msgspec.Struct) -> None:
    """Write the fields of `value` for people and programs to read; a field that is an iterator becomes an array."""
    before = "{\n"
    for name in value.__struct_fields__:
        part = getattr(value, name)
        stream.write(f'{before}  "{name}": ')
        if isinstance(part, Iterator):
            _write_array(stream, part)
        else:
            stream.write(_indented(part, "  "))
        before = ",\n"
    stream.write("\n}\n")


def _write_array(stream: TextIO, items: Iterator[object]) -> None:
    before = "[\n"
    for item in items:
        stream.write(f"{before}    {_indented(item, '    ')}")
        before = ",\n"
    stream.write("[]" if before == "[\n" else "\n  ]")


def _indented(value: object, indent: str) -> str:
    text = msgspec.json.format(msgspec.json.encode(output.plain(value)), indent=2).decode()
    return text.replace("\n", f"\n{indent}")  # a line break inside a text is written \n
