// Runs oidc-provider on a free loopback port with one client and three accounts.
//
// usage: node server.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI
//
// Prints one line of JSON, {"issuer": …, "port": …}, when it listens, and runs until its standard
// input is closed: a test that dies takes it along.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';

const [clientId, clientSecret, redirectUri] = process.argv.slice(2);
if (!redirectUri) {
  console.error('usage: node server.mjs CLIENT_ID CLIENT_SECRET REDIRECT_URI');
  process.exit(2);
}

const accounts = new Map([
  ['olga', { email: 'olga@partner.example', email_verified: true, name: 'Olga' }],
  ['unverified', { email: 'olga@partner.example', email_verified: false, name: 'Olga?' }],
  ['stranger', { email: 'ada@fabrikam.example', email_verified: true, name: 'Ada?' }],
]);

const configuration = {
  clients: [{
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  // The claims of the scopes go into the ID token, where clients without a userinfo call look.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: { devInteractions: { enabled: false } },
  cookies: { keys: ['not a secret: this provider lives for one test'] },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => {
    const claims = accounts.get(id);
    return claims && { accountId: id, claims: () => ({ sub: id, ...claims }) };
  },
  loadExistingGrant: async ({ oidc }) => {
    const grant = new oidc.provider.Grant({
      clientId: oidc.client.clientId,
      accountId: oidc.session.accountId,
    });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
};

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, configuration);

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) return next();
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'POST') {
    let form = '';
    for await (const chunk of ctx.req) form += chunk;
    const accountId = new URLSearchParams(form).get('account') ?? '';
    ctx.respond = false;
    return provider.interactionFinished(ctx.req, ctx.res, { login: { accountId } });
  }
  ctx.type = 'html';
  ctx.body = `<form method="post" action="/interaction/${interaction.uid}">
    <label>Account <input name="account"></label><button>Sign in</button></form>`;
});

server.on('request', provider.callback());
console.log(JSON.stringify({ issuer, port }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
