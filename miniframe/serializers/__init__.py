"""Data as text; `json` holds the encoder that `JsonResponse` uses."""
