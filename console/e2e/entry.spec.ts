import { ADMIN, expect, fitsAPhone, login, looksRight, ownSession, ready, test, visit } from './test';
import type { Page } from '@playwright/test';

const PASSWORD = 'a-password-of-many-words';

interface Call {
    (verb: string, path: string, body?: unknown): Promise<{ status: number; body: any }>;
}

async function user(api: Call, email: string, more: object = {}) {
    const { status } = await api('POST', 'system/user', { resource: [{ email, name: email, password: PASSWORD, is_active: true, ...more }] });
    expect(status).toBe(201);
}

/** What the server says of how to log in, with something added. */
async function environment(page: Page, more: object) {
    await page.route('**/api/v2/system/environment', async (route) => {
        const answer = (await (await route.fetch()).json()) as { authentication: object };
        await route.fulfill({ json: { ...answer, authentication: { ...answer.authentication, ...more } } });
    });
}

test('a wrong password is refused, the right one leads to the page asked for', async ({ page, expected }) => {
    expected(401);
    await visit(page, '/apps?q=sample');
    await looksRight(page, 'login');
    await fitsAPhone(page, 'login');
    await page.getByTestId('field-login').fill(ADMIN.email);
    await page.getByTestId('field-password').fill('not the password');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('login-error')).toContainText('Invalid credentials');
    await page.getByTestId('field-password').fill(ADMIN.password);
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('row-apps-sample')).toBeVisible();
    await page.getByTestId('btn-account').click();
    await page.getByTestId('menu-logout').click();
    await expect(page.getByTestId('btn-login')).toBeVisible();
});

test('a user sets a new password by answering the question', async ({ page, api, expected }) => {
    expected(400);
    expected(403);
    await user(api, 'fay@example.com', { security_question: 'First pet?', security_answer: 'Rex' });
    await visit(page, '/login');
    await page.getByTestId('btn-as').click();
    await page.getByTestId('link-forgot').click();
    await ready(page);
    await page.getByTestId('field-email').fill('fay@example.com');
    await looksRight(page, 'forgot');
    await page.getByTestId('btn-send').click();
    await expect(page.getByTestId('security-question')).toHaveText('First pet?');
    await page.getByTestId('field-answer').fill('Tom');
    await page.getByTestId('field-password').fill('another-password-of-words');
    await page.getByTestId('btn-set-password').click();
    await expect(page.getByTestId('form-error')).toBeVisible();
    await page.getByTestId('field-answer').fill('Rex');
    await page.getByTestId('btn-set-password').click();
    await expect(page.getByTestId('btn-account')).toContainText('fay@example.com');
});

test('the link of a mail fills in the code and takes it out of the address', async ({ page, expected }) => {
    expected(404);
    expected(400);
    await visit(page, '/dreamfactory/dist/#/auth/user-invite?code=ABC123&email=gil%40example.com&admin=0');
    await expect(page.getByTestId('page-title')).toHaveText('Accept your invitation');
    await expect(page.getByTestId('field-code')).toHaveValue('ABC123');
    await expect(page.getByTestId('field-email')).toHaveValue('gil@example.com');
    await expect(page).not.toHaveURL(/ABC123/);
    await looksRight(page, 'confirm');
    await page.getByTestId('field-password').fill(PASSWORD);
    await page.getByTestId('btn-set-password').click();
    await expect(page.getByTestId('form-error')).toBeVisible();
});

