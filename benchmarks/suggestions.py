"""How long it takes to find suggestions, beside the plan that they belong to: `python -m benchmarks.suggestions`.

Prints CPU seconds, and the ratio of the two, of three kinds of 5,000 deletions with 5,000 creates: names of the words
that groups are called by and a number that another one has too, names that differ by their number only, and names
that have nothing in common.
"""

from __future__ import annotations

import random
import time
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from groupsync.model.config import Config, GroupEntry
from groupsync.model.groups import GroupId, LiveGroup, Source
from groupsync.planner import make_plan
from groupsync.suggest import find_suggestions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")

NUMBER = 5_000
WORDS = (
    "Newsletter VIP Customers Estonia Latvia Leads Spring Sale Campaign Partners Press Staff Tallinn Riga Webinar "
    "Trial Churned Gold Silver Event Import Test Old Loyal Inactive Retail Wholesale Neukunden Interessenten "
    "Püsikliendid Kliendid Клиенты Покупатели 顧客"
)


def main() -> None:
    """Measure each kind and print a line for it."""
    for kind, line in measure_kinds().items():
        print(f"{kind:8} {line}")


def measure_kinds() -> dict[str, str]:
    """Return what each kind of names takes, as a sentence."""
    chance = random.Random(1)  # noqa: S311 - the same names each time
    names = [" ".join(chance.sample(WORDS.split(), chance.randint(1, 4))) for _ in range(NUMBER)]
    numbered = dict.fromkeys(f"{name} {number // 2}" for number, name in enumerate(names))
    words = [(name, f"{name} (2025)") for name in numbered]
    numbers = [(f"Campaign {number:04}", f"Kampagne {number:04}") for number in range(NUMBER)]
    nothing = [(f"{chance.getrandbits(80):x}", f"{chance.getrandbits(80):x}") for _ in range(NUMBER)]
    return {kind: compare(pairs) for kind, pairs in {"words": words, "numbers": numbers, "nothing": nothing}.items()}


def compare(pairs: Sequence[tuple[str, str]]) -> str:
    """Return what it takes to plan the deletion of the first ones and the creation of the others, and to suggest."""
    live = [
        LiveGroup(id=GroupId(f"{number:08x}-52b7-4f0d-9c3e-1b7a60d2f401"), name=before, contacts_count=number)
        for number, (before, _) in enumerate(pairs)
    ]
    sources = (Source(file="groups.yaml", line=line) for line in range(1, len(pairs) + 1))
    entries = [GroupEntry(name=after, source=source) for (_, after), source in zip(pairs, sources, strict=True)]
    config = Config(groups=tuple(entries))
    plan_seconds, plan = measure(partial(make_plan, config, live))
    seconds, found = measure(partial(find_suggestions, config, live, plan))
    right = len({(suggestion.before, suggestion.after) for suggestion in found} & set(pairs))
    return (
        f"{len(pairs):,} + {len(pairs):,}: {seconds:.2f} s, {seconds / plan_seconds:.1f} times the plan; "
        f"{len(found):,} suggested, {right:,} right"
    )


def measure(call: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds that a call takes, and what it returns."""
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


if __name__ == "__main__":
    main()
