"""Planted leaks: who sees, does or keeps what they must not. Each is felt elsewhere."""

from __future__ import annotations

from .defect import Defect, kind

DEFECTS: tuple[Defect, ...] = kind(
    "permission",
    ("list_ignores_scope", "SEC-003", "列表、计数、合计不限数据范围", "Lists, counts and sums ignore the scope"),
    ("read_ignores_scope", "SEC-002", "按编号可读取他人记录", "Records of others can be read by id"),
    ("export_ignores_scope", "SEC-004", "导出不限数据范围", "Exports ignore the scope"),
    ("update_ignores_scope", "SEC-005", "可以修改、删除、转移他人记录", "Records of others can be changed"),
    ("mask_missing_in_export", "SEC-006", "导出文件中的手机号没有掩码", "Exports show masked fields in plain"),
    ("payment_by_anyone", "SEC-007", "非财务人员也能登记回款", "Anybody can register payments"),
    ("approve_by_anyone", "SEC-009", "销售可以审批自己的折扣", "A salesperson can approve a discount"),
    ("attachment_open", "SEC-011", "任何人都能下载附件", "Anybody can download an attachment"),
    ("owner_mass_assignment", "SEC-013", "请求体里的负责人被直接采用", "The request's owner is taken over"),
    ("audit_open", "SEC-010", "非 IT 人员可查看操作日志", "Anybody can read the audit log"),
    ("old_owner_keeps_access", "SEC-014", "转移后原负责人仍能访问", "The former owner keeps access"),
    ("export_without_login", "SEC-001", "未登录也能导出", "Exports need no login"),
    ("marketer_sees_orders", "SEC-008", "市场人员能看到订单", "Marketing can see orders"),
    (
        "session_survives_disabling",
        "IT-002",
        "停用账号后已登录的会话仍有效",
        "A disabled account's session stays alive",
    ),
    ("logout_keeps_token", "IT-005", "退出后令牌仍有效", "The token outlives the sign-out"),
)
