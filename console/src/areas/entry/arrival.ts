// What an address brought along that must not stay in it: the token of the first run, a session of a login provider, the
// code of a mail. Read once, when the console starts.

import { asError } from '../../lib/load.svelte';
import { router } from '../../lib/router.svelte';
import { session } from '../../lib/session.svelte';
import { arrived, meant } from './arriving';

const target = meant(location.href);
const { arrival, taken } = arrived(target.pathname, target.searchParams);
for (const name of taken) target.searchParams.delete(name);
if (target.href !== location.href) void router.go(target.href, { replace: true });

export { arrival };

/**
 * Takes up the session that a login provider sent, if the server knows it. Nobody who is logged in becomes somebody else
 * by following a link: what came is dropped then.
 */
export async function comeBack(): Promise<void> {
    const token = arrival.session;
    delete arrival.session;
    if (session.person) {
        delete arrival.error;
    } else if (token) {
        try {
            await session.adopt(token, 'user', {});
        } catch (problem) {
            arrival.error = asError(problem).message;
        }
    }
    if (token && session.person && router.path === '/login') await router.go('/', { replace: true });
}

/** What a login provider said went wrong, told once. */
export function refusal(): string | undefined {
    const { error } = arrival;
    delete arrival.error;
    return error;
}
