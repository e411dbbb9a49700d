"""Whether what is said to a site travels encrypted: HTTPS, its certificate, old protocols, HSTS. Own sockets only."""

from __future__ import annotations

import re
import socket
import ssl
import warnings
from urllib.parse import urlsplit

import requests

from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.model import Site
from crm_acceptance.sending import counted, is_local, trust
from crm_acceptance.systems.flow import Call, Send

_MAX_AGE = re.compile(r"max-age\s*=\s*\"?(\d+)", re.IGNORECASE)


def judged(site: Site, send: Send, hsts_days: int, timeout: float) -> Verdict:
    """HTTPS off this machine, nothing in plain, a trusted certificate, no TLS below 1.2, HSTS."""
    verdict = Verdict()
    if urlsplit(site.url).scheme == "http":
        _plain(site, verdict)
        return verdict
    _certificate(site, verdict, timeout)
    _old_protocols(site, verdict, timeout)
    _plain_beside(site, verdict, timeout)
    _hsts(site, send, verdict, hsts_days)
    return verdict


def _plain(site: Site, verdict: Verdict) -> None:
    if is_local(site):
        verdict.saw(
            f"{site.url} 在本机回环地址上，数据不经过网络：TLS 不适用（不是“通过”，正式地址上必须是 https）。"
            "On loopback nothing travels: TLS does not apply here; off loopback https is demanded."
        )
        return
    verdict.wrong(
        f"{site.url} 不是 https：密码和客户资料在网络上是明文。Not https: passwords and records travel in plain."
    )


def _address(site: Site) -> tuple[str, int]:
    parts = urlsplit(site.url)
    return parts.hostname or "", parts.port or 443


def _certificate(site: Site, verdict: Verdict, timeout: float) -> None:
    host, port = _address(site)
    context = ssl.create_default_context(cafile=site.ca or None)
    try:
        with _joined(site, timeout) as plain, context.wrap_socket(plain, server_hostname=host) as secure:
            verdict.saw(f"{host}:{port} 证书可信，协议 {secure.version()} certificate trusted, {secure.version()}")
    except ssl.SSLCertVerificationError as error:
        verdict.wrong(f"{host}:{port} 的证书不可信：{error.verify_message}。The certificate is not trusted.")
    except ssl.SSLError as error:
        verdict.wrong(f"{host}:{port} 不能建立安全连接：{error.reason}。No secure connection.")


def _joined(site: Site, timeout: float) -> socket.socket:
    counted()
    try:
        return socket.create_connection(_address(site), timeout)
    except OSError as error:
        raise SiteOutOfReach(f"连不上 {site.url}：{error}。The site cannot be reached.") from None


def _old_protocols(site: Site, verdict: Verdict, timeout: float) -> None:
    host, port = _address(site)
    for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
        context = _only(version)
        if context is None:
            verdict.saw(f"本机的 OpenSSL 已不能说 {version.name}，没有试。This machine cannot speak it: not tried.")
            continue
        try:
            with _joined(site, timeout) as plain, context.wrap_socket(plain, server_hostname=host):
                verdict.wrong(
                    f"{host}:{port} 接受过时的 {version.name}，应只允许 TLS 1.2 以上。Outdated TLS is accepted."
                )
        except (ssl.SSLError, OSError):
            verdict.saw(f"{host}:{port} 拒绝 {version.name} refuses it")


def _only(version: ssl.TLSVersion) -> ssl.SSLContext | None:
    """A context that offers this version alone, certificates unseen; None where OpenSSL was built without it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            context.set_ciphers("ALL:@SECLEVEL=0")
            context.minimum_version = context.maximum_version = version
        except (ssl.SSLError, ValueError):
            return None
    return context


def _plain_beside(site: Site, verdict: Verdict, timeout: float) -> None:
    """The same host by http: refused, or led to https."""
    parts = urlsplit(site.url)
    for port in sorted({80, parts.port or 80}):
        address = f"http://{parts.hostname}:{port}{parts.path or '/'}"
        counted()
        try:
            answer = requests.get(address, timeout=min(timeout, 5.0), allow_redirects=False, verify=trust(site))
        except requests.RequestException:
            verdict.saw(f"{address} 没有应答 does not answer")
            continue
        where = answer.headers.get("location", "")
        if answer.status_code < 300 or (300 <= answer.status_code < 400 and where.startswith("http://")):
            verdict.wrong(f"{address} 用明文应答（HTTP {answer.status_code}），应转到 https。Served in plain.")
        else:
            verdict.saw(f"{address} -> HTTP {answer.status_code} {where.partition('?')[0]}")


def _hsts(site: Site, send: Send, verdict: Verdict, days: int) -> None:
    said = send(Call("GET", "/", follow=False)).headers.get("strict-transport-security", "")
    found = _MAX_AGE.search(said)
    if found is None or int(found[1]) < days * 86400:
        verdict.wrong(
            f"{site.url} 没有有效的 HSTS（Strict-Transport-Security，至少 {days} 天），现在是“{said or '没有 none'}”。"
            "Without HSTS a browser can be led to plain http."
        )
    else:
        verdict.saw(f"HSTS: {said}")
