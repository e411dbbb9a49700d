"""The words that most pages use, Chinese and English: what [screens.words] need not say. Tables only."""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, tuple[str, ...]] = {
    "new": ("新建", "新增", "添加", "创建", "New", "Add", "Add new", "Create", "Create new", "Create new entry"),
    "edit": ("编辑", "修改", "Edit"),
    "save": ("保存", "提交", "Save", "Submit"),
    "delete": ("删除", "Delete"),
    "ok": ("确定", "确认", "是", "OK", "Ok", "Confirm", "Yes"),
    "search": ("搜索", "查询", "关键字", "Search", "Search...", "Keyword", "请输入关键字"),
    "go": ("搜索", "查询", "Search"),
    "next": ("下一页", "Next", "Next page", "Next Page", "Go to next page", "right"),
    "success": ("成功", "已保存", "已创建", "已更新", "已删除", "success", "saved", "created", "updated", "deleted"),
    "missing": (
        "不存在", "未找到", "找不到", "没有找到", "Not found", "Not Found", "does not exist", "doesn't exist",
    ),
    "denied": (
        "没有权限", "无权", "权限不足", "禁止访问", "Forbidden", "Permission denied", "not allowed", "Access denied",
        "don't have permission", "do not have permission",
    ),
    "captcha": ("验证码", "图形验证", "滑动验证", "拖动滑块", "captcha", "Captcha", "I'm not a robot", "人机验证"),
    "file": ("文件", "选择文件", "上传文件", "File", "Choose file"),
    "export": ("导出", "Export", "Download"),
}  # fmt: skip
"""What each control is called where the mapping says nothing."""

MESSAGES: Mapping[str, str] = {
    "已存在": "duplicate", "重复": "duplicate", "already exists": "duplicate", "must be unique": "duplicate",
    "has to be unique": "duplicate", "duplicate": "duplicate", "已被使用": "duplicate",
    "没有权限": "denied", "无权": "denied", "权限不足": "denied", "forbidden": "denied", "not allowed": "denied",
    "permission": "denied", "access denied": "denied",
    "不存在": "missing", "未找到": "missing", "not found": "missing", "does not exist": "missing",
    "已被他人修改": "conflict", "版本冲突": "conflict", "conflict": "conflict",
    "过于频繁": "throttled", "请求过多": "throttled", "too many": "throttled",
    "登录已过期": "expired", "会话已过期": "expired", "session expired": "expired", "session has expired": "expired",
}  # fmt: skip
"""Which refusal a message is, by a part of it, small letters; what none of them fits is `invalid`."""

TOTALS: tuple[str, ...] = (
    r"共\s*([\d,]+)\s*[条项个]", r"总[数计][:：\s]*([\d,]+)", r"(?:of|/)\s*([\d,]+)\s*\)?$",
    r"(?:^|\s)([\d,]+)\s+(?:records?|items?|results?|entries|rows?)\b",
)  # fmt: skip
"""How lists say how many records there are."""

EMPTY: tuple[str, ...] = (
    "暂无数据", "没有数据", "无数据", "暂无记录", "没有记录", "No data", "No results", "No items", "No entries",
    "No records", "Nothing found", "No entry",
)  # fmt: skip
"""How lists say that they are empty."""

NOTHING = frozenset(("", "-", "--", "—", "–", "——", "N/A", "n/a", "无", "暂无", "空", "---------", "-----"))
"""What a page shows for a value that is not there."""
