"""Which addresses count as special, and what an operator may allow."""

# ruff: noqa: SIM905 - a list of words reads best as words

import pytest

from pipeline.core.addresses import Allow, literal
from pipeline.core.errors import ConfigError

SPECIAL = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.8 192.0.0.170 192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 198.19.255.255
198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1 64:ff9b::7f00:1
64:ff9b::808:808 64:ff9b:1::1 100::1 2001::1 2001:0:4136:e378:8000:63bf:3fff:fdd2 2001:2::1 2001:10::1
2001:db8::1 2002:7f00:1:: 2002:808:808::1 3fff::1 4000::1 5f00::1 fc00::1 fd12:3456::1 fe80::1 fe80::1%eth0
fec0::1 ff02::1
""".split()
PUBLIC = """
1.1.1.1 8.8.8.8 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 193.0.0.1 198.17.0.1 198.20.0.1
223.255.255.255 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::1 ::ffff:8.8.8.8
""".split()


@pytest.mark.parametrize("ip", SPECIAL)
def test_special_addresses_are_special(ip: str) -> None:
    """Nothing that is not the public Internet passes."""
    assert not Allow().permits(ip, "example.org")


@pytest.mark.parametrize("ip", PUBLIC)
def test_public_addresses_are_not(ip: str) -> None:
    """The public Internet is reached without anybody's leave."""
    assert Allow().permits(ip, "example.org")


@pytest.mark.parametrize("text", ["", "localhost", "1.2.3", "1.2.3.4.5", "/run/redis.sock", "0x7f.1"])
def test_what_is_no_address_is_special(text: str) -> None:
    """Doubt counts against the address."""
    assert not Allow.parse("10.0.0.0/8").permits(text, "example.org")


def test_an_allowed_network_permits_its_addresses_to_every_host() -> None:
    """A network is allowed by address, also where an IPv6 address wraps it."""
    allow = Allow.parse("10.1.0.0/16, fd00::/8")
    assert allow.permits("10.1.2.3", "feeds.example")
    assert allow.permits("::ffff:10.1.2.3", "feeds.example")
    assert allow.permits("fd00::1", "feeds.example")
    assert not allow.permits("10.2.0.1", "feeds.example")
    assert not allow.permits("127.0.0.1", "feeds.example")


def test_an_allowed_host_counts_for_that_very_host() -> None:
    """Another name for the same machine stays forbidden."""
    allow = Allow.parse("mail.internal bücher.example")
    assert allow.permits("10.9.9.9", "Mail.Internal.")
    assert allow.permits("10.9.9.9", "xn--bcher-kva.example")
    assert not allow.permits("10.9.9.9", "evil.mail.internal")
    assert not allow.permits("10.9.9.9", "example.org")


def test_a_single_address_can_be_allowed() -> None:
    """An address without a prefix is a network of one."""
    assert Allow.parse("127.0.0.1,::1").permits("127.0.0.1", "localhost")
    assert Allow.parse("127.0.0.1,::1").permits("::1", "localhost")
    assert not Allow.parse("127.0.0.1").permits("127.0.0.2", "localhost")


def test_every_fault_of_a_list_is_named_at_once() -> None:
    """An operator mends all faults in one go."""
    with pytest.raises(ConfigError) as caught:
        Allow.parse("10.0.0.0/33, good.example, http://x, host:80")
    assert len(caught.value.faults) == 3


def test_a_plain_literal_is_known_as_one() -> None:
    """Brackets are no part of an address, names are none at all."""
    assert literal("[::1]") == "::1"
    assert literal("::ffff:127.0.0.1") == "127.0.0.1"
    assert literal("example.org") is None
