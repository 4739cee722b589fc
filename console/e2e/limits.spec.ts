import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a limit is made in words, counts, is reset and deleted', async ({ admin: page, api, instance }) => {
    test.slow();
    await page.getByTestId('nav-limits').click();
    await ready(page);
    await looksRight(page, 'limits-empty');
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-name').fill('sample a day');
    await page.getByTestId('field-whose').selectOption('role');
    await expect(page.getByTestId('field-what')).toBeDisabled();
    await expect(page.getByTestId('field-role_id')).toBeVisible();
    await page.getByTestId('field-whose').selectOption('all');
    await page.getByTestId('field-what').selectOption('endpoint');
    await page.getByTestId('field-service_id').selectOption({ label: 'sample' });
    await page.getByTestId('field-endpoint').fill('_table/employees*');
    await page.getByTestId('field-rate').fill('2');
    await page.getByTestId('field-period').selectOption('day');
    await looksRight(page, 'limit-new');
    await fitsAPhone(page, 'limit-new');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('sample a day');
    const stored = (await api('GET', "system/limit?filter=name='sample a day'")).body.resource[0];
    expect(stored).toMatchObject({ type: 'instance.service.endpoint', endpoint: '_table/employees*', rate: 2, period: 'day', role_id: null });

    const { api_key } = (await api('GET', 'system/app?filter=name=sample')).body.resource[0];
    for (let call = 0; call < 3; call++) await fetch(`${instance.url}/api/v2/sample/_table/employees?limit=1`, { headers: { 'x-dreamfactory-api-key': api_key } });
    await page.getByTestId('tab-counters').click();
    await expect(page.getByTestId('counters')).toContainText('refused now');
    await looksRight(page, 'limit-counters');
    await fitsAPhone(page, 'limit-counters');
    await page.getByTestId('btn-reset').click();
    await expect(page.getByTestId('counters')).not.toContainText('refused now');

    await page.getByTestId('tab-limit').click();
    await page.getByTestId('field-rate').fill('20');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();
    await page.getByTestId('tab-history').click();
    await expect(page.getByTestId('history').getByTestId('change-rate').first()).toContainText('20');

    await visit(page, '/limits');
    await expect(page.getByTestId('row-limits-sample a day')).toContainText('everybody together, sample/_table/employees*');
    await looksRight(page, 'limits');
    await fitsAPhone(page, 'limits');
    await page.getByTestId('btn-reset-all').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('toast-success')).toBeVisible();
    await page.getByTestId('more-sample a day').click();
    await page.getByTestId('action-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-empty')).toBeVisible();
});

test('a limit without its selector is refused and kept on the screen', async ({ admin: page, expected }) => {
    expected(400);
    await visit(page, '/limits/new');
    await page.getByTestId('field-name').fill('half');
    await page.getByTestId('field-what').selectOption('service');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toContainText('service_id');
    await expect(page.getByTestId('field-name')).toHaveValue('half');
    await page.getByTestId('btn-discard').click();
});