test('directories, providers and registration are offered where the server has them', async ({ page }) => {
    await environment(page, {
        allow_open_registration: true,
        allow_forever_sessions: true,
        adldap: [{ name: 'staff', label: 'Staff directory' }],
        oauth: [{ name: 'hub', label: 'Hub', path: 'user/session?service=hub' }],
        saml: [{ name: 'okta', label: 'Okta', path: 'okta/sso' }],
    });
    await visit(page, '/login?error_description=%3Cb%3Edenied%3C/b%3E');
    await expect(page.getByTestId('login-error')).toContainText('<b>denied</b>');
    await expect(page).toHaveURL(/\/login$/);
    await expect(page.getByTestId('btn-provider-hub')).toHaveText('Log in with Hub');
    await expect(page.getByTestId('btn-provider-okta')).toHaveAttribute('href', '/api/v2/okta/sso');
    await expect(page.getByTestId('field-remember')).toBeVisible();
    await looksRight(page, 'login-all');
    await fitsAPhone(page, 'login-all');
    await page.getByTestId('field-directory').selectOption('staff');
    let sent: unknown;
    await page.route('**/api/v2/user/session', async (route) => {
        sent = route.request().postDataJSON();
        await route.fulfill({ status: 200, json: {} });
    });
    await page.getByTestId('field-login').fill('ann');
    await page.getByTestId('field-password').fill('x');
    await page.getByTestId('field-remember').check();
    await page.getByTestId('btn-login').click();
    await expect.poll(() => sent).toEqual({ username: 'ann', password: 'x', service: 'staff', remember_me: true });
});

test('whoever registers is logged in', async ({ page, api, expected }) => {
    expected(403);
    const { body } = await api('GET', 'system/service?filter=name=user');
    const { id, config } = body.resource[0];
    await visit(page, '/register');
    await expect(page.getByTestId('page-title')).toHaveText('Registration is closed');
    await api('PATCH', `system/service/${id}`, { config: { allow_open_registration: true, open_reg_email_service_id: null } });
    try {
        await visit(page, '/login');
        await page.getByTestId('link-register').click();
        await ready(page);
        await page.getByTestId('field-email').fill('hal@example.com');
        await page.getByTestId('field-first_name').fill('Hal');
        await page.getByTestId('field-password').fill(PASSWORD);
        await looksRight(page, 'register');
        await page.getByTestId('btn-register').click();
        await expect(page.getByTestId('btn-account')).toContainText('Hal');
    } finally {
        await api('PATCH', `system/service/${id}`, { config: { allow_open_registration: false, open_reg_email_service_id: config.open_reg_email_service_id } });
    }
});

test('a session that a provider sends is taken up and leaves the address', async ({ page, api, instance, expected }) => {
    expected(403);
    await user(api, 'ivy@example.com');
    const response = await fetch(`${instance.url}/api/v2/user/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ivy@example.com', password: PASSWORD }),
    });
    const { session_token } = (await response.json()) as { session_token: string };
    await visit(page, `/?session_token=${session_token}`);
    await expect(page.getByTestId('btn-account')).toContainText('ivy@example.com');
    await expect(page).not.toHaveURL(/session_token/);
});

test('a profile is changed, also its address and password', async ({ page, api, instance, expected }) => {
    expected(400);
    const email = 'joe@example.com';
    const { body } = await api('POST', 'system/admin', { resource: [{ email, name: 'Joe', password: PASSWORD, is_active: true }] });
    await login(page, instance.url, await ownSession(instance.url, { email, password: PASSWORD }), '/profile');
    await looksRight(page, 'profile');
    await fitsAPhone(page, 'profile');
    await page.getByTestId('field-name').fill('Joe Doe');
    await page.getByTestId('field-security_question').fill('First pet?');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('error-security_answer')).toBeVisible();
    await page.getByTestId('field-security_answer').fill('Rex');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('btn-account')).toContainText('Joe Doe');

    await page.getByTestId('field-email').fill('joseph@example.com');
    await page.getByTestId('field-current_password').fill('wrong');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toBeVisible();
    await page.getByTestId('field-current_password').fill(PASSWORD);
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();

    await page.getByTestId('field-old_password').fill(PASSWORD);
    await page.getByTestId('field-new_password').fill('quite-another-password');
    await page.getByTestId('btn-change-password').click();
    await expect(page.getByText('Your password was changed.').first()).toBeVisible();
    await page.getByTestId('btn-elsewhere').click();
    await page.getByTestId('field-elsewhere_password').fill('quite-another-password');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByText('All other sessions have ended.').first()).toBeVisible();
    await page.reload();
    await ready(page);
    await expect(page.getByTestId('field-email')).toHaveValue('joseph@example.com');
    await api('DELETE', `system/admin/${body.resource[0].id}`);
});
