import { expect, fitsAPhone, looksRight, test, visit } from './test';

test('what needs attention is named with the way to mend it', async ({ admin: page, api }) => {
    const { body: role } = await api('POST', 'system/role', {
        resource: [{ name: 'all_of_it', is_active: true, role_service_access_by_role_id: [{ service_id: null, component: '*', verb_mask: 31, requestor_mask: 3 }] }],
    });
    const { body: lookup } = await api('POST', 'system/lookup', { resource: [{ name: 'mail_password', value: 'x', private: false }] });
    await visit(page, '/');
    await expect(page.getByTestId('finding-lookup-readable')).toContainText('mail_password');
    await expect(page.getByTestId('finding-role-everything').getByRole('link')).toHaveAttribute('href', `/roles/${role.resource[0].id}`);
    await api('DELETE', `system/role/${role.resource[0].id}`);
    await api('DELETE', `system/lookup/${lookup.resource[0].id}`);
});

test('services show how they do, and the newest failed requests are listed', async ({ admin: page, api, instance }) => {
    await api('GET', 'sample/_table/employees?limit=1');
    await api('GET', 'sample/_table/nowhere');
    await fetch(`${instance.url}/api/v2/sample/_table/salaries`);
    await expect(async () => {
        await visit(page, '/');
        await expect(page.getByTestId('health-sample')).toContainText('up', { timeout: 2000 });
    }).toPass();
    await expect(page.getByTestId('failures')).toContainText('sample/_table/nowhere');
    await page.getByTestId('btn-check').click();
    await expect(page.getByTestId('health-db')).toContainText('up');
    await looksRight(page, 'home-busy');
    await fitsAPhone(page, 'home-busy');
});

test('a part that cannot be read says so, and the others stay', async ({ admin: page, expected }) => {
    expected(500);
    await page.route('**/api/v2/system/health', (route) => route.fulfill({ status: 500, json: { error: { code: 500, message: 'Not today.', context: null } } }), { times: 1 });
    await visit(page, '/');
    await expect(page.getByTestId('health').getByTestId('state-error')).toContainText('Not today.');
    await expect(page.getByTestId('attention')).toBeVisible();
    await page.getByTestId('btn-retry').click();
    await expect(page.getByTestId('health-sample')).toBeVisible();
});
