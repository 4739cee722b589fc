import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ADMIN, expect, fitsAPhone, login, looksRight, ownSession, ready, test, visit, write } from './test';

type Api = (verb: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>;

const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

// Each test works in a folder of its own, below which nothing is left from another run.
async function makeFolder(api: Api, name: string, files: Record<string, string> = {}) {
    await api('POST', `files/${name}/`);
    const resource = Object.entries(files).map(([file, content]) => ({ name: file, type: 'file', content }));
    if (resource.length > 0) await api('POST', `files/${name}/`, { resource });
}

async function upload(page: Page, ...files: [name: string, content: string | Buffer, mimeType: string][]) {
    await page.getByTestId('field-files').setInputFiles(files.map(([name, content, mimeType]) => ({ name, mimeType, buffer: Buffer.from(content) })));
}

test('files are uploaded, found, sorted, renamed, moved and deleted', async ({ admin: page, api }) => {
    await page.getByTestId('nav-files').click();
    await ready(page);
    await looksRight(page, 'file-services');
    await page.getByTestId('service-files').click();
    await ready(page);

    await page.getByTestId('btn-new').click();
    await page.getByTestId('new-folder').click();
    await expect(page.getByTestId('field-name')).toBeFocused();
    await page.getByTestId('field-name').fill('a/b');
    await expect(page.getByTestId('error-name')).toContainText('slashes');
    await page.getByTestId('field-name').fill('reports');
    await page.keyboard.press('Enter');
    await page.getByTestId('open-reports').click();
    await ready(page);
    await expect(page.getByTestId('state-empty')).toBeVisible();
    await looksRight(page, 'files-empty');

    await upload(page, ['notes 10.txt', 'ten', 'text/plain'], ['notes 9.txt', 'nine nine', 'text/plain'], ['dot.png', PIXEL, 'image/png']);
    await expect(page.getByTestId('uploads-state')).toHaveText('3 of 3 uploaded');
    const names = page.getByTestId('list-files').getByRole('link');
    await expect(names).toHaveText(['dot.png', 'notes 9.txt', 'notes 10.txt']);
    await page.getByTestId('btn-clear-uploads').click();
    await page.getByTestId('sort-size').click();
    await expect(names).toHaveText(['notes 10.txt', 'notes 9.txt', 'dot.png']);
    await page.reload();
    await ready(page);
    await expect(page.getByRole('columnheader', { name: 'Size' })).toHaveAttribute('aria-sort', 'ascending');
    await expect(names.first()).toHaveText('notes 10.txt');

    await page.getByTestId('more-notes 9.txt').click();
    await page.getByTestId('action-rename').click();
    await page.getByTestId('field-name').fill('summary.txt');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('row-files-summary.txt')).toBeVisible();
    await expect(page.getByTestId('row-files-notes 9.txt')).toBeHidden();

    await page.getByTestId('btn-new').click();
    await page.getByTestId('new-folder').click();
    await page.getByTestId('field-name').fill('old');
    await page.getByTestId('btn-confirm').click();
    await page.getByTestId('choose-notes 10.txt').check();
    await page.getByTestId('choose-summary.txt').check();
    await page.getByTestId('bulk-move').click();
    await expect(page.getByTestId('same-place')).toBeVisible();
    await page.getByTestId('into-old').click();
    await expect(page.getByTestId('target')).toHaveText('files/reports/old/');
    await looksRight(page, 'files-move');
    await page.getByTestId('btn-confirm').click();
    await expect(names).toHaveText(['old', 'dot.png']);
    await looksRight(page, 'files');
    await fitsAPhone(page, 'files');

    await page.getByTestId('more-dot.png').click();
    await page.getByTestId('action-copy').click();
    await expect(page.getByTestId('field-name')).toHaveValue('dot (2).png');
    await page.getByTestId('btn-confirm').click();
    await expect(names).toHaveText(['old', 'dot (2).png', 'dot.png']);

    await page.getByTestId('search-files').fill('SUMM');
    await expect(names).toHaveText(['old/summary.txt']);
    await page.getByTestId('field-deep').uncheck();
    await expect(page.getByTestId('state-no-match')).toBeVisible();
    await page.getByTestId('btn-clear-filter').click();
    await expect(names).toHaveText(['old', 'dot (2).png', 'dot.png']);

    await page.getByTestId('more-here').click();
    await page.getByTestId('action-delete').click();
    await expect(page.getByTestId('delete-inside')).toContainText('4 files and 1 folder');
    await looksRight(page, 'files-delete');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('files');
    expect((await api('GET', 'files/?as_list=true')).body.resource).not.toContain('reports/');
});

