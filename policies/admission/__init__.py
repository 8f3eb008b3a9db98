"""The image rules as ValidatingAdmissionPolicies, for the API server."""
