"""One course on Canvas, through canvasapi, by a token from the environment.

Canvas throttles by what requests cost: one at a time, as here, is hardly ever stopped.
A request that is (429, or 403 with "Rate Limit Exceeded") was not carried out, and is
sent again later. What only reads is also sent again after a server's error.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter

from fairgrade.course.course import FILE_NAME, Assignment, Course
from fairgrade.errors import FairgradeError

if TYPE_CHECKING:
    from canvasapi.assignment import Assignment as CanvasAssignment
    from canvasapi.course import Course as CanvasCourse

TOKEN = "CANVAS_API_TOKEN"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: So often a request is sent in all, and so long is waited at first and at most, s.
_TRIES, _WAIT, _LONGEST_WAIT = 6, 1.0, 60.0
#: A server that says nothing for so long is given up, s.
_TIMEOUT = 60.0
_THROTTLED = b"Rate Limit Exceeded"
_OUT_OF_ORDER = frozenset({500, 502, 503, 504})


class Patient(HTTPAdapter):
    """Sends a request again where Canvas asks for patience."""

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: bool | str = True,
        cert: Any = None,
        proxies: dict[str, str] | None = None,
    ) -> Response:
        wait = _WAIT
        for left in reversed(range(_TRIES)):
            response = super().send(
                request, stream, timeout or _TIMEOUT, verify, cert, proxies
            )
            if not left or not _again(request, response):
                break
            asked = response.headers.get("Retry-After", "")
            time.sleep(min(float(asked) if asked.isdigit() else wait, _LONGEST_WAIT))
            wait = min(2 * wait, _LONGEST_WAIT)
        return response


def _again(request: PreparedRequest, response: Response) -> bool:
    if response.status_code == 429:
        return True
    if response.status_code == 403:
        return _THROTTLED in response.content
    return request.method == "GET" and response.status_code in _OUT_OF_ORDER


class Connection:
    """A course on Canvas.

    Args:
        course: whose course.yml says where it is, under `canvas:`.

    Raises:
        FairgradeError: canvasapi is not installed, or an address or token is missing.
    """

    def __init__(self, course: Course) -> None:
        try:
            from canvasapi.course import Course as CanvasCourse
            from canvasapi.requester import Requester
        except ImportError as err:
            raise FairgradeError(
                "canvasapi is not installed. Run: pip install 'fairgrade[canvas]'"
            ) from err
        if course.canvas is None:
            raise FairgradeError(
                "course.yml does not say which course on Canvas it is. Add 'canvas: "
                "{url: https://canvas.example.edu, course: 1234}'; the number is in "
                "the address of the course's page.",
                file=course.root / FILE_NAME,
            )
        place = urlsplit(course.canvas.url)
        if place.scheme != "https" and place.hostname not in _LOOPBACK:
            raise FairgradeError(
                "canvas: url: in course.yml has to begin with https://, or anybody on "
                "the way could read the token.",
                file=course.root / FILE_NAME,
            )
        token = os.environ.get(TOKEN, "").strip()
        if not token:
            raise FairgradeError(
                f"No token. In Canvas: Account, Settings, New Access Token; then set "
                f"{TOKEN} to it in the environment, and nowhere else."
            )
        self._url = course.canvas.url.rstrip("/")
        self._requester = Requester(self._url, token)
        self._requester._session.mount(self._url, Patient())
        number = {"id": course.canvas.course}
        self.course: CanvasCourse = CanvasCourse(self._requester, number)

    def assignment(self, assignment: Assignment) -> CanvasAssignment:
        """The assignment on Canvas: by the number in lms_name, else by its name.

        Raises:
            FairgradeError: there is none, or several have its name.
        """
        name = assignment.lms_name or assignment.title
        _, _, number = name.rpartition("(")
        if number.endswith(")") and number[:-1].isdigit():
            return self.course.get_assignment(int(number[:-1]))
        listed = list(self.course.get_assignments())
        names = {assignment.lms_name or assignment.title, assignment.name}
        found = [a for a in listed if a.name in names]
        if len(found) == 1:
            return found[0]
        there = ", ".join(f"{a.name} ({a.id})" for a in listed) or "none"
        raise FairgradeError(
            f"Which assignment on Canvas is {assignment.name}? Set lms_name: in "
            f"course.yml to one of: {there}",
            assignment=assignment.name,
        )

    def read(self, url: str) -> bytes:
        """The content of a file; the token goes to Canvas's own address alone."""
        own = url.startswith(f"{self._url}/")
        response = self._requester.request("GET", _url=url, use_auth=own)
        return bytes(response.content)


def refused(error: Exception) -> FairgradeError | None:
    """What Canvas, or the way to it, has against us; None for a fault of ours."""
    if isinstance(error, RequestException):
        return FairgradeError(
            f"Canvas cannot be reached: {type(error).__name__}. Is canvas: url: in "
            "course.yml right? What was done is kept; run it again."
        )
    if not type(error).__module__.startswith("canvasapi"):
        return None
    kind = type(error).__name__
    remedy = {
        "InvalidAccessToken": f"The token in {TOKEN} is wrong, or has expired.",
        "Unauthorized": f"The token in {TOKEN} may not do that in this course.",
        "Forbidden": f"The token in {TOKEN} may not do that in this course.",
        "ResourceDoesNotExist": "Correct canvas: or lms_name: in course.yml.",
        "RateLimitExceeded": "Canvas is busy: wait, and run it again.",
    }.get(kind, "What was done is kept; run it again.")
    return FairgradeError(f"Canvas refused: {kind}. {remedy}")
