"""The wide net: every operation of the site's own OpenAPI document, as stranger, as each role, and for conformance."""
