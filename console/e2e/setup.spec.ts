import { start, type Instance } from './instance';
import { expect, fitsAPhone, looksRight, ready, test as base, visit } from './test';

// An instance that waits for its first administrator.
const test = base.extend<object, { instance: Instance }>({
    instance: [
        async ({}, use) => {
            const instance = await start({ bare: true });
            await use(instance);
            await instance.stop();
        },
        { scope: 'worker' },
    ],
});

test('the first run makes an administrator and logs in', async ({ page, instance, expected }) => {
    expected(400);
    expected(404);
    await visit(page, '/services');
    await expect(page.getByTestId('page-title')).toHaveText('Set up this instance');
    await looksRight(page, 'setup-without-link');

    await page.getByTestId('field-link').fill(`${instance.url}/setup?token=wrong`);
    await page.getByTestId('btn-continue').click();
    await page.getByTestId('field-name').fill('Ada');
    await page.getByTestId('field-email').fill('ada@example.com');
    await page.getByTestId('field-password').fill('a-long-enough-password');
    await page.getByTestId('btn-create-admin').click();
    await expect(page.getByTestId('setup-error')).toBeVisible();

    await visit(page, instance.setup ?? '');
    await expect(page).toHaveURL(/\/setup$/);
    await page.getByTestId('field-name').fill('Ada');
    await page.getByTestId('field-email').fill('ada@example.com');
    await page.getByTestId('field-password').fill('too short');
    await expect(page.getByTestId('password-strength')).toHaveAttribute('data-strength', 'short');
    await page.getByTestId('btn-create-admin').click();
    await expect(page.getByTestId('error-password')).toBeVisible();
    await looksRight(page, 'setup');
    await fitsAPhone(page, 'setup');

    await page.getByTestId('field-password').fill('correct-horse-battery-staple');
    await expect(page.getByTestId('password-strength')).toHaveAttribute('data-strength', 'strong');
    await page.getByTestId('btn-create-admin').click();
    await expect(page.getByTestId('page-title')).toHaveText('Home');
    await expect(page.getByTestId('btn-account')).toContainText('Ada');

    await page.goto('/setup');
    await ready(page);
    await expect(page.getByTestId('page-title')).toHaveText('This instance is set up');
});
