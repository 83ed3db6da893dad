"""`make run`: private servers, keys kept under GEZHI_VAR."""

from config.settings.base import *  # noqa: F403
