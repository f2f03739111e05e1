"""Streaming decompression under a limit: one layer, unpacked piece by piece, never too far."""

from __future__ import annotations

import zlib
from typing import Protocol

import brotli  # type: ignore[import-untyped]

from pipeline.core.errors import FetchError

_GZIP = b"\x1f\x8b\x08"
_SNIFF = 3  # bytes that tell gzip from plain text and zlib from raw deflate
_STEP = 256 * 1024  # bytes unpacked at a time: what a bomb may cost before it is noticed
_MEMBERS = 100  # gzip streams in a row that we follow


class _Codec(Protocol):
    @property
    def finished(self) -> bool: ...

    def feed(self, data: bytes, room: int) -> list[bytes]: ...


class Decoder:
    """Unpacks one body as it arrives.

    ``coding`` is the Content-Encoding header as served.  A body that is gzip
    without saying so is unpacked; one that says so without being it is taken as
    it is.  Raises FetchError ``too-large`` beyond ``limit`` bytes and
    ``encoding`` for what cannot be unpacked.
    """

    def __init__(self, coding: str, limit: int) -> None:
        self._coding = _single(coding)
        self._limit = limit
        self._room = limit
        self._head = b""
        self._codec: _Codec | None = None
        self._chunks: list[bytes] = []

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the body."""
        if self._codec is None:
            self._head += data
            if len(self._head) < _SNIFF:
                return
            data, self._head = self._head, b""
            self._codec = _codec(self._coding, data)
        self._take(data)

    def finish(self) -> tuple[bytes, bool]:
        """The body, and whether it is whole."""
        if self._codec is None:
            return self._head, True
        return b"".join(self._chunks), self._codec.finished

    def _take(self, data: bytes) -> None:
        assert self._codec is not None
        try:
            chunks = self._codec.feed(data, self._room)
        except (zlib.error, brotli.error) as e:
            raise FetchError("encoding", f"the body is not valid {self._coding or 'gzip'}") from e
        self._chunks += chunks
        self._room -= sum(map(len, chunks))
        if self._room < 0:
            raise FetchError("too-large", f"the document is larger than {self._limit} bytes when unpacked")


class _Plain:
    finished = True

    def feed(self, data: bytes, room: int) -> list[bytes]:  # noqa: ARG002 - the others need it
        return [data]


class _Zlib:
    """gzip (of any number of members), zlib or raw deflate, by ``wbits``."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._stream = zlib.decompressobj(wbits)
        self._members = 1
        self._after = b""  # bytes behind a member's end that may begin another

    @property
    def finished(self) -> bool:
        return self._stream.eof

    def feed(self, data: bytes, room: int) -> list[bytes]:
        chunks: list[bytes] = []
        while data and room >= 0:
            if self._stream.eof:
                data = self._next_member(data)
                continue
            chunk = self._stream.decompress(data, _STEP)
            chunks.append(chunk)
            room -= len(chunk)
            data = self._stream.unconsumed_tail or self._stream.unused_data
        return chunks

    def _next_member(self, data: bytes) -> bytes:
        """What the next gzip stream has to read; nothing when only padding follows."""
        data, self._after = self._after + data, b""
        if self._wbits != _GZIP_WBITS or self._members == _MEMBERS:
            return b""
        if not data.startswith(_GZIP):
            if _GZIP.startswith(data):
                self._after = data  # too little to tell yet
            return b""
        self._stream = zlib.decompressobj(self._wbits)
        self._members += 1
        return data


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def feed(self, data: bytes, room: int) -> list[bytes]:
        chunks = [self._stream.process(data, output_buffer_limit=_STEP)]
        room -= len(chunks[0])
        while room >= 0 and not self._stream.can_accept_more_data():
            chunks.append(self._stream.process(b"", output_buffer_limit=_STEP))
            room -= len(chunks[-1])
        return chunks


_GZIP_WBITS = 31


def _codec(coding: str, head: bytes) -> _Codec:
    if head.startswith(_GZIP) and coding != "br":
        return _Zlib(_GZIP_WBITS)
    if coding == "deflate":
        # RFC 9110 means zlib; many servers send raw deflate. The header's checksum tells.
        wrapped = head[0] & 0x0F == 8 and (head[0] << 8 | head[1]) % 31 == 0
        return _Zlib(zlib.MAX_WBITS if wrapped else -zlib.MAX_WBITS)
    if coding == "br":
        return _Brotli()
    return _Plain()


def _single(coding: str) -> str:
    """The one coding named, "" for none; gzip is known by its first bytes, whatever the header says."""
    names = [name for part in coding.lower().split(",") if (name := part.strip()) not in {"", "identity"}]
    if len(names) > 1:
        raise FetchError("encoding", f"the body is packed more than once: {coding[:80]!r}")
    name = names[0].removeprefix("x-") if names else ""
    if name not in {"", "gzip", "deflate", "br"}:
        raise FetchError("encoding", f"the body has an unknown encoding: {coding[:80]!r}")
    return name
