"""What schemathesis checks of this gateway beside its own checks."""

import schemathesis
from schemathesis.generation.meta import CoverageScenario


@schemathesis.check
def undescribed_method(ctx, response, case):
    """Each API has its own status for a method that a path does not have, and it is never a success."""
    phase = case.meta.phase.data if case.meta else None
    if getattr(phase, "scenario", None) == CoverageScenario.UNSPECIFIED_HTTP_METHOD:
        assert response.status_code in (400, 401, 403, 404, 501), f"{response.request.method} is not described and answered {response.status_code}"
