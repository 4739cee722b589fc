import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('the audit tells changes and refusals, and brings back what was', async ({ admin: page, api, instance }) => {
    test.slow();
    await api('POST', 'system/role', { resource: [{ name: 'audited', description: 'first', is_active: true }] });
    const { id } = (await api('GET', 'system/role?filter=name=audited')).body.resource[0];
    await api('PATCH', `system/role/${id}`, { description: 'second' });
    await fetch(`${instance.url}/api/v2/sample/_table/employees`, { headers: { 'x-dreamfactory-api-key': 'none' } });

    await page.getByTestId('nav-audit').click();
    await ready(page);
    await looksRight(page, 'audit');
    await fitsAPhone(page, 'audit');
    await page.getByTestId('filter-resource').selectOption('role');
    await page.getByTestId('filter-record').fill(String(id));
    await page.getByTestId('filter-action').selectOption('update');
    await expect(page).toHaveURL(new RegExp(`record=${id}\\b`));
    await expect(page.getByTestId('count-audit')).toHaveText(/of 1$/);

    await page.getByTestId('list-audit').locator('tbody a').first().click();
    await expect(page.getByTestId('change-description')).toContainText('first');
    await expect(page.getByTestId('change-description')).toContainText('second');
    await looksRight(page, 'audit-entry');
    await fitsAPhone(page, 'audit-entry');
    await page.getByTestId('btn-restore').click();
    await expect(page.getByTestId('restore-call')).toContainText(`PATCH system/role/${id}`);
    await looksRight(page, 'audit-restore');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('audit-entry')).toBeHidden();
    expect((await api('GET', `system/role/${id}`)).body.description).toBe('first');
    await expect(page.getByTestId('count-audit')).toContainText('of 2');

    await page.getByTestId('filter-record').fill('99999');
    await expect(page.getByTestId('state-no-match')).toBeVisible();
    await page.getByTestId('btn-clear-filter').click();
    await page.getByTestId('filter-kind').selectOption('refusal');
    await expect(page.getByTestId('list-audit')).toContainText('GET sample/_table/employees');
    await api('DELETE', `system/role/${id}`);
});

test('an entry that is gone', async ({ admin: page, expected }) => {
    expected(404);
    await visit(page, '/audit?entry=999999');
    await expect(page.getByTestId('state-gone')).toBeVisible();
});
