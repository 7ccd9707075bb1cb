// Runs oidc-provider on a free loopback port with one client and a few accounts.
//
// usage: node server.mjs SETUP
//
// SETUP is JSON:
//   client          metadata of the client: client_id, redirect_uris, …
//   prefix          path below which it is mounted, such as "/TENANT/v2.0"; the issuer ends in it
//   key_issuer      whether each key of the key set names the issuer in a member `issuer`, as Entra's do
//
// Prints one line of JSON, {"issuer": …, "port": …}, when it listens, and runs until its standard
// input is closed: a test that dies takes it along.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { Provider } from 'oidc-provider';

if (!process.argv[2]) {
  console.error('usage: node server.mjs SETUP');
  process.exit(2);
}
const { client, prefix = '', key_issuer: keyIssuer = false } = JSON.parse(process.argv[2]);

const TENANT = 'aaaaaaaa-1111-4111-8111-aaaaaaaaaaaa';
const work = { tid: TENANT, ver: '2.0', xms_edov: true };
const accounts = new Map([
  ['olga', { email: 'olga@partner.example', email_verified: true, name: 'Olga' }],
  ['unverified', { email: 'olga@partner.example', email_verified: false, name: 'Olga?' }],
  ['stranger', { email: 'ada@fabrikam.example', email_verified: true, name: 'Ada?' }],
  ['gina', { email: 'gina@gmail.com', email_verified: true, name: 'Gina' }],
  ['other-gina', { email: 'gina2@gmail.com', email_verified: true, name: 'Gina, elsewhere' }],
  ['worker', { ...work, oid: 'bbbbbbbb-1111-4111-8111-bbbbbbbbbbbb', email: 'worker@workers.example', name: 'Worker' }],
  ['elsewhere', {
    ...work, tid: 'cccccccc-1111-4111-8111-cccccccccccc', oid: 'bbbbbbbb-1111-4111-8111-bbbbbbbbbbbb',
    email: 'worker@workers.example', name: 'Worker, elsewhere',
  }],
]);

function key(kid, type, options) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig' };
}

const configuration = {
  clients: [{ grant_types: ['authorization_code'], response_types: ['code'], ...client }],
  jwks: { keys: [key('rsa', 'rsa', { modulusLength: 2048 }), key('ec', 'ec', { namedCurve: 'P-256' })] },
  claims: {
    openid: ['sub', 'tid', 'ver', 'oid', 'xms_edov'],
    email: ['email', 'email_verified'],
    profile: ['name'],
    // Only where it is asked for.
    acr: null,
  },
  acrValues: ['urn:test:one', 'urn:test:two'],
  // The claims of the scopes go into the ID token, where clients without a userinfo call look.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      // The button inside the form, for browsers that know no others.
      logoutSource: (ctx, form) => {
        ctx.body = form.replace('</form>', '<button name="logout" value="yes">Sign out</button></form>');
      },
    },
  },
  // Names below localhost are this machine, which not every resolver knows.
  httpOptions: () => ({
    dnsLookup: (_, options, done) => (
      options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4)
    ),
  }),
  cookies: { keys: ['not a secret: this provider lives for one test'] },
  interactions: { url: (_, interaction) => `${prefix}/interaction/${interaction.uid}` },
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
    grant.addOIDCClaims(['acr']);
    await grant.save();
    return grant;
  },
};

const server = createServer();
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const issuer = `http://127.0.0.1:${port}${prefix}`;
const provider = new Provider(issuer, configuration);

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/interaction/')) {
    await next();
    if (keyIssuer && ctx.oidc?.route === 'jwks') {
      for (const published of ctx.body.keys) published.issuer = issuer;
    }
    return;
  }
  const interaction = await provider.interactionDetails(ctx.req, ctx.res);
  if (ctx.method === 'POST') {
    let form = '';
    for await (const chunk of ctx.req) form += chunk;
    const accountId = new URLSearchParams(form).get('account') ?? '';
    const acr = interaction.params.acr_values?.split(' ').at(-1);
    ctx.respond = false;
    const login = { accountId, ...(acr && { acr, amr: ['pwd', 'otp'] }) };
    return provider.interactionFinished(ctx.req, ctx.res, { login });
  }
  ctx.type = 'html';
  ctx.body = `<form method="post" action="${prefix}/interaction/${interaction.uid}">
    <label>Account <input name="account"></label><button>Sign in</button></form>`;
});

const answer = provider.callback();
server.on('request', (request, response) => {
  if (!request.url.startsWith(prefix)) {
    response.statusCode = 404;
    return response.end();
  }
  request.originalUrl = request.url;
  request.url = request.url.slice(prefix.length) || '/';
  return answer(request, response);
});
console.log(JSON.stringify({ issuer, port }));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
