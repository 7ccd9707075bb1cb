"""What an administrator's program does with Microsoft's own Python SDK, unmodified, against the management API.

Takes one JSON object as its argument: { base, token, site, item, guest }. Prints what it saw as one line of JSON.
"""

import asyncio
import io
import json
import sys
from urllib.parse import urlsplit

from kiota_abstractions.authentication import (
    AccessTokenProvider,
    AllowedHostsValidator,
    BaseBearerTokenAuthenticationProvider,
)
from kiota_abstractions.base_request_configuration import RequestConfiguration
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.drives.item.items.item.create_link.create_link_post_request_body import (
    CreateLinkPostRequestBody,
)
from msgraph.generated.drives.item.items.item.create_upload_session.create_upload_session_post_request_body import (  # noqa: E501
    CreateUploadSessionPostRequestBody,
)
from msgraph.generated.drives.item.items.item.invite.invite_post_request_body import (
    InvitePostRequestBody,
)
from msgraph.generated.models.drive_item import DriveItem
from msgraph.generated.models.drive_item_uploadable_properties import (
    DriveItemUploadableProperties,
)
from msgraph.generated.models.drive_recipient import DriveRecipient
from msgraph.generated.models.invitation import Invitation
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.sharepoint_settings import SharepointSettings
from msgraph.generated.users.users_request_builder import UsersRequestBuilder
from msgraph_core.tasks import LargeFileUploadTask


class Token(AccessTokenProvider):
    def __init__(self, token):
        self.token = token

    async def get_authorization_token(self, uri, additional_authentication_context=None):
        return self.token

    def get_allowed_hosts_validator(self):
        return AllowedHostsValidator([])


async def walk(base, token, site, item, guest):
    adapter = GraphRequestAdapter(BaseBearerTokenAuthenticationProvider(Token(token)))
    adapter.base_url = f"{base}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)
    seen = {}

    invitation = await client.invitations.post(
        Invitation(
            invited_user_email_address=guest,
            invite_redirect_url=f"{site}{item}",
            send_invitation_message=False,
        )
    )
    seen["invitation"] = {
        "status": invitation.status,
        "redeem": invitation.invite_redeem_url,
        "user": invitation.invited_user.id,
    }
    user = await client.users.by_user_id(invitation.invited_user.id).get()
    seen["user"] = {"id": user.id, "mail": user.mail}

    query = UsersRequestBuilder.UsersRequestBuilderGetQueryParameters(
        filter=f"mail eq '{guest}'", select=["id", "userType", "externalUserState"]
    )
    found = await client.users.get(RequestConfiguration(query_parameters=query))
    seen["found"] = [
        {"id": one.id, "userType": one.user_type, "state": one.external_user_state}
        for one in found.value
    ]

    host = urlsplit(site).hostname
    name = item.split("/")[2]
    root = await client.sites.by_site_id(f"{host}:/sites/{name}").get()
    drive = await client.sites.by_site_id(root.id).drive.get()
    path = "/".join(item.split("/")[3:])
    items = client.drives.by_drive_id(drive.id).items
    document = await items.by_drive_item_id(f"root:/{path}:").get()
    seen["item"] = {"id": document.id, "name": document.name, "size": document.size}
    at = items.by_drive_item_id(document.id)

    shared = await at.invite.post(
        InvitePostRequestBody(
            recipients=[DriveRecipient(email=guest)],
            roles=["read"],
            require_sign_in=True,
            send_invitation=False,
        )
    )
    seen["shared"] = [{"id": one.id, "roles": one.roles} for one in shared.value]
    link = await at.create_link.post(
        CreateLinkPostRequestBody(
            type="view", scope="anonymous", retain_inherited_permissions=True
        )
    )
    seen["link"] = {"id": link.id, "scope": link.link.scope, "url": link.link.web_url}
    seen["permissions"] = [one.id for one in (await at.permissions.get()).value]
    await at.permissions.by_permission_id(link.id).delete()
    seen["after"] = [one.id for one in (await at.permissions.get()).value]

    content = await at.content.get()
    seen["content"] = len(content)

    # A large file in parts, with the SDK's own task for that.
    folder = "/".join(path.split("/")[:-1])
    large = b"large " * 200_000
    session = await items.by_drive_item_id(
        f"root:/{folder}/large-python.bin:"
    ).create_upload_session.post(
        CreateUploadSessionPostRequestBody(
            item=DriveItemUploadableProperties(
                additional_data={"@microsoft.graph.conflictBehavior": "replace"}
            )
        )
    )
    task = LargeFileUploadTask(
        session, adapter, io.BytesIO(large), DriveItem, max_chunk_size=320 * 1024
    )
    uploaded = (await task.upload()).item_response
    back = await items.by_drive_item_id(uploaded.id).content.get()
    seen["large"] = {
        "name": uploaded.name,
        "size": uploaded.size,
        "same": back == large,
    }
    renamed = await items.by_drive_item_id(uploaded.id).patch(
        DriveItem(name="renamed-python.bin")
    )
    seen["renamed"] = {"name": renamed.name, "sameId": renamed.id == uploaded.id}
    await items.by_drive_item_id(uploaded.id).delete()

    settings = await client.admin.sharepoint.settings.get()
    seen["capability"] = settings.sharing_capability.value
    patched = await client.admin.sharepoint.settings.patch(
        SharepointSettings(is_resharing_by_external_users_enabled=False)
    )
    seen["resharing"] = patched.is_resharing_by_external_users_enabled

    policy = await client.policies.authorization_policy.get()
    seen["invites"] = policy.allow_invites_from.value

    try:
        await client.users.by_user_id("00000000-0000-0000-0000-000000000000").get()
    except ODataError as error:
        seen["error"] = {
            "status": error.response_status_code,
            "code": error.error.code,
            "request": error.error.inner_error.request_id,
        }
    print(json.dumps(seen))


if __name__ == "__main__":
    asyncio.run(walk(**json.loads(sys.argv[1])))
