"""Identity numbers (GB 11643-1999) and unified social credit codes (GB 32100-2015): checked by their check digit."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from django.utils.translation import gettext as _

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS: Final = "10X98765432"
CODE_SIGNS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CODE_WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def is_identity_number(text: str) -> bool:
    """Whether 18 characters are an identity number: a possible day of birth and the right check digit."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return born.year >= 1880 and text == with_check_digit(text[:17])


def with_check_digit(head: str) -> str:
    """The first 17 digits of an identity number with the check digit that belongs to them."""
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    return head + CHECKS[total % 11]


def is_credit_code(text: str) -> bool:
    """Whether 18 characters are a unified social credit code with the right check sign."""
    if len(text) != 18 or any(sign not in CODE_SIGNS for sign in text):
        return False
    total = sum(CODE_SIGNS.index(sign) * weight for sign, weight in zip(text, CODE_WEIGHTS, strict=False))
    return text[17] == CODE_SIGNS[(31 - total % 31) % 31]


def check_identity(form: Any, data: dict[str, Any]) -> None:
    """Refuse a number that cannot be one, by its field; bring it into its usual form."""
    number = "".join(str(data.get("id_number") or "").split()).upper()
    data["id_number"] = number
    if not number:
        return
    person = data.get("party_kind") != "organisation"
    if person and not is_identity_number(number):
        form.add_error("id_number", _("身份证号不对，请核对每一位；没有的可以不填。"))
    if not person and not is_credit_code(number):
        form.add_error("id_number", _("统一社会信用代码不对，请核对每一位；没有的可以不填。"))
