"""The words of people in a permission table, Chinese and English, and the keys they mean; tables only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crm_acceptance.vocabulary import FIELDS, OBJECTS, ROLES


def _words(*rows: tuple[str, str]) -> dict[str, str]:
    return {word: key for key, words in rows for word in words.split("|")}


HEADINGS: Mapping[str, str] = _words(
    ("role", "角色|岗位|Role"),
    ("action", "动作|操作|Action"),
    ("object", "对象|数据对象|Object"),
    ("scope", "范围|数据范围|Scope"),
    ("fields", "字段|字段处理|Fields"),
    ("requirement", "需求|需求编号|Requirement"),
)
ACTIONS: Mapping[str, str] = _words(
    ("read", "查看|打开"),
    ("list", "列表|翻看|浏览"),
    ("search", "搜索|查找"),
    ("sort", "排序"),
    ("count", "计数|统计|统计数目"),
    ("sum", "合计|汇总|求和"),
    ("export", "导出"),
    ("attachments", "附件清单|查看附件"),
    ("download", "下载|下载附件"),
    ("audit", "修改历史|操作历史|审计"),
    ("create", "新建|登记|新增"),
    ("import", "导入"),
    ("change", "修改|编辑"),
    ("delete", "删除"),
    ("transfer", "转移|转交"),
    ("attach", "添加附件|上传附件"),
    ("tamper", "篡改|改写只读字段"),
    ("stale", "转走后还能看|旧权限"),
    ("exists", "得知存在|存在性"),
    ("related", "关联资料|关联"),
    ("convert", "转化"),
    ("assign", "分派|指派|分配"),
    ("claim", "领取"),
    ("release", "退回公海|释放"),
    ("check_duplicate", "查重"),
    ("advance", "推进"),
    ("submit", "提交"),
    ("approve", "批准|审批|审批通过"),
    ("reject", "驳回"),
    ("order", "转订单|转成订单"),
    ("confirm", "确认"),
    ("cancel", "取消"),
    ("resolve", "解决"),
    ("close", "关闭"),
    ("disable", "停用"),
    ("enable", "启用"),
    ("handover", "交接|离职交接"),
    ("login", "登录"),
    ("logout", "退出"),
    ("after_logout", "退出后"),
    ("after_disabling", "停用后"),
    ("after_role_change", "换角色后"),
    ("after_handover", "交接后"),
    ("after_password_change", "改密码后"),
)
KINDS: Mapping[str, str] = {**OBJECTS} | _words(
    ("followup", "跟进|跟进记录"),
    ("audit", "操作日志|日志"),
    ("user", "账号|用户"),
    ("session", "会话|登录状态"),
    ("notification", "提醒|通知|消息提醒"),
    ("report:sales_summary", "销售汇总报表|销售汇总"),
    ("report:receivables", "应收账款报表|应收账款"),
    ("report:pipeline", "销售漏斗报表|销售漏斗"),
    ("report:campaign_roi", "活动投入产出报表|活动投入产出"),
)
SCOPE_WORDS: Mapping[str, str] = _words(
    ("own", "自己|自己的|本人|Own"),
    ("team", "本团队|团队|本组|Team"),
    ("department", "本部门|部门|Department"),
    ("all", "全部|所有|All"),
    ("none", "无|没有|不允许|禁止|None"),
)
TREATMENT_WORDS: Mapping[str, str] = _words(
    ("masked", "掩码|脱敏|打码|Masked"),
    ("hidden", "隐藏|不可见|Hidden"),
    ("plain", "明文|可见|Plain"),
    ("read-only", "只读|readonly|Read-only"),
)
FIELD_WORDS: Mapping[str, str] = {**FIELDS} | _words(
    ("phone", "手机号|手机号码|电话号码|联系电话"),
    ("email", "电子邮箱|邮件"),
    ("number", "编号|单号"),
    ("quote", "报价|报价单"),
    ("text", "内容"),
    ("author", "记录人"),
    ("login", "登录名|账号"),
    ("role", "角色"),
    ("department", "部门"),
    ("active", "是否启用"),
    ("due_at", "到期时间"),
    ("address", "联系地址"),
    ("tax_number", "纳税人识别号"),
)
ROLE_WORDS: Mapping[str, str] = {**ROLES} | _words(
    ("sales_rep", "销售员|业务员"),
    ("marketer", "市场人员"),
    ("service_agent", "客服|客服人员"),
    ("it_admin", "管理员"),
)


def chinese(key: str, words: Mapping[str, str]) -> str:
    """The first Chinese word of a key; the key itself where people have no word for it."""
    return next((word for word, meaning in words.items() if meaning == key and not word.isascii()), key)


def meant(said: str, known: Iterable[str], words: Mapping[str, str]) -> str:
    """The key that a word means: itself where it is one, else by its Chinese or capital name; itself when unknown."""
    names = set(known)
    if said in names:
        return said
    for word in (said, said.lower(), said.replace(" ", "_").lower()):
        if word in names or words.get(word, "") in names:
            return word if word in names else words[word]
    return said
