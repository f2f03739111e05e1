"""The corpus's hostile documents, served by a real site: each gets the fate that is written beside it."""

import asyncio
import json
import tracemalloc
import zlib
from pathlib import Path

from pipeline.core.addresses import Allow
from pipeline.core.errors import DocumentError, FetchError
from pipeline.core.model import Document, Response
from pipeline.core.split import split
from pipeline.fetch import Fetcher
from tests.sites import Reply, Site

# What becomes of the packed ones: the number of items, or the reason of the error.
PACKED: dict[str, int | str] = {
    "gzip-bomb-200MB.xml.gz": "too-large",
    "gzip-double.xml.gz": "encoding",
    "gzip-badcrc.xml.gz": "encoding",
    "gzip-undeclared.xml.gz": 5,
    "not-gzip-but-declared.xml": 5,
    "deflate-raw.bin": 5,
}


def fetch_all(folder: Path) -> dict[str, Response | FetchError]:
    """Every document of the folder as the fetcher sees it, all at once, with the headers it is to have."""
    cases = json.loads((folder / "EXPECT.json").read_text())
    with Site() as site:
        for case in cases:
            reply = Reply(body=(folder / case["file"]).read_bytes(), headers=case.get("http_headers", {}))
            site.answer(f"/{case['file']}", reply)

        async def run() -> list[Response | BaseException]:
            async with Fetcher(
                Allow.parse("127.0.0.1"),
                timeout_s=30,
                body_limit=5_000_000,
                document_limit=15_000_000,
                user_agent="Tocsin/test",
                concurrency=10,
                proxies={},
            ) as fetcher:
                urls = [site.url(f"/{case['file']}") for case in cases]
                return await asyncio.gather(*(fetcher.get(url) for url in urls), return_exceptions=True)

        answers = asyncio.run(run())
    fates: dict[str, Response | FetchError] = {}
    for case, answer in zip(cases, answers, strict=True):
        assert isinstance(answer, Response | FetchError), (case["file"], answer)
        fates[case["file"]] = answer
    return fates


def items(answer: Response) -> Document | DocumentError:
    """What split makes of an answer."""
    try:
        return split(
            answer.body,
            content_type=answer.headers.get("content-type", ""),
            known=frozenset(),
            complete=answer.complete,
            items_limit=2_000,
        )
    except DocumentError as error:
        return error


def test_every_hostile_document_is_fetched_or_refused_with_a_reason(corpus: Path) -> None:
    """Nothing but an answer or a FetchError comes out; what is not packed arrives byte for byte, in bounded memory."""
    folder = corpus / "feeds-hostile"
    tracemalloc.start()
    fates = fetch_all(folder)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 120_000_000  # all of them at once, the bomb's first 15 MB included
    for name, fate in fates.items():
        if name in PACKED or name == "gzip-truncated.xml.gz":
            continue
        assert isinstance(fate, Response), (name, fate)
        assert (fate.body == (folder / name).read_bytes(), fate.complete) == (True, True), name


def test_packed_documents_meet_their_fates(corpus: Path) -> None:
    """Unpacked where it is honest or harmless, refused where it is neither."""
    fates = fetch_all(corpus / "feeds-hostile")
    for name, expected in PACKED.items():
        fate = fates[name]
        if isinstance(expected, str):
            assert isinstance(fate, FetchError), name
            assert fate.reason == expected, name
        else:
            assert isinstance(fate, Response), (name, fate)
            document = items(fate)
            assert isinstance(document, Document), (name, document)
            assert (document.seen, document.malformed) == (expected, False), name


def test_a_truncated_gzip_gives_what_came(corpus: Path) -> None:
    """Its complete items may be taken; the rest comes with the next good poll."""
    folder = corpus / "feeds-hostile"
    answer = fetch_all(folder)["gzip-truncated.xml.gz"]
    assert isinstance(answer, Response)
    assert not answer.complete
    packed = (folder / "gzip-truncated.xml.gz").read_bytes()
    assert answer.body == zlib.decompressobj(31).decompress(packed)
    document = items(answer)
    assert isinstance(document, Document)
    assert document.malformed
    assert document.seen >= 1
