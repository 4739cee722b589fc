// The files on their way to the server, one after the other. They go on while one looks at other pages.

import type { ApiError } from '../../lib/api';
import { whileSaving } from '../../lib/busy.svelte';
import { asError } from '../../lib/load.svelte';
import type { Picked } from './dropped';
import { numbered } from './paths';
import { ensureFolder, isTaken, put } from './storage';

export type State = 'waiting' | 'sending' | 'done' | 'taken' | 'failed' | 'stopped';

export class Upload {
    state = $state<State>('waiting');
    /** Bytes that are out. */
    sent = $state(0);
    error = $state.raw<ApiError>();
    name: string = $state('');
    /** What to do where there is such a file. */
    onTaken: 'ask' | 'replace' | 'number' = 'ask';
    number = 1;
    stop: AbortController | undefined;

    constructor(
        readonly service: string,
        /** Where it was picked for. */
        readonly base: string,
        /** The folder that it was picked with, below that. */
        readonly below: string,
        readonly file: File,
    ) {
        this.name = file.name;
    }

    get folder(): string {
        return this.base + this.below;
    }
}

/** Beyond this many files of one name something else is wrong. */
const MOST_NUMBERS = 100;

class Uploads {
    list = $state<Upload[]>([]);
    /** Goes up whenever the queue has come to its end, when folders have other content than before. */
    rounds = $state(0);
    #working = false;
    #made = new Set<string>();

    constructor() {
        addEventListener('beforeunload', (event) => {
            if (this.active.length > 0) event.preventDefault();
        });
    }

    get active(): Upload[] {
        return this.list.filter(({ state }) => state === 'waiting' || state === 'sending');
    }

    get taken(): Upload[] {
        return this.list.filter(({ state }) => state === 'taken');
    }

    add(service: string, folder: string, files: Picked[]) {
        this.list.push(...files.map((one) => new Upload(service, folder, one.folder, one.file)));
        void this.#work();
    }

    /** Tries again those that met a file of their name, failed, or were stopped. */
    again(uploads: Upload[], onTaken: Upload['onTaken']) {
        for (const upload of uploads) {
            upload.onTaken = onTaken;
            upload.state = 'waiting';
        }
        void this.#work();
    }

    stop(uploads: Upload[]) {
        for (const upload of uploads) {
            upload.state = 'stopped';
            upload.stop?.abort();
        }
    }

    /** Takes those out of the list that need nobody any more. */
    forget(uploads: Upload[]) {
        this.list = this.list.filter((one) => !uploads.includes(one));
    }

    async #work() {
        if (this.#working) return;
        this.#working = true;
        await whileSaving(this.#sendAll());
        this.#working = false;
        this.#made.clear();
        this.rounds += 1;
    }

    async #sendAll() {
        for (;;) {
            const next = this.list.find(({ state }) => state === 'waiting');
            if (!next) return;
            await this.#send(next);
        }
    }

    async #send(upload: Upload) {
        upload.state = 'sending';
        upload.sent = 0;
        upload.error = undefined;
        upload.stop = new AbortController();
        try {
            await this.#folderOf(upload);
            await put(upload.service, upload.folder + upload.name, upload.file, {
                replace: upload.onTaken === 'replace',
                signal: upload.stop.signal,
                progress: (sent) => (upload.sent = sent),
            });
            upload.state = 'done';
        } catch (problem) {
            if (upload.stop.signal.aborted) return;
            this.#refused(upload, problem);
        }
    }

    #refused(upload: Upload, problem: unknown) {
        const isNumbered = upload.onTaken === 'number' && upload.number < MOST_NUMBERS;
        if (isTaken(problem) && isNumbered) {
            upload.number += 1;
            upload.name = numbered(upload.file.name, upload.number);
            upload.state = 'waiting';
            return;
        }
        upload.error = asError(problem);
        upload.state = isTaken(problem) ? 'taken' : 'failed';
    }

    /** Folders that were picked with their files are made first: not every service makes them by itself. */
    async #folderOf({ service, base, below }: Upload) {
        let parent = base;
        for (const name of below.split('/').filter(Boolean)) {
            const path = `${parent}${name}/`;
            const key = `${service}/${path}`;
            if (!this.#made.has(key)) await ensureFolder(service, parent, name);
            this.#made.add(key);
            parent = path;
        }
    }
}

export const uploads = new Uploads();
