import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

const READ = '/docs/sample?op=get%20/_table/{table_name}';

test('an operation is found, filled in and sent', async ({ admin: page }) => {
    await page.getByTestId('nav-docs').click();
    await ready(page);
    await looksRight(page, 'docs');
    await page.getByTestId('document-sample').click();
    await ready(page);
    await looksRight(page, 'docs-service');
    await fitsAPhone(page, 'docs-service');
    await page.getByTestId('search-operations').fill('read records');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('btn-send')).toBeDisabled();
    await page.getByTestId('parameter-table_name').fill('employees');
    await page.getByTestId('parameter-filter').fill("last_name like 'B%'");
    await page.getByTestId('parameter-limit').fill('2');
    await page.getByTestId('extra-name').fill('salaries_by_emp_no.limit');
    await page.getByTestId('btn-add-parameter').click();
    await page.getByTestId('parameter-salaries_by_emp_no.limit').fill('1');
    await expect(page.getByTestId('request-url')).toContainText('/api/v2/sample/_table/employees?');
    await page.getByTestId('btn-send').click();
    await expect(page.getByTestId('response-status')).toHaveText('200');
    await expect(page.getByTestId('response').locator('.cm-content')).toContainText('last_name');
    await looksRight(page, 'docs-response');
    await fitsAPhone(page, 'docs-response');
    await page.getByTestId('tab-headers').click();
    await expect(page.getByTestId('response')).toContainText('x-request-id');
});

test('what is filled in stands in the address, and becomes code', async ({ admin: page }) => {
    await visit(page, `${READ}&p.table_name=employees`);
    await expect(page.getByTestId('parameter-table_name')).toHaveValue('employees');
    for (const language of ['python', 'rust', 'curl']) {
        await page.getByTestId(`tab-${language}`).click();
        await expect(page.getByTestId('snippet')).toContainText('employees');
        await expect(page.getByTestId('snippet')).not.toContainText('eyJ');
    }
});

test('a body begins with the fields of the table, and the request is kept', async ({ admin: page, api }) => {
    await visit(page, '/docs/sample?op=post%20/_table/{table_name}&p.table_name=supplies');
    const body = page.getByTestId('field-body').locator('.cm-content');
    await expect(body).toContainText('quantity');
    await body.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText('{"resource":[{"name":"Spirit level"}]}');
    await page.getByTestId('parameter-fields').fill('id,name');
    await page.getByTestId('btn-send').click();
    await expect(page.getByTestId('response-status')).toHaveText('200');
    await expect(page.getByTestId('response').locator('.cm-content')).toContainText('Spirit level');

    await page.getByTestId('btn-history').click();
    await looksRight(page, 'docs-history');
    await page.getByTestId('history-0').click();
    await expect(page.getByTestId('field-body').locator('.cm-content')).toContainText('Spirit level');
    const { body: found } = await api('GET', "sample/_table/supplies?filter=name='Spirit level'");
    await api('DELETE', `sample/_table/supplies/${found.resource[0].id}`);
});

test('a request is sent as a key, or as nobody, and its refusal is shown', async ({ admin: page, expected }) => {
    expected(400);
    expected(401);
    expected(403);
    await visit(page, `${READ}&p.table_name=employees&p.limit=1`);
    await page.getByTestId('field-identity').selectOption('nobody');
    await page.getByTestId('btn-send').click();
    await expect(page.getByTestId('response-status')).not.toHaveText('200');
    await expect(page.getByTestId('response').locator('.cm-content')).toContainText('error');
    await page.getByTestId('field-identity').selectOption('key');
    await page.getByTestId('field-identity-key').selectOption({ label: 'sample' });
    await page.getByTestId('btn-send').click();
    await expect(page.getByTestId('response-status')).toHaveText('200');
    await looksRight(page, 'docs-identity');
});

test('documents are saved, and one that is not there says so', async ({ admin: page, expected }) => {
    expected(403);
    expected(404);
    await visit(page, '/docs/sample');
    await page.getByTestId('btn-download').click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('download-yaml').click()]);
    expect(file.suggestedFilename()).toBe('sample.yaml');
    await visit(page, '/docs/nowhere');
    await expect(page.locator('[data-testid=state-gone], [data-testid=state-forbidden]')).toBeVisible();
});
