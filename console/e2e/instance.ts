// A running instance for a worker of the tests, on a free port and in a temporary folder, with the sample in it.

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const ADMIN = { email: 'ada@example.com', password: 'correct-horse-battery' };

export interface Instance {
    url: string;
    /** Path of the one-time link that makes the first administrator, where there is none yet. */
    setup: string | undefined;
    stop(): Promise<void>;
}

/** Starts the program that DREAMWRIGHT_BIN names. `bare`: without an administrator and without the sample. */
export async function start({ bare = false, env = {} }: { bare?: boolean; env?: Record<string, string> } = {}): Promise<Instance> {
    const binary = process.env.DREAMWRIGHT_BIN;
    if (!binary) throw new Error('DREAMWRIGHT_BIN must name the program to test.');
    const data = await mkdtemp(join(tmpdir(), 'dw-console-'));
    const settings = bare ? {} : { DW_ADMIN_EMAIL: ADMIN.email, DW_ADMIN_PASSWORD: ADMIN.password };
    const child = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data, ...(bare ? [] : ['--sample'])], {
        cwd: data,
        env: { ...process.env, DW_CONSOLE_DIR: join(import.meta.dirname, '..', 'dist'), ...settings, ...env },
        stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = await listening(child);
    const url = /listens on (http:\S+)/.exec(output)?.[1];
    if (!url) throw new Error(`The program said:\n${output}`);
    return {
        url,
        setup: /(\/setup\?token=\S+)/.exec(output)?.[1],
        async stop() {
            const ended = new Promise((done) => child.once('exit', done));
            child.kill('SIGTERM');
            await ended;
            await rm(data, { recursive: true, force: true });
        },
    };
}

/** What the program prints until it serves. */
function listening(child: ChildProcess): Promise<string> {
    return new Promise((done, failed) => {
        let output = '';
        const read = (chunk: Buffer) => {
            output += chunk.toString();
            // The link of the first run comes with or after the address.
            if (/listens on http/.test(output)) setTimeout(() => done(output), 50);
        };
        child.stdout?.on('data', read);
        child.stderr?.on('data', read);
        child.once('exit', (code) => failed(new Error(`The program ended with ${code}:\n${output}`)));
    });
}
