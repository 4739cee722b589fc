import { gzipSync } from 'node:zlib';
import { ADMIN, expect, fitsAPhone, login, looksRight, ownSession, ready, test, visit } from './test';

test('a session that ends under a form costs nothing', async ({ page, instance, expected, api }) => {
    const token = await ownSession(instance.url);
    await login(page, instance.url, token, '/apps/new');
    await page.getByTestId('field-name').fill('kept-through-relogin');
    await fetch(`${instance.url}/api/v2/system/admin/session`, { method: 'DELETE', headers: { 'x-dreamfactory-session-token': token } });

    expected(401);
    expected(403);
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dialog-relogin')).toBeVisible();
    await looksRight(page, 'relogin');
    await page.getByTestId('field-relogin-password').fill('not the password');
    await page.getByTestId('btn-relogin').click();
    await expect(page.getByTestId('error-relogin-password')).toBeVisible();
    await page.getByTestId('field-relogin-password').fill(ADMIN.password);
    await page.getByTestId('btn-relogin').click();

    await expect(page.getByTestId('page-title')).toHaveText('kept-through-relogin');
    const { body } = await api('GET', 'system/app?filter=name=kept-through-relogin');
    expect(body.resource).toHaveLength(1);
    await api('DELETE', `system/app/${body.resource[0].id}`);
});

test('the palette finds pages, records and commands by keyboard', async ({ admin: page }) => {
    await page.keyboard.press('Control+k');
    await expect(page.getByTestId('palette')).toBeVisible();
    await page.keyboard.type('sample');
    await expect(page.getByTestId('hit').first()).toContainText('sample');
    await looksRight(page, 'palette');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('palette')).toBeHidden();

    await page.keyboard.press('Control+k');
    await page.keyboard.type('dark');
    await page.keyboard.press('Enter');
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
});

test('keys alone lead through the console', async ({ admin: page }) => {
    await page.keyboard.press('g');
    await page.keyboard.press('k');
    await ready(page);
    await expect(page.getByTestId('page-title')).toHaveText('API keys');
    await expect(page.getByTestId('page-title')).toBeFocused();
    await page.keyboard.press('/');
    await expect(page.getByTestId('search-apps')).toBeFocused();
    await page.keyboard.type('nothing like this');
    await expect(page.getByTestId('state-no-match')).toBeVisible();
    await page.getByTestId('btn-clear-filter').press('Enter');
    await expect(page.getByTestId('row-apps-sample')).toBeVisible();

    // The menu of a row: arrows move, Esc gives the focus back.
    await page.getByTestId('more-sample').press('Enter');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('more-sample')).toBeFocused();

    await page.getByTestId('page-title').focus();
    await page.keyboard.press('?');
    await expect(page.getByTestId('dialog-shortcuts')).toBeVisible();
    await looksRight(page, 'shortcuts');
    await page.getByTestId('field-shortcuts').press('Space');
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('k');
    await page.keyboard.press('?');
    await expect(page.getByTestId('dialog-shortcuts')).toBeHidden();
});

test('the calls are shown, secrets masked, and can be repeated by hand', async ({ admin: page }) => {
    await visit(page, '/apps');
    await page.getByTestId('btn-calls').click();
    await expect(page.getByTestId('drawer-calls')).toContainText('/api/v2/system/app');
    await expect(page.getByTestId('drawer-calls')).not.toContainText(ADMIN.password);
    await looksRight(page, 'calls');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByTestId('btn-copy-curl').first().click();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('curl ');
});

test('an address that means nothing says so', async ({ admin: page }) => {
    await visit(page, '/no/such/page');
    await expect(page.getByTestId('state-nowhere')).toBeVisible();
    await looksRight(page, 'nowhere');
});

test('an outage is told and passes', async ({ admin: page, expected }) => {
    expected(503);
    await page.route('**/api/v2/system/app?*', (route) =>
        route.fulfill({ status: 503, json: { error: { code: 503, context: null, message: 'The system database does not answer. Try again.', status_code: 503 } } }),
    );
    await visit(page, '/apps');
    await expect(page.getByTestId('state-error')).toContainText('The system database does not answer.');
    await looksRight(page, 'outage');
    await fitsAPhone(page, 'outage');
    await page.unroute('**/api/v2/system/app?*');
    await page.getByTestId('btn-retry').click();
    await expect(page.getByTestId('row-apps-sample')).toBeVisible();
});

test('the first screen is small', async ({ page, instance }) => {
    const scripts: Promise<Buffer>[] = [];
    page.on('response', (response) => {
        if (response.url().endsWith('.js')) scripts.push(response.body());
    });
    await page.goto(`${instance.url}/login`);
    await ready(page);
    const compressed = (await Promise.all(scripts)).map((script) => gzipSync(script).length).reduce((sum, size) => sum + size, 0);
    console.log(`first screen: ${(compressed / 1024).toFixed(1)} KiB of script, compressed`);
    expect(compressed).toBeLessThan(100 * 1024);
});
