import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a user is made, given a role, changed and deleted', async ({ admin: page, api }) => {
    test.slow();
    await page.getByTestId('nav-users').click();
    await ready(page);
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-email').fill('grace@example.com');
    await page.getByTestId('field-first_name').fill('Grace');
    await page.getByTestId('field-last_name').fill('Hopper');
    await page.getByTestId('field-password').fill('nanoseconds-of-wire');
    await looksRight(page, 'user-new');
    await fitsAPhone(page, 'user-new');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('Grace Hopper');

    await page.getByTestId('tab-assignments').click();
    await page.getByTestId('btn-add-assignment').click();
    await page.getByTestId('field-app-0').selectOption({ label: 'sample' });
    await page.getByTestId('field-role-0').selectOption({ label: 'sample_reader' });
    await looksRight(page, 'user-roles');
    await fitsAPhone(page, 'user-roles');
    await page.getByTestId('tab-custom').click();
    await page.getByTestId('btn-add-custom').click();
    await page.getByTestId('field-custom-name-0').fill('theme');
    await page.getByTestId('field-custom-value-0').fill('{"dark":true}');
    await looksRight(page, 'user-custom');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();
    const stored = async () => (await api('GET', "system/user?filter=email='grace@example.com'&related=user_to_app_to_role_by_user_id,user_custom_by_user_id")).body.resource[0];
    expect((await stored()).user_to_app_to_role_by_user_id).toHaveLength(1);
    expect((await stored()).user_custom_by_user_id[0]).toMatchObject({ name: 'theme', value: { dark: true } });

    await page.reload();
    await ready(page);
    await page.getByTestId('tab-assignments').click();
    await page.getByTestId('btn-remove-assignment-0').click();
    await page.getByTestId('tab-security').click();
    await looksRight(page, 'user-login');
    await page.getByTestId('field-password').fill('another-nanosecond-of-wire');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    expect((await stored()).user_to_app_to_role_by_user_id).toHaveLength(0);
    await page.getByTestId('tab-history').click();
    await expect(page.getByTestId('history').getByTestId('change-password').first()).toContainText('secret');
    await looksRight(page, 'user-history');

    await visit(page, '/users?q=hopper');
    await looksRight(page, 'users');
    await fitsAPhone(page, 'users');
    await page.getByTestId('more-grace@example.com').click();
    await page.getByTestId('action-activate').click();
    await expect(page.getByTestId('row-users-grace@example.com')).toContainText('Inactive');
    await page.getByTestId('more-grace@example.com').click();
    await page.getByTestId('action-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-no-match')).toBeVisible();
});

test('what is refused of a person stands where it belongs', async ({ admin: page, api, expected }) => {
    expected(400);
    expected(500);
    await visit(page, '/users/new');
    await page.getByTestId('field-email').fill('short@example.com');
    await page.getByTestId('field-password').fill('short');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('error-password')).toContainText('at least 16');
    // This instance has no e-mail server, so the invitation fails, and nobody is made.
    await page.getByTestId('first-invite').check();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toContainText('e-mail');
    expect((await api('GET', "system/user?filter=email='short@example.com'")).body.resource).toEqual([]);
    await page.getByTestId('btn-discard').click();
});

test('an administrator is restricted, and the last one stays', async ({ admin: page, api, expected }) => {
    await page.getByTestId('nav-admins').click();
    await ready(page);
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-email').fill('clara@example.com');
    await page.getByTestId('field-password').fill('correct-horse-battery');
    await page.getByTestId('tab-rights').click();
    await page.getByTestId('field-restricted').check();
    await page.getByTestId('part-users').check();
    await page.getByTestId('part-limits').check();
    await looksRight(page, 'admin-rights');
    await fitsAPhone(page, 'admin-rights');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('clara');
    await visit(page, page.url());
    await page.getByTestId('tab-rights').click();
    await expect(page.getByTestId('part-limits')).toBeChecked();
    await page.getByTestId('part-limits').uncheck();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    await expect(page.getByTestId('part-users')).toBeChecked();

    await visit(page, '/admins');
    await expect(page.getByTestId('row-admins-clara@example.com')).toContainText('Restricted');
    await looksRight(page, 'admins');
    expected(400);
    await page.getByTestId('row-admins-ada@example.com').locator('a').first().click();
    await page.getByTestId('field-is_active').uncheck();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toContainText('last active administrator');
    await page.getByTestId('btn-discard').click();
    const { id } = (await api('GET', "system/admin?filter=email='clara@example.com'")).body.resource[0];
    await api('DELETE', `system/admin/${id}`);
});

test('people are imported with a result for each line, and exported', async ({ admin: page, api, expected }) => {
    expected(400);
    await visit(page, '/users');
    await visit(page, '/users/import');
    await page.getByTestId('field-text').fill('neither this');
    await expect(page.getByTestId('import-columns')).toContainText('neither this');
    await expect(page.getByTestId('btn-import')).toBeDisabled();
    await page.getByTestId('field-file').setInputFiles({
        name: 'people.csv',
        mimeType: 'text/csv',
        buffer: Buffer.from('E-Mail;First name;Shoe size\nimp1@example.com;One;39\nno address;Two;40\nimp3@example.com;Three;41\n'),
    });
    await expect(page.getByTestId('column-E-Mail')).toHaveValue('email');
    await expect(page.getByTestId('column-Shoe size')).toHaveValue('');
    await looksRight(page, 'users-import');
    await fitsAPhone(page, 'users-import');
    await page.getByTestId('btn-import').click();
    await expect(page.getByTestId('import-results')).toContainText('2 imported, 1 refused');
    await expect(page.getByTestId('result-2')).toContainText('email');
    await looksRight(page, 'users-imported');

    await visit(page, '/users');
    const [file] = await Promise.all([
        page.waitForEvent('download'),
        (async () => {
            await page.getByTestId('btn-more').click();
            await page.getByTestId('action-export-csv').click();
        })(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toContain('imp3@example.com');
    for (const email of ['imp1@example.com', 'imp3@example.com']) {
        const { id } = (await api('GET', `system/user?filter=email='${email}'`)).body.resource[0];
        await api('DELETE', `system/user/${id}`);
    }
});