test('a file that is there is replaced only when one says so', async ({ admin: page, api, expected }) => {
    expected(409);
    await makeFolder(api, 'taken', { 'a.txt': 'first', 'b.txt': 'first' });
    await visit(page, '/browse/files/taken/');
    await upload(page, ['a.txt', 'second', 'text/plain'], ['b.txt', 'second', 'text/plain'], ['c.txt', 'new', 'text/plain']);
    await expect(page.getByTestId('uploads-state')).toHaveText('1 of 3 uploaded');
    await expect(page.getByTestId('upload-a.txt')).toHaveAttribute('data-state', 'taken');
    await looksRight(page, 'files-taken');
    await fitsAPhone(page, 'files-taken');
    await page.getByTestId('btn-keep-both-a.txt').click();
    await expect(page.getByTestId('upload-a (2).txt')).toHaveAttribute('data-state', 'done');
    await page.getByTestId('btn-replace-b.txt').click();
    await expect(page.getByTestId('upload-b.txt')).toHaveAttribute('data-state', 'done');
    await expect(page.getByTestId('list-files').getByRole('link')).toHaveText(['a (2).txt', 'a.txt', 'b.txt', 'c.txt']);

    await page.getByTestId('open-b.txt').click();
    await ready(page);
    await expect(page.getByTestId('field-content')).toContainText('second');
    await visit(page, '/browse/files/taken/a.txt');
    await expect(page.getByTestId('field-content')).toContainText('first');
    await api('DELETE', 'files/taken/?force=true');
});

