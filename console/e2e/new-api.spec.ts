import type { Page } from '@playwright/test';
import { start, type Instance } from './instance';
import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

/** Tests on an instance of their own, on which nobody else makes services. */
const on = (bare: boolean) =>
    test.extend<object, { instance: Instance }>({
        instance: [
            async ({}, use) => {
                const instance = await start({ bare });
                await use(instance);
                await instance.stop();
            },
            { scope: 'worker' },
        ],
    });
const bare = on(true);
const fresh = on(false);

/** Counts what is clicked, and how long it takes. */
function stopwatch(page: Page) {
    const started = Date.now();
    let clicks = 0;
    return {
        async click(testid: string) {
            clicks += 1;
            await page.getByTestId(testid).click();
        },
        told: () => ({ clicks, seconds: (Date.now() - started) / 1000 }),
    };
}

/** The key that the result shows really answers. */
async function answers(page: Page, url: string, path: string): Promise<Response> {
    const key = await page.getByTestId('result-key').innerText();
    return fetch(`${url}/api/v2/${path}`, { headers: { 'x-dreamfactory-api-key': key } });
}

bare('from nothing to a key that answers in six clicks', async ({ page, instance }) => {
    await visit(page, instance.setup ?? '');
    const watch = stopwatch(page);
    await page.getByTestId('field-name').fill('Ada');
    await page.getByTestId('field-email').fill('ada@example.com');
    await page.getByTestId('field-password').fill('correct-horse-battery-staple');
    await watch.click('btn-create-admin');
    await watch.click('btn-connect');
    await watch.click('type-sqlite');
    await page.getByTestId('field-config.database').fill('shop.sqlite');
    await expect(page.getByTestId('field-name')).toHaveValue('shop');
    await watch.click('btn-test');
    await watch.click('btn-create-api');
    await expect(page.getByTestId('result-answer')).toContainText('resource');
    await watch.click('btn-copy-curl');
    await expect(page.getByTestId('btn-copy-curl')).toContainText('Copied');
    const { clicks, seconds } = watch.told();
    console.log(`first run to a copied curl: ${clicks} clicks, ${seconds} s`);
    expect(clicks).toBeLessThanOrEqual(6);
    expect(seconds).toBeLessThan(120);
    expect((await answers(page, instance.url, 'shop/_table')).status).toBe(200);
    expect((await answers(page, instance.url, 'system/role')).status).toBe(401);
});

fresh('the sample is published in three clicks, read-only', async ({ admin: page, instance, api }) => {
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await looksRight(page, 'home-empty');
    await fitsAPhone(page, 'home-empty');
    const watch = stopwatch(page);
    await watch.click('btn-sample');
    await expect(page.getByTestId('row-table-employees')).toBeVisible();
    await watch.click('btn-create-api');
    await expect(page.getByTestId('result-answer')).toContainText('"resource"');
    await watch.click('btn-copy-curl');
    expect(watch.told().clicks).toBe(3);
    expect((await answers(page, instance.url, 'sample/_table/employees?limit=1')).status).toBe(200);
    await looksRight(page, 'new-api-result');
    await fitsAPhone(page, 'new-api-result');
    const { body } = await api('GET', 'system/role?filter=name%20starts%20with%20%27sample_reader_%27&related=role_service_access_by_role_id');
    expect(body.resource[0].role_service_access_by_role_id).toMatchObject([{ component: '_table/*', verb_mask: 1 }]);
    await api('DELETE', 'system/app?filter=name=sample_2');
    await api('DELETE', `system/role/${body.resource[0].id}`);
});

test('tables are chosen one by one, and a connection that fails says which field', async ({ admin: page, instance, api, expected }) => {
    test.slow();
    expected(400);
    await visit(page, '/new');
    await expect(page.getByTestId('search-types')).toBeFocused();
    await looksRight(page, 'new-api-type');
    await page.getByTestId('type-pgsql').click();
    await page.getByTestId('btn-test').click();
    await expect(page.getByTestId('error-config.host')).toBeVisible();
    await page.getByTestId('field-config.host').fill('127.0.0.1');
    await page.getByTestId('field-config.port').fill('1');
    await page.getByTestId('field-config.database').fill('nothing');
    await page.getByTestId('btn-test').click();
    await expect(page.getByTestId('error-config.port')).toContainText('Nothing accepts connections');
    await expect(page.getByTestId('field-config.host')).toHaveValue('127.0.0.1');
    await looksRight(page, 'new-api-connection');
    await fitsAPhone(page, 'new-api-connection');
    await page.getByTestId('btn-back').click();

    await page.getByTestId('type-sqlite').click();
    await page.getByTestId('field-config.database').fill('sample.sqlite');
    await expect(page.getByTestId('field-name')).toHaveValue('sample_2');
    await page.getByTestId('field-name').fill('staff');
    await page.getByTestId('btn-test').click();
    await page.getByTestId('chosen-salaries').uncheck();
    await page.getByTestId('field-write-employees').check();
    await looksRight(page, 'new-api-access');
    await fitsAPhone(page, 'new-api-access');
    await page.getByTestId('btn-create-api').click();
    await expect(page.getByTestId('result-answer')).toContainText('resource');
    const status = async (path: string) => (await answers(page, instance.url, path)).status;
    expect(await status('staff/_table/employees?limit=1')).toBe(200);
    expect(await status('staff/_table/salaries?limit=1')).toBe(401);

    await visit(page, '/');
    await expect(page.getByTestId('btn-new-api')).toBeVisible();
    await looksRight(page, 'home');
    await fitsAPhone(page, 'home');
    await api('DELETE', 'system/app?filter=name=staff');
    await api('DELETE', 'system/role?filter=name=staff_writer');
    await api('DELETE', 'system/service?filter=name=staff');
});

test('a step that fails can be gone on from or undone', async ({ admin: page, api, expected }) => {
    expected(500);
    let broken = true;
    await page.route('**/api/v2/system/app?*', async (route) => {
        if (route.request().method() === 'POST' && broken) await route.fulfill({ status: 500, json: { error: { code: 500, message: 'Out of keys.', context: null } } });
        else await route.fallback();
    });
    await visit(page, '/new');
    await page.getByTestId('type-sqlite').click();
    await page.getByTestId('field-config.database').fill('half.sqlite');
    await page.getByTestId('btn-test').click();
    await page.getByTestId('btn-create-api').click();
    await expect(page.getByTestId('make-error')).toContainText('Out of keys.');
    await expect(page.getByTestId('make-role')).toHaveAttribute('data-state', 'done');
    await looksRight(page, 'new-api-failed');
    await page.getByTestId('btn-undo').click();
    await expect(page.getByTestId('btn-create-api')).toBeVisible();
    expect((await api('GET', 'system/service?filter=name=half')).body.resource).toEqual([]);
    expect((await api('GET', 'system/role?filter=name=half_reader')).body.resource).toEqual([]);

    await page.getByTestId('btn-create-api').click();
    await expect(page.getByTestId('make-error')).toBeVisible();
    broken = false;
    await page.getByTestId('btn-continue').click();
    await expect(page.getByTestId('wizard-result')).toBeVisible();
    await ready(page);
    for (const [resource, name] of [['app', 'half'], ['role', 'half_reader'], ['service', 'half']]) await api('DELETE', `system/${resource}?filter=name=${name}`);
});
