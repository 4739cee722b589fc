// Files and folders on their way to the person's computer.

import { download } from '../../lib/api';
import { whileLoading } from '../../lib/busy.svelte';
import { asError } from '../../lib/load.svelte';
import { toasts } from '../../lib/toasts.svelte';
import { apiPath, isFolder, nameOf } from './paths';

export class Downloading {
    /** What is under way right now. */
    current = $state.raw<{ name: string; stop: () => void }>();

    /** Fetches a file, or a folder as an archive, and lets the browser keep it. What is refused is told. */
    async run(service: string, path: string) {
        const stop = new AbortController();
        const name = isFolder(path) ? `${nameOf(path) || service}.zip` : nameOf(path);
        this.current = { name, stop: () => stop.abort() };
        const query = isFolder(path) ? { zip: true } : { download: true };
        const call = { verb: 'GET' as const, path: apiPath(service, path), query, headers: { accept: '*/*' }, signal: stop.signal };
        try {
            await whileLoading(download(call, name));
        } catch (problem) {
            if (!stop.signal.aborted) toasts.error(asError(problem).message);
        } finally {
            this.current = undefined;
        }
    }
}
