"""A dispute is taken in and written down: its facts, its number, its colour, its papers, more time."""

from __future__ import annotations

from cases import deadlines
from cases.models import Case, CaseLink, LinkKind
from cases.search import bigrams
from cases.tables import Move
from mediation import numbers
from mediation.choices import MaterialKind
from mediation.effects.common import start, until
from mediation.effects.people import assign
from mediation.models import (
    Docket,
    Material,
)

FACTS = ("kind", "source", "source_number", "initiative", "brief", "request", "amount", "cross_division")
# Papers that say whom they concern.
CONCERNING = (MaterialKind.ENQUIRY, MaterialKind.EVIDENCE)


def index(case: Case) -> None:
    """What a search finds a dispute by: its title. What happened and who took part are not to be searched."""
    case.search = bigrams(case.title)
    case.save(update_fields=["title", "search"])


def edit(move: Move) -> None:
    dispute, data = move.case.mediation, move.data
    changed = [name for name in FACTS if getattr(dispute, name) != data.get(name)]
    if move.case.title != data["title"]:
        move.case.title = data["title"]
        changed.insert(0, "title")
    for name in FACTS:
        setattr(dispute, name, data[name])
    dispute.save(update_fields=FACTS)
    index(move.case)
    move.record["changed"] = changed


def accept(move: Move) -> None:
    """The committee takes the dispute and gives it its number."""
    docket = Docket.objects.select_for_update(of=("self",)).get(case=move.case, left_at__isnull=True)
    move.record["number"] = numbers.give(docket, move.at)
    assign(move)


def extend(move: Move) -> None:
    days = move.data["days"]
    for deadline in deadlines.open_of(move.case, ["mediate"]):
        deadlines.extend(deadline, days)
    dispute = move.case.mediation
    dispute.extended_days += days
    dispute.save(update_fields=["extended_days"])
    move.record |= {"days": days, "on": str(move.data["agreed_on"])}


def grade(move: Move) -> None:
    """A colour by a person, with a reason and the day on which it is looked at again."""
    dispute, data = move.case.mediation, move.data
    move.record |= {"old": dispute.colour, "colour": data["colour"], "look_on": str(data["look_on"])}
    dispute.colour, dispute.look_on = data["colour"], data["look_on"]
    dispute.save(update_fields=["colour", "look_on"])
    start(move.case, "look", until(data["look_on"], move.at), move.at)


def add_material(move: Move) -> None:
    """An enquiry of a party, or evidence that it brought, concerns that party alone unless somebody says whom else."""
    data = move.data
    assert move.by is not None
    party = data.get("party_of")
    sides = data.get("sides") or (
        [party.side] if party is not None and data["material"] in CONCERNING else []
    )
    row = Material.objects.create(
        case=move.case, kind=data["material"], title=data["title"], on=data["on"], place=data.get("where") or "",
        words=data.get("words") or "", party=party, sides=sides, by=move.by,
        seq=move.case.last_seq + 1,
    )  # fmt: skip
    move.record |= {"material": row.pk, "kind": row.kind}


def link(move: Move) -> None:
    target = move.data["target"]
    CaseLink.objects.get_or_create(
        source=move.case, target=target, kind=LinkKind.RELATED, defaults={"at": move.at}
    )
    move.record["target"] = target.number
