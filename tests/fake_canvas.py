"""A Canvas for one course on the loopback, as its documentation describes the API.

Answers have the documented shapes and headers: Link for paging, at most `per_page` of a
list; now and then 429, or 403 with "Rate Limit Exceeded"; files in three steps, the
second without a token. What it does not document is refused, and kept in `wrong`.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Iterator
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

TOKEN = "7~secret"
COURSE, ASSIGNMENT = 77, 4711
_API = f"/api/v1/courses/{COURSE}"
_ONE = f"{_API}/assignments/{ASSIGNMENT}"


class FakeCanvas:
    """What is on it, and what was asked of it.

    Attributes:
        requests: method and path of each request that was answered.
        throttled: paths (patterns) that are stopped so many more times, by status.
        wrong: what was asked that there is not.
    """

    def __init__(self) -> None:
        self.users: list[dict[str, Any]] = []
        self.submissions: dict[int, dict[str, Any]] = {}
        self.contents: dict[int, bytes] = {}
        self.uploads: dict[int, tuple[str, bytes]] = {}
        self.requests: list[tuple[str, str]] = []
        self.throttled: list[tuple[str, int]] = []
        self.wrong: list[str] = []
        self.points = 10.0
        self.page_size = 2
        self.url = ""
        self._next = 9000

    def user(self, number: int, login: str, sortable: str) -> None:
        last, first = sortable.split(", ")
        self.users.append(
            {
                "id": number,
                "name": f"{first} {last}",
                "sortable_name": sortable,
                "short_name": first,
                "sis_user_id": None,
                "login_id": login,
                "email": f"{login}@example.org",
            }
        )
        self.submissions[number] = {
            "id": number + 100_000,
            "user_id": number,
            "assignment_id": ASSIGNMENT,
            "submitted_at": None,
            "attempt": None,
            "late": False,
            "missing": False,
            "score": None,
            "grade": None,
            "workflow_state": "unsubmitted",
            "submission_comments": [],
        }

    def hand_in(self, number: int, name: str, content: bytes, when: str) -> None:
        self._next += 1
        self.contents[self._next] = content
        self.submissions[number] |= {
            "submitted_at": when,
            "attempt": 1,
            "workflow_state": "submitted",
            "attachments": [
                {
                    "id": self._next,
                    "filename": name,
                    "display_name": name,
                    "size": len(content),
                    "content-type": "application/octet-stream",
                    "url": f"{self.url}/files/{self._next}/download?verifier=abc",
                }
            ],
        }

    def uploaded(self, name: str, content: bytes) -> int:
        self._next += 1
        self.uploads[self._next] = name, content
        return self._next


class _Handler(BaseHTTPRequestHandler):
    canvas: FakeCanvas
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer("GET", b"")

    def do_POST(self) -> None:
        self._answer("POST", self._body())

    def do_PUT(self) -> None:
        self._answer("PUT", self._body())

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _answer(self, method: str, body: bytes) -> None:
        place = urlsplit(self.path)
        path, query = place.path, parse_qs(place.query)
        for entry in self.canvas.throttled:
            if re.fullmatch(entry[0], path):
                self.canvas.throttled.remove(entry)
                text = "403 Forbidden (Rate Limit Exceeded)\n"
                return self._say(entry[1], text, {"X-Rate-Limit-Remaining": "0.0"})
        if path == "/upload":
            return self._take_file(body)
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            errors = {"errors": [{"message": "Invalid access token."}]}
            return self._say(401, errors, {"WWW-Authenticate": 'Bearer realm="canvas"'})
        self.canvas.requests.append((method, path))
        if method == "GET" and path == f"{_API}/search_users":
            return self._list(self.canvas.users, query)
        if method == "GET" and path == f"{_API}/assignments":
            return self._list([self._assignment()], query)
        if method == "GET" and path == _ONE:
            return self._say(200, self._assignment())
        if method == "GET" and path == f"{_ONE}/submissions":
            return self._list(list(self.canvas.submissions.values()), query)
        if found := re.fullmatch(rf"{_ONE}/submissions/(\d+)", path):
            submission = self.canvas.submissions[int(found[1])]
            if method == "PUT":
                self._change(submission, dict_of(body))
            return self._say(200, submission)
        pattern = rf"{_ONE}/submissions/(\d+)/comments/files"
        if method == "POST" and re.fullmatch(pattern, path):
            asked = dict(parse_qsl(body.decode()))
            parameters = {"key": "k1", "filename": asked["name"]}
            address = f"{self.canvas.url}/upload"
            return self._say(200, {"upload_url": address, "upload_params": parameters})
        if found := re.fullmatch(r"/files/(\d+)/download", path):
            return self._say(200, self.canvas.contents[int(found[1])])
        self.canvas.wrong.append(f"{method} {self.path}")
        return self._say(404, {"errors": [{"message": "not found"}]})

    def _assignment(self) -> dict[str, Any]:
        return {
            "id": ASSIGNMENT,
            "course_id": COURSE,
            "name": "Doubling",
            "points_possible": self.canvas.points,
            "submission_types": ["online_upload"],
        }

    def _list(self, items: list[Any], query: dict[str, list[str]]) -> None:
        size = min(int(query.get("per_page", ["10"])[0]), self.canvas.page_size)
        page = int(query.get("page", ["1"])[0])
        here = f"{self.canvas.url}{urlsplit(self.path).path}?per_page={size}"
        links = [f'<{here}&page={page}>; rel="current"']
        if page * size < len(items):
            links.append(f'<{here}&page={page + 1}>; rel="next"')
        self._say(
            200, items[(page - 1) * size : page * size], {"Link": ",".join(links)}
        )

    def _change(self, submission: dict[str, Any], fields: dict[str, Any]) -> None:
        grade = fields.get("submission[posted_grade]")
        if grade is not None:
            submission |= {"score": float(grade), "grade": grade}
        files = [int(value) for name, value in fields.items() if "[file_ids]" in name]
        text = fields.get("comment[text_comment]")
        if text or files:
            submission["submission_comments"].append({"comment": text, "files": files})
        allowed = ("submission[posted_grade]", "comment[text_comment]")
        for name in fields:
            if name not in allowed and not name.startswith("comment[file_ids]"):
                self.canvas.wrong.append(f"PUT with {name}")

    def _take_file(self, body: bytes) -> None:
        if self.headers.get("Authorization"):
            self.canvas.wrong.append("the token was sent with a file")
        head = f"Content-Type: {self.headers['Content-Type']}\r\n\r\n".encode()
        parts = list(BytesParser(policy=HTTP).parsebytes(head + body).iter_parts())
        names = [part.get_param("name", header="content-disposition") for part in parts]
        if names[-1] != "file" or "key" not in names:
            self.canvas.wrong.append(f"a file has to come last, with the key: {names}")
        content = parts[-1].get_payload(decode=True)
        number = self.canvas.uploaded(str(parts[-1].get_filename()), bytes(content))
        self._say(201, {"id": number, "url": f"{self.canvas.url}/files/{number}"})

    def _say(
        self, status: int, value: object, headers: dict[str, str] | None = None
    ) -> None:
        if isinstance(value, str):
            data = value.encode()
        else:
            data = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        for name, text in {"X-Request-Cost": "0.05", **(headers or {})}.items():
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def dict_of(body: bytes) -> dict[str, Any]:
    """Fields of a form; of a list's, each with its place."""
    found: dict[str, Any] = {}
    for place, (name, value) in enumerate(parse_qsl(body.decode())):
        found[f"{name}{place}" if name.endswith("[]") else name] = value
    return found


@contextlib.contextmanager
def served() -> Iterator[FakeCanvas]:
    """A Canvas that answers, at its `url`."""
    canvas = FakeCanvas()
    handler = type("Handler", (_Handler,), {"canvas": canvas})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    canvas.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield canvas
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
