import { expect, fitsAPhone, looksRight, ready, test, visit } from './test';

test('requests appear as they come, are narrowed, looked at and sent again', async ({ admin: page, api }) => {
    await api('GET', 'sample/_table/departments?limit=1');
    await page.getByTestId('nav-activity').click();
    await ready(page);
    await page.getByTestId('filter-service').selectOption('sample');
    await page.getByTestId('filter-path').fill('departments');
    await expect(page.getByTestId('requests').getByRole('row')).not.toHaveCount(0);
    await api('GET', 'sample/_table/departments/nothing');
    await expect(page.getByTestId('requests')).toContainText('departments/nothing');
    await looksRight(page, 'activity');
    await fitsAPhone(page, 'activity');

    await page.getByTestId('btn-pause').click();
    await page.getByTestId('filter-status').selectOption('4xx');
    await ready(page);
    expect(new URL(page.url()).search).toContain('status=4xx');
    await expect(page.getByTestId('requests').locator('tbody tr').filter({ hasText: '200' })).toHaveCount(0);
    await page.getByTestId('requests').getByRole('button').first().click();
    await expect(page.getByTestId('detail-message')).toContainText('nothing');
    await looksRight(page, 'activity-detail');
    await page.getByTestId('btn-replay').click();
    await ready(page);
    await expect(page.getByTestId('parameter-table_name')).toHaveValue('departments');
    await expect(page.getByTestId('parameter-id')).toHaveValue('nothing');

    await visit(page, '/activity?path=no-such-path-at-all');
    await expect(page.getByTestId('state-no-match')).toBeVisible();
    await page.getByTestId('btn-clear-filter').click();
    await expect(page.getByTestId('requests')).toBeVisible();
});

test('charts show the last hour, with their numbers as tables', async ({ admin: page, api }) => {
    for (let call = 0; call < 5; call++) await api('GET', 'sample/_table/employees?limit=1');
    await visit(page, '/activity?view=charts');
    await expect(page.getByTestId('chart-requests')).toBeVisible();
    await expect(page.getByTestId('services')).toContainText('sample');
    await looksRight(page, 'activity-charts');
    await fitsAPhone(page, 'activity-charts');
    await page.getByTestId('range').selectOption('15m');
    await ready(page);
    await page.getByTestId('chart-duration').locator('summary').click();
    await expect(page.getByTestId('chart-duration').locator('tbody tr')).toHaveCount(15);
    await page.getByTestId('range').selectOption('24h');
    await ready(page);
    await expect(page.getByTestId('chart-duration').locator('tbody tr')).toHaveCount(144);
});
