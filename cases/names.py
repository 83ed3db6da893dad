"""What offices and the holders of parts are called on every page."""

from __future__ import annotations

from django.utils.translation import gettext as _

from cases.models import Part
from grids.models import Department, Division


def office_name(holder: Department | Division) -> str:
    """What an office is called: a department by its name, a division by its centre or, for a grid, its worker."""
    if isinstance(holder, Department):
        return holder.name
    if holder.level == "grid":
        village = holder.parent.name if holder.parent else ""
        return _("%(place)s网格员") % {"place": f"{village}{holder.name}"}
    return _("%(place)s综治中心") % {"place": holder.name}


def part_name(part: Part) -> str:
    """Who holds a part: the person named, with the office, or the office."""
    name = office_name(part.holder)
    if part.post is None:
        return name
    return _("%(office)s（%(person)s）") % {"office": name, "person": part.post.user.name}
