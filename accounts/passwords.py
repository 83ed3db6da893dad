"""What a password must be made of, beside Django's own validators."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from accounts.models import User


class KindsOfCharactersValidator:
    """At least `kinds` of: lower-case letters, capitals, digits, others."""

    def __init__(self, kinds: int = 3) -> None:
        self.kinds = kinds

    def validate(self, password: str, user: User | None = None) -> None:
        """Raises: ValidationError when the password is made of fewer kinds."""
        tests = (str.islower, str.isupper, str.isdecimal, lambda letter: not letter.isalnum())
        found = sum(any(test(letter) for letter in password) for test in tests)
        if found < self.kinds:
            raise ValidationError(self.get_help_text(), code="password_too_uniform")

    def get_help_text(self) -> str:
        return _("密码须含大写字母、小写字母、数字、符号中的至少%(kinds)s种。") % {"kinds": self.kinds}
