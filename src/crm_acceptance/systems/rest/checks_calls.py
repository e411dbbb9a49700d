"""Whether the calls of a mapping can be made: method, path, where the answer is, what steps do. Templates elsewhere."""

from __future__ import annotations

from collections.abc import Iterator

from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.mapping_calls import LIST
from crm_acceptance.systems.rest.shape import CallSpec, Mapping, ObjectSpec

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "QUERY")
_STARTS = ("/", "{path}", "{parent_path}")


def check(reading: Reading, mapping: Mapping) -> None:
    """Every call of [auth], [people], [calls] and the objects."""
    for call in _of_people(mapping):
        _check_call(reading, mapping, call)
    for object in mapping.objects.values():
        for verb, call in object.calls.items():
            _check_verb(reading, object, verb, call)
            _check_call(reading, mapping, call)
            _check_meaning(reading, object, verb, call)
            if canonical.verb_named(object.name, verb).gives == "record":
                _check_circle(reading, mapping, f"{object.name}.{verb}")


def nested(call: CallSpec) -> Iterator[CallSpec]:
    """The call and every step in it."""
    yield call
    for step in call.steps:
        yield from nested(step)


def method_and_path(call: CallSpec) -> tuple[str, str]:
    """ "GET", "/customers" of "GET /customers"."""
    method, _, path = call.call.strip().partition(" ")
    return method, path.strip()


def _of_people(mapping: Mapping) -> list[CallSpec]:
    auth = mapping.auth
    return [one for one in (auth.login, auth.me, auth.refresh, auth.logout, mapping.people.list) if one]


def _check_verb(reading: Reading, object: ObjectSpec, verb: str, call: CallSpec) -> None:
    if verb.startswith(canonical.OWN):
        return
    known = canonical.object_named(object.name).verbs
    everywhere = call.where.startswith("calls.")
    if verb not in (canonical.VERBS if everywhere else known):
        hint = "自己的操作以 x_ 开头（own ones start with x_）。"
        reading.unknown(call.where, "操作 verb", verb, known, hint)


def _check_call(reading: Reading, mapping: Mapping, spec: CallSpec) -> None:
    for call in nested(spec):
        forms = [name for name in ("call", "steps", "do") if getattr(call, name)]
        if len(forms) != 1:
            reading.wrong(
                call.where, "要且只要 call 或 steps 之一（give exactly one of call, steps; do within steps）。"
            )
        elif call.do:
            _check_do(reading, mapping, spec, call)
        elif call.call and call.call != LIST:
            _check_line(reading, call)


def _check_line(reading: Reading, call: CallSpec) -> None:
    """ "METHOD /path"."""
    where = f"{call.where}.call"
    method, path = method_and_path(call)
    if method not in METHODS:
        right = method.upper() in METHODS
        hint = f"是不是 {method.upper()}？did you mean {method.upper()}?" if right else f"known: {', '.join(METHODS)}"
        reading.wrong(where, f'调用要写成 "GET /路径"，{method!r} 不是 HTTP 方法（not a METHOD）。{hint}')
    elif "://" in path:
        reading.wrong(where, f"只写路径，站点地址在 [site] url：{path}（a path only; the host is the site's）。")
    elif not path.startswith(_STARTS):
        reading.wrong(where, f'路径应当以 "/" 或 {{path}} 开头：{path!r}（a path starts with "/"）。')
    if call.body is not None and call.form is not None:
        reading.wrong(call.where, "body 和 form 只能有一个（give either body or form）。")
    if call.rows is not None and call.record is not None:
        reading.wrong(call.where, "rows 是列表，record 是一条，只能有一个（give either rows or record）。")


def _check_meaning(reading: Reading, object: ObjectSpec, verb: str, call: CallSpec) -> None:
    """Whether the call says where in its answer that is what the verb gives."""
    known = canonical.verb_named(object.name, verb)
    if call.call == LIST:
        listing = object.calls.get("list")
        if verb != "count" or listing is None or listing.total is None:
            reading.wrong(
                call.where, '"list" 只用于 count，并且 list 要有 total（only for count; list needs a total）。'
            )
    elif call.call and known.gives == "page" and call.rows is None:
        reading.wrong(call.where, '没有说列表在应答的哪里：rows；整个应答就是列表时写 rows = ""（rows is missing）。')
    elif call.call and known.gives in ("count", "sum") and call.value is None:
        reading.wrong(call.where, f"没有说 {verb} 的数在应答的哪里：value（value is missing）。")
    elif known.gives == "record" and call.rows is not None and not known.yields:
        reading.wrong(f"{call.where}.rows", f'{verb} 得到一条记录，应当用 record，例如 "{call.rows}.0"（use record）。')
    if not known.id and call.call and "{id" in call.call:
        reading.wrong(
            f"{call.where}.call", f"{verb} 时还没有 {{id}}（no {{id}} here: {verb} is not about one record）。"
        )


def _check_do(reading: Reading, mapping: Mapping, whole: CallSpec, step: CallSpec) -> None:
    where = f"{step.where}.do"
    name, _, verb = step.do.partition(".")
    if step is whole:
        reading.wrong(where, "do 只写在 steps 里（do stands within steps only）。")
    if name not in mapping.objects:
        reading.unknown(where, "对象 object", name, mapping.objects)
        return
    object = mapping.objects[name]
    known = {*object.calls, *object.moves}
    if verb not in known:
        reading.unknown(where, f"{name} 的操作 verb of {name}", verb, known)
    for field in step.fields:
        if field not in object.fields and field not in canonical.verb_named(name, verb).fields:
            reading.unknown(f"{step.where}.fields.{field}", f"{name} 的字段 field of {name}", field, object.fields)


def _check_circle(reading: Reading, mapping: Mapping, verb: str, way: tuple[str, ...] = ()) -> None:
    """Steps that come back to where they began would never end."""
    if verb in way:
        name, _, action = way[0].partition(".")
        reading.wrong(
            mapping.objects[name].calls[action].where,
            f"步骤转了一圈又回来了：{' → '.join([*way, verb])}（the steps run in a circle）。",
        )
        return
    name, _, action = verb.partition(".")
    found = mapping.objects[name].calls.get(action) if name in mapping.objects else None
    for step in nested(found) if found else ():
        if step.do:
            _check_circle(reading, mapping, step.do, (*way, verb))
