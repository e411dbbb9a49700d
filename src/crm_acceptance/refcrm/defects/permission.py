"""Planted leaks of the first hour: a whole kind of access that forgets its condition. Finer ones are beside this."""

from __future__ import annotations

from .defect import Defect, kind

API = "/api/v1"

DEFECTS: tuple[Defect, ...] = kind(
    "permission",
    ("list_ignores_scope", "SEC-003", "列表、计数、合计不限数据范围", "Lists, counts and sums ignore the scope", "",
     f"GET:{API}/*s GET:{API}/*/count GET:{API}/*/sum"),
    ("read_ignores_scope", "SEC-002", "按编号可读取他人记录", "Records of others can be read by id", "",
     f"GET:{API}/*/{{id}} GET:{API}/*/{{id}}/*"),
    ("export_ignores_scope", "SEC-004", "导出不限数据范围", "Exports ignore the scope", "", f"GET:{API}/*/export"),
    ("update_ignores_scope", "SEC-005", "可以修改、删除、转移他人记录", "Records of others can be changed", "",
     f"PATCH:{API}/*/{{id}} DELETE:{API}/*/{{id}} POST:{API}/*/{{id}}/*"),
    ("mask_missing_in_export", "SEC-006", "导出文件中的手机号没有掩码", "Exports show masked fields in plain", "",
     f"GET:{API}/*/export"),
    ("payment_by_anyone", "SEC-007", "非财务人员也能登记回款", "Anybody can register payments", "",
     f"POST:{API}/payments"),
    ("approve_by_anyone", "SEC-009", "销售可以审批自己的折扣", "A salesperson can approve a discount", "",
     f"POST:{API}/quotes/*/approve POST:{API}/quotes/*/reject"),
    ("attachment_open", "SEC-011", "任何人都能下载附件", "Anybody can download an attachment", "",
     f"GET:{API}/attachments/*"),
    ("owner_mass_assignment", "SEC-013", "请求体里的负责人被直接采用", "The request's owner is taken over", "",
     f"PATCH:{API}/*/{{id}} POST:{API}/*s"),
    ("audit_open", "SEC-010", "非 IT 人员可查看操作日志", "Anybody can read the audit log", "",
     f"GET:{API}/audit GET:{API}/users"),
    ("old_owner_keeps_access", "SEC-014", "转移后原负责人仍能访问", "The former owner keeps access", "",
     f"GET:{API}/*/{{id}} GET:{API}/*s"),
    ("export_without_login", "SEC-001", "未登录也能导出", "Exports need no login", "", f"GET:{API}/*/export"),
    ("marketer_sees_orders", "SEC-008", "市场人员能看到订单", "Marketing can see orders", "",
     f"GET:{API}/orders GET:{API}/orders/*"),
    ("session_survives_disabling", "IT-002", "停用账号后已登录的会话仍有效",
     "A disabled account's session stays alive"),
    ("logout_keeps_token", "IT-005", "退出后令牌仍有效", "The token outlives the sign-out", "", f"POST:{API}/logout"),
)  # fmt: skip
