"""How curves are lettered and coloured: words in two languages, a font that has them, colours that everybody can tell
apart (Okabe and Ito) and that stay different in grey; draws nothing."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from functools import cache

from matplotlib import font_manager

BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#A6548A", "#56B4E9"
INK, GREY, WASH = "#1d2733", "#66717e", "#eceff3"
FAMILIES = (
    *("Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "Source Han Sans CN", "Microsoft YaHei", "PingFang SC"),
    *("Hiragino Sans GB", "WenQuanYi Micro Hei", "WenQuanYi Zen Hei", "SimHei", "Heiti SC", "Droid Sans Fallback"),
    *("Noto Sans CJK JP", "Noto Serif CJK SC", "SimSun", "Arial Unicode MS"),
)
"""Fonts with Chinese letters, the plainest first."""

Words = Mapping[str, str]
WORDS: Mapping[str, Words] = {
    "zh": {
        "throughput": "吞吐量（每秒）",
        "planned": "计划",
        "done": "完成",
        "latency": "用时（从本该开始的时刻算起）",
        "slowest": "最慢",
        "one": "每一次",
        "errors": "出错（每秒）",
        "failed": "出错",
        "none": "没有出错",
        "people": "同时在做的事",
        "busy": "正在做",
        "hands": "上限",
        "cpu": "服务器处理器（核）",
        "memory": "服务器内存（MB）",
        "ramp": "不计入",
        "stall": "停顿 {:.1f} 秒",
        "stopped": "提前停止",
        "seconds": "开始后的秒数",
        "minutes": "开始后的分钟数",
        "each": "共 {:,} 次，每个点是 {:g} 秒内的；结论由全部样本得出",
        "nothing": "没有样本",
        "invalid": "本次运行无效，不能作结论",
        "others": "各动作",
    },
    "en": {
        "throughput": "Throughput (per second)",
        "planned": "planned",
        "done": "done",
        "latency": "Latency (from the intended start)",
        "slowest": "slowest",
        "one": "each Action",
        "errors": "Errors (per second)",
        "failed": "errors",
        "none": "none",
        "people": "Under way at a time",
        "busy": "under way",
        "hands": "most",
        "cpu": "Server processor (cores)",
        "memory": "Server memory (MB)",
        "ramp": "not counted",
        "stall": "stall {:.1f} s",
        "stopped": "stopped early",
        "seconds": "seconds after the start",
        "minutes": "minutes after the start",
        "each": "{:,} in all, a point is {:g} s of them; verdicts rest on all samples",
        "nothing": "no samples",
        "invalid": "this run is invalid: nothing can be concluded",
        "others": "verbs",
    },
}


@cache
def chinese() -> str:
    """The family of a font with Chinese letters; "" when this machine has none."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    found = next((name for name in FAMILIES if name in known), "")
    return found or _newly_installed()


def language(asked: str) -> str:
    """`asked`, or English where nothing can be written in Chinese."""
    return asked if asked != "zh" or chinese() else "en"


def fonts() -> list[str]:
    """Families to letter with, the first that has a letter is taken."""
    return [one for one in (chinese(), "DejaVu Sans") if one]


def _newly_installed() -> str:
    """matplotlib remembers the fonts it saw once; fontconfig knows those of today."""
    if not shutil.which("fc-list"):
        return ""
    asked = subprocess.run(["fc-list", ":lang=zh", "file"], capture_output=True, text=True, timeout=60, check=False)
    for file in sorted(line.split(":")[0].strip() for line in asked.stdout.splitlines()):
        try:
            font_manager.fontManager.addfont(file)
        except (OSError, RuntimeError):
            continue  # a kind of font that cannot be drawn with
        return font_manager.FontProperties(fname=file).get_name()
    return ""


def duration(milliseconds: float, _: object = None) -> str:
    """A tick in the unit that people would say it in."""
    return f"{milliseconds:g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"
