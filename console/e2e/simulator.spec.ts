import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('the simulator explains a role, a key and a user', async ({ admin: page, api }) => {
    await api('POST', 'system/role', {
        resource: [{ name: 'sim', is_active: true, role_service_access_by_role_id: [{ service_id: 8, component: '_table/*', verb_mask: 1, requestor_mask: 3, filters: [{ name: 'emp_no', operator: '<', value: '10003' }] }] }],
    });
    const role = (await api('GET', 'system/role?filter=name=sim')).body.resource[0].id;
    await api('POST', 'system/app', { resource: [{ name: 'sim app', is_active: true, role_id: role }] });
    await api('POST', 'system/limit', { resource: [{ name: 'sim limit', type: 'instance.role', role_id: role, rate: 1000, period: 'day' }] });

    await page.getByTestId('nav-simulator').click();
    await ready(page);
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await page.getByTestId('field-role').selectOption({ label: 'sim' });
    await page.getByTestId('field-service').selectOption('sample');
    await page.getByTestId('field-path').fill('_table/employees/10001');
    await page.getByTestId('btn-ask').click();
    await expect(page.getByTestId('verdict')).toContainText('Allowed');
    await expect(page.getByTestId('deciding')).toContainText('_table/*');
    await expect(page.getByTestId('filter').first()).toContainText('emp_no < 10003');
    await expect(page.getByTestId('limits')).toContainText('sim limit');
    await looksRight(page, 'simulator');
    await fitsAPhone(page, 'simulator');

    await page.getByTestId('field-verb').selectOption('DELETE');
    await page.getByTestId('btn-ask').click();
    await expect(page.getByTestId('verdict')).toContainText('Denied');
    await expect(page).toHaveURL(/verb=DELETE/);
    await page.reload();
    await ready(page);
    await expect(page.getByTestId('verdict')).toContainText('Denied');

    await visit(page, '/apps?q=sim app');
    await page.getByTestId('more-sim app').click();
    await page.getByRole('menuitem', { name: 'View as this key' }).click();
    await page.getByTestId('field-service').selectOption('sample');
    await page.getByTestId('field-path').fill('_table/employees');
    await page.getByTestId('btn-ask').click();
    await expect(page.getByTestId('records').locator('tbody tr')).toHaveCount(2);
    await looksRight(page, 'simulator-key');

    await page.getByTestId('as-user').check({ force: true });
    await page.getByTestId('field-user').fill('ada@example.com');
    await page.getByTestId('btn-ask').click();
    await expect(page.getByTestId('verdict')).toContainText('an administrator without a role may do everything');
    await api('DELETE', `system/role/${role}`);
    const app = (await api('GET', "system/app?filter=name='sim app'")).body.resource[0].id;
    await api('DELETE', `system/app/${app}`);
});

test('nobody of that name', async ({ admin: page, expected }) => {
    expected(404);
    await visit(page, '/simulator?user=nobody@example.com&service=sample');
    await expect(page.getByTestId('state-gone')).toContainText('There is no such user');
});
