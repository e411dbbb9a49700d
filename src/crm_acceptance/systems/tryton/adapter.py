"""The API door of Tryton: JSON-RPC with a session of the person's own; which flow serves which action."""

from __future__ import annotations

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Person
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton import accounts, deals, desk, parties, trade
from crm_acceptance.systems.tryton.mapping import SHAPES
from crm_acceptance.systems.tryton.records import ALIKE, Plan
from crm_acceptance.systems.tryton.rpc import ask, labelled, post, result
from crm_acceptance.systems.tryton.staff import Staff
from crm_acceptance.systems.tryton.wire import authorization

PLANS = {**parties.PLANS, **deals.PLANS, **trade.PLANS, **desk.PLANS, **accounts.PLANS}
SALES = ("customer", "contact", "lead", "opportunity", "quote", "order", "invoice", "payment", "ticket")


def plan(action: str, object: str) -> Plan | None:
    """The flow that serves this action on this object, if there is one."""
    return PLANS.get((object, action)) or (ALIKE.get(action) if object in SALES and object in SHAPES else None)


class TrytonRecords:
    """Stateless: the Session carries the authorization, the person's context and who is who."""

    def login(self, person: Person, password: str) -> Flow[Session]:
        """A session of the person's own. A wrong password is Refused("denied").

        The context makes Tryton work in the person's company; its messages come in English, so that refusals
        can be told apart, whatever language the person reads.
        """
        answer = yield post("common.db.login", [person.login, {"password": password}, "en"])
        try:
            user, token, *_ = result(answer)
        except Refused as no:
            raise Refused("denied" if no.kind == "expired" else no.kind, no.message, no.status) from None
        headers = {"Authorization": authorization(person.login, user, token)}
        session = Session(person, headers, memory={"context": {"language": "en"}})
        context = yield from ask(session, "model.res.user.get_preferences", True)
        session = Session(person, headers, memory={"context": {**context, "language": "en"}})
        rows = yield from ask(
            session, "model.res.user.search_read", [], 0, None, None, ["login", "name", "employee"], active_test=False
        )
        return Session(person, headers, memory={**session.memory, "staff": Staff.of(rows)})

    def logout(self, session: Session) -> Flow[None]:
        """Ends the session on the server's side."""
        answer = yield post("common.db.logout", [], session.headers)
        result(answer)

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """One action as a few calls, all counted under the action; Unsupported when Tryton has no such thing."""
        serving = plan(action.name, action.object)
        if serving is None:
            raise Unsupported(
                f"Tryton 8.0（所装模块）没有 {action.verb} 这个操作。Tryton 8.0, as installed, has no {action.verb}."
            )
        return (yield from labelled(serving(session, action), action.verb))
