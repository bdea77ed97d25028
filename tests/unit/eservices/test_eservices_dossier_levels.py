"""Which level of identity a procedure asks for, and who falls short of it."""

from dataclasses import replace
from uuid import UUID

import pytest
from songcau_eservices.catalogue.model import Field, ProcedureContent
from songcau_eservices.dossiers.repository_citizens import LEVEL_UNKNOWN, Citizen, CitizenStatus
from songcau_eservices.dossiers.submission import check_citizen
from songcau_kit.errors import DomainError

CITIZEN = Citizen(UUID(int=1), CitizenStatus.ACTIVE, "CITIZEN", 2, 1)
CONTENT = ProcedureContent("9.000001", "Thủ tục thử", Field("Lĩnh vực thử"))


@pytest.mark.parametrize("minimum", [0, 1, 2])
@pytest.mark.parametrize("level", [LEVEL_UNKNOWN, 0, 1, 2])
def test_a_procedure_is_open_to_its_level_and_those_above(level: int, minimum: int):
    citizen, content = replace(CITIZEN, identity_level=level), replace(CONTENT, minimum_ial=minimum)
    if level >= minimum:
        check_citizen(citizen, content)
        return
    with pytest.raises(DomainError) as caught:
        check_citizen(citizen, content)
    assert (caught.value.reason.code, caught.value.details) == ("IDENTITY_LEVEL_TOO_LOW", {"minimum_ial": str(minimum)})


def test_a_procedure_that_names_no_level_is_closed_to_people_without_electronic_identity():
    with pytest.raises(DomainError) as caught:
        check_citizen(replace(CITIZEN, identity_level=0), CONTENT)
    assert caught.value.reason.code == "IDENTITY_LEVEL_TOO_LOW"
