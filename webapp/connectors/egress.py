"""Which addresses may be dialled. Names typed by people, and what DNS says of them, are judged here before a byte leaves."""

import ipaddress
import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

Resolve = Callable[..., list[Any]]

LOCAL_SUFFIXES = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home.arpa")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")


class Blocked(Exception):
    """The address may not be dialled. Carries no text: whoever typed it learns nothing about the network behind."""


@dataclass(frozen=True)
class Egress:
    """The rule of the way out: https on port 443 to public addresses, and the `host:port` of `allow` without condition."""

    allow: frozenset[str] = frozenset()
    resolve: Resolve = socket.getaddrinfo

    def permit(self, url: str) -> str:
        """The address in the form that is dialled (lower case, IDNA); raises Blocked."""
        parts = _split(url)
        host = ascii_host(parts.hostname or "")
        port = _port(parts)
        if parts.scheme not in ("https", "http") or "@" in parts.netloc or parts.fragment:
            raise Blocked
        if not self._allowed(host, port) and (parts.scheme == "http" or port != 443 or not is_public_name(host)):
            raise Blocked
        return parts._replace(netloc=_netloc(host, parts.port)).geturl()

    def addresses(self, host: str, port: int) -> list[str]:
        """Ask DNS once, and return numbers to dial; one that is not public blocks the whole name."""
        allowed = self._allowed(host, port)
        if not allowed and (port != 443 or not is_public_name(host)):
            raise Blocked
        found = list(dict.fromkeys(answer[4][0] for answer in self._ask(host, port)))
        if not found or not (allowed or all(is_public(address) for address in found)):
            raise Blocked
        return found

    def _ask(self, host: str, port: int) -> list[Any]:
        try:
            return self.resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise Blocked from None

    def _allowed(self, host: str, port: int) -> bool:
        return _netloc(host, port) in self.allow


def is_public(address: str) -> bool:
    """True for addresses of the open internet. IPv4 inside IPv6 is judged as what it stands for."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.teredo or ip in NAT64_LOCAL:
            return False
        inner = _embedded(ip)
        if inner:
            return is_public(str(inner))
    # is_global alone lets multicast and site-local addresses through.
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or getattr(ip, "is_site_local", False))


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if ip in NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour


def is_public_name(host: str) -> bool:
    """True for a name with a public suffix; address literals in any notation and names of local networks are not."""
    last = host.rsplit(".", 1)[-1]
    numeric = last.isdigit() or last.startswith("0x") or ":" in host
    return "." in host and not numeric and not host.endswith(LOCAL_SUFFIXES)


def ascii_host(host: str) -> str:
    """Lower case, IDNA, without the root dot; raises Blocked."""
    try:
        return host.rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise Blocked from None


def _split(url: str) -> SplitResult:
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise Blocked
    try:
        return urlsplit(url)
    except ValueError:
        raise Blocked from None


def _port(parts: SplitResult) -> int:
    try:
        return parts.port or (80 if parts.scheme == "http" else 443)
    except ValueError:
        raise Blocked from None


def _netloc(host: str, port: int | None) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port is None else f"{name}:{port}"
