import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a service is made of its type, changed after a review, duplicated and deleted', async ({ admin: page, api }) => {
    test.slow();
    await page.getByTestId('nav-services').click();
    await ready(page);
    await expect(page.getByTestId('row-services-sample')).toBeVisible();
    await looksRight(page, 'services');
    await fitsAPhone(page, 'services');

    await page.getByTestId('btn-create').click();
    await expect(page.getByTestId('search-types')).toBeFocused();
    await ready(page);
    await looksRight(page, 'service-types');
    await fitsAPhone(page, 'service-types');
    await page.getByTestId('search-types').fill('elephant');
    await expect(page.getByTestId('type-sqlite')).toBeHidden();
    await page.getByTestId('search-types').fill('postgre');
    await page.keyboard.press('Enter');
    await ready(page);
    await page.getByTestId('field-name').fill('system');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('error-name')).toContainText('belongs to the system');
    await expect(page.getByTestId('error-config.host')).toBeVisible();
    await expect(page.getByTestId('field-name')).toBeFocused();

    await page.getByTestId('field-name').fill('warehouse');
    await page.getByTestId('field-config.host').fill('db.example.com');
    await page.getByTestId('field-config.port').fill('6432');
    await page.getByTestId('field-config.database').fill('boxes');
    await page.getByTestId('field-config.username').fill('reader');
    await page.getByTestId('field-config.password').fill('a secret of mine');
    await page.getByTestId('field-is_active').uncheck();
    await page.getByTestId('fold-advanced').locator('summary').click();
    await page.getByTestId('add-config.options').click();
    await page.getByTestId('key-config.options.0').fill('application');
    await page.getByTestId('value-config.options.0').fill('boxes');
    await page.getByTestId('add-config.statements').click();
    await page.getByTestId('field-config.statements.0').fill("set timezone = 'UTC'");
    await looksRight(page, 'service-new');
    await fitsAPhone(page, 'service-new');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('warehouse');
    await expect(page.getByTestId('base-url')).toContainText('/api/v2/warehouse');

    const stored = async (name: string) => (await api('GET', `system/service?filter=name=${name}`)).body.resource[0];
    expect((await stored('warehouse')).config).toMatchObject({
        host: 'db.example.com',
        port: 6432,
        options: { application: 'boxes' },
        statements: ["set timezone = 'UTC'"],
        allow_upsert: false,
    });

    await page.getByTestId('tab-config').click();
    await expect(page.getByTestId('stored-config.password')).toBeVisible();
    await page.getByTestId('field-config.port').fill('');
    await page.getByTestId('fold-security').locator('summary').click();
    await page.getByTestId('field-config.sslmode').selectOption('verify-full');
    await page.getByTestId('field-description').fill('Boxes and pallets.');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('change-port')).toContainText('6432');
    await expect(page.getByTestId('change-sslmode')).toContainText('verify-full');
    await expect(page.getByTestId('change-password')).toBeHidden();
    await looksRight(page, 'service-review');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await stored('warehouse')).config).toMatchObject({ port: null, sslmode: 'verify-full', host: 'db.example.com', password: '**********' });

    await page.getByTestId('replace-config.password').click();
    await page.getByTestId('field-config.password').fill('another secret');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('change-password')).toContainText('changed');
    await page.getByTestId('btn-cancel').click();
    await page.getByTestId('btn-discard').click();
    await expect(page.getByTestId('stored-config.password')).toBeVisible();
    await looksRight(page, 'service-config');

    await page.getByTestId('tab-overview').click();
    await page.getByTestId('btn-more').click();
    await page.getByTestId('action-duplicate').click();
    await expect(page.getByTestId('field-copy-name')).toHaveValue('warehouse_2');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('warehouse_2');
    expect((await stored('warehouse_2')).config).toMatchObject({ host: 'db.example.com', password: null });

    await visit(page, '/services?q=warehouse');
    await expect(page.getByTestId('count-services')).toContainText('of 2');
    for (const name of ['warehouse', 'warehouse_2']) {
        await page.getByTestId(`more-${name}`).click();
        await page.getByTestId('action-delete').click();
        await page.getByTestId('btn-confirm').click();
        await expect(page.getByTestId(`row-services-${name}`)).toBeHidden();
    }
});

