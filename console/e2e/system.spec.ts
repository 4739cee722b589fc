import { readFile } from 'node:fs/promises';
import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('the system page tells what runs', async ({ admin: page }) => {
    await page.getByTestId('nav-system').click();
    await ready(page);
    await expect(page.getByTestId('card-instance')).toContainText('/api/v2');
    await looksRight(page, 'system');
    await fitsAPhone(page, 'system');
});

test('a package is made with a passphrase and comes in again', async ({ admin: page, expected }) => {
    await page.getByTestId('nav-packages').click();
    await ready(page);
    await looksRight(page, 'packages');
    await fitsAPhone(page, 'packages');
    await expect(page.getByTestId('btn-pack')).toBeDisabled();
    await page.getByTestId('field-passphrase').fill('a long passphrase');
    const downloading = page.waitForEvent('download');
    await page.getByTestId('btn-pack').click();
    const path = await (await downloading).path();
    expect((await readFile(path)).subarray(0, 2).toString()).toBe('PK');

    expected(400);
    await visit(page, '/packages?tab=import');
    await page.getByTestId('field-package').setInputFiles({ name: 'own.zip', mimeType: 'application/zip', buffer: await readFile(path) });
    await page.getByTestId('field-import-passphrase').fill('another one');
    await page.getByTestId('btn-import').click();
    await expect(page.getByTestId('import-error')).toBeVisible();
    await page.getByTestId('field-import-passphrase').fill('a long passphrase');
    await page.getByTestId('btn-import').click();
    await expect(page.getByTestId('import-result')).toBeVisible();
    await looksRight(page, 'packages-import');
});
