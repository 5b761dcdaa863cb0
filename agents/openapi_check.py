"""Whether a document is OpenAPI 3.1. The validator is heavy (7 MB, 0.1 s), so it is loaded for the first contract."""

from core.types import JsonObject


def find_errors(document: JsonObject) -> list[str]:
    """What is wrong with the document, each with its place in it; empty when it is valid."""
    import jsonschema
    from openapi_spec_validator import OpenAPIV31SpecValidator

    try:
        errors = list(OpenAPIV31SpecValidator(document).iter_errors())
    except (jsonschema.exceptions.RefResolutionError, KeyError, LookupError) as error:
        return [f"a reference does not resolve: {error}"]
    return [f"at {'/'.join(map(str, error.path)) or 'its root'}: {error.message[:300]}" for error in errors]