test('files are dropped, a folder is picked, and an upload is stopped', async ({ admin: page, api }) => {
    await makeFolder(api, 'dropped');
    await visit(page, '/browse/files/dropped/');
    await page.evaluate(() => {
        const data = new DataTransfer();
        data.items.add(new File(['dropped'], 'drop.txt', { type: 'text/plain' }));
        for (const type of ['dragover', 'drop']) document.body.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await expect(page.getByTestId('row-files-drop.txt')).toBeVisible();

    const picked = await mkdtemp(join(tmpdir(), 'picked-'));
    await mkdir(join(picked, 'in', 'deeper'), { recursive: true });
    await writeFile(join(picked, 'in', 'deeper', 'x.txt'), 'x');
    await writeFile(join(picked, 'in', 'y.txt'), 'y');
    await page.getByTestId('field-folder').setInputFiles(join(picked, 'in'));
    await page.getByTestId('open-in').click();
    await expect(page.getByTestId('row-files-y.txt')).toBeVisible();
    await page.getByTestId('open-deeper').click();
    await expect(page.getByTestId('row-files-x.txt')).toBeVisible();
    await rm(picked, { recursive: true });
    await visit(page, '/browse/files/dropped/');

    // The body is never let through, as on a slow line.
    let abort = () => {};
    await page.route('**/slow.bin*', (route) => {
        abort = () => void route.abort();
    });
    await upload(page, ['slow.bin', 'x'.repeat(1000), 'application/octet-stream'], ['after.txt', 'after', 'text/plain']);
    await expect(page.getByTestId('upload-slow.bin')).toHaveAttribute('data-state', 'sending');
    await page.getByTestId('btn-stop-slow.bin').click();
    await expect(page.getByTestId('upload-slow.bin')).toHaveAttribute('data-state', 'stopped');
    await expect(page.getByTestId('row-files-after.txt')).toBeVisible();
    abort();
    await expect(page.getByTestId('row-files-slow.bin')).toBeHidden();
    await api('DELETE', 'files/dropped/?force=true');
});

test('many files are paged, and what is ticked is in sight', async ({ admin: page, api }) => {
    await makeFolder(api, 'many', Object.fromEntries(Array.from({ length: 30 }, (_, number) => [`${number}.txt`, String(number)])));
    await visit(page, '/browse/files/many/');
    const names = page.getByTestId('list-files').getByRole('link');
    await expect(names).toHaveCount(25);
    await page.getByTestId('choose-all').check();
    await page.getByTestId('btn-next').click();
    await expect(names).toHaveText(['25.txt', '26.txt', '27.txt', '28.txt', '29.txt']);
    await expect(page.getByTestId('bulk-delete')).toBeHidden();
    await page.getByTestId('choose-all').check();
    await page.getByTestId('bulk-delete').click();
    await page.getByTestId('btn-confirm').click();
    await expect(names.last()).toHaveText('24.txt');
    await api('DELETE', 'files/many/?force=true');
});

test('an upload goes on after a new login', async ({ page, instance, api, expected }) => {
    await makeFolder(api, 'session');
    const session = `${instance.url}/api/v2/system/admin/session`;
    const token = await ownSession(instance.url);
    await login(page, instance.url, token, '/browse/files/session/');
    await fetch(session, { method: 'DELETE', headers: { 'x-dreamfactory-session-token': token } });

    expected(401);
    expected(403);
    await upload(page, ['kept.txt', 'kept', 'text/plain']);
    await page.getByTestId('field-relogin-password').fill(ADMIN.password);
    await page.getByTestId('btn-relogin').click();
    await expect(page.getByTestId('row-files-kept.txt')).toBeVisible();
    await api('DELETE', 'files/session/?force=true');
});

test('text is edited, and what others wrote meanwhile is not lost', async ({ admin: page, api }) => {
    await makeFolder(api, 'texts', { 'note.txt': 'one\r\ntwo\r\n', 'data.json': '{"id":12345678901234567890,"list":[]}' });
    await visit(page, '/browse/files/texts/note.txt');
    await looksRight(page, 'file-text');
    await fitsAPhone(page, 'file-text');
    await write(page, 'field-content', 'one\ntwo\nthree\n');
    await page.getByTestId('nav-home').click();
    await expect(page.getByTestId('dialog-unsaved')).toBeVisible();
    await page.getByTestId('btn-stay-here').click();
    await page.keyboard.press('Control+s');
    await expect(page.getByTestId('toast-success')).toBeVisible();
    await expect(page.getByTestId('file-size')).toHaveText('17 B');

    await write(page, 'field-content', 'mine\n');
    await api('POST', 'files/texts/', { resource: [{ name: 'note.txt', type: 'file', content: 'theirs\n' }] });
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('conflict')).toBeVisible();
    await page.getByTestId('btn-compare').click();
    await expect(page.getByTestId('diff')).toContainText('theirs');
    await looksRight(page, 'file-conflict');
    await page.getByTestId('btn-overwrite').click();
    await expect(page.getByTestId('conflict')).toBeHidden();
    await page.reload();
    await expect(page.getByTestId('field-content')).toContainText('mine');

    await visit(page, '/browse/files/texts/data.json');
    await page.getByTestId('btn-lay-out').click();
    await expect(page.getByTestId('field-content')).toContainText('"id": 12345678901234567890,');
    await page.getByTestId('btn-discard').click();

    await visit(page, '/browse/files/texts/');
    await page.getByTestId('btn-new').click();
    await page.getByTestId('new-file').click();
    await page.getByTestId('field-name').fill('made here.md');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('page-title')).toHaveText('made here.md');
    await write(page, 'field-content', '# Made\n');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('file-size')).toHaveText('7 B');
    await api('DELETE', 'files/texts/?force=true');
});

test('pictures, drawings, documents and other bytes are shown or offered', async ({ admin: page, api }) => {
    await makeFolder(api, 'shown');
    await visit(page, '/browse/files/shown/');
    await upload(
        page,
        ['dot.png', PIXEL, 'image/png'],
        ['drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>fetch("https://example.com")</script><rect width="40" height="20" fill="teal"/></svg>', 'image/svg+xml'],
        ['paper.pdf', '%PDF-1.4\n%%EOF\n', 'application/pdf'],
        ['bytes.bin', Buffer.from([0, 1, 2, 3]), 'application/octet-stream'],
    );
    await expect(page.getByTestId('uploads-state')).toHaveText('4 of 4 uploaded');
    await page.getByTestId('open-dot.png').click();
    await expect(page.getByText('1 × 1 pixels')).toBeVisible();
    await looksRight(page, 'file-image');

    await visit(page, '/browse/files/shown/drawing.svg');
    await expect(page.getByText('40 × 20 pixels')).toBeVisible();
    await page.getByTestId('view-text').check({ force: true });
    await expect(page.getByTestId('field-content')).toContainText('fill="teal"');

    await visit(page, '/browse/files/shown/paper.pdf');
    await looksRight(page, 'file-pdf');
    const [tab] = await Promise.all([page.waitForEvent('popup'), page.getByTestId('btn-open-pdf').click()]);
    expect(tab.url()).toMatch(/^blob:/);
    await tab.close();

    await visit(page, '/browse/files/shown/bytes.bin');
    await expect(page.getByTestId('preview-none')).toBeVisible();
    await page.getByTestId('btn-download').click();

    await visit(page, '/browse/files/shown/');
    const [archive] = await Promise.all([
        page.waitForEvent('download'),
        page.getByTestId('more-here').click().then(() => page.getByTestId('action-download').click()),
    ]);
    expect(archive.suggestedFilename()).toBe('shown.zip');
    expect((await readFile(await archive.path())).subarray(0, 2).toString()).toBe('PK');
    await api('DELETE', 'files/shown/?force=true');
});

