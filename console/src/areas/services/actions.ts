// What can be done with a service from its row and from its page.

import { asError } from '../../lib/load.svelte';
import { flushCache } from '../../lib/services';
import { toasts } from '../../lib/toasts.svelte';
import { t } from './texts';

/** Empties the cache of a service and says so. */
export async function flush(name: string): Promise<void> {
    try {
        await flushCache(name);
        toasts.success(t('flushed'));
    } catch (problem) {
        toasts.error(asError(problem).message);
    }
}
