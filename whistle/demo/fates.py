"""What becomes of an entry of the negative list: decided, appealed, decided by somebody else, lifted after its term."""

from __future__ import annotations

from datetime import timedelta

from cases.demo.timing import Story
from whistle.demo.world import World
from whistle.guards import term_ends
from whistle.models import Ground, NegativeEntry

APPEALING = ("appealed", "upheld", "revoked")


def fate(world: World, entry: NegativeEntry, wanted: str) -> Story:
    """From the proposal to a state; begins when it was proposed."""
    if wanted in ("", "proposed"):
        return
    department = world.city.officers[entry.summons.department_id]
    if wanted in ("dismissed", "lifted"):
        yield world.after(60, 300)
        world.on(entry, "answer", department[0], note=world.words.said("answer"))
    yield world.after(240, 1500)
    first, second = world.city.committee
    if wanted == "dismissed":
        world.on(entry, "dismiss", first, reason=world.words.said("dismiss"))
        return
    effort = entry.ground == Ground.NO_EFFORT
    reason = world.words.said("confirm_effort" if effort else "confirm_entry")
    world.on(entry, "confirm", first, reason=reason)
    if wanted in APPEALING:
        yield world.after(300, 1500)
        world.on(entry, "appeal", department[0], reason=world.words.said("appeal"))
    if wanted in ("upheld", "revoked"):
        yield world.after(600, 3000)
        action, words = ("uphold", "uphold") if wanted == "upheld" else ("revoke", "revoke")
        world.on(entry, action, second, reason=world.words.said(words))
    if wanted == "lifted":
        yield world.calendar.next_open(term_ends(entry) + timedelta(hours=9)) + timedelta(minutes=20)
        world.on(entry, "lift", second, reason=world.words.said("lift"))
