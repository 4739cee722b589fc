import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

// Each test works on a table of its own, so that none sees what another changes.
async function makeTable(api: (verb: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>, name: string) {
    await api('POST', 'db/_schema', {
        resource: [
            {
                name,
                field: [
                    { name: 'id', type: 'id' },
                    { name: 'title', type: 'string', length: 60, allow_null: false },
                    { name: 'n', type: 'integer', allow_null: true },
                    { name: 'big', type: 'bigint', allow_null: true },
                    { name: 'ok', type: 'boolean', allow_null: true },
                    { name: 'more', type: 'json', allow_null: true },
                ],
            },
        ],
    });
    await api('POST', `db/_table/${name}`, {
        resource: [
            { title: 'one', n: 1, ok: true, more: '{"a":[1,2]}' },
            { title: 'two', n: null, ok: false },
            { title: "it's three", n: 3, ok: null },
        ],
    });
}

test('tables are found and their rows read', async ({ admin: page }) => {
    await page.getByTestId('nav-data').click();
    await ready(page);
    await looksRight(page, 'data');
    await page.getByTestId('service-sample').click();
    await ready(page);
    await page.getByTestId('search-tables').fill('loc');
    await expect(page.getByTestId('tables').getByRole('link')).toHaveCount(1);
    await page.getByTestId('tables-locations').click();
    await expect(page.getByTestId('count-rows')).toContainText('of 160');
    await looksRight(page, 'data-table');
    await fitsAPhone(page, 'data-table');
});

test('a filter is built, kept in the address with the order, and keys lead to other rows', async ({ admin: page }) => {
    await visit(page, '/data/sample/locations');
    await page.getByTestId('btn-builder').click();
    await page.getByTestId('btn-add-condition').click();
    await page.getByTestId('condition-0-field').selectOption('city');
    await page.getByTestId('condition-0-value').fill('Turin');
    await page.getByTestId('btn-add-condition').click();
    await page.getByTestId('condition-1-field').selectOption('capacity');
    await page.getByTestId('condition-1-operator').selectOption('>');
    await page.getByTestId('condition-1-value').fill('400');
    await expect(page.getByTestId('filter-text')).toHaveText("(city = 'Turin') and (capacity > 400)");
    await looksRight(page, 'data-filter');
    await page.getByTestId('btn-apply-filter').click();
    await ready(page);
    expect(new URL(page.url()).searchParams.get('filter')).toBe("(city = 'Turin') and (capacity > 400)");
    await expect(page.getByTestId('cell-0-city')).toHaveText('Turin');

    await page.getByTestId('column-capacity').click();
    await page.getByTestId('sort-down').click();
    await ready(page);
    await expect(page.locator('th[aria-sort=descending]')).toContainText('capacity');
    await page.reload();
    await ready(page);
    await expect(page.getByTestId('filter')).toHaveValue("(city = 'Turin') and (capacity > 400)");

    await page.getByTestId('cell-0-supply_id').getByTestId('open-related').click();
    await ready(page);
    await expect(page.getByTestId('page-title')).toHaveText('supplies');
    await expect(page.getByTestId('count-rows')).toContainText('of 1');
    await page.getByTestId('cell-0-name').click();
    await expect(page.getByTestId('related')).toContainText('Turin');
});

test('rows are changed by keyboard, reviewed and saved together', async ({ admin: page, api }) => {
    await makeTable(api, 'desk');
    await visit(page, '/data/db/desk');
    await page.getByTestId('cell-0-title').click();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('first');
    await page.keyboard.press('Tab');
    await page.keyboard.press('F2');
    await page.keyboard.type('7');
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('cell-0-n')).toHaveText('1');
    await page.keyboard.press('Delete');
    await expect(page.getByTestId('cell-0-n')).toHaveText('null');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('9007199254740993');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('cell-1-big')).toBeFocused();
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press(' ');
    await page.getByTestId('btn-delete-rows').click();
    await page.getByTestId('btn-add-row').click();
    await expect(page.getByTestId('cell-0-title')).toBeFocused();
    await page.keyboard.type('fourth');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('staged')).toContainText('3 changes');
    await looksRight(page, 'data-staged');

    await page.keyboard.press('Control+s');
    await looksRight(page, 'data-review');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('toast-success')).toBeVisible();
    await expect(page.getByTestId('staged')).toBeHidden();
    await ready(page);
    await expect(page.getByTestId('cell-0-big')).toHaveText('9007199254740993');
    const { body } = await api('GET', 'db/_table/desk?fields=title,n&order=id');
    expect(body.resource).toEqual([
        { title: 'first', n: null },
        { title: "it's three", n: 3 },
        { title: 'fourth', n: null },
    ]);
    await api('DELETE', 'db/_schema/desk');
});

