import { ADMIN, expect, login, looksRight, ownSession, ready, test, visit } from './test';
import type { Page } from '@playwright/test';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Call {
    (verb: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
}

/** Makes a service, and gives what removes it. */
async function service(api: Call, name: string, type: string, config: object): Promise<() => Promise<unknown>> {
    const made = await api('POST', 'system/service', { resource: [{ name, label: `The ${name}`, type, is_active: true, config }] });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    return () => api('DELETE', `system/service/${made.body.resource[0].id}`);
}

/** A provider that lets everybody in as the same person, at a free port. */
async function provider(): Promise<{ url: string; server: Server }> {
    const server = createServer((request, response) => {
        const url = new URL(request.url ?? '/', 'http://provider');
        if (url.pathname === '/authorize') {
            const back = new URL(url.searchParams.get('redirect_uri') ?? '');
            back.searchParams.set('code', 'c');
            back.searchParams.set('state', url.searchParams.get('state') ?? '');
            response.writeHead(302, { location: back.href }).end();
            return;
        }
        const answer = url.pathname === '/token' ? { access_token: 'a', token_type: 'Bearer' } : { sub: '1', email: 'kim@example.com', name: 'Kim' };
        response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

function oidc(at: string, instance: string, name: string) {
    return {
        auth_endpoint: `${at}/authorize`,
        token_endpoint: `${at}/token`,
        user_endpoint: `${at}/user`,
        scopes: 'openid email',
        validate_id_token: false,
        client_id: 'console',
        client_secret: 'secret',
        redirect_url: `${instance}/api/v2/${name}/sso`,
    };
}

const kept = (page: Page) => page.evaluate(() => sessionStorage.getItem('dreamwright.session'));

test('where there are no login services, none are offered', async ({ page }) => {
    await visit(page, '/login');
    await expect(page.getByTestId('btn-login')).toBeVisible();
    await expect(page.getByTestId('field-directory')).toHaveCount(0);
    await expect(page.getByTestId('providers')).toHaveCount(0);
});

test('a login at a provider begins at a button and ends in the console', async ({ page, context, api, instance }) => {
    const { url, server } = await provider();
    const remove = await service(api, 'hub', 'oidc', oidc(url, instance.url, 'hub'));
    try {
        await visit(page, '/login');
        await expect(page.getByTestId('btn-provider-hub')).toHaveText('Log in with The hub');
        await looksRight(page, 'login-provider');

        // Only pages of the web are gone to, whatever is answered.
        await page.route('**/api/v2/user/session?service=hub', (route) => route.fulfill({ json: { response: { redirect: true, url: 'javascript:alert(1)' } } }), { times: 1 });
        await page.getByTestId('btn-provider-hub').click();
        await expect(page.getByTestId('login-error')).toHaveText('The server named no page of this login service.');
        await expect(page).toHaveURL(/\/login$/);

        // A page of its own: at the provider it is elsewhere, which no page of the console may be.
        const other = await context.newPage();
        await visit(other, '/login');
        const asked = other.waitForRequest((request) => request.url().startsWith(`${url}/authorize`));
        await other.getByTestId('btn-provider-hub').focus();
        await other.keyboard.press('Enter');
        expect(new URL((await asked).url()).searchParams.get('client_id')).toBe('console');
        await expect(other.getByTestId('btn-account')).toContainText('Kim');
        await expect(other).toHaveURL(`${instance.url}/`);
        await other.reload();
        await ready(other);
        await expect(other.getByTestId('btn-account')).toContainText('Kim');

        // When the session ends, no password is asked for that this person does not have.
        const { session_token } = JSON.parse((await kept(other)) ?? '{}') as { session_token: string };
        await fetch(`${instance.url}/api/v2/user/session`, { method: 'DELETE', headers: { 'x-dreamfactory-session-token': session_token } });
        await other.getByTestId('btn-account').click();
        await other.getByTestId('menu-profile').click();
        await expect(other.getByTestId('dialog-relogin')).toContainText('Log in there again');
        await looksRight(other, 'relogin-provider');
        await expect(other.getByTestId('field-relogin-password')).toHaveCount(0);
        await other.getByTestId('btn-relogin').click();
        await expect(other.getByTestId('btn-provider-hub')).toBeVisible();
        await other.close();
    } finally {
        await remove();
        const { body } = await api('GET', 'system/user?filter=email=kim%2Bhub%40example.com');
        for (const { id } of body.resource) await api('DELETE', `system/user/${id}`);
        server.close();
    }
});

test('a directory is chosen above the form, and what it answers is told', async ({ page, api, expected }) => {
    expected(503);
    const remove = await service(api, 'staff', 'ldap', { host: 'ldap://127.0.0.1:1', base_dn: 'dc=example,dc=com' });
    try {
        await visit(page, '/login');
        await expect(page.getByLabel('Log in with')).toHaveValue('');
        await page.getByLabel('Log in with').selectOption('The staff');
        await looksRight(page, 'login-directory');
        await expect(page.getByTestId('link-forgot')).toHaveCount(0);
        await page.getByLabel('User name').fill('ann');
        await page.getByTestId('field-password').fill('x');
        const sent = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/user/session'));
        await page.keyboard.press('Enter');
        expect((await sent).postDataJSON()).toEqual({ username: 'ann', password: 'x', service: 'staff' });
        await expect(page.getByTestId('login-error')).toHaveText('The directory cannot be reached.');
    } finally {
        await remove();
    }
});

test('a token that does not work is told and not kept', async ({ page, expected }) => {
    expected(401);
    await visit(page, '/dreamfactory/dist/?jwt=nonsense');
    await expect(page.getByTestId('login-error')).toContainText('You could not be logged in: ');
    await expect(page).toHaveURL(/:\d+\/$/);
    expect(await kept(page)).toBeNull();
    await visit(page, '/login?error=%3Cb%3ENo%3C/b%3E');
    await expect(page.getByTestId('login-error')).toHaveText('You could not be logged in: <b>No</b>');
    await expect(page).toHaveURL(/\/login$/);
});

test('no address makes somebody who is logged in somebody else', async ({ page, api, instance }) => {
    // It logs out.
    await login(page, instance.url, await ownSession(instance.url));
    const account = { email: 'leo@example.com', name: 'Leo', password: 'a-password-of-many-words', is_active: true };
    const { body } = await api('POST', 'system/user', { resource: [account] });
    const other = await api('POST', 'user/session', { email: account.email, password: account.password });
    const before = await page.getByTestId('btn-account').textContent();
    for (const path of ['/?session_token=', '/login?jwt=']) {
        await visit(page, path + other.body.session_token);
        await expect(page).toHaveURL(`${instance.url}/`);
        await expect(page.getByTestId('btn-account')).toHaveText(before ?? '');
    }
    expect(await kept(page)).toContain(ADMIN.email);
    await page.getByTestId('btn-account').click();
    await page.getByTestId('menu-logout').click();
    await expect(page.getByTestId('btn-login')).toBeVisible();
    expect(await kept(page)).toBeNull();
    await api('DELETE', `system/user/${body.resource[0].id}`);
});
