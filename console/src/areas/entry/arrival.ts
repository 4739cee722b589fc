// What an address brought along that must not stay in it: the token of the first run, a session of a login provider, the
// code of a mail. Read once, when the console starts.

import { router } from '../../lib/router.svelte';
import { arrived, former } from './arriving';

const target = new URL(former(location.hash) ?? location.href, location.origin);
const { arrival, taken } = arrived(target.pathname, target.searchParams);
for (const name of taken) target.searchParams.delete(name);
if (target.href !== location.href) void router.go(target.href, { replace: true });

export { arrival };
