"""The rules over pods and images as ValidatingAdmissionPolicies, for the API server."""
