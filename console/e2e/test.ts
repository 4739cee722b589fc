// What every test of the console starts from: an instance, a page that must not log errors or ask other hosts, and a
// login.

import AxeBuilder from '@axe-core/playwright';
import { expect, test as base, type Page } from '@playwright/test';
import { mkdirSync } from 'node:fs';
import { ADMIN, start, type Instance } from './instance';

export { expect, ADMIN };

interface Fixtures {
    /** Calls the API as the administrator. */
    api: (verb: string, path: string, body?: unknown) => Promise<{ status: number; body: any }>;
    /** A page with the administrator logged in, at the home page. */
    admin: Page;
    /** Problems that a test expects, such as a refused login, which the browser logs as errors. */
    expected: (status: number) => void;
    watched: void;
}

interface Workers {
    instance: Instance;
    token: string;
}

export const test = base.extend<Fixtures, Workers>({
    instance: [
        async ({}, use) => {
            const instance = await start();
            await use(instance);
            await instance.stop();
        },
        { scope: 'worker' },
    ],
    token: [
        async ({ instance }, use) => {
            await use(await ownSession(instance.url));
        },
        { scope: 'worker' },
    ],
    baseURL: async ({ instance }, use) => use(instance.url),
    api: async ({ instance, token }, use) => {
        await use(async (verb, path, body) => {
            const response = await fetch(`${instance.url}/api/v2/${path}`, {
                method: verb,
                headers: { 'content-type': 'application/json', 'x-dreamfactory-session-token': token },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            const text = await response.text();
            return { status: response.status, body: text ? JSON.parse(text) : undefined };
        });
    },
    expected: async ({ page }, use) => {
        await use((status) => expectedOf(page).add(String(status)));
    },
    // Errors in the browser's console and calls to other hosts fail every test.
    watched: [
        async ({ page, instance }, use) => {
            const wrong: string[] = [];
            page.on('console', (message) => {
                if (message.type() !== 'error') return;
                // A frame without scripts refuses those of the test as well.
                if (/^Blocked script execution in 'about:srcdoc'/.test(message.text())) return;
                const status = /status of (\d+)/.exec(message.text())?.[1];
                if (status && expectedOf(page).has(status)) return;
                wrong.push(message.text());
            });
            page.on('pageerror', (problem) => wrong.push(String(problem)));
            page.on('request', (request) => {
                const url = request.url();
                if (!url.startsWith(instance.url) && !/^(blob|data):/.test(url)) wrong.push(`asked another host: ${url}`);
            });
            await use();
            expect(wrong, 'errors in the browser').toEqual([]);
        },
        { auto: true },
    ],
    admin: async ({ page, instance, token }, use) => {
        await login(page, instance.url, token);
        await use(page);
    },
});

const expectations = new WeakMap<Page, Set<string>>();

function expectedOf(page: Page): Set<string> {
    const known = expectations.get(page) ?? new Set<string>();
    expectations.set(page, known);
    return known;
}

/** A new session of an administrator: a test may end it, and must not end the one that all tests share. */
export async function ownSession(url: string, person: { email: string; password: string } = ADMIN): Promise<string> {
    const response = await fetch(`${url}/api/v2/system/admin/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: person.email, password: person.password }),
    });
    return ((await response.json()) as { session_token: string }).session_token;
}

/** Puts a session into the tab, as a login leaves it there, and opens the console. */
export async function login(page: Page, url: string, token: string, path = '/') {
    const response = await fetch(`${url}/api/v2/system/admin/session`, { headers: { 'x-dreamfactory-session-token': token } });
    const person = { ...((await response.json()) as object), session_token: token };
    await page.addInitScript((text) => {
        if (sessionStorage.getItem('dreamwright.session') === null) sessionStorage.setItem('dreamwright.session', text);
    }, JSON.stringify(person));
    await page.goto(path);
    await ready(page);
}

/** Waits until the route has finished loading. */
export async function ready(page: Page) {
    await expect(page.locator('html')).toHaveAttribute('data-ready', 'true');
}

/** Goes to a page of the console and waits for it. */
export async function visit(page: Page, path: string) {
    await page.goto(path);
    await ready(page);
}

/** No serious finding of the accessibility rules, in both themes; leaves a picture of each. */
export async function looksRight(page: Page, name: string) {
    mkdirSync('artefacts/screens', { recursive: true });
    for (const theme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
        await page.screenshot({ path: `artefacts/screens/${name}-${theme}.png` });
        // Of all rules only the contrast depends on the theme.
        const axe = new AxeBuilder({ page });
        const { violations } = await (theme === 'light' ? axe : axe.withRules(['color-contrast'])).analyze();
        const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
        expect(
            serious.map(({ id, help, nodes }) => ({ id, help, where: nodes.slice(0, 3).map((node) => node.html) })),
            `${name}, ${theme}`,
        ).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
}

/** The page does not scroll sideways at the width of a small phone; leaves a picture. */
export async function fitsAPhone(page: Page, name: string) {
    const before = page.viewportSize();
    await page.setViewportSize({ width: 360, height: 740 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.screenshot({ path: `artefacts/screens/${name}-phone.png` });
    expect(wide, `${name} is wider than a phone`).toBeLessThanOrEqual(0);
    if (before) await page.setViewportSize(before);
}

/** Types a text into an editor in place of what is there. */
export async function write(page: Page, testid: string, text: string) {
    await page.getByTestId(testid).locator('.cm-content').click();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.insertText(text);
}
