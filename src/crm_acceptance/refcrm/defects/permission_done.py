"""Planted leaks of doing: writes, approvals, notices, what stays afterwards, accounts, screens. Not of looking."""

from __future__ import annotations

from .defect import Defect, kind

API = "/api/v1"

API = "/api/v1"

DEFECTS: tuple[Defect, ...] = kind(
    "permission",
    # writes that do not ask whose record it is
    ("convert_ignores_scope", "SEC-005", "可以转化他人的线索", "Others' leads can be converted", "*-convert-lead]*",
     f"POST:{API}/leads/*/convert"),
    ("delete_ignores_scope", "SEC-005", "可以删除他人的线索", "Others' leads can be deleted", "*-delete-lead]*",
     f"DELETE:{API}/leads/*"),
    ("cancel_ignores_scope", "SEC-005", "可以取消他人的订单", "Others' orders can be cancelled", "*-cancel-order]*",
     f"POST:{API}/orders/*/cancel"),
    ("transfer_ignores_scope", "SEC-005", "可以转移他人的商机", "Others' opportunities can be handed on",
     "*-transfer-opportunity]*", f"POST:{API}/opportunities/*/transfer"),
    ("advance_ignores_scope", "SEC-005", "可以推进他人的商机", "Others' opportunities can be advanced",
     "*-advance-opportunity]*", f"POST:{API}/opportunities/*/advance"),
    ("attach_ignores_scope", "SEC-005", "可以给他人的联系人上传附件", "Files can be attached to others' contacts",
     "*-attach-contact]*", f"POST:{API}/contacts/*/attachments"),
    ("note_ignores_scope", "SEC-005", "可以在他人的客户上写跟进", "Notes can be written on others' customers",
     "*-create-followup]*", f"POST:{API}/customers/*/followups"),
    ("order_with_owners_rights", "SEC-005", "下单以报价负责人的权限执行",
     "Ordering runs with the quote owner's rights", "*-order-quote]*", f"POST:{API}/quotes/*/order"),
    ("parent_unchecked", "SEC-005", "新建联系人不查客户归谁", "A new contact may hang on anybody's customer",
     "*-create-contact]*", f"POST:{API}/contacts"),
    ("import_updates_others", "SEC-005", "导入遇到重复客户时改写他人的客户",
     "An import overwrites others' customers of that name", "*-import-customer]*", f"POST:{API}/customers/import"),
    ("owned_customer_claimed", "SEC-005", "可以领取别人名下、不在公海的客户",
     "A customer that somebody owns can be claimed", "*-claim-customer]*", f"POST:{API}/customers/*/claim"),
    ("assign_by_anyone", "SEC-005", "普通销售也能分派线索", "Any salesperson can assign leads",
     "*[[]sales_rep-assign-lead]*", f"POST:{API}/leads/*/assign"),
    ("bulk_change_unscoped", "SEC-005", "批量修改不查记录归谁", "A bulk change does not ask whose records they are",
     "*changeManyCustomers*", f"POST:{API}/customers/bulk"),
    # money, approvals, bodies
    ("invoice_by_anyone", "SEC-007", "非财务人员也能开票", "Anybody can issue invoices", "*-create-invoice]*",
     f"POST:{API}/invoices"),
    ("self_approval", "SEC-009", "销售可以批准自己的报价", "A salesperson approves the own quote",
     "*[[]sales_rep-approve-quote]*", f"POST:{API}/quotes/*/approve"),
    ("leader_inherits_approval", "SEC-009", "组长继承了经理的审批权", "A team leader inherits the manager's approval",
     "*[[]sales_lead-approve-quote]*", f"POST:{API}/quotes/*/approve"),
    ("reject_by_anyone", "SEC-009", "能看到报价的人都能驳回", "Whoever sees a quote can reject it",
     "*-reject-quote]*", f"POST:{API}/quotes/*/reject"),
    ("state_mass_assignment", "SEC-013", "请求体里的报价状态被直接采用",
     "The request's state of a quote is taken over", "*-tamper-quote]*", f"PATCH:{API}/quotes/* POST:{API}/quotes"),
    ("paid_mass_assignment", "SEC-013", "请求体里的已收金额被直接采用", "The request's paid amount is taken over",
     "*-tamper-order]*", f"PATCH:{API}/orders/* POST:{API}/orders"),
    # existence
    ("denied_tells_existence", "SEC-015", "他人的记录答 403，不存在的答 404",
     "403 for others' records, 404 for absent ones", "*-exists-customer]*",
     f"GET:{API}/customers/* PATCH:{API}/customers/*"),
    ("message_names_owner", "SEC-015", "拒绝的提示里说出记录归谁", "The refusal tells whose record it is",
     "*-exists-order]*", f"GET:{API}/orders/* PATCH:{API}/orders/*"),
    ("empty_list_for_absent", "SEC-015", "不存在的记录附件清单为空，他人的答 404",
     "Absent records have empty lists, others' do not", "*-exists-lead]*", f"GET:{API}/leads/*/attachments"),
    # notices
    ("notice_to_department", "SEC-016", "提醒发给了全部门", "Notices go to the whole department",
     "*-list-notification]*", f"GET:{API}/notifications"),
    ("notice_outlives_reach", "SEC-016", "记录转走后提醒里仍显示其内容",
     "A notice still shows a record that was handed on", "*-list-notification]*", f"GET:{API}/notifications"),
    # what stays afterwards
    ("former_owner_in_list", "SEC-014", "转移后原负责人的列表里还有",
     "The former owner's list still holds the record", "*-stale-opportunity]*", f"GET:{API}/opportunities"),
    ("stale_role_cache", "SEC-017", "角色缓存不更新", "Roles are cached with the session",
     "*-after_role_change-session]*"),
    ("handover_leaves_account_on", "SEC-018", "交接后账号没有停用", "A hand-over leaves the account on",
     "*-after_handover-session]*", f"POST:{API}/users/*/handover"),
    ("handover_keeps_session", "SEC-018", "交接后已登录的会话仍有效", "A hand-over leaves the session alive",
     "*-after_handover-session]*", f"POST:{API}/users/*/handover"),
    ("disabled_can_sign_in", "IT-002 SEC-018", "停用的账号可以重新登录", "A disabled account can sign in anew",
     "*-after_disabling-session]* *-after_handover-session]*", f"POST:{API}/login"),
    ("password_change_keeps_sessions", "SEC-022", "改密码后旧会话仍有效", "Old sessions survive a new password",
     "*-after_password_change-session]*", f"PATCH:{API}/users/*"),
    # accounts
    ("user_create_by_anyone", "SEC-028", "任何人都能新建账号", "Anybody can open accounts", "*-create-user]*",
     f"POST:{API}/users"),
    ("disable_by_anyone", "SEC-028", "任何人都能停用账号", "Anybody can disable accounts", "*-disable-user]*",
     f"POST:{API}/users/*/disable"),
    ("handover_by_anyone", "SEC-028", "任何人都能办理离职交接", "Anybody can hand over for somebody",
     "*-handover-user]*", f"POST:{API}/users/*/handover"),
    ("self_elevation", "SEC-028", "可以给自己换角色", "One can give oneself another role", "*-change-user]*",
     f"PATCH:{API}/users/*"),
    # screens, while the API is right
    ("recent_panel_shared", "SEC-029", "工作台的最近记录是所有人的", "The dashboard's recent panel is everybody's"),
    ("edit_form_unchecked", "SEC-029", "编辑页不查记录归谁", "The edit form opens for anybody's record"),
    ("hidden_input_in_plain", "SEC-029", "页面的隐藏输入框里是明文手机", "A hidden input holds the plain phone"),
    ("select_offers_everybodys", "SEC-029", "下拉框列出所有人的客户", "A select offers everybody's customers"),
    ("page_source_tells_all", "SEC-029", "页面源码里带有整条记录", "The page source carries the whole record"),
)  # fmt: skip
