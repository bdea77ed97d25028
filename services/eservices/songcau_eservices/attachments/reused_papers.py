"""Whether papers taken from earlier dossiers may be handed in: agreed to still, and not expired meanwhile."""

from songcau_kit.clock import local_date
from songcau_kit.errors import DomainError, Violation

from songcau_eservices.attachments import repository_reuse
from songcau_eservices.attachments.validity import is_expired
from songcau_eservices.consents.model import Purpose
from songcau_eservices.consents.requiring import require_consent
from songcau_eservices.dossiers import repository_citizens
from songcau_eservices.dossiers.changes import Scene
from songcau_eservices.errors import PAPER_EXPIRED, PAPER_NOT_REUSABLE


def check_reused_papers(scene: Scene) -> None:
    """Raise CONSENT_REQUIRED, CONSENT_WITHDRAWN, PAPER_NOT_REUSABLE or PAPER_EXPIRED for papers not handed in yet.

    A paper is not reusable where it came from a record whose merge was undone meanwhile.
    What was handed in before stays: from then on the law has the agency keep it.
    """
    reused = [one for one in scene.whole.attachments if one.reused_from and not one.fixed]
    if not reused:
        return
    family = repository_citizens.ask_family(scene.conn, scene.dossier.citizen_id)()
    require_consent(scene.conn, family, Purpose.REUSE_PAPERS)
    if repository_reuse.is_foreign(scene.conn, family, [one.reused_from for one in reused if one.reused_from]):
        raise DomainError(PAPER_NOT_REUSABLE)
    today = local_date(scene.now)
    expired = [one for one in reused if is_expired(scene.seal.open_details(one.id, one.details_enc).valid_until, today)]
    if expired:
        raise DomainError(PAPER_EXPIRED, violations=[Violation("/attachments", one.component_key) for one in expired])
