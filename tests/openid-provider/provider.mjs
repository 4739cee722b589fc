// A provider of OpenID Connect (the certified one of npm) with one client and one user, who agrees to everything.
// Usage: node provider.mjs REDIRECT_URL; says where it listens on its first line.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const account = 'jane';
const redirect = process.argv[2];
const server = createServer();
server.listen(0, '127.0.0.1', () => {
    const issuer = `http://127.0.0.1:${server.address().port}`;
    const provider = new Provider(issuer, {
        clients: [{ client_id: 'dreamwright', client_secret: 'the secret of the client', redirect_uris: [redirect] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        cookies: { keys: ['for tests'] },
        features: { devInteractions: { enabled: false } },
        interactions: { url: (_, interaction) => `/agree/${interaction.uid}` },
        pkce: { required: () => true },
        findAccount: (_, id) => ({
            accountId: id,
            claims: () => ({ sub: id, name: 'Jane Doe', email: 'jane@example.com', email_verified: true }),
        }),
        async loadExistingGrant(ctx) {
            const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: account });
            grant.addOIDCScope('openid email profile');
            await grant.save();
            return grant;
        },
    });
    const answer = provider.callback();
    server.on('request', (request, response) => {
        if (request.url.startsWith('/agree/')) {
            return provider.interactionFinished(request, response, { login: { accountId: account } });
        }
        return answer(request, response);
    });
    console.log(issuer);
});
