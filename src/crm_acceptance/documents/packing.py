"""Office files and PDFs without the moment they were made at: the same content gives the same bytes; knows no form."""

from __future__ import annotations

import io
import re
import zipfile

import pikepdf
import segno

MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP file can say."""
_STAMP = re.compile(rb"(<dcterms:(created|modified)[^>]*>)[^<]*(</dcterms:)")
_CORE = "docProps/core.xml"
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def office(raw: bytes) -> bytes:
    """A .docx or .xlsx packed anew: parts in order of name, no times, neither of the file nor within."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=_content_types_first):
            body = old.read(name)
            part = zipfile.ZipInfo(name, MOMENT)
            part.compress_type, part.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            new.writestr(part, _STAMP.sub(rb"\g<1>1980-01-01T00:00:00Z\g<3>", body) if name == _CORE else body)
    return out.getvalue()


def _content_types_first(name: str) -> tuple[bool, str]:
    return name != "[Content_Types].xml", name


def printable(text: str) -> str:
    """XML bears neither control characters nor halves of characters, and a CRM may answer with any."""
    return _UNPRINTABLE.sub("", text)


def pdf(raw: bytes, title: str) -> bytes:
    """A PDF without dates and with an id that follows from its content."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(raw)) as file:
        if "/Metadata" in file.Root:
            del file.Root.Metadata
        file.trailer.Info = file.make_indirect(pikepdf.Dictionary(Title=title, Producer="crm-acceptance"))
        file.save(out, deterministic_id=True, linearize=False)
    return out.getvalue()


def qr_png(text: str, scale: int = 6) -> bytes:
    """The text as a QR code, PNG, with the quiet zone that readers need."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return out.getvalue()


def qr_svg(text: str) -> str:
    """The same as SVG to be put into a page, which gives its size: with one of its own it would be cut off."""
    return str(segno.make(text, error="m", micro=False).svg_inline(border=4, omitsize=True))
