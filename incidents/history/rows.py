"""The rows of one part of a history in PostgreSQL's COPY format, table by table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Columns in the order in which rows give them; what is missing has a default in the database (ids of parts and marks).
COLUMNS: Final[Mapping[str, str]] = {
    "cases_case": "id,number,kind,title,state,resume_state,place_id,place_prefix,office_id,urgent,supervision,"
    "sensitive,visible_roles,first_receiver_id,opened_at,closed_at,updated_at,last_seq,last_hash,search",
    "incidents_incident": "case_id,category_id,version_id,description,occurred_at,address,lat,lng,accuracy,"
    "position_source,place_geometry,source,fields,return_count,reopen_count,split_task",
    "cases_part": "case_id,kind,department_id,division_id,post_id,started_at,ended_at",
    "cases_caseevent": "id,case_id,seq,at,actor_id,post_id,verb,from_state,to_state,data,inner,cause,text_digest,"
    "prev_hash,hash",
    "cases_eventtext": "event_id,text,salt",
    "cases_deadline": "id,case_id,duty,item,holder_department_id,holder_division_id,started_at,amount,unit,extra,"
    "due_at,provisional,paused_at,met_at,missed_at,cancelled_at",
    "cases_deadlinemark": "deadline_id,kind,at,taken_at,outcome",
    "cases_deadlinepause": "deadline_id,from_at,until_at",
    "incidents_extension": "deadline_id,amount,state,decided_by_id,decided_at",
}
NULL: Final = "\\N"
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def plain(text: str) -> str:
    """A text as COPY reads it."""
    # Nearly every text is plain already.
    return text.translate(_ESCAPES) if "\\" in text or not text.isprintable() else text


def some(value: int | None) -> str:
    """A number, or nothing."""
    return NULL if value is None else str(value)


Sheet = dict[str, list[str]]


def blank() -> Sheet:
    """A sheet without rows."""
    return {table: [] for table in COLUMNS}
