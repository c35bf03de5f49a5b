"""A case as the choice of approvers sees it."""

from sqlalchemy.orm import Session

from catalog.schema import CatalogItem
from portal.domain.approvers import Situation
from portal.domain.names import names_for
from portal.models.request import ServiceRequest


def situation_of(session: Session, request: ServiceRequest, item: CatalogItem) -> Situation:
    """Return who orders what for whom."""
    return Situation(
        requester=request.requester,
        beneficiary=request.beneficiary,
        employment=request.employment,
        unit=request.unit,
        cost_centre=request.cost_centre,
        names=names_for(session, request, item),
    )