test('refused rows say why, and nothing of their call is stored', async ({ admin: page, api, expected }) => {
    expected(400);
    await makeTable(api, 'shelf');
    await visit(page, '/data/db/shelf');
    for (const [row, text] of [
        [0, '5'],
        [1, 'many'],
    ] as const) {
        await page.getByTestId(`cell-${row}-n`).click();
        await page.keyboard.type(text);
        await page.keyboard.press('Enter');
    }
    await page.getByTestId('btn-review').click();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('change-error')).toHaveCount(1);
    await expect(page.getByTestId('change-error')).toContainText('must be a valid integer');
    await looksRight(page, 'data-refused');
    const { body } = await api('GET', 'db/_table/shelf?fields=n&order=id');
    expect(body.resource).toEqual([{ n: 1 }, { n: null }, { n: 3 }]);

    await page.getByTestId('btn-cancel').click();
    await expect(page.getByTestId('row-error')).toBeVisible();
    await page.getByTestId('nav-home').click();
    await page.getByTestId('btn-stay-here').click();
    await page.getByTestId('btn-discard').click();
    await page.getByTestId('filter').fill('nonsense =');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('error-filter')).toBeVisible();
    await api('DELETE', 'db/_schema/shelf');
});

test('JSON opens beside the grid, views are kept, rows exported, fields chosen', async ({ admin: page, api }) => {
    await makeTable(api, 'box');
    await visit(page, '/data/db/box?order=id');
    await page.getByTestId('cell-0-more').dblclick();
    await expect(page.getByTestId('panel-value').locator('.cm-content')).toContainText('"a"');
    await looksRight(page, 'data-value');
    await page.getByTestId('btn-cancel').click();

    await page.getByTestId('filter').fill(`title = "it's three"`);
    await page.keyboard.press('Enter');
    await ready(page);
    await page.getByTestId('btn-fields').click();
    await page.getByTestId('show-big').uncheck();
    await page.getByTestId('btn-done').click();
    await expect(page.getByTestId('column-big')).toHaveCount(0);
    await page.getByTestId('btn-views').click();
    await page.getByTestId('btn-keep-view').click();
    await page.getByTestId('field-view').fill('Thirds');
    await page.getByTestId('btn-save-view').click();
    await expect(page.getByTestId('btn-views')).toContainText('Thirds');

    const [file] = await Promise.all([
        page.waitForEvent('download'),
        (async () => {
            await page.getByTestId('btn-table-menu').click();
            await page.getByTestId('export-csv').click();
        })(),
    ]);
    expect(file.suggestedFilename()).toBe('box.csv');
    const text = (await (await file.createReadStream()).toArray()).map(String).join('');
    expect(text.trim().split('\n')).toHaveLength(2);
    expect(text).toContain("it's three");

    await page.getByTestId('btn-views').click();
    await page.getByTestId('view-whole').click();
    await expect(page.getByTestId('count-rows')).toContainText('of 3');
    await api('DELETE', 'db/_schema/box');
});

test('a table that is not there says so', async ({ admin: page, expected }) => {
    expected(404);
    await visit(page, '/data/sample/nowhere');
    await expect(page.getByTestId('state-gone')).toBeVisible();
    await looksRight(page, 'data-gone');
});
