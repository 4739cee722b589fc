import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a key is made, found, changed, replaced and deleted', async ({ admin: page, api }) => {
    await page.getByTestId('nav-apps').click();
    await ready(page);
    await looksRight(page, 'apps');
    await fitsAPhone(page, 'apps');

    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-name').fill('warehouse');
    await page.getByTestId('field-description').fill('Counts boxes.');
    await page.getByTestId('field-role_id').selectOption({ label: 'sample_reader' });
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('toast-success')).toBeVisible();
    await expect(page.getByTestId('page-title')).toHaveText('warehouse');
    await looksRight(page, 'app');

    const first = await page.getByTestId('key-card').locator('code').innerText();
    await page.getByTestId('btn-rotate').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('key-card').locator('code')).not.toHaveText(first);
    const stored = await api('GET', 'system/app?filter=name=warehouse');
    expect(stored.body.resource[0].api_key).not.toBe(first);

    await page.getByTestId('field-description').fill('Counts boxes and pallets.');
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();

    await visit(page, '/apps?q=pallets');
    await expect(page.getByTestId('row-apps-warehouse')).toBeVisible();
    await expect(page.getByTestId('count-apps')).toContainText('of 1');
    await page.getByTestId('more-warehouse').click();
    await page.getByTestId('action-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-no-match')).toBeVisible();
});

test('leaving a changed form asks', async ({ admin: page }) => {
    await visit(page, '/apps/new');
    await page.getByTestId('field-name').fill('half');
    await page.getByTestId('nav-home').click();
    await expect(page.getByTestId('dialog-unsaved')).toBeVisible();
    await page.getByTestId('btn-stay-here').click();
    await expect(page.getByTestId('field-name')).toHaveValue('half');
    await page.getByTestId('nav-home').click();
    await page.getByTestId('btn-leave').click();
    await expect(page.getByTestId('page-title')).toHaveText('Home');
});
