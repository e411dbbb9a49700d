"""What the small CRMs of the tests with an API key have in common, as mapping.toml says it. No test lives here."""

from __future__ import annotations

PLAIN = """
[people]
by = "login"
[calls]
list = { call = "GET {path}", rows = "items", total = "total", params = { q = "{q}" } }
read = { call = "GET {path}/{id}", record = "" }
create = { call = "POST {path}", body = "{fields}", record = "" }
change = { call = "PATCH {path}/{id}", body = "{fields}", record = "" }
delete = "DELETE {path}/{id}"
[objects.customer]
path = "/customers"
[objects.customer.fields]
name = "name"
phone = "phone"
owner = "owner"
"""
