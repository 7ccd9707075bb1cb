// What an administrator's program does with Microsoft's own client, unmodified, against the management API.
//
// Takes one JSON object as its argument: { base, token, site, item, guest }. Prints what it saw as one line of JSON.

import { Client, FileUpload, LargeFileUploadTask, PageIterator } from "@microsoft/microsoft-graph-client";

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

// A large file, in parts of 320 KiB, with the client's own task for that.
const folder = path.split("/").slice(0, -1).join("/");
const large = Buffer.alloc(3 * 320 * 1024 + 17, "large ");
const session = await LargeFileUploadTask.createUploadSession(
  client,
  `/drives/${drive.id}/root:/${folder}/large-js.bin:/createUploadSession`,
  { item: { "@microsoft.graph.conflictBehavior": "replace", name: "large-js.bin" } },
);
seen.parts = [];
const task = new LargeFileUploadTask(client, new FileUpload(large, "large-js.bin", large.length), session, {
  rangeSize: 320 * 1024,
  uploadEventHandlers: { progress: (range) => seen.parts.push([range.minValue, range.maxValue]) },
});
const uploaded = (await task.upload()).responseBody;
const back = await client.api(`/drives/${drive.id}/items/${uploaded.id}/content`).getStream();
const chunks = [];
for await (const chunk of back) chunks.push(Buffer.from(chunk));
seen.large = { name: uploaded.name, size: uploaded.size, same: Buffer.concat(chunks).equals(large) };
const renamed = await client.api(`/drives/${drive.id}/items/${uploaded.id}`).patch({ name: "renamed-js.bin" });
seen.renamed = { name: renamed.name, sameId: renamed.id === uploaded.id };
const given = await LargeFileUploadTask.createUploadSession(
  client,
  `/drives/${drive.id}/items/${uploaded.id}/createUploadSession`,
  {},
);
const cancelled = new LargeFileUploadTask(client, new FileUpload(large, "x", large.length), given);
seen.cancelled = (await cancelled.cancel()).status;
await client.api(`/drives/${drive.id}/items/${uploaded.id}`).delete();

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
