// What a screen reads from the server: the value, the failure, and whether it is under way.

import { ApiError } from './api';
import { whileLoading } from './busy.svelte';

export class Loader<T> {
    value = $state.raw<T>();
    error = $state.raw<ApiError>();
    busy = $state(false);
    /** When the value was read. */
    at = $state.raw<Date>();
    #current: AbortController | undefined;
    #again: (() => Promise<void>) | undefined;

    /** Reads; a reading under way is given up. The last value stays until the new one is there. */
    async run(read: (signal: AbortSignal) => Promise<T>): Promise<void> {
        this.#current?.abort();
        const current = new AbortController();
        this.#current = current;
        this.#again = () => this.run(read);
        this.busy = true;
        try {
            const value = await whileLoading(read(current.signal));
            if (current.signal.aborted) return;
            this.value = value;
            this.error = undefined;
            this.at = new Date();
        } catch (problem) {
            if (current.signal.aborted) return;
            this.error = asError(problem);
        } finally {
            if (this.#current === current) this.busy = false;
        }
    }

    /** The same once more. */
    async again(): Promise<void> {
        await this.#again?.();
    }

    /** Gives up what is under way, when the screen goes. */
    stop() {
        this.#current?.abort();
    }
}

/** Whatever was thrown, as an error that can be shown. */
export function asError(problem: unknown): ApiError {
    if (problem instanceof ApiError) return problem;
    const text = problem instanceof Error ? problem.message : String(problem);
    return new ApiError({ verb: 'GET', path: '' }, 0, text);
}
