import { expect, fitsAPhone, looksRight, ready, test } from './test';

test('registration is opened with a role, and closed again', async ({ admin: page, api, expected }) => {
    expected(500);
    await page.getByTestId('nav-providers').click();
    await ready(page);
    await expect(page.getByTestId('section-others')).toContainText('OpenID Connect');
    await looksRight(page, 'providers');
    await fitsAPhone(page, 'providers');

    await page.getByTestId('field-config.allow_open_registration').check();
    await expect(page.getByTestId('open-warning')).toContainText('may do nothing');
    await page.getByTestId('field-config.open_reg_role_id').selectOption({ label: 'sample_reader' });
    await page.getByTestId('add-config.app_role_map').click();
    await page.getByTestId('field-config.app_role_map.0.app_id').selectOption({ label: 'sample' });
    await page.getByTestId('field-config.app_role_map.0.role_id').selectOption({ label: 'sample_reader' });

    await page.route('**/api/v2/system/service/*', (route) => route.fulfill({ status: 500, json: { error: { code: 500, message: 'Not today.', context: null } } }), { times: 1 });
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toContainText('Not today.');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    await looksRight(page, 'providers-open');

    const stored = async () => (await api('GET', 'system/service?filter=type=user')).body.resource[0];
    expect((await stored()).config).toMatchObject({ allow_open_registration: true, app_role_map: [{ app_id: 4 }] });
    await page.reload();
    await ready(page);
    await page.getByTestId('field-config.allow_open_registration').uncheck();
    await page.getByTestId('remove-config.app_role_map.0').click();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await stored()).config).toMatchObject({ allow_open_registration: false });
    await api('PATCH', `system/service/${(await stored()).id}`, { config: { open_reg_role_id: null, app_role_map: [] } });
});
