import { expect, fitsAPhone, looksRight, ready, test, visit, write } from './test';

test('a task is made, tried, changed and deleted', async ({ admin: page, api }) => {
    await page.getByTestId('nav-scheduler').click();
    await ready(page);
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await looksRight(page, 'scheduler-empty');
    await page.getByTestId('btn-create').click();
    await page.getByTestId('field-name').fill('count departments');
    await page.getByTestId('field-service_id').selectOption({ label: 'Sample' });
    await page.getByTestId('field-component').fill('_table/departments');
    await page.getByTestId('field-frequency').fill('25');
    await expect(page.getByTestId('next-runs')).toContainText(/(00|25|50)/);
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('count departments');
    await looksRight(page, 'task');
    await fitsAPhone(page, 'task');

    await page.getByTestId('btn-run').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('run-answer')).toContainText('200');
    await page.getByTestId('btn-cancel').click();

    await page.getByTestId('field-verb_mask').selectOption({ label: 'PATCH' });
    await write(page, 'field-payload', '{"resource":');
    await expect(page.getByTestId('error-payload')).toBeVisible();
    await expect(page.getByTestId('btn-save')).toBeDisabled();
    await write(page, 'field-payload', '{"resource":[]}');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('dirty')).toBeHidden();
    const stored = await api('GET', 'system/scheduler?filter=name="count departments"');
    expect(stored.body.resource[0]).toMatchObject({ verb: 'PATCH', payload: '{"resource":[]}', frequency: 25 });

    await visit(page, '/scheduler');
    await looksRight(page, 'scheduler');
    await fitsAPhone(page, 'scheduler');
    await page.getByTestId('more-count departments').click();
    await page.getByTestId('action-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('state-empty')).toBeVisible();
});

test('a task that the server refuses says why at its field', async ({ admin: page, expected }) => {
    expected(400);
    await visit(page, '/scheduler/new');
    await page.getByTestId('field-name').fill('broken');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('save-error')).toBeVisible();
    await expect(page.getByTestId('field-name')).toHaveValue('broken');
});
