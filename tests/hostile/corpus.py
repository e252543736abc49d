"""All hostile inputs, by the way in and what is hostile about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hostile import answers, files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.hostile.case import MakeCase

CASES: Mapping[tuple[str, str], MakeCase] = {**files.list_cases(), **answers.list_cases()}
