import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a lookup is made, hidden, used and deleted', async ({ admin: page, api }) => {
    await page.getByTestId('nav-lookups').click();
    await ready(page);
    await looksRight(page, 'lookups-empty');
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-name').fill('db_region');
    await page.getByTestId('field-value').fill('eu-west');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('db_region');
    await api('POST', 'system/service', { resource: [{ name: 'regional', type: 'sqlite', is_active: false, config: { database: '{db_region}.sqlite' } }] });
    await page.reload();
    await ready(page);
    await expect(page.getByTestId('uses')).toContainText('regional');
    await page.getByTestId('field-private').check();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('field-value')).toHaveValue('');
    await looksRight(page, 'lookup');
    await fitsAPhone(page, 'lookup');
    await page.getByTestId('field-description').fill('Where the databases are.');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await api('GET', 'system/lookup?filter=name=db_region')).body.resource[0]).toMatchObject({ private: true, value: '**********', description: 'Where the databases are.' });
    await visit(page, '/lookups');
    await looksRight(page, 'lookups');
    await fitsAPhone(page, 'lookups');
    await page.getByTestId('more-db_region').click();
    await page.getByTestId('action-delete').click();
    await expect(page.getByTestId('dialog-confirm')).toContainText('1 service');
    await page.getByTestId('field-confirm').fill('db_region');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-empty')).toBeVisible();
    const { id } = (await api('GET', 'system/service?filter=name=regional')).body.resource[0];
    await api('DELETE', `system/service/${id}`);
});

test('a rule for other origins is made, and tested as the server answers', async ({ admin: page, instance, expected }) => {
    test.slow();
    await page.getByTestId('nav-cors').click();
    await ready(page);
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-path').fill('api/v2/sample/*');
    await page.getByTestId('field-origin').fill('https://*.example.com');
    await page.getByTestId('method-post').check();
    await looksRight(page, 'cors-rule');
    await fitsAPhone(page, 'cors-rule');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('api/v2/sample/*');
    await visit(page, '/cors');
    const cases = [
        ['https://shop.example.com', 'POST'],
        ['https://shop.example.com', 'DELETE'],
        ['https://elsewhere.org', 'GET'],
    ] as const;
    for (const [origin, method] of cases) {
        await page.getByTestId('field-test-origin').fill(origin);
        await page.getByTestId('field-test-path').fill('/api/v2/sample/_table');
        await page.getByTestId('field-test-method').selectOption(method);
        await page.getByTestId('btn-test').click();
        await ready(page);
        const real = await page.request.fetch(`${instance.url}/api/v2/sample/_table`, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': method } });
        const allowed = real.status() === 204 && real.headers()['access-control-allow-origin'] === origin;
        const told = page.getByTestId('cors-answer');
        await expect(told).toContainText(`Origin: ${origin}`);
        await expect(told).toContainText(`Method: ${method}`);
        await expect(told).toContainText(allowed ? 'lets the page call' : 'stops the call');
        for (const name of ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers', 'access-control-max-age']) {
            const value = real.headers()[name];
            if (value !== undefined) await expect(told).toContainText(`${name}: ${value}`);
        }
    }
    await looksRight(page, 'cors');
    await fitsAPhone(page, 'cors');
    expected(400);
    await visit(page, '/cors/new');
    await page.getByTestId('field-path').fill('api/v2/sample/*');
    await page.getByTestId('field-origin').fill('*');
    await page.getByTestId('field-supports_credentials').check();
    await expect(page.getByTestId('warn-open')).toBeVisible();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('error-path')).toBeVisible();
    await page.getByTestId('btn-discard').click();
    await visit(page, '/cors');
    await page.getByTestId('more-api/v2/sample/*').click();
    await page.getByTestId('action-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-empty')).toBeVisible();
});

test('caches are emptied, one and all', async ({ admin: page }) => {
    await page.getByTestId('nav-cache').click();
    await ready(page);
    await page.getByTestId('btn-flush-sample').click();
    await expect(page.getByTestId('row-cache-sample')).toContainText('emptied at');
    await page.getByTestId('btn-flush-all').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('row-cache-user')).toContainText('emptied at');
    await looksRight(page, 'cache');
    await fitsAPhone(page, 'cache');
});

test('a template is made, previewed, changed and deleted', async ({ admin: page, api, expected }) => {
    test.slow();
    await page.getByTestId('nav-templates').click();
    await ready(page);
    await looksRight(page, 'templates');
    await page.getByTestId('row-templates-User Invite Default').locator('a').first().click();
    await expect(page.getByTestId('variables')).toContainText('{confirm_code}');
    await looksRight(page, 'template');
    await fitsAPhone(page, 'template');
    await page.getByTestId('tab-preview').click();
    await expect(page.frameLocator('[data-testid=preview]').getByText('Hi {first_name}')).toBeVisible();
    await expect(page.frameLocator('[data-testid=preview]').locator('div').first()).toHaveCSS('padding', '10px');
    // The rules of accessibility are scripts, which this frame does not run.
    await fitsAPhone(page, 'template-preview');

    await visit(page, '/templates');
    await page.getByTestId('more-User Invite Default').click();
    await page.getByTestId('action-duplicate').click();
    await page.getByTestId('field-duplicate-name').fill('Welcome');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('Welcome');
    await page.getByTestId('field-subject').fill('Welcome, {first_name}');
    await page.getByTestId('tab-addresses').click();
    await page.getByTestId('field-cc').fill('boss@example.com, desk@example.com');
    await looksRight(page, 'template-addresses');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();
    const stored = (await api('GET', 'system/email_template?filter=name=Welcome')).body.resource[0];
    expect(stored.subject).toBe('Welcome, {first_name}');
    expect([stored.cc].flat().join(', ')).toBe('boss@example.com, desk@example.com');

    expected(400);
    await page.getByTestId('tab-message').click();
    await page.getByTestId('field-name').fill('User Invite Default');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error').or(page.getByTestId('error-name')).first()).toBeVisible();
    await page.getByTestId('btn-discard').click();
    await page.getByTestId('btn-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('list-templates')).toBeVisible();
});
