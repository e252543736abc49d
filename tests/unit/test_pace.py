"""How fast requests may begin after a 429, against a server that takes so many a second."""

from __future__ import annotations

import pytest

from groupsync.api.pace import Pace


def play(
    *, limit: float, seconds: float, latency: float = 0.0, burst: float = 1.0, pace: Pace | None = None
) -> list[int]:
    """Return how many requests were taken and refused by a server with a bucket of tokens, in so many seconds."""
    pace = pace or Pace()
    now, tokens, filled = 0.0, burst, 0.0
    taken = refused = 0
    while now < seconds:
        now = max(now, pace.book(now))
        tokens, filled = min(burst, tokens + (now - filled) * limit), now
        if tokens >= 1:
            tokens -= 1
            taken += 1
            pace.note_answer(now + latency)
        else:
            refused += 1
            pace.slow_down(now, now + 1.0)
            now += 1.0
        now += 0.001
    return [taken, refused]


@pytest.mark.parametrize("limit", [15, 50, 200])
@pytest.mark.parametrize("burst", [1, 10, 50])
def test_it_settles_a_little_below_what_the_server_takes(limit: float, burst: float) -> None:
    taken, refused = play(limit=limit, burst=max(burst, 15), seconds=60)

    assert taken >= 0.8 * limit * 60
    assert refused <= 0.05 * taken


def test_without_a_refusal_nothing_waits() -> None:
    pace = Pace()

    assert [pace.book(now) for now in (0.0, 0.0, 0.001, 0.001)] == [0.0, 0.0, 0.001, 0.001]


def test_a_refusal_after_few_answers_sets_no_pace() -> None:
    """Somebody else may have used up what the server gives: that is no measure of what it takes from us."""
    pace = Pace()
    for number in range(9):
        pace.note_answer(number / 100)
    pace.slow_down(0.1, 1.0)

    assert [pace.book(1.0) for _ in range(3)] == [1.0, 1.0, 1.0]


def test_requests_that_wait_for_the_same_pause_do_not_come_at_once() -> None:
    pace = Pace()
    for number in range(50):
        pace.note_answer(number / 50)
    pace.slow_down(1.0, 2.0)

    begins = [pace.book(2.0) for _ in range(4)]

    assert begins == pytest.approx([2.0, 2.0211, 2.0421, 2.0632], abs=0.002)


def test_a_limit_that_is_gone_is_found_out() -> None:
    pace = Pace()
    for number in range(50):
        pace.note_answer(number / 50)
    pace.slow_down(1.0, 2.0)

    def measure(now: float) -> float:
        return pace.book(now) - pace.book(now)

    intervals = [-measure(2.0 + seconds) for seconds in (1, 31, 121, 301)]

    assert intervals == sorted(intervals, reverse=True)
    assert intervals[1] == pytest.approx(0.02, rel=0.02)
    assert intervals[2] < 0.01
    assert intervals[3] < 0.001
