import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a role is made, changed, duplicated and deleted', async ({ admin: page, api }) => {
    test.slow();
    await page.getByTestId('nav-roles').click();
    await ready(page);
    await expect(page.getByTestId('row-roles-sample_reader')).toBeVisible();
    await looksRight(page, 'roles');
    await fitsAPhone(page, 'roles');

    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-name').fill('clerk');
    await page.getByTestId('field-description').fill('Keeps the books.');
    await page.getByTestId('btn-presets').click();
    await page.getByTestId('preset-write').click();
    await page.getByTestId('field-preset-service').selectOption({ label: 'sample (Sample)' });
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('grant-2')).toBeVisible();

    await page.getByTestId('btn-add-row').click();
    await page.getByTestId('field-service-3').selectOption({ label: 'sample' });
    await page.getByTestId('field-component-3').fill('_table/salaries/*');
    await page.getByTestId('verbs-3-get').click();
    await page.getByTestId('verbs-3-patch').click();
    await page.getByTestId('field-script-3').uncheck();
    await page.getByTestId('btn-filters-3').click();
    await page.getByTestId('filter-name-3-1').fill('emp_no');
    await expect(page.getByTestId('warn-half-filter')).toBeVisible();
    await page.getByTestId('filter-value-3-1').fill('{user.id}');
    await expect(page.getByTestId('warn-half-filter')).toBeHidden();
    await expect(page.getByTestId('warn-unfiltered')).toBeVisible();
    await looksRight(page, 'role-new');
    await fitsAPhone(page, 'role-new');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('clerk');

    const stored = async (name = 'clerk') => (await api('GET', `system/role?filter=name='${name}'&related=role_service_access_by_role_id,lookup_by_role_id`)).body.resource[0];
    const rows = (await stored()).role_service_access_by_role_id;
    expect(rows.map((row: any) => [row.component, row.verb_mask, row.requestor_mask])).toEqual([['*', 1, 3], ['_table/*', 31, 3], ['_table/salaries/*', 8, 1]]);
    expect(rows[2].filters).toEqual([{ name: 'emp_no', operator: '=', value: '{user.id}' }]);

    await page.getByTestId('btn-remove-3').click();
    await page.getByTestId('tab-lookups').click();
    await page.getByTestId('btn-add-lookup').click();
    await page.getByTestId('field-lookup-name-0').fill('region');
    await page.getByTestId('field-lookup-value-0').fill('EU');
    await looksRight(page, 'role-lookups');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await stored()).role_service_access_by_role_id).toHaveLength(2);
    expect((await stored()).lookup_by_role_id[0]).toMatchObject({ name: 'region', value: 'EU' });

    await page.getByTestId('tab-history').click();
    await expect(page.getByTestId('history')).toContainText('lookup created');
    await looksRight(page, 'role-history');
    await fitsAPhone(page, 'role-history');
    const restore = page.getByTestId('history').locator('li', { hasText: 'access deleted' }).getByRole('button');
    await restore.click();
    await expect(page.getByTestId('restore-call')).toContainText('_table/salaries/*');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('dialog-restore')).toBeHidden();
    expect((await stored()).role_service_access_by_role_id).toHaveLength(3);

    await page.getByTestId('btn-more').click();
    await page.getByTestId('action-duplicate').click();
    await page.getByTestId('field-duplicate-name').fill('clerk two');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('clerk two');
    expect((await stored('clerk two')).role_service_access_by_role_id).toHaveLength(3);

    await visit(page, '/roles?q=clerk');
    await expect(page.getByTestId('count-roles')).toContainText('of 2');
    for (const name of ['clerk two', 'clerk']) {
        await page.getByTestId(`more-${name}`).click();
        await page.getByTestId('action-delete').click();
        await page.getByTestId('btn-confirm').click();
        await expect(page.getByTestId(`row-roles-${name}`)).toBeHidden();
    }
    await expect(page.getByTestId('state-no-match')).toBeVisible();
});

test('the matrix shows what is inherited and makes rows', async ({ admin: page, api }) => {
    await api('POST', 'system/role', { resource: [{ name: 'matrix', is_active: true, role_service_access_by_role_id: [{ service_id: 8, component: '_table/*', verb_mask: 1, requestor_mask: 3 }] }] });
    const { id } = (await api('GET', "system/role?filter=name='matrix'")).body.resource[0];
    await visit(page, `/roles/${id}?view=matrix`);
    await expect(page.getByTestId('reason-_table/employees')).toContainText('inherited from _table/*');
    await page.getByTestId('cell-_table/employees-delete').click();
    await expect(page.getByTestId('reason-_table/employees')).toContainText('own row');
    await expect(page.getByTestId('cell-_table/employees-get')).toHaveAttribute('aria-pressed', 'true');
    await looksRight(page, 'role-matrix');
    await fitsAPhone(page, 'role-matrix');
    await page.getByTestId('reset-_table/employees').click();
    await expect(page.getByTestId('dirty')).toBeHidden();

    await page.getByTestId('view-try').check({ force: true });
    await page.getByTestId('field-try-path').fill('_table/employees/1');
    await expect(page.getByTestId('decision')).toContainText('Allowed');
    await page.getByTestId('field-try-verb').selectOption('DELETE');
    await expect(page.getByTestId('decision')).toContainText('Denied');
    await looksRight(page, 'role-simulate');
    await fitsAPhone(page, 'role-simulate');
    await api('DELETE', `system/role/${id}`);
});

test('everything on everything asks first, and a role in use wants its name', async ({ admin: page, api }) => {
    await visit(page, '/roles/new');
    await page.getByTestId('field-name').fill('root');
    await page.getByTestId('btn-add-row').click();
    await page.getByTestId('field-service-1').selectOption({ label: 'All services' });
    await page.getByTestId('verbs-1-all').click();
    await expect(page.getByTestId('warn-everything')).toBeVisible();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dialog-everything')).toContainText('read, change and delete all data');
    await looksRight(page, 'role-everything');
    await page.getByTestId('btn-cancel').click();
    await expect(page.getByTestId('dirty')).toBeVisible();
    await page.getByTestId('btn-save').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('root');
    const { id } = (await api('GET', 'system/role?filter=name=root')).body.resource[0];
    await api('POST', 'system/app', { resource: [{ name: 'root app', is_active: true, role_id: id }] });

    await visit(page, `/roles/${id}?tab=used-by`);
    await expect(page.getByText('root app')).toBeVisible();
    await looksRight(page, 'role-used-by');
    await page.getByTestId('btn-more').click();
    await page.getByTestId('action-delete').click();
    await expect(page.getByTestId('dialog-confirm')).toContainText('1 key');
    await expect(page.getByTestId('btn-confirm')).toBeDisabled();
    await page.getByTestId('field-confirm').fill('root');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('list-roles')).toBeVisible();
    const { id: app } = (await api('GET', "system/app?filter=name='root app'")).body.resource[0];
    await api('DELETE', `system/app/${app}`);
});

test('a refused name stands at its field, and a role that is gone says so', async ({ admin: page, expected }) => {
    expected(400);
    await visit(page, '/roles/new');
    await page.getByTestId('field-name').fill('sample_reader');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('error-name')).toContainText('already been taken');
    await expect(page.getByTestId('field-name')).toBeFocused();
    await page.getByTestId('btn-discard').click();
    expected(404);
    await visit(page, '/roles/4711');
    await expect(page.getByTestId('state-gone')).toBeVisible();
});
