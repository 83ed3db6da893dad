"""Every write of this app: one function, one transaction, one entry in the record of administration."""

from accounts.services.access import (
    change_password,
    issue_api_token,
    issue_one_time_link,
    open_link,
    revoke_api_token,
    set_first_password,
)
from accounts.services.enrolment import Enrolment, enrol, first_administrators
from accounts.services.people import (
    create_user,
    deactivate_user,
    reactivate_user,
    set_language,
    update_contact,
)
from accounts.services.posts import end_post, give_acting_post, give_post, hand_over_post
from accounts.services.roster import add_duty, remove_duty

__all__ = [
    "Enrolment",
    "add_duty",
    "change_password",
    "create_user",
    "deactivate_user",
    "end_post",
    "enrol",
    "first_administrators",
    "give_acting_post",
    "give_post",
    "hand_over_post",
    "issue_api_token",
    "issue_one_time_link",
    "open_link",
    "reactivate_user",
    "remove_duty",
    "revoke_api_token",
    "set_first_password",
    "set_language",
    "update_contact",
]
