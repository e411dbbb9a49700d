"""Seals a generated Allure report: opens from a folder with a double click, and can call nobody. Generates nothing.

Three things are done to the generated files:
1. every script and link to a foreign host is cut out (Allure 3 has no switch for its analytics);
2. a content security policy forbids any other address, also to what the evidence itself may contain;
3. data files become scripts that are loaded on demand, because a browser may not fetch() from file://. So a report of
   any size opens at once, where Allure's own single-file mode must load everything first and ends at 512 MB.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from crm_acceptance.tools.missing import ToolMissing

POLICY = (
    "default-src 'self' file: data: blob: 'unsafe-inline' 'unsafe-eval'; "
    "base-uri 'self' file:; form-action 'none'; object-src 'none'"
)
FOREIGN_SCRIPT = re.compile(r"<script\b[^>]*\bsrc\s*=\s*[\"']?\s*(?:https?:)?//[^>]*>\s*</script>", re.I)
ANALYTICS = re.compile(r"<script>(?:(?!</script>).)*?\bgtag\(\s*'config'(?:(?!</script>).)*</script>", re.I | re.S)
FOREIGN_LINK = re.compile(r"<link\b[^>]*\bhref\s*=\s*[\"']?\s*(?:https?:)?//[^>]*>", re.I)
FOREIGN = re.compile(
    r"<(?:script|link|img|iframe|embed|object|source)\b[^>]*?\s(?:src|href|srcset|data)\s*=\s*[\"']?\s*(?:https?:)?//[^\s\"'>]+",
    re.I,
)

# Allure looks its data up in window.allureReportData when that exists, and awaits what it finds there. This one loads
# the asked file as a script, hands it over and forgets it, so memory holds only what is looked at.
LOADER = """<script>
window.allureReportDataReady = true;
(function () {
  var WIDGETS = [/*widgets*/];
  var waiting = Object.create(null);
  window.d = function (name, value) { if (waiting[name]) { waiting[name].give(value); } };
  function load(name) {
    if (waiting[name]) { return waiting[name].promise; }
    if (name.indexOf("widgets/") === 0 && WIDGETS.indexOf(name) < 0) { return Promise.reject(new Error(name)); }
    var entry = {}, script = document.createElement("script");
    entry.promise = new Promise(function (resolve, reject) {
      function end(act) { return function (value) { delete waiting[name]; script.remove(); act(value); }; }
      entry.give = end(resolve);
      script.onerror = end(function () { reject(new Error("not in this report: " + name)); });
    });
    waiting[name] = entry;
    script.src = name.split("/").map(encodeURIComponent).join("/") + ".js";
    document.head.appendChild(script);
    return entry.promise;
  }
  function text(key) { return typeof key === "string"; }
  window.allureReportData = new Proxy({}, {
    has: function (_, key) { return text(key); },
    get: function (_, key) { return text(key) ? load(key) : undefined; },
  });
})();
</script>
"""


def seal(report: Path, language: str) -> int:
    """Seal the report in this folder and give its size in bytes; ToolMissing if something foreign is left."""
    index = report / "index.html"
    widgets = [file.relative_to(report).as_posix() for file in data_files(report, "widgets")]
    page = sealed_page(index.read_text(encoding="utf-8"), language, widgets)
    if left := FOREIGN.findall(page):
        raise ToolMissing(
            f"报告仍会访问外部地址，未交付 (the report still calls out, so it is withheld): {left[0][:200]}"
        )
    index.write_text(page, encoding="utf-8")
    for data in list(data_files(report, "data", "widgets")):
        as_script(report, data)
    return sum(file.stat().st_size for file in report.rglob("*") if file.is_file())


def sealed_page(page: str, language: str, widgets: Sequence[str] = ()) -> str:
    """The first page without foreign addresses, with the policy and the loader before any other script.

    `widgets` are the summary files there are: Allure asks for some that only other reports have.
    """
    for foreign in (FOREIGN_SCRIPT, ANALYTICS, FOREIGN_LINK):
        page = foreign.sub("", page)
    loader = LOADER.replace("/*widgets*/", ", ".join(json.dumps(name) for name in widgets))
    head = (
        f'<head>\n<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta http-equiv="x-dns-prefetch-control" content="off">\n{loader}'
    )
    page, heads = re.subn(r"<head>", lambda _: head, page, count=1)
    if not heads:
        raise ToolMissing(
            "报告首页没有 <head>，无法封装 (the generator's page has no <head>): another version of Allure?"
        )
    return re.sub(r'(<html\b[^>]*\blang=")[^"]*', rf"\g<1>{'zh-CN' if language == 'zh' else language}", page, count=1)


def data_files(report: Path, *folders: str) -> Iterator[Path]:
    """What the page loads while it is looked at."""
    for folder in folders:
        yield from (file for file in (report / folder).rglob("*") if file.is_file())


def as_script(report: Path, data: Path) -> None:
    """Replace one data file by a script that hands its bytes, in base64, to the loader."""
    name = json.dumps(data.relative_to(report).as_posix())
    body = base64.b64encode(data.read_bytes()).decode("ascii")
    data.with_name(data.name + ".js").write_text(f'd({name},"{body}")', encoding="ascii")
    data.unlink()
