"""How long it takes to find suggestions, beside the plan that they belong to: `python -m benchmarks.suggestions`.

Prints CPU seconds, and the ratio of the two, of three kinds of 5,000 deletions with 5,000 creates: names of the words
that groups are called by and a number that another one has too, names that differ by their number only, and names that have nothing in common.
"""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING, TypeVar

from groupsync.model.config import Config, GroupEntry
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.planner import make_plan
from groupsync.suggest import find_suggestions

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

NUMBER = 5_000
WORDS = tuple(
    [
        "Newsletter",
        "VIP",
        "Customers",
        "Estonia",
        "Latvia",
        "Leads",
        "Spring",
        "Sale",
        "Campaign",
        "Partners",
        "Press",
        "Staff",
        "Tallinn",
        "Riga",
        "Webinar",
        "Trial",
        "Churned",
        "Gold",
        "Silver",
        "Event",
        "Import",
        "Test",
        "Old",
        "Loyal",
        "Inactive",
        "Retail",
        "Wholesale",
        "Neukunden",
        "Interessenten",
        "Püsikliendid",
        "Kliendid",
        "Клиенты",
        "Покупатели",
        "顧客",
    ]
)


def main() -> None:
    """Measure each kind and print a line for it."""
    chance = random.Random(1)  # noqa: S311 - the same names each time
    words = list(dict.fromkeys(" ".join(chance.sample(WORDS, chance.randint(2, 5))) for _ in range(4 * NUMBER)))[
        :NUMBER
    ]
    kinds = {
        "words": [(f"{name} {n // 2}", f"{name} {n // 2} (2025)") for n, name in enumerate(words)],
        "numbers": [(f"Campaign {number:04}", f"Kampagne {number:04}") for number in range(NUMBER)],
        "nothing": [(f"{chance.getrandbits(80):x}", f"{chance.getrandbits(80):x}") for _ in range(NUMBER)],
    }
    for kind, pairs in kinds.items():
        live = [
            LiveGroup(id=GroupId(f"{number:08x}-52b7-4f0d-9c3e-1b7a60d2f401"), name=before, contacts_count=number)
            for number, (before, _) in enumerate(pairs)
        ]
        config = Config(
            groups=tuple(
                GroupEntry(name=after, source=Source(file="groups.yaml", line=line))
                for line, (_, after) in enumerate(pairs, start=3)
            )
        )
        plan_seconds, plan = measure(lambda config=config, live=live: make_plan(config, live))
        seconds, found = measure(lambda config=config, live=live, plan=plan: find_suggestions(config, live, plan))
        right = len({(suggestion.before, suggestion.after) for suggestion in found} & set(pairs))
        print(
            f"{kind:8} {len(pairs):,} + {len(pairs):,}: {seconds:.2f} s, {seconds / plan_seconds:.1f} times the plan; "
            f"{len(found):,} suggested, {right:,} right"
        )


def measure(call: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds that a call takes, and what it returns."""
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


if __name__ == "__main__":
    main()
