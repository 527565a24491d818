"""From where a request came, as it is counted: one household or one machine, however many addresses it has."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address


@lru_cache(maxsize=10_000)
def counted_as(address: str) -> str:
    """The name under which an address is counted.

    A provider gives each customer 2^64 addresses of IPv6 and more: they count as the one network that they are. An address of
    IPv4 in the clothes of IPv6 is that of IPv4. What is no address is its own name.
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(IPv6Network((found, 64), strict=False))
