"""Gets the text of a document from a file or an address, and what it refers to elsewhere. It understands nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from crm_acceptance.drafting.document import parsed
from crm_acceptance.errors import AcceptanceError, SiteOutOfReach, WrongUse

PATIENCE = (10.0, 60.0)
LARGEST = 64 * 1024 * 1024


@dataclass
class Source:
    """Where a document is. `headers` go to its own host only; `ca` is a certificate file to trust."""

    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    ca: str = ""
    allow_remote: bool = False

    @property
    def online(self) -> bool:
        """Whether it is an address rather than a file."""
        return is_address(self.address)

    def text(self) -> str:
        """The document. WrongUse: no such file. SiteOutOfReach: no answer, or not the document."""
        return self._get(self.address) if self.online else _file(Path(self.address))

    def remote(self) -> Callable[[str], Any]:
        """Reads what a $ref names elsewhere: from the same host or folder, from others only with allow_remote."""
        return self._referred

    def _referred(self, reference: str) -> Any:
        try:
            if self.online:
                address = urljoin(self.address, reference)
                same = urlsplit(address).netloc == urlsplit(self.address).netloc
                return parsed(self._get(address), address) if same or self.allow_remote else None
            if urlsplit(reference).scheme in ("http", "https"):
                return parsed(Source(reference, {}, self.ca).text(), reference) if self.allow_remote else None
            folder = Path(self.address).resolve().parent
            path = (folder / reference).resolve()
            inside = path.is_relative_to(folder) or self.allow_remote
            return parsed(_file(path), reference) if inside and path.is_file() else None
        except AcceptanceError:
            return None  # the reader says which references were left out

    def _get(self, address: str) -> str:
        own = urlsplit(address).netloc == urlsplit(self.address).netloc
        try:
            answer = requests.get(
                address, headers=dict(self.headers) if own else {}, verify=self.ca or True, timeout=PATIENCE
            )
        except requests.exceptions.SSLError:
            raise SiteOutOfReach(
                f"{address} 的证书不受信任（自签名？）。用 --ca 证书.pem 指定要信任的证书。"
                "The certificate is not trusted: name it with --ca FILE."
            ) from None
        except (requests.RequestException, ValueError) as error:
            raise SiteOutOfReach(
                f"取不到 {address}（{type(error).__name__}）。The document cannot be fetched."
            ) from None
        _check(answer, address)
        return answer.content.decode("utf-8-sig", "replace")


def _check(answer: requests.Response, address: str) -> None:
    if answer.status_code in (401, 403):
        raise SiteOutOfReach(
            f"{address} 需要登录（HTTP {answer.status_code}）。用 --header 'Authorization: Bearer ...' 带上令牌，"
            "或在浏览器里保存文档后用 --openapi 文件。A login is needed: give --header, or save the document to a file."
        )
    if answer.status_code != 200:
        raise SiteOutOfReach(
            f"{address} 应答 HTTP {answer.status_code}，没有文档。请核对地址。No document there: check the address."
        )
    if len(answer.content) > LARGEST:
        raise WrongUse(f"{address} 超过 {LARGEST >> 20} MB。The document is too large.")


def _file(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as refused:
        raise WrongUse(f"读不到文件 {path}：{refused.strerror}。请核对路径。The file cannot be read.") from None


def is_address(told: str) -> bool:
    """Whether it is an http(s) address rather than a file."""
    return urlsplit(told).scheme in ("http", "https")


def headers_of(asked: list[str] | None) -> dict[str, str]:
    """ "Name: value" lines as a table; WrongUse for anything else."""
    found = {}
    for one in asked or ():
        name, sign, told = one.partition(":")
        if not sign or not name.strip() or "\n" in one or "\r" in one:
            raise WrongUse("--header 应写成 “名字: 值”。It must be NAME: VALUE.")
        found[name.strip()] = told.strip()
    return found