test('access is granted on the service, and deleting it names who depends on it', async ({ admin: page, api }) => {
    const { body: made } = await api('POST', 'system/service', { resource: [{ name: 'attic', type: 'sqlite', is_active: true, config: { database: 'attic.sqlite' } }] });
    const { body: role } = await api('POST', 'system/role', { resource: [{ name: 'attic_cleaner', is_active: true }] });
    const id = made.resource[0].id;
    await visit(page, `/services/${id}?tab=access`);
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await page.getByTestId('btn-grant').click();
    await page.getByTestId('field-role').selectOption({ label: 'attic_cleaner' });
    await page.getByTestId('field-component').selectOption('_table/*');
    await page.getByTestId('verbs-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('row-access-attic_cleaner')).toContainText('GET DELETE');
    await looksRight(page, 'service-access');
    await fitsAPhone(page, 'service-access');

    await page.getByTestId('tab-overview').click();
    await expect(page.getByText('_table', { exact: true })).toBeVisible();
    await looksRight(page, 'service-overview');
    await page.getByTestId('btn-more').click();
    await page.getByTestId('action-delete').click();
    await expect(page.getByTestId('dialog-confirm')).toContainText('1 role');
    await expect(page.getByTestId('btn-confirm')).toBeDisabled();
    await page.getByTestId('field-confirm').fill('attic');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('Services');
    await api('DELETE', `system/role/${role.resource[0].id}`);
});

test('a service that is gone says so', async ({ admin: page, expected }) => {
    expected(404);
    await visit(page, '/services/99999');
    await expect(page.getByTestId('state-gone')).toBeVisible();
    await looksRight(page, 'service-gone');
});

test('two people who change a service at once both see what the other did', async ({ admin: page, api, expected }) => {
    expected(412);
    const { body } = await api('POST', 'system/service', { resource: [{ name: 'cellar', type: 'sqlite', is_active: true, config: { database: 'cellar.sqlite' } }] });
    const id = body.resource[0].id;
    await visit(page, `/services/${id}?tab=config`);
    await page.getByTestId('field-label').fill('Wine');
    // Dates count seconds.
    await expect(async () => {
        await api('PATCH', `system/service/${id}`, { description: `Deep down, ${Date.now()}.` });
        const { body: now } = await api('GET', `system/service/${id}`);
        expect(now.last_modified_date).not.toBe(now.created_date);
    }).toPass();
    await page.getByTestId('btn-save').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('conflict')).toBeVisible();
    await page.getByTestId('btn-compare').click();
    await expect(page.getByTestId('change-description')).toContainText('Deep down');
    await expect(page.getByTestId('change-label')).toContainText('Wine');
    await looksRight(page, 'service-conflict');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await api('GET', `system/service/${id}`)).body).toMatchObject({ label: 'Wine', description: null });
    await api('DELETE', `system/service/${id}`);
});

test('a connection is tried as it is typed', async ({ admin: page, expected }) => {
    expected(400);
    await visit(page, '/services/new/sqlite');
    await page.getByTestId('field-config.database').fill('sample.sqlite');
    await page.getByTestId('btn-try').click();
    await expect(page.getByTestId('tried')).toContainText('6 tables');
    await visit(page, '/services/new/mysql');
    await page.getByTestId('field-config.host').fill('127.0.0.1');
    await page.getByTestId('field-config.port').fill('1');
    await page.getByTestId('field-config.database').fill('x');
    await page.getByTestId('btn-try').click();
    await expect(page.getByTestId('error-config.port')).toBeVisible();
});
