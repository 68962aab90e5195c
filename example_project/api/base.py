"""What every view of the API does alike: errors come out as JSON."""

from __future__ import annotations

from typing import Any

from miniframe.conf import settings
from miniframe.exceptions import BadRequest, RequestDataTooBig
from miniframe.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, UnsupportedMediaType
from miniframe.utils.decorators import method_decorator
from miniframe.views.decorators.csrf import csrf_exempt
from miniframe.views.generic import View

from api.errors import ApiError, error_response


# The API looks at no cookie, so a forged request could do nothing that its sender could not do alone;
# and it takes only application/json, which no form on another site can send.
@method_decorator(csrf_exempt, name="dispatch")
class ApiView(View):
    """A view that answers in JSON, whatever happens."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        except ApiError as error:
            return error_response(error.status, error.message, error.fields)
        except Http404 as error:
            return error_response(404, str(error))
        except UnsupportedMediaType as error:
            return error_response(415, f"Send application/json: {error}.")
        except BadRequest as error:
            return error_response(400, f"This cannot be read: {error}.")
        except RequestDataTooBig:
            return error_response(413, f"The body is too large; at most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes.")
        return response

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = error_response(405, f"{request.method} is not possible here; see the header Allow.")
        response.headers["Allow"] = ", ".join(self._allowed_methods())
        return response
