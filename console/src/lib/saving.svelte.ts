// What a form asks of the server: whether it is under way, and why it was refused.

import type { ApiError } from './api';
import { whileSaving } from './busy.svelte';
import { asError } from './load.svelte';

export class Saving {
    busy = $state(false);
    error = $state.raw<ApiError>();

    /** Does some work. What it throws is kept, to be shown where the form is. */
    async run(work: () => Promise<unknown>): Promise<void> {
        this.busy = true;
        this.error = undefined;
        try {
            await whileSaving(work());
        } catch (problem) {
            this.error = asError(problem);
        } finally {
            this.busy = false;
        }
    }
}
