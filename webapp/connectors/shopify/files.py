"""The file that a bulk operation leaves behind, read in parts of bounded size (RFC 9110, section 14)."""

import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

import msgspec

from webapp.connectors.http import Http, Response
from webapp.connectors.reasons import ConnectorError

PART = 2_000_000
STORE = ("https", "storage.googleapis.com")
CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)", re.ASCII)


class GivenUp(Exception):
    """The bulk way leads nowhere; the text says why, for the log. The pages can still be read one by one."""


class ResultFile:
    """Lines behind a signed address, which is asked without a token: its host is not the shop's.

    `size` is in bytes, None until the first part came. Raises GivenUp for an address elsewhere than at the store that the
    vendor documents or at `home` (the shop's own or the configured address), and whenever a part is not what was asked for.
    """

    def __init__(self, http: Http, url: str, home: str):
        if _origin(url) not in (STORE, _origin(home)):
            raise GivenUp("the file is at a foreign address")
        self._http, self._url = http, url
        self._offset, self._part = 0, b""
        self.size: int | None = None

    def lines(self, offset: int) -> Iterator[tuple[bytes, int]]:
        """The lines from this offset on, each with the offset behind it."""
        while self.size is None or offset < self.size:
            part = self._fetch(offset)
            for line in part[: self._whole(part, offset)].splitlines(keepends=True):
                offset += len(line)
                yield line, offset

    def _whole(self, part: bytes, offset: int) -> int:
        """How much of a part is whole lines. The file's very last line may lack its end, if it is a record nevertheless."""
        end = part.rfind(b"\n") + 1
        if offset + len(part) == self.size and (end == len(part) or _is_json(part[end:])):
            return len(part)
        if not end or offset + len(part) == self.size:
            raise GivenUp("a line of the file has no end")
        return end

    def _fetch(self, offset: int) -> bytes:
        """A part, remembered while it is the last one: a file of one part is fetched once, however often it is read."""
        if self._offset != offset or not self._part:
            self._part, self.size = self._checked(self._asked(offset), offset)
            self._offset = offset
        return self._part

    def _asked(self, offset: int) -> Response:
        headers = {"Range": f"bytes={offset}-{offset + PART - 1}", "Accept": "*/*"}
        try:
            return self._http.request("GET", self._url, headers=headers)
        except ConnectorError as error:
            raise GivenUp(f"the file cannot be had: {error.reason}") from None

    def _checked(self, response: Response, offset: int) -> tuple[bytes, int]:
        match = CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if response.status != 206 or not match:
            raise GivenUp(f"the file's store answered {response.status}")
        first, last, size = (int(number) for number in match.groups())
        if first != offset or last - first + 1 != len(response.body) or self.size not in (None, size):
            raise GivenUp("the file's store sent another part")
        return response.body, size


def _origin(url: str) -> tuple[str, str]:
    try:
        parts: SplitResult = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.netloc.lower()


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True