test('what is not there, or refused, says so', async ({ admin: page, api, expected }) => {
    expected(404);
    await visit(page, '/browse/nowhere/');
    await expect(page.getByTestId('state-gone')).toBeVisible();
    await visit(page, '/browse/files/not%20here/');
    await expect(page.getByTestId('state-gone')).toBeVisible();
    await looksRight(page, 'files-gone');
    await visit(page, '/browse/files/not%20here.txt');
    await expect(page.getByTestId('state-gone')).toBeVisible();

    await makeFolder(api, 'refused', { 'a.txt': 'a', 'b.txt': 'b' });
    await visit(page, '/browse/files/refused/');
    await page.getByTestId('more-a.txt').click();
    await page.getByTestId('action-rename').click();
    await page.getByTestId('field-name').fill('b.txt');
    await page.getByTestId('btn-confirm').click();
    await expect(page.getByTestId('error-name')).toContainText('already exists');
    await page.getByTestId('btn-cancel').click();
    await expect(page.getByTestId('list-files').getByRole('link')).toHaveText(['a.txt', 'b.txt']);
    await api('DELETE', 'files/refused/?force=true');
});

test('by keyboard a file is found, opened and deleted', async ({ admin: page, api }) => {
    await makeFolder(api, 'keys', { 'one.txt': '1', 'two.txt': '2' });
    await visit(page, '/browse/files/keys/');
    await page.getByTestId('open-one.txt').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('dialog-confirm')).toBeVisible();
    await page.keyboard.press('Escape');
    await expect(page.getByTestId('dialog-confirm')).toBeHidden();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.getByTestId('btn-confirm').press('Enter');
    await expect(page.getByTestId('list-files').getByRole('link')).toHaveText(['two.txt']);
    await page.getByTestId('open-two.txt').press('Enter');
    await ready(page);
    await expect(page.getByTestId('page-title')).toBeFocused();
    await api('DELETE', 'files/keys/?force=true');
});

test('a service is made, reached, and gives its public files to everybody', async ({ admin: page, api, instance }) => {
    await visit(page, '/services/new/local_file');
    await page.getByTestId('field-name').fill('gallery');
    await page.getByTestId('field-config.container').fill('gallery');
    await page.getByTestId('add-config.public_path').click();
    await page.getByTestId('field-config.public_path.0').fill('open/');
    await looksRight(page, 'file-service-new');
    await page.getByTestId('btn-save').click();
    await expect(page.getByTestId('page-title')).toHaveText('gallery');
    await looksRight(page, 'file-service');
    await page.getByTestId('go-files').click();
    await ready(page);
    await expect(page.getByTestId('page-title')).toHaveText('gallery');

    await api('POST', 'gallery/open/');
    await api('POST', 'gallery/', { resource: [{ path: 'open/all you need.txt', type: 'file', content: 'for all' }, { name: 'own.txt', type: 'file', content: 'for few' }] });
    await page.getByTestId('btn-refresh').click();
    await expect(page.getByTestId('row-files-own.txt')).not.toContainText('Public');
    await page.getByTestId('open-open').click();
    await expect(page.getByTestId('row-files-all you need.txt')).toContainText('Public');
    await page.getByTestId('open-all you need.txt').click();
    await ready(page);
    const address = await page.getByTestId('public-url').innerText();
    expect(address).toBe(`${instance.url}/gallery/open/all%20you%20need.txt`);
    const answer = await fetch(address);
    expect([answer.status, await answer.text()]).toEqual([200, 'for all']);
    await looksRight(page, 'file-public');
    await page.reload();
    await ready(page);
    await expect(page.getByTestId('field-content')).toContainText('for all');

    const { body } = await api('GET', 'system/service?filter=name=gallery&fields=id');
    await api('DELETE', 'gallery/open/?force=true');
    await api('DELETE', `system/service/${body.resource[0].id}`);
});
