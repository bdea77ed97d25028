"""Why the platform processes personal data, told to everybody: the register of processing activities."""

from functools import cache

from pydantic import Field
from songcau_kit import processing
from songcau_kit.processing import NO_PERSONAL_DATA, LegalBasis, ProcessingActivity, Register, processing_register
from starlette.responses import Response

from songcau_gateway.answers import reply
from songcau_gateway.auth import PUBLIC
from songcau_gateway.exchange import CurrentExchange
from songcau_gateway.operations import Routes
from songcau_gateway.routes.fields import Answer, Text, known

routes = Routes("Bảo vệ dữ liệu cá nhân · Protection of personal data", activity=NO_PERSONAL_DATA)


class Cited(Answer):
    """A text with the source it rests on."""

    text: Text
    source: Text
    is_confirmed: bool = Field(description="the source was read; else the controller confirms it before going live")


class Category(Answer):
    """One kind of personal data."""

    name: Text
    is_sensitive: bool = Field(description="sensitive as Law 91/2025 calls it")


class Basis(Answer):
    """What makes a processing lawful."""

    code: str = known(*LegalBasis)
    name: Text
    allows_objection: bool = Field(description="people may object to what rests on it, or restrict it")


class Retention(Answer):
    """How long data of an activity is kept."""

    period: str | None = Field(
        examples=["P10Y"], description="ISO 8601 duration; null where the controller has yet to set it"
    )
    rule: Cited


class Activity(Answer):
    """One activity in which personal data is processed."""

    id: str = Field(examples=["remote-care"])
    title: Text
    purpose: Text
    meaning: Text = Field(description="what it means for a person, in plain words")
    subjects: list[Text] = Field(description="whose data")
    categories: list[Category]
    legal_basis: Basis
    legal_reference: Cited
    retention: Retention
    recipients: list[Text] = Field(description="who gets it")


class Activities(Answer):
    """Every activity; the list is short and comes whole."""

    items: list[Activity]


@routes.add(
    "GET",
    "/v1/processing-activities",
    PUBLIC,
    title="Hệ thống xử lý dữ liệu cá nhân để làm gì",
    summary="List why personal data is processed, on what ground, for how long and for whom; open to everybody",
    answer=Activities,
    cached=True,
)
async def list_processing_activities(exchange: CurrentExchange) -> Response:
    """Return the register."""
    return reply(exchange, _activities())


@cache
def _activities() -> Activities:
    register = processing_register()
    return Activities(items=[_activity(register, one) for one in register.activities.values()])


def _activity(register: Register, one: ProcessingActivity) -> Activity:
    return Activity(
        id=one.id,
        title=_text(one.title),
        purpose=_text(one.purpose),
        meaning=_text(one.meaning),
        subjects=[_text(subject) for subject in one.subjects],
        categories=[Category(name=_text(each.name), is_sensitive=each.is_sensitive) for each in one.categories],
        legal_basis=Basis(
            code=one.legal_basis,
            name=_text(register.bases[one.legal_basis]),
            allows_objection=one.legal_basis.allows_objection,
        ),
        legal_reference=_cited(one.legal_reference),
        retention=Retention(period=one.retention.period, rule=_cited(one.retention.rule)),
        recipients=[_text(recipient) for recipient in one.recipients],
    )


def _cited(cited: processing.Cited) -> Cited:
    return Cited(text=_text(cited.text), source=_text(cited.source), is_confirmed=cited.is_confirmed)


def _text(text: processing.Text) -> Text:
    return Text(vi=text.vi, en=text.en)
