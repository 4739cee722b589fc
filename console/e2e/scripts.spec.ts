import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('a script is written for an event, changed, switched off and deleted', async ({ admin: page, api }) => {
    await page.getByTestId('nav-scripts').click();
    await ready(page);
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await looksRight(page, 'scripts');
    await page.getByTestId('services-sample').click();
    await ready(page);
    await page.getByTestId('resource-sample._table.{table_name}').locator('summary').click();
    await page.getByTestId('value-sample._table.{table_name}').fill('supplies');
    await looksRight(page, 'scripts-events');
    await fitsAPhone(page, 'scripts-events');
    await page.getByTestId('event-sample._table.supplies.post.pre_process').click();
    await ready(page);
    await page.getByTestId('field-type').selectOption('nodejs');
    await page.getByTestId('field-content').locator('.cm-content').click();
    await page.keyboard.insertText("event.request.payload.resource[0].name = 'checked';\n");
    await page.getByTestId('field-allow_event_modification').check();
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('toast-success')).toBeVisible();
    await looksRight(page, 'script');
    await fitsAPhone(page, 'script');

    await page.reload();
    await ready(page);
    await expect(page.getByTestId('field-content').locator('.cm-content')).toContainText('checked');
    await page.getByTestId('field-is_active').uncheck();
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('dirty')).toBeHidden();
    const { body } = await api('GET', 'system/event_script/sample._table.supplies.post.pre_process');
    expect(body).toMatchObject({ type: 'nodejs', is_active: false, allow_event_modification: true });

    await visit(page, '/scripts?service=sample');
    await expect(page.getByTestId('resource-sample._table.{table_name}')).toContainText('1 script');
    await visit(page, '/scripts/sample._table.supplies.post.pre_process');
    await page.getByTestId('btn-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('dialog-confirm')).toBeHidden();
    expect((await api('GET', 'system/event_script/sample._table.supplies.post.pre_process')).status).toBe(404);
});
