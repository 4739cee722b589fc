import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a table is made and dropped, with a virtual field', async ({ admin: page, api }) => {
    await page.getByTestId('nav-schema').click();
    await ready(page);
    await looksRight(page, 'schemas');
    await page.getByTestId('schema-db').click();
    await ready(page);
    await page.getByTestId('btn-create').first().click();
    await page.getByTestId('field-name').fill('tools');
    await page.getByTestId('new-1-name').fill('title');
    await page.getByTestId('btn-add-line').click();
    await page.getByTestId('new-2-name').fill('weight');
    await page.getByTestId('new-2-type').selectOption('integer');
    await looksRight(page, 'schema-new-table');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('field-row-weight')).toBeVisible();
    await looksRight(page, 'schema-table');
    await fitsAPhone(page, 'schema-table');

    await page.getByTestId('btn-add-field').click();
    await page.getByTestId('field-name').fill('loud');
    await page.getByTestId('field-is_virtual').check();
    await page.getByTestId('btn-add-function').click();
    await page.getByTestId('field-function-0').fill('UPPER(title)');
    await looksRight(page, 'schema-virtual-field');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('field-row-loud')).toContainText('Virtual');

    await api('POST', 'db/_table/tools', { resource: [{ title: 'saw' }] });
    const { body: rows } = await api('GET', 'db/_table/tools?fields=loud');
    expect(rows.resource).toEqual([{ loud: 'SAW' }]);

    await page.getByTestId('edit-weight').click();
    await page.getByTestId('btn-drop-field').click();
    await page.getByTestId('field-confirm').fill('weight');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('field-row-weight')).toBeHidden();

    await page.getByTestId('btn-drop').click();
    await page.getByTestId('field-confirm').fill('tools');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('dialog-confirm')).toBeHidden();
    expect((await api('GET', 'db/_schema/tools')).status).toBe(404);
});

test('a field has rules, and the whole table can be changed as JSON', async ({ admin: page, api }) => {
    await api('POST', 'db/_schema', { resource: [{ name: 'shears', field: [{ name: 'id', type: 'id' }, { name: 'title', type: 'string', allow_null: true }] }] });
    await visit(page, '/schema/db?table=shears');
    await page.getByTestId('edit-title').click();
    await page.getByTestId('field-label').fill('What it is');
    await page.getByTestId('field-picklist').fill('saw\nhammer');
    await page.getByTestId('btn-add-rule').click();
    await page.getByTestId('field-rule-0').selectOption('not_empty');
    await page.getByTestId('field-rule-0-message').fill('Say what it is.');
    await looksRight(page, 'schema-field');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dialog-field')).toBeHidden();
    const { body: field } = await api('GET', 'db/_schema/shears/_field/title');
    expect(field).toMatchObject({ label: 'What it is', picklist: ['saw', 'hammer'], validation: { not_empty: { on_fail: 'Say what it is.' } } });
    await page.getByTestId('tab-json').click();
    await page.getByTestId('field-json').locator('.cm-content').click();
    const text = JSON.stringify({ name: 'shears', label: 'Box of tools' });
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(text);
    await page.getByTestId('btn-review').click();
    await expect(page.getByTestId('diff').locator('ins').first()).toBeVisible();
    await looksRight(page, 'schema-diff');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('field-json')).toBeVisible();
    expect((await api('GET', 'db/_schema/shears?fields=label')).body).toEqual({ label: 'Box of tools' });
    await api('DELETE', 'db/_schema/shears');
});

test('a virtual relation leads to another service', async ({ admin: page, api }) => {
    await api('POST', 'db/_schema', { resource: [{ name: 'wishes', field: [{ name: 'id', type: 'id' }, { name: 'supply', type: 'integer', allow_null: true }] }] });
    await visit(page, '/schema/db?table=wishes&tab=relations');
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await page.getByTestId('btn-add-relation').click();
    await page.getByTestId('field-field').selectOption('supply');
    await page.getByTestId('field-ref_service_id').selectOption({ label: 'sample' });
    await page.getByTestId('field-ref_table').selectOption('supplies');
    await expect(page.getByTestId('field-ref_field')).toHaveValue('id');
    await looksRight(page, 'schema-relation');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('relations')).toContainText('sample.supplies.id');
    await api('POST', 'db/_table/wishes', { resource: [{ supply: 1 }] });
    const { body } = await api('GET', 'db/_table/wishes?related=*');
    expect(body.resource[0]['sample.supplies_by_supply'].id).toBe(1);

    await page.getByTestId('edit-sample.supplies_by_supply').click();
    await page.getByTestId('btn-remove-relation').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await api('DELETE', 'db/_schema/wishes');
});

test('what the database refuses is said, and what was typed stays', async ({ admin: page, expected }) => {
    for (const status of [400, 409, 500]) expected(status);
    await visit(page, '/schema/sample?table=locations');
    await page.getByTestId('btn-add-field').click();
    await page.getByTestId('field-name').fill('city');
    await page.getByTestId('field-is_virtual').check();
    await page.getByTestId('btn-add-function').click();
    await page.getByTestId('field-function-0').fill('(select 1)');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toBeVisible();
    await expect(page.getByTestId('field-function-0')).toHaveValue('(select 1)');
});

test('the diagram shows what refers to what', async ({ admin: page }) => {
    await visit(page, '/schema/sample?view=diagram');
    await expect(page.getByTestId('node-employees')).toBeVisible();
    await looksRight(page, 'schema-diagram');
    await fitsAPhone(page, 'schema-diagram');
    const view = () => page.getByTestId('diagram').getAttribute('viewBox');
    await page.getByTestId('diagram').focus();
    const before = await view();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('+');
    expect(await view()).not.toBe(before);
    await page.keyboard.press('0');
    await page.getByTestId('search-diagram').fill('suppl');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('node-employees')).toBeHidden();
    await expect(page.getByTestId('node-locations')).toBeVisible();
    for (const form of ['svg', 'png']) {
        await page.getByTestId('btn-export').click();
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId(`export-${form}`).click()]);
        expect(file.suggestedFilename()).toBe(`sample.${form}`);
    }
    await page.getByTestId('btn-whole').click();
    await page.getByTestId('node-employees').click();
    await expect(page.getByTestId('node-supplies')).toBeHidden();
});
