"""The vendor's own client (`messente-api`, generated from its OpenAPI description) with the sandbox.

It validates every answer against the vendor's types, so it is the best check of the contract without the real server.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest
from messente_api.api.contacts_api import ContactsApi
from messente_api.api.groups_api import GroupsApi
from messente_api.api_client import ApiClient
from messente_api.configuration import Configuration
from messente_api.exceptions import ApiException
from messente_api.models.contact_envelope import ContactEnvelope
from messente_api.models.contact_fields import ContactFields
from messente_api.models.contact_list_envelope import ContactListEnvelope
from messente_api.models.contact_update_fields import ContactUpdateFields
from messente_api.models.error_code_phonebook import ErrorCodePhonebook
from messente_api.models.error_phonebook import ErrorPhonebook
from messente_api.models.error_title_phonebook import ErrorTitlePhonebook
from messente_api.models.group_envelope import GroupEnvelope
from messente_api.models.group_list_envelope import GroupListEnvelope
from messente_api.models.group_name import GroupName

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from groupsync.sandbox import Sandbox

MARI, JAAN = "+37255555555", "+37255555556"
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    configuration = Configuration(host=sandbox.url, username=sandbox.username, password=sandbox.password)
    with ApiClient(configuration) as client:
        yield client
        client.rest_client.pool_manager.clear()


@pytest.fixture
def groups(client: ApiClient) -> GroupsApi:
    return GroupsApi(client)


@pytest.fixture
def contacts(client: ApiClient) -> ContactsApi:
    return ContactsApi(client)


def failed(status: int, code: ErrorCodePhonebook, title: ErrorTitlePhonebook, error: ApiException) -> None:
    assert isinstance(error.data, ErrorPhonebook)
    assert (error.status, [(item.code, item.title) for item in error.data.errors]) == (status, [(code, title)])


def test_all_calls_of_the_vendors_client_are_tested() -> None:
    calls = {
        name
        for api in (GroupsApi, ContactsApi)
        for name, _ in inspect.getmembers(api, inspect.isfunction)
        if not name.startswith("_") and not name.endswith(("_with_http_info", "_without_preload_content"))
    }

    assert calls == {
        "create_group",
        "fetch_groups",
        "fetch_group",
        "update_group",
        "delete_group",
        "create_contact",
        "fetch_contacts",
        "fetch_contact",
        "update_contact",
        "delete_contact",
        "fetch_contact_groups",
        "add_contact_to_group",
        "remove_contact_from_group",
    }


def test_create_group(sandbox: Sandbox, groups: GroupsApi) -> None:
    answer = groups.create_group_with_http_info(GroupName(name="Õ 💥"))

    assert answer.status_code == 201
    assert isinstance(answer.data, GroupEnvelope)
    assert answer.data.group is not None
    assert (answer.data.group.name, answer.data.group.contacts_count) == ("Õ 💥", 0)
    assert answer.data.group.additional_properties == {}
    assert answer.data.group.id == sandbox.groups()[0].id


def test_fetch_groups(sandbox: Sandbox, groups: GroupsApi) -> None:
    assert groups.fetch_groups() == GroupListEnvelope(groups=[])
    vip, staff = sandbox.add_group("VIP", contacts=3), sandbox.add_group("Staff")

    answer = groups.fetch_groups()

    assert [(group.id, group.contacts_count) for group in answer.groups or []] == [(vip, 3), (staff, 0)]


def test_fetch_group(sandbox: Sandbox, groups: GroupsApi) -> None:
    group_id = sandbox.add_group("VIP", contacts=3)

    group = groups.fetch_group(group_id).group

    assert group is not None
    assert (group.id, group.name, group.contacts_count) == (group_id, "VIP", 3)
    assert group.created_on == sandbox.groups()[0].created_on


def test_update_group(sandbox: Sandbox, groups: GroupsApi) -> None:
    group_id = sandbox.add_group("VIP")

    group = groups.update_group(group_id, GroupName(name="VIP customers")).group

    assert group is not None
    assert (group.id, group.name) == (group_id, "VIP customers")


def test_delete_group(sandbox: Sandbox, groups: GroupsApi) -> None:
    group_id = sandbox.add_group("VIP")

    answer = groups.delete_group_with_http_info(group_id)

    assert (answer.status_code, answer.data) == (204, None)
    assert sandbox.names() == []


def test_create_contact(sandbox: Sandbox, contacts: ContactsApi) -> None:
    fields = ContactFields(phoneNumber=MARI, firstName="Mari", custom4="x")

    answer = contacts.create_contact_with_http_info(fields)

    assert answer.status_code == 201
    assert isinstance(answer.data, ContactEnvelope)
    assert answer.data.contact is not None
    assert answer.data.contact.additional_properties == {}
    assert (answer.data.contact.first_name, answer.data.contact.custom4) == ("Mari", "x")
    assert answer.data.contact.scheduled_deletion_date is not None
    assert sandbox.phones() == [MARI]


def test_fetch_contacts(sandbox: Sandbox, contacts: ContactsApi) -> None:
    vip, staff = sandbox.add_group("VIP", contacts=[MARI]), sandbox.add_group("Staff", contacts=[JAAN])
    sandbox.add_group("Other", contacts=["+37255555557"])

    answers = [
        contacts.fetch_contacts(),
        contacts.fetch_contacts(group_ids=[vip]),
        contacts.fetch_contacts(group_ids=[vip, staff]),
    ]

    assert all(isinstance(answer, ContactListEnvelope) for answer in answers)
    phones = [[contact.phone_number for contact in answer.contacts or []] for answer in answers]
    assert phones == [[MARI, JAAN, "+37255555557"], [MARI], [MARI, JAAN]]


def test_fetch_contact(sandbox: Sandbox, contacts: ContactsApi) -> None:
    sandbox.add_group("VIP", contacts=[MARI])

    contact = contacts.fetch_contact(MARI).contact

    assert contact is not None
    assert (contact.phone_number, contact.scheduled_deletion_date) == (MARI, None)


def test_update_contact(sandbox: Sandbox, contacts: ContactsApi) -> None:
    sandbox.add_group("VIP", contacts=[MARI])

    contact = contacts.update_contact(MARI, ContactUpdateFields(email="mari@example.com")).contact

    assert contact is not None
    assert (contact.phone_number, contact.email) == (MARI, "mari@example.com")


def test_delete_contact(sandbox: Sandbox, contacts: ContactsApi) -> None:
    sandbox.add_group("VIP", contacts=[MARI])

    answer = contacts.delete_contact_with_http_info(MARI)

    assert (answer.status_code, answer.data) == (204, None)
    assert sandbox.phones() == []


def test_fetch_contact_groups(sandbox: Sandbox, contacts: ContactsApi) -> None:
    group_id = sandbox.add_group("VIP", contacts=[MARI])

    answer = contacts.fetch_contact_groups(MARI)

    assert isinstance(answer, GroupListEnvelope)
    assert [group.id for group in answer.groups or []] == [group_id]


def test_add_contact_to_group_and_remove_it(sandbox: Sandbox, contacts: ContactsApi) -> None:
    group_id = sandbox.add_group("VIP")
    contacts.create_contact(ContactFields(phoneNumber=MARI))

    added = contacts.add_contact_to_group_with_http_info(group_id, MARI)

    assert (added.status_code, added.data, sandbox.members(group_id)) == (201, {}, [MARI])

    removed = contacts.remove_contact_from_group_with_http_info(group_id, MARI)

    assert (removed.status_code, removed.data, sandbox.members(group_id)) == (204, None, [])


def test_a_missing_object_raises_the_clients_error(groups: GroupsApi, contacts: ContactsApi) -> None:
    calls: list[Callable[[], object]] = [
        lambda: groups.fetch_group(NOBODY),
        lambda: groups.update_group(NOBODY, GroupName(name="VIP")),
        lambda: groups.delete_group(NOBODY),
        lambda: contacts.fetch_contact(MARI),
        lambda: contacts.update_contact(MARI, ContactUpdateFields(title="CEO")),
        lambda: contacts.delete_contact(MARI),
        lambda: contacts.fetch_contact_groups(MARI),
        lambda: contacts.add_contact_to_group(NOBODY, MARI),
        lambda: contacts.remove_contact_from_group(NOBODY, MARI),
    ]

    for call in calls:
        with pytest.raises(ApiException) as caught:
            call()

        failed(404, ErrorCodePhonebook.ENUM_203, ErrorTitlePhonebook.MISSING_RESOURCE, caught.value)


def test_invalid_data_raises_the_clients_error(groups: GroupsApi, contacts: ContactsApi) -> None:
    calls: list[Callable[[], object]] = [
        lambda: groups.create_group(GroupName.model_construct(name="")),
        lambda: contacts.create_contact(ContactFields(phoneNumber="555")),
        lambda: contacts.fetch_contacts(group_ids=["nonsense"]),
        lambda: contacts.fetch_contact("555"),
    ]

    for call in calls:
        with pytest.raises(ApiException) as caught:
            call()

        failed(400, ErrorCodePhonebook.ENUM_201, ErrorTitlePhonebook.INVALID_DATA, caught.value)


def test_a_conflict_raises_the_clients_error(sandbox: Sandbox, contacts: ContactsApi) -> None:
    group_id = sandbox.add_group("VIP", contacts=[MARI])

    calls: list[Callable[[], object]] = [
        lambda: contacts.create_contact(ContactFields(phoneNumber=MARI)),
        lambda: contacts.add_contact_to_group(group_id, MARI),
    ]

    for call in calls:
        with pytest.raises(ApiException) as caught:
            call()

        failed(409, ErrorCodePhonebook.ENUM_204, ErrorTitlePhonebook.CONFLICT, caught.value)


def test_a_wrong_password_raises_the_clients_error(groups: GroupsApi, client: ApiClient) -> None:
    client.configuration.password = "wrong"

    with pytest.raises(ApiException) as caught:
        groups.fetch_groups()

    failed(401, ErrorCodePhonebook.ENUM_202, ErrorTitlePhonebook.UNAUTHORIZED, caught.value)


@pytest.mark.parametrize(
    ("status", "code", "title"),
    [
        (429, ErrorCodePhonebook.ENUM_244, ErrorTitlePhonebook.CLIENT_ERROR),
        (500, ErrorCodePhonebook.ENUM_205, ErrorTitlePhonebook.GENERAL_ERROR),
    ],
)
def test_an_error_has_the_vendors_format(
    sandbox: Sandbox, groups: GroupsApi, status: int, code: ErrorCodePhonebook, title: ErrorTitlePhonebook
) -> None:
    sandbox.fail_next("GET", status=status)

    with pytest.raises(ApiException) as caught:
        groups.fetch_groups()

    assert caught.value.status == status
    assert caught.value.body is not None
    error = ErrorPhonebook.from_json(caught.value.body)
    assert error is not None
    assert [(item.code, item.title) for item in error.errors] == [(code, title)]
