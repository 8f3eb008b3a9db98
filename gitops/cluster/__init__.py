"""The API server: requests, the health of its objects, and the records that the job keeps there."""
