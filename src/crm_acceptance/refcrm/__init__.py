"""The reference CRM: a program of its own (`python -m crm_acceptance.refcrm`); imports nothing of the harness.

The service layer, on which both doors (api/ and web/) stand. Every function takes the Database first and, where
somebody acts, the acting `User` second; it checks rights and rules itself, runs in a transaction of its own (or
joins the one that is open in this thread) and raises `errors.CrmError` (code, message in Chinese, status, fields).
`record` is a dict: id(int), the fields of objects.OBJECTS that the person may see, version, created_at, updated_at.
Money is a string "1234.50", dates ISO strings, refs int ids, owner/assignee logins. Hidden fields are absent, masked
ones are "138****8000". `fields` given to create/change may hold strings as a form sends them ("" clears a field).

    db.py        Database(path): .write() -> context manager of sqlite3.Connection (one transaction), .conn -> reading
                 at run time: `app.state.db`
    auth.py      User(login, name, role, department, active)
                 login(db, login, password) -> Session(token, expires_in, user, csrf)   # 401 when wrong
                 user_of(db, token) -> User            # 401 when unknown, expired, logged out or disabled
                 csrf_of(db, token) -> str
                 logout(db, token) -> None
    objects.py   OBJECTS, BY_PLURAL, ObjectType, Field, Choice
    rights.py    may(me, action, object) -> bool       # read create change delete import transfer
                 # attach follow, and convert assign claim release advance submit approve (also reject) order confirm
                 # cancel resolve close; read includes list, count, sum, export, audit, download
                 mask_of(me, object, field) -> "" | "masked" | "hidden";  reports_of(me) -> tuple[str, ...]
    records.py   create(db, me, object, fields, force=False) -> record
                 read(db, me, object, id) -> record
                 change(db, me, object, id, fields, version=None) -> record
                 delete(db, me, object, id) -> None
    lists.py     Asked(q="", sort="", page=1, size=20, where={}, pool=False)
                 listing(db, me, object, asked) -> {"items", "total", "page", "size"}
                 count(db, me, object, asked) -> int;  total(db, me, object, field, asked) -> "123.00"
    sales.py     convert(db, me, lead_id, amount=None, opportunity_name=None) -> {customer, contact, opportunity: id}
                 assign_lead(db, me, id, to) -> record;  transfer(db, me, object, id, to) -> record
                 claim(db, me, id) / release(db, me, id) -> record;  duplicates(db, me, name="", phone="") -> [row]
                 advance(db, me, id, stage) -> record
    deals.py     submit / approve(db, me, quote_id), reject(db, me, quote_id, reason) -> record
                 make_order(db, me, quote_id) -> record of the order
                 confirm / cancel(db, me, order_id) -> record
    tickets.py   assign(db, me, id, to), resolve(db, me, id, resolution), close(db, me, id) -> record
    timeline.py  follow(db, me, object, id, text) -> row;  followups(db, me, object, id) -> [row]   # oldest first
                 attach(db, me, object, id, filename, body: bytes) -> row;  attachments(db, me, object, id) -> [row]
                 download(db, me, attachment_id) -> (filename, bytes)
                 record_audit(db, me, object, id) -> [row];  whole_audit(db, me, page=1, size=50) -> page
    csvfiles.py  export(db, me, object, asked) -> bytes (utf-8-sig)
                 import_file(db, me, object, body) -> {"created", "rejected": [{"row", "reason"}]}
    people.py    directory(db) -> [User]               # active people, for "new owner" lists; no right needed
                 users(db, me), add(db, me, fields), disable / enable(db, me, login)
                 handover(db, me, login, to) -> counts
    reports.py   report(db, me, name, owner="", customer=None, campaign=None) -> dict
    web/         mount(app: FastAPI) -> None           # the Chinese UI, on the same functions
"""

from __future__ import annotations
