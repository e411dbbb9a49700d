"""What a company named its collections and fields in Directus: pinyin names, Chinese notes, UUIDs, Chinese states."""

from __future__ import annotations

from typing import Any

from examples.setup_line import SetupLine

USERS = "directus_users"
LEAD_STATES = {"new": "新线索", "contacted": "已联系", "converted": "已转化", "lost": "已流失"}
STAGES = {"qualify": "初步接触", "proposal": "方案报价", "negotiation": "商务谈判", "won": "赢单", "lost": "输单"}
ORDER_STATES = {"open": "待确认", "confirmed": "已确认", "paid": "已付清", "cancelled": "已取消"}
PRIORITIES = {"low": "低", "normal": "普通", "high": "高", "urgent": "紧急"}
TICKET_STATES = {"new": "待分派", "assigned": "处理中", "resolved": "已解决", "closed": "已关闭"}

Field = dict[str, Any]


def _field(name: str, note: str, kind: str = "string", required: bool = False, **schema: Any) -> Field:
    schema |= {"is_nullable": not required}
    return {"field": name, "type": kind, "meta": {"note": note, "required": required}, "schema": schema}


def _choice(name: str, note: str, words: dict[str, str], start: str) -> Field:
    meta: dict[str, Any] = {"note": note, "interface": "select-dropdown"}
    meta |= {"options": {"choices": [{"text": word, "value": word} for word in words.values()]}}
    return {"field": name, "type": "string", "meta": meta, "schema": {"default_value": words[start]}}


def _link(name: str, note: str, to: str, required: bool = False) -> Field:
    field = _field(name, note, "uuid", required)
    field["meta"] |= {"special": ["m2o"], "interface": "select-dropdown-m2o"}
    return field | {"to": to}


def _money(name: str, note: str) -> Field:
    return _field(name, note, "decimal", numeric_precision=14, numeric_scale=2)


OWNER = _link("fuzeren", "负责人", USERS)
COLLECTIONS: dict[str, tuple[str, list[Field]]] = {
    "kehu": (
        "客户",
        [
            _field("mingcheng", "客户名称", required=True), _field("dianhua", "联系电话", is_unique=True),
            _field("youxiang", "邮箱"), _field("hangye", "行业"), _field("dengji", "客户级别"),
            _field("shuihao", "税号"), _field("dizhi", "地址", "text"), OWNER,
        ],
    ),
    "lianxiren": (
        "联系人",
        [
            _field("xingming", "姓名", required=True), _link("kehu", "所属客户", "kehu", required=True),
            _field("shouji", "手机"), _field("youxiang", "邮箱"), _field("zhiwei", "职位"), OWNER,
        ],
    ),
    "xiansuo": (
        "线索",
        [
            _field("xingming", "姓名", required=True), _field("gongsi", "公司"), _field("shouji", "手机"),
            _field("youxiang", "邮箱"), _field("laiyuan", "来源"),
            _choice("zhuangtai", "线索状态", LEAD_STATES, "new"), _field("beizhu", "备注", "text"), OWNER,
        ],
    ),
    "shangji": (
        "商机",
        [
            _field("mingcheng", "商机名称", required=True), _link("kehu", "客户", "kehu", required=True),
            _money("jine", "预计金额（元）"), _choice("jieduan", "销售阶段", STAGES, "qualify"),
            _field("yuji_chengjiao", "预计成交日", "date"), OWNER,
        ],
    ),
    "dingdan": (
        "订单",
        [
            _field("bianhao", "订单号"), _link("kehu", "客户", "kehu", required=True), _money("jine", "订单金额（元）"),
            _choice("zhuangtai", "订单状态", ORDER_STATES, "open"), OWNER,
        ],
    ),
    "gongdan": (
        "工单",
        [
            _field("biaoti", "标题", required=True), _link("kehu", "客户", "kehu", required=True),
            _link("dingdan", "相关订单", "dingdan"), _choice("youxianji", "优先级", PRIORITIES, "normal"),
            _choice("zhuangtai", "工单状态", TICKET_STATES, "new"), _link("chuliren", "处理人", USERS),
            _field("jiejue_fangan", "解决方案", "text"),
        ],
    ),
}  # fmt: skip
ID: Field = {
    "field": "id",
    "type": "uuid",
    "meta": {"hidden": True, "readonly": True, "interface": "input", "special": ["uuid"]},
    "schema": {"is_primary_key": True, "length": 36, "has_auto_increment": False},
}
CREATED: Field = {
    "field": "chuangjian_shijian",
    "type": "timestamp",
    "meta": {"note": "创建时间", "special": ["date-created"], "readonly": True},
    "schema": {},
}


def create_collections(line: SetupLine) -> None:
    """Collections first, then what points from one to another: a relation needs both ends."""
    for name, (note, fields) in COLLECTIONS.items():
        plain = [{key: value for key, value in field.items() if key != "to"} for field in (ID, CREATED, *fields)]
        line.post("/collections", {"collection": name, "meta": {"note": note}, "schema": {}, "fields": plain})
    for name, (_, fields) in COLLECTIONS.items():
        for field in (one for one in fields if "to" in one):
            ends = {"collection": name, "field": field["field"], "related_collection": field["to"]}
            lost = "CASCADE" if field["meta"]["required"] else "SET NULL"
            line.post("/relations", ends | {"schema": {"on_delete": lost}})
