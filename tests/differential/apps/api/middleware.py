"""Tokens, errors as JSON, and a header."""

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import JsonResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def timing(get_response):
    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Server-Timing", "total")
        return response

    return middleware


class TokenMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        request.user = settings.TOKENS.get(token) if scheme.lower() == "bearer" else None
        response = self.get_response(request)
        patch_vary_headers(response, ["Authorization"])
        if request.user:
            patch_cache_control(response, private=True)
        return response

    def process_view(self, request, view_func, view_args, view_kwargs):
        if request.method not in ("GET", "HEAD", "OPTIONS") and request.user is None:
            response = JsonResponse({"error": "a token is wanted"}, status=401)
            response["WWW-Authenticate"] = 'Bearer realm="books"'
            return response
        return None


class JsonErrors:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if isinstance(exception, ValidationError):
            return JsonResponse({"errors": exception.message_dict}, status=400)
        for kind, status in ((PermissionDenied, 403), (BadRequest, 400), (LookupError, 404)):
            if type(exception) is kind:
                return JsonResponse({"error": str(exception)}, status=status)
        return None
