// What an administrator's program does with Microsoft's own client, unmodified, against the management API.
//
// Takes one JSON object as its argument: { base, token, site, item, guest }. Prints what it saw as one line of JSON.

import { Client, PageIterator } from "@microsoft/microsoft-graph-client";

const { base, token, site, item, guest } = JSON.parse(process.argv[2]);
const client = Client.initWithMiddleware({
  baseUrl: base,
  defaultVersion: "v1.0",
  customHosts: new Set([new URL(base).hostname]),
  authProvider: { getAccessToken: async () => token },
});
const seen = {};

seen.invitation = await client.api("/invitations").post({
  invitedUserEmailAddress: guest,
  inviteRedirectUrl: `${site}${item}`,
  sendInvitationMessage: false,
});
const user = seen.invitation.invitedUser.id;
seen.user = await client.api(`/users/${user}`).select("id,mail,userType,externalUserState").get();

const host = new URL(site).hostname;
const [, , name] = item.split("/");
seen.site = await client.api(`/sites/${host}:/sites/${name}`).get();
const drive = await client.api(`/sites/${seen.site.id}/drive`).get();
const path = item.split("/").slice(3).join("/");
seen.item = await client.api(`/drives/${drive.id}/root:/${path}`).get();
const at = `/drives/${drive.id}/items/${seen.item.id}`;

seen.shared = await client.api(`${at}/invite`).post({
  recipients: [{ email: guest }],
  roles: ["read"],
  requireSignIn: true,
  sendInvitation: false,
});

seen.link = await client.api(`${at}/createLink`).post({ type: "view", scope: "anonymous" });
const listed = await client.api(`${at}/permissions`).get();
seen.permissions = listed.value.map((permission) => permission.id);
await client.api(`${at}/permissions/${seen.link.id}`).delete();
seen.after = (await client.api(`${at}/permissions`).get()).value.map((permission) => permission.id);

seen.users = [];
const pages = await client.api("/users").top(2).select("id,mail").get();
await new PageIterator(client, pages, (one) => seen.users.push(one.id)).iterate();

const settings = "/admin/sharepoint/settings";
seen.settings = await client.api(settings).get();
seen.patched = await client.api(settings).patch({ isResharingByExternalUsersEnabled: false });

try {
  await client.api("/users/00000000-0000-0000-0000-000000000000").get();
} catch (error) {
  const { statusCode, code, requestId } = error;
  seen.error = { statusCode, code, requestId };
}
seen.batch = await client.api("/$batch").post({
  requests: [
    { id: "1", method: "GET", url: `/users/${user}` },
    { id: "2", method: "GET", url: "/users/nobody" },
  ],
});
console.log(JSON.stringify(seen));
