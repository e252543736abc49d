"""The labels of one repository, and the calls for them that programs of this kind use.

https://docs.github.com/en/rest/issues/labels: pages of 30 unless `per_page` says otherwise, 100 at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.server.answers import Answer, encode_json, make_error

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.server.answers import Request

COLOR = "c0ffee"
"""The colour of every label: these programs want one, groups have none."""

_PAGE, _LARGEST_PAGE = 30, 100


class Labels:
    """The labels by their names in small letters, which are unique as at GitHub."""

    def __init__(self) -> None:
        self._labels: dict[str, dict[str, Any]] = {}

    def fill(self, names: Iterable[str]) -> None:
        """Have labels of these names and no others."""
        self._labels = {name.lower(): _make_label(name) for name in names}

    def names(self) -> list[str]:
        """Return the name of every label, sorted."""
        return sorted(label["name"] for label in self._labels.values())

    def answer(self, request: Request) -> Answer:
        """Carry a request below /repos/OWNER/NAME out."""
        match request.method, request.parts[3:]:
            case "GET", ("labels",):
                return self._answer_page(request)
            case "POST", ("labels",):
                name = str(request.read_object().get("name"))
                self._labels[name.lower()] = _make_label(name)
                return Answer(status=201, body=encode_json(self._labels[name.lower()]))
            case method, ("labels", name):
                return self._answer_of_one(method, name, request)
            case _:
                return make_error(404, "there is no such path")

    def _answer_page(self, request: Request) -> Answer:
        size = min(request.query("per_page", _PAGE), _LARGEST_PAGE)
        page = request.query("page", 1)
        body = encode_json([*self._labels.values()][(page - 1) * size : page * size])
        url = f"http://{request.headers['host']}{request.path}?per_page={size}&page={page + 1}"
        is_last = page * size >= len(self._labels)
        return Answer(status=200, body=body, headers=() if is_last else (("Link", f'<{url}>; rel="next"'),))

    def _answer_of_one(self, method: str, name: str, request: Request) -> Answer:
        label = self._labels.get(name.lower())
        if label is None:
            return make_error(404, f"there is no label {name}")
        if method == "DELETE":
            del self._labels[name.lower()]
            return Answer(status=204)
        if method == "PATCH":
            body = request.read_object()
            del self._labels[name.lower()]
            label["name"] = str(body.get("new_name") or body.get("name") or name)
            self._labels[label["name"].lower()] = label
        return Answer(status=200, body=encode_json(label))


def _make_label(name: str) -> dict[str, Any]:
    return {"id": 1, "node_id": "", "url": "", "name": name, "description": "", "color": COLOR, "default": False}
