"""The one module that knows htmx: every form also works without it, and this is where the two part."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.web import templates


def is_htmx(request: Request) -> bool:
    """Whether htmx (or a script of ours that speaks its language) asks for a fragment."""
    return request.headers.get("HX-Request") == "true"


def redirect(url: str) -> RedirectResponse:
    """To another page after a change. 303, so that the browser asks for it with GET."""
    return RedirectResponse(url, status_code=303)


def navigate(request: Request, url: str) -> Response:
    """To another page after a change, also for htmx.

    htmx follows a 303 unseen and would swap the whole next page into its target; HX-Redirect makes the
    browser itself go there.
    """
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": url, "Vary": "HX-Request"})
    return redirect(url)


def respond(
    request: Request, *, fragment: str, otherwise: str, status: int = 200, **context: object
) -> Response:
    """The answer to a change: the fragment for htmx, a 303 to the page `otherwise` for a plain form."""
    if not is_htmx(request):
        return redirect(otherwise)
    response = templates.fragment(request, fragment, status=status, **context)
    response.headers["Vary"] = "HX-Request"
    return response
