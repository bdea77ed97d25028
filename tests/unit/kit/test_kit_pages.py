"""How much of a list is given at once."""

import pytest
from songcau_kit.errors import DomainError
from songcau_kit.pages import DEFAULT_SIZE, LARGEST_SIZE, Page


def test_nothing_asked_for_is_the_default_and_the_largest_is_allowed():
    assert [Page.of(size, "").size for size in (0, 1, LARGEST_SIZE)] == [DEFAULT_SIZE, 1, LARGEST_SIZE]


@pytest.mark.parametrize("size", [-1, LARGEST_SIZE + 1])
def test_a_size_outside_its_limits_is_refused(size):
    with pytest.raises(DomainError) as caught:
        Page.of(size, "")
    assert [(place.pointer, place.code) for place in caught.value.violations] == [("/page_size", "OUT_OF_RANGE")]
